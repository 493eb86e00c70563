"""The staff who view a chat of a member learn that the member panel changed."""

from datetime import UTC, datetime

from beneficiate.actions.beneficiaries import BeneficiaryDetails, add_beneficiary, remove_beneficiary
from beneficiate.actions.member_changes import MAX_NOTIFIED_CHATS, emit_member_changed
from beneficiate.models.chats import CLOSED
from beneficiate.protocol import channels
from beneficiate.protocol.desk_tools import MemberChanged
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.factories import agent, direct_chat, member, member_with_plan, support_chat

NOW = datetime(2026, 8, 25, 15, tzinfo=UTC)


def notified(outgoing):
    return [(one.event, one.channels) for one in outgoing if isinstance(one.event, MemberChanged)]


def test_viewers_of_the_member_s_chats_are_told_and_nobody_else(db):
    ana, luis, yuliana = member("Ana"), member("Luis"), agent()
    old = support_chat(ana, yuliana, status=CLOSED)
    now = support_chat(ana, yuliana)
    support_chat(luis, yuliana)
    direct_chat(agent(), yuliana)
    uow = UnitOfWork(SYSTEM, NOW)
    emit_member_changed(uow, ana.id)
    viewers = tuple(channels.chat_viewers_channel(chat.id) for chat in (now, old))
    assert notified(uow.outgoing) == [(MemberChanged(user_id=ana.id), viewers)]
    for _ in range(MAX_NOTIFIED_CHATS):
        support_chat(luis, yuliana, status=CLOSED)
    emit_member_changed(uow, luis.id)
    assert len(uow.outgoing[-1].channels) == MAX_NOTIFIED_CHATS


def test_nothing_is_emitted_about_who_never_chatted(db):
    uow = UnitOfWork(SYSTEM, NOW)
    emit_member_changed(uow, member().id)
    assert uow.outgoing == []


def test_beneficiaries_that_come_and_go_are_changes(act, db):
    who = member_with_plan("Elena")
    support_chat(who, agent())
    details = BeneficiaryDetails("Mateo", "Rojas", "TI", "1020304050", "2014-08-02", "Hijo o hija")
    beneficiary_id, outgoing = act(add_beneficiary, details, who.actor)
    assert len(notified(outgoing)) == 1
    _, outgoing = act(remove_beneficiary, beneficiary_id, who.actor)
    assert len(notified(outgoing)) == 1
