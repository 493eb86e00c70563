"""The views of e-mails have both parts."""

import pytest

from beneficiate.views.emails import AppointmentEmailView, PlanEmailView


@pytest.mark.parametrize("view", [AppointmentEmailView, PlanEmailView])
def test_each_email_has_an_html_and_a_text_template(view):
    assert view.template.endswith(".html")
    assert view.text_template == view.template.removesuffix(".html") + ".txt"
