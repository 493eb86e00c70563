"""The greeting of the sign-in page."""

import pytest

from beneficiate.views.login import Contact, greeting_for_hour


@pytest.mark.parametrize(
    ("hour", "greeting"),
    [(0, "Buenos días"), (11, "Buenos días"), (12, "Buenas tardes"), (18, "Buenas tardes"), (19, "Buenas noches")],
)
def test_greeting_follows_the_hour(hour, greeting):
    assert greeting_for_hour(hour) == greeting


def test_link_of_a_telephone_has_no_spaces():
    assert Contact("+57 601 555 0100", "").phone_url == "tel:+57-601-555-0100"
