"""The panel about the member of a chat."""

from datetime import UTC, datetime

import pytest

from beneficiate.errors import NotFound
from beneficiate.queries.member_panel import load_member_panel
from beneficiate.unit_of_work import UnitOfWork
from tests.factories import agent, beneficiary, member, member_with_plan, support_chat


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


def test_panel_without_a_plan(db):
    chat = support_chat(member(), None)
    panel = load_member_panel(of(agent()), chat.id)
    assert (panel.plan, panel.next_plan) == (None, None)


def test_panel_is_for_the_staff(db):
    ana = member()
    chat = support_chat(ana, None)
    with pytest.raises(NotFound):
        load_member_panel(of(ana), chat.id)
