"""What a person creates is counted: with a quota of two, the third is refused with the time to wait, in words."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from playhouse.test_utils import count_queries

from beneficiate.actions import (
    appointments,
    beneficiaries,
    canned_replies,
    chats,
    consents,
    contacts,
    dialogues,
    notes,
    payments,
    queue,
    tags,
)
from beneficiate.domain.booking.lifecycle import CONFIRMED, TO_BE_CONFIRMED
from beneficiate.domain.booking.rules import DEFAULT_RULES
from beneficiate.errors import RateLimited
from beneficiate.limits import Quota
from beneficiate.models.appointments import Appointment
from beneficiate.models.chats import CLOSED, Chat
from beneficiate.models.payments import Plan
from beneficiate.protocol.booking import AnswerBot
from beneficiate.protocol.commands import CloseChat, OpenChat
from beneficiate.protocol.desk_tools import AddNote, TagChat
from beneficiate.protocol.queue import (
    AssignChat,
    HandOverToBot,
    ReopenChat,
    RequestAgent,
    ReturnChat,
    TakeChat,
    TransferChat,
)
from beneficiate.queries.consents import CONSENT_TEXT_VERSION
from beneficiate.unit_of_work import BatchItem, UnitOfWork
from tests.actions.appointment_steps import NOW, book_appointment
from tests.actions.payment_steps import purchase_command
from tests.factories import agent, member, member_with_plan, professional, supervisor, support_chat

SMALL = {
    one.name: replace(getattr(DEFAULT_RULES.quotas, one.name), amount=2, staff_amount=2)
    for one in fields(DEFAULT_RULES.quotas)
    if isinstance(getattr(DEFAULT_RULES.quotas, one.name), Quota)
}


@pytest.fixture
def rules():
    return replace(DEFAULT_RULES, quotas=replace(DEFAULT_RULES.quotas, **SMALL))


@pytest.fixture
def is_refused_third(act):
    """Run what makes each creation three times; the third is refused for an hour, another person's is not."""

    def check(quota, action, actor, commands, other=None):
        *allowed, last = commands
        for command in allowed:
            act(action, command, actor, NOW)
        with pytest.raises(RateLimited) as problem:
            act(action, last, actor, NOW)
        assert problem.value.sentence == f"{SMALL[quota].sentence} Intente de nuevo en 60 minutos."
        assert problem.value.retry_after_s == 3600
        act(action, last, actor if other is None else other, NOW + timedelta(hours=1 if other is None else 0))

    return check


def open_and_close(act, ana):
    payload, _ = act(queue.join_queue, RequestAgent(), ana.actor, NOW)
    act(chats.close_chat, CloseChat(chat_id=payload.id), ana.actor, NOW)


def test_member_requests_agents(act, is_refused_third):
    ana, beto = member(), member()
    for _ in range(2):
        open_and_close(act, ana)
    is_refused_third("chats", queue.join_queue, ana.actor, [RequestAgent()], beto.actor)
    assert Chat.select().where(Chat.user == ana.id).count() == 2
    act(queue.join_queue, RequestAgent(), ana.actor, NOW + timedelta(hours=1))
    assert Chat.select().where(Chat.user == ana.id).count() == 3


def test_batch_refuses_only_who_asks_too_often_in_five_statements_for_all(act, rules, db):
    ana, beto, carla = member(), member(), member()
    for _ in range(2):
        open_and_close(act, ana)

    def join(people):
        uow = UnitOfWork(people[0].actor, NOW, rules)
        with count_queries() as counter:
            results = queue.join_queue.function(uow, [BatchItem(who.actor, RequestAgent()) for who in people])
        return results, counter.count

    results, _ = join([beto, ana, carla, ana])
    assert [isinstance(result, RateLimited) for result in results] == [False, True, False, True]
    assert {result.user_id for result in (results[0], results[2])} == {beto.id, carla.id}
    (_, of_one), (_, of_many) = join([member()]), join([member() for _ in range(20)])
    assert of_many == of_one


def test_bot_says_that_no_person_can_be_asked_for_now(act, db):
    ana = member_with_plan()
    for _ in range(2):
        open_and_close(act, ana)
    _, outgoing = act(dialogues.handle_bot_answer, AnswerBot(text="agente"), ana.actor, NOW)
    assert outgoing[-1].event.message.startswith(SMALL["chats"].sentence)
    assert not Chat.select().where(Chat.user == ana.id, Chat.status != CLOSED).exists()


def test_agent_opens_chats(is_refused_third):
    people = [OpenChat(user_id=member().id) for _ in range(3)]
    is_refused_third("chats", chats.open_support_chat, agent().actor, people)


def test_staff_open_chats_with_colleagues(is_refused_third):
    is_refused_third("chats", chats.open_direct_chat, agent().actor, [agent().id for _ in range(3)])


def test_member_reopens(act, is_refused_third):
    ana = member()
    chat = support_chat(ana, None, status=CLOSED, closed_at=NOW)
    for _ in range(2):
        act(queue.reopen_chat, ReopenChat(chat_id=chat.id), ana.actor, NOW)
        act(chats.close_chat, CloseChat(chat_id=chat.id), ana.actor, NOW)
    is_refused_third("chat_moves", queue.reopen_chat, ana.actor, [ReopenChat(chat_id=chat.id)])


def moves_of(person, other):
    """A command for each of three chats, by the action."""
    own = lambda: support_chat(member(), person).id  # noqa: E731  three new ones for each action
    return {
        queue.take_chat: [TakeChat(chat_id=support_chat(member(), None).id) for _ in range(3)],
        queue.return_chat: [ReturnChat(chat_id=own()) for _ in range(3)],
        queue.transfer_chat: [
            TransferChat(chat_id=own(), agent_id=other.agent_id, if_absent="queue") for _ in range(3)
        ],
        queue.assign_chat: [AssignChat(chat_id=own(), agent_id=other.agent_id, if_absent="queue") for _ in range(3)],
        dialogues.return_to_bot: [HandOverToBot(chat_id=own()) for _ in range(3)],
        chats.open_support_chat: [OpenChat(user_id=support_chat(member(), None).user_id) for _ in range(3)],
    }


@pytest.mark.parametrize("number", range(6))
def test_staff_move_chats(is_refused_third, db, number):
    marta = supervisor()
    action, commands = list(moves_of(marta, agent()).items())[number]
    is_refused_third("chat_moves", action, marta.actor, commands)


def test_staff_write_notes_and_tags(is_refused_third, db):
    yuliana = agent()
    chat = support_chat(member(), yuliana)
    texts = [AddNote(chat_id=chat.id, text=text) for text in ("una", "dos", "tres")]
    is_refused_third("notes", notes.add_note, yuliana.actor, texts)
    names = [TagChat(chat_id=chat.id, tag=name) for name in ("uno", "dos", "tres")]
    is_refused_third("tags", tags.tag_chat, yuliana.actor, names)


def test_whatever_is_written_to_the_audit(is_refused_third, db):
    marta = supervisor()
    chat = support_chat(member(), marta)
    replies = [canned_replies.SaveCannedReply(f"atajo-{number}", "Hola", "Hola") for number in range(3)]
    is_refused_third("audited_actions", canned_replies.save_canned_reply, marta.actor, replies)
    reveals = [contacts.RevealContact(chat.id)] * 3
    is_refused_third("audited_actions", contacts.reveal_contact, supervisor().actor, reveals)
    searches = [contacts.PersonLookup("email", f"p{number}@x.co") for number in range(3)]
    is_refused_third("audited_actions", contacts.record_lookup, agent().actor, searches)


def test_member_consents_again_and_again(act, is_refused_third):
    ana, consent = member(), consents.GrantConsent(CONSENT_TEXT_VERSION, "")
    for _ in range(2):
        act(consents.grant_consent, consent, ana.actor, NOW)
        act(consents.withdraw_consent, consents.WithdrawConsent(), ana.actor, NOW)
    is_refused_third("consents", consents.grant_consent, ana.actor, [consent])


def test_member_adds_and_removes_beneficiaries(act, is_refused_third):
    ana = member_with_plan()
    details = beneficiaries.BeneficiaryDetails("Mateo", "Rojas", "TI", "1012345678", "2014-08-02", "Hijo o hija")
    for _ in range(2):
        added, _ = act(beneficiaries.add_beneficiary, details, ana.actor, NOW)
        act(beneficiaries.remove_beneficiary, added, ana.actor, NOW)
    is_refused_third("beneficiaries", beneficiaries.add_beneficiary, ana.actor, [details])


def test_member_starts_payments(is_refused_third, db):
    given = {"name": "Plan", "description": "", "price": 1000, "duration_days": 30, "max_beneficiaries": 0}
    plans = [Plan.create(code=f"p{number}", **given) for number in range(3)]
    is_refused_third("payments", payments.open_payment, member().actor, list(map(purchase_command, plans)))


def test_staff_change_appointments(act, is_refused_third):
    yuliana, doctor = agent(), professional()
    ana = member_with_plan()
    booked = book_appointment(act, ana, ana, doctor)
    Appointment.update(status=TO_BE_CONFIRMED).where(Appointment.id == booked.id).execute()
    steps = [appointments.ChangeAppointment(booked.id, status, "") for status in (TO_BE_CONFIRMED,) * 2 + (CONFIRMED,)]
    is_refused_third("appointment_steps", appointments.change_appointment, yuliana.actor, steps)
