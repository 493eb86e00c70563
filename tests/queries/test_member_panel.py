"""The panel about the member of a chat."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.errors import NotFound
from beneficiate.queries.member_panel import load_member_panel
from beneficiate.unit_of_work import UnitOfWork
from tests.factories import add_plan, agent, beneficiary, member, member_with_plan, support_chat


def of(person):
    return UnitOfWork(person.actor, datetime.now(UTC))


def test_panel_has_plan_beneficiaries_and_other_chats(db):
    ana, yuliana = member_with_plan("Ana"), agent("Yuliana")
    beneficiary(ana, "Mateo")
    past = support_chat(ana, yuliana, status="CLOSED")
    chat = support_chat(ana, yuliana)
    panel = load_member_panel(of(yuliana), chat.id)
    assert (panel.plan.name, panel.plan.max_beneficiaries) == ("Familiar", 4)
    assert panel.plan.used + panel.plan.left == panel.plan.days
    assert [one.name.split()[0] for one in panel.beneficiaries] == ["Mateo"]
    assert [(one.id, one.agent) for one in panel.past_chats] == [(past.id, yuliana.user.name)]
    assert (panel.payments, panel.appointments, panel.answers, panel.notes) == ([], [], None, 0)
    assert panel.contact.is_masked


@pytest.mark.parametrize(
    ("hours_before_the_end", "left"),
    # The plan ends on Saturday at 1:00 a. m. in Bogotá.
    [(0.5, 0), (2, 1), (24.5, 1), (26, 2)],
)
def test_days_that_are_left_are_those_of_the_calendar(db, hours_before_the_end, left):
    ends_at = datetime(2026, 12, 5, 6, tzinfo=UTC)
    ana, yuliana = member(), agent()
    add_plan(ana, starts_at=ends_at - timedelta(days=365), ends_at=ends_at)
    chat = support_chat(ana, yuliana)
    panel = load_member_panel(UnitOfWork(yuliana.actor, ends_at - timedelta(hours=hours_before_the_end)), chat.id)
    assert (panel.plan.left, panel.plan.used, panel.plan.days) == (left, 365 - left, 365)


def test_plan_that_ends_at_midnight_ends_on_the_day_before(db):
    ends_at = datetime(2026, 12, 5, 5, tzinfo=UTC)
    ana, yuliana = member(), agent()
    add_plan(ana, starts_at=ends_at - timedelta(days=365), ends_at=ends_at)
    chat = support_chat(ana, yuliana)
    assert load_member_panel(UnitOfWork(yuliana.actor, ends_at - timedelta(hours=2)), chat.id).plan.left == 0


def test_panel_without_a_plan(db):
    chat = support_chat(member(), None)
    panel = load_member_panel(of(agent()), chat.id)
    assert (panel.plan, panel.next_plan) == (None, None)


def test_panel_is_for_the_staff(db):
    ana = member()
    chat = support_chat(ana, None)
    with pytest.raises(NotFound):
        load_member_panel(of(ana), chat.id)
