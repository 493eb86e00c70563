"""Words about plans on the members' site."""

import pytest

from beneficiate.unit_of_work import Actor
from beneficiate.views.avatars import describe_actor
from beneficiate.views.site import SiteFrame, coverage_text, duration_text


@pytest.mark.parametrize(("days", "text"), [(365, "un año"), (366, "un año"), (90, "90 días")])
def test_duration_of_a_plan(days, text):
    assert duration_text(days) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "Para usted"), (1, "Para usted y 1 persona más"), (4, "Para usted y hasta 4 personas más")],
)
def test_coverage_of_a_plan(count, text):
    assert coverage_text(count) == text


@pytest.mark.parametrize("role", ["", "member", "agent"])
def test_frame_has_the_role_of_who_is_signed_in(role):
    actor = Actor(7, role, name="Ana Rojas")
    assert SiteFrame(describe_actor(actor) if role else None, None, False).role == role
