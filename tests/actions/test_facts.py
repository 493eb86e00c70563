"""Which facts each action records, and what they say."""

from datetime import timedelta

import pytest

from beneficiate.actions import chats, deadlines, dialogues, messages, queue, recall, unanswered
from beneficiate.actions.payments import CancelUnknown, MarkLinkUnknown, cancel_unknown, mark_link_unknown
from beneficiate.actions.settlements import ActivatePlanManually, activate_plan_manually
from beneficiate.domain import facts
from beneficiate.errors import NotFound
from beneficiate.models.accounts import Agent, User
from beneficiate.models.call_centre import Topic
from beneficiate.models.chats import Chat, Message
from beneficiate.models.facts import Fact
from beneficiate.protocol.booking import AnswerBot
from beneficiate.protocol.commands import CloseChat, OpenChat, SendMessage
from beneficiate.protocol.desk_tools import RecallMessage
from beneficiate.protocol.queue import (
    AssignChat,
    HandOverToBot,
    RateChat,
    ReopenChat,
    RequestAgent,
    ReturnChat,
    TakeChat,
    TransferChat,
)
from beneficiate.unit_of_work import SYSTEM, BatchItem, UnitOfWork
from tests.actions.appointment_steps import book_appointment, cancel_appointment, confirm_appointment
from tests.actions.payment_steps import open_checkout, payment_with_link, settle_one, wompi_transaction
from tests.actions.queue_steps import (
    QueueActions,
    available_agent,
    create_topic,
    promise,
    seconds_after_now,
    set_online,
)
from tests.factories import add_hours_soon, agent, direct_chat, member, member_with_plan, professional, supervisor


class Desk(QueueActions):
    """Commands of the tests, and the facts that came since the last look."""

    def __init__(self, act):
        super().__init__(act)
        self.last_id = 0

    def news(self):
        """Return (kind, detail) of each new fact, in order."""
        rows = list(Fact.select().where(Fact.id > self.last_id).order_by(Fact.id))
        self.last_id = rows[-1].id if rows else self.last_id
        return [(row.kind, row.detail) if row.detail else row.kind for row in rows]


@pytest.fixture
def desk(act):
    return Desk(act)


def last(kind):
    return Fact.select().where(Fact.kind == kind).order_by(Fact.id.desc()).get()


# ---- Chats ---------------------------------------------------------------------------------------


def _join(desk, chat, people):
    desk.join(member())


def _take(desk, chat, people):
    desk.take(desk.join(member()), people["yuliana"])


def _transfer_to_topic(desk, chat, people):
    create_topic("pagos")
    desk.run_as(queue.transfer_chat, TransferChat(chat_id=chat.id, topic="pagos"), people["yuliana"])


def _transfer_to_agent(desk, chat, people):
    command = TransferChat(chat_id=chat.id, agent_id=people["omar"].agent_id)
    desk.run_as(queue.transfer_chat, command, people["yuliana"])


def _return(desk, chat, people):
    desk.run_as(queue.return_chat, ReturnChat(chat_id=chat.id), people["yuliana"])


def _take_over(desk, chat, people):
    marta = people["marta"]
    desk.run_as(queue.assign_chat, AssignChat(chat_id=chat.id, agent_id=marta.agent_id), marta)


def _close(desk, chat, people):
    desk.close(chat, people["yuliana"])


def _reopen_as_member(desk, chat, people):
    desk.close(chat, people["yuliana"])
    desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), people["ana"])


def _reopen_as_agent(desk, chat, people):
    desk.close(chat, people["yuliana"])
    desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), people["yuliana"])


def _rate(desk, chat, people):
    desk.close(chat, people["yuliana"])
    desk.run_as(queue.rate_chat, RateChat(chat_id=chat.id, score=4), people["ana"])


def _reply(desk, chat, people):
    desk.send(chat, people["yuliana"])


def _reply_twice(desk, chat, people):
    desk.send(chat, people["yuliana"])
    desk.send(chat, people["yuliana"])
    desk.send(chat, people["ana"])
    desk.send(chat, people["yuliana"])


def _reply_and_close(desk, chat, people):
    desk.send(chat, people["yuliana"])
    desk.close(chat, people["yuliana"])


def _take_back(desk, chat, people, second=0):
    desk.send(chat, people["yuliana"], second)
    sent = Message.select().where(Message.chat == chat.id).order_by(Message.seq.desc()).first()
    command = RecallMessage(chat_id=chat.id, message_id=sent.id)
    desk.run_as(recall.recall_message, command, people["yuliana"], second + 2)


def _take_back_and_close(desk, chat, people):
    _take_back(desk, chat, people)
    desk.close(chat, people["yuliana"], 5)


def _take_back_one_of_two_and_close(desk, chat, people):
    desk.send(chat, people["yuliana"], 5)
    desk.send(chat, people["ana"], 10)
    _take_back(desk, chat, people, 15)
    desk.close(chat, people["yuliana"], 20)


def _take_back_what_nobody_waited_for(desk, chat, people):
    desk.send(chat, people["yuliana"], 5)
    _take_back(desk, chat, people, 10)


def _write_as_member(desk, chat, people):
    desk.send(chat, people["ana"])


def _do_not_reply(desk, chat, people):
    Chat.update(reply_due_at=seconds_after_now(60)).where(Chat.id == chat.id).execute()
    desk.act(unanswered.return_unanswered_chats, None, SYSTEM, seconds_after_now(61))


def _lose_connection(desk, chat, people):
    set_online(people["yuliana"], is_online=False)
    desk.act(unanswered.on_agents_offline, {people["yuliana"].id}, SYSTEM, seconds_after_now(30))


def _write_to_absent_agent(desk, chat, people):
    set_online(people["yuliana"], is_online=False)
    User.update(last_seen=seconds_after_now(0)).where(User.id == people["yuliana"].id).execute()
    desk.act(unanswered.return_chats_of_absent_agents, None, SYSTEM, seconds_after_now(30))


def _open_as_agent(desk, chat, people):
    desk.run_as(chats.open_support_chat, OpenChat(user_id=member().id), people["yuliana"])


def _hand_to_bot(desk, chat, people):
    desk.run_as(dialogues.return_to_bot, HandOverToBot(chat_id=chat.id), people["yuliana"])


def _ask_bot_for_person(desk, chat, people):
    for _ in range(2):
        desk.run_as(dialogues.handle_bot_answer, AnswerBot(text="agente"), people["eva"])


def _write_to_colleague(desk, chat, people):
    colleagues = direct_chat(people["yuliana"], people["omar"])
    desk.send(colleagues, people["yuliana"])
    desk.close(colleagues, people["omar"])


def _reply_in_time(desk, chat, people):
    promise()
    deadlines.promise_again(UnitOfWork(SYSTEM, seconds_after_now(0)), [chat.id])
    desk.send(chat, people["yuliana"], 30)


FACTS_OF_ACTIONS = [
    (_reply_in_time, ["first_reply", ("service_level", "first.met")]),
    (_join, ["opened", ("queued", "new")]),
    (_take, ["opened", ("queued", "new"), ("assigned", "picked")]),
    (_transfer_to_topic, [("transferred", "transferred")]),
    (_transfer_to_agent, [("transferred", "transferred"), ("assigned", "given")]),
    (_return, [("returned", "returned")]),
    (_take_over, [("transferred", "transferred"), ("assigned", "given")]),
    (_close, [("closed", "missed")]),
    (_reopen_as_member, [("closed", "missed"), "reopened", ("queued", "again")]),
    (_reopen_as_agent, [("closed", "missed"), "reopened", ("assigned", "picked")]),
    (_rate, [("closed", "missed"), "rated"]),
    (_reply, ["first_reply"]),
    (_reply_twice, ["first_reply", "reply"]),
    (_take_back, ["first_reply", "recalled"]),
    (_take_back_and_close, ["first_reply", "recalled", ("closed", "missed")]),
    (_take_back_one_of_two_and_close, ["first_reply", "reply", "recalled", ("closed", "answered"), "resolution"]),
    (_take_back_what_nobody_waited_for, ["first_reply"]),
    (_reply_and_close, ["first_reply", ("closed", "answered"), "resolution"]),
    (_write_as_member, []),
    (_do_not_reply, [("returned", "no_reply")]),
    (_lose_connection, [("returned", "lost")]),
    (_write_to_absent_agent, [("returned", "absent")]),
    (_open_as_agent, ["opened", "assigned"]),
    (_hand_to_bot, [("handed_over", "to_bot")]),
    (_ask_bot_for_person, ["opened", ("queued", "new"), ("handed_over", "to_person"), ("booking", "patient")]),
    (_write_to_colleague, []),
]


@pytest.mark.parametrize(("step", "expected"), FACTS_OF_ACTIONS, ids=lambda value: getattr(value, "__name__", ""))
def test_action_records_its_facts(desk, step, expected):
    """One chat waits for the answer of an agent; nobody is available, so that nothing is assigned by itself."""
    people = {"ana": member_with_plan("Ana"), "eva": member_with_plan("Eva"), "marta": supervisor()}
    people |= {name.lower(): agent(name, online_status=True) for name in ("Yuliana", "Omar")}
    chat = desk.join(people["ana"])
    desk.take(chat, people["yuliana"])
    desk.news()
    step(desk, chat, people)
    assert desk.news() == expected


def test_table_has_every_kind_of_fact_about_chats():
    told = {one if isinstance(one, str) else one[0] for _, expected in FACTS_OF_ACTIONS for one in expected}
    assert told == set(facts.FACT_KINDS) - {facts.APPOINTMENT, facts.PAYMENT}


def test_fact_says_who_it_was_and_what_about_as_they_were_then(desk):
    topic, yuliana = create_topic("citas"), available_agent("Yuliana", topics=[])
    available_agent("Omar", topics=[topic], is_online=False)  # who would get it
    chat = desk.join(topic_code="citas")
    desk.take(chat, yuliana, 10)
    name, code = yuliana.user.name, Agent.get_by_id(yuliana.agent_id).agent_code
    User.update(first_name="Otra").where(User.id == yuliana.id).execute()
    Agent.update(agent_code="AG-OLD").where(Agent.id == yuliana.agent_id).execute()
    Topic.update(code="otro").where(Topic.id == topic.id).execute()
    fact = last(facts.ASSIGNED)
    assert (fact.agent_id, fact.agent_name, fact.agent_code, fact.topic) == (yuliana.agent_id, name, code, "citas")
    assert (fact.at, fact.span, fact.actor_role) == (seconds_after_now(10), 1, "agent")


def test_a_chat_given_to_another_topic_is_told_with_it(desk):
    create_topic("pagos")
    yuliana = agent(online_status=True)
    chat = desk.join(topic_code=None)
    desk.take(chat, yuliana)
    desk.run_as(queue.transfer_chat, TransferChat(chat_id=chat.id, topic="pagos"), yuliana)
    assert [last(kind).topic for kind in (facts.QUEUED, facts.TRANSFERRED)] == ["", "pagos"]


def test_waits_are_measured_from_when_the_member_began_to_wait(desk):
    """Whoever has the chat meanwhile: a wait ends with an answer and with nothing else."""
    ana, yuliana, omar = member(), agent("Yuliana", online_status=True), agent("Omar", online_status=True)
    chat = desk.join(ana, second=0)
    desk.take(chat, yuliana, 10)
    desk.run_as(queue.return_chat, ReturnChat(chat_id=chat.id), yuliana, 20)
    desk.take(chat, omar, 45)
    desk.send(chat, omar, 50)
    desk.send(chat, ana, 60)
    desk.send(chat, ana, 70)
    desk.send(chat, omar, 90)
    desk.close(chat, omar, 145)
    told = Fact.select(Fact.kind, Fact.duration_s, Fact.agent_id).where(Fact.duration_s.is_null(False))
    assert list(told.order_by(Fact.id).tuples()) == [
        ("queued", 0, None),
        ("assigned", 10, yuliana.agent_id),
        ("returned", 20, yuliana.agent_id),
        ("assigned", 45, omar.agent_id),
        ("first_reply", 50, omar.agent_id),
        ("reply", 30, omar.agent_id),
        ("closed", 100, omar.agent_id),
        ("resolution", 145, omar.agent_id),
    ]


def test_answer_that_is_taken_back_stays_counted_and_is_told(desk):
    people = {"ana": member(), "yuliana": agent("Yuliana", online_status=True)}
    chat = desk.join(people["ana"])
    desk.take(chat, people["yuliana"], 5)
    _take_back(desk, chat, people, 30)
    desk.send(chat, people["yuliana"], 70)
    kinds = (facts.FIRST_REPLY, facts.RECALLED, facts.REPLY)
    told = Fact.select(Fact.kind, Fact.duration_s, Fact.agent_id).where(Fact.kind.in_(kinds)).order_by(Fact.id)
    assert list(told.tuples()) == [
        (kind, waited_s, people["yuliana"].agent_id) for kind, waited_s in zip(kinds, (30, 32, 70), strict=True)
    ]


def test_batch_of_messages_tells_one_answer_for_each_chat_that_waited(desk):
    people = [member() for _ in range(3)]
    yuliana = agent(online_status=True)
    rows = [desk.join(who) for who in people]
    for chat in rows:
        desk.take(chat, yuliana)
    desk.send(rows[2], yuliana, 5)
    desk.news()
    said = [(rows[0], yuliana), (rows[0], yuliana), (rows[1], people[1]), (rows[1], yuliana), (rows[2], yuliana)]
    items = [BatchItem(who.actor, SendMessage(chat_id=chat.id, message="Hola")) for chat, who in said]
    messages.send_messages.function(UnitOfWork(SYSTEM, seconds_after_now(9)), items)
    told = Fact.select(Fact.chat_id, Fact.duration_s).where(Fact.id > desk.last_id).order_by(Fact.chat_id)
    assert list(told.tuples()) == [(rows[0].id, 9), (rows[1].id, 9)]
    assert desk.news() == ["first_reply"] * 2


def test_message_that_was_sent_again_tells_nothing(desk):
    yuliana = agent(online_status=True)
    chat = desk.join()
    desk.take(chat, yuliana)
    desk.news()
    for _ in range(2):
        desk.run_as(messages.send_messages, SendMessage(chat_id=chat.id, message="a", client_id="1"), yuliana)
    assert desk.news() == ["first_reply"]


@pytest.mark.parametrize(("is_answered", "detail"), [(True, "answered"), (False, "missed")])
def test_chat_is_missed_when_its_member_waited_in_vain(desk, is_answered, detail):
    ana, yuliana = member(), agent(online_status=True)
    chat = desk.join(ana)
    if is_answered:
        desk.take(chat, yuliana)
        desk.send(chat, yuliana)
        desk.send(chat, ana)
    desk.close(chat, ana)
    assert last(facts.CLOSED).detail == detail


def test_each_span_of_a_chat_has_its_own_first_reply_and_ending(desk):
    ana, yuliana = member(), agent(online_status=True)
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    desk.send(chat, yuliana, 5)
    desk.close(chat, yuliana, 10)
    desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), ana, 20)
    desk.take(chat, yuliana, 25)
    desk.close(chat, ana, 30)
    desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), ana, 40)
    desk.take(chat, yuliana, 45)
    desk.send(chat, yuliana, 50)
    desk.close(chat, ana, 60)
    told = Fact.select(Fact.span, Fact.kind, Fact.detail, Fact.duration_s)
    wanted = told.where(Fact.kind.in_([facts.FIRST_REPLY, facts.CLOSED])).order_by(Fact.id)
    assert list(wanted.tuples()) == [
        (1, "first_reply", "", 5),
        (1, "closed", "answered", 10),
        (2, "closed", "missed", 5),
        (3, "first_reply", "", 10),
        (3, "closed", "answered", 15),
    ]


def test_what_is_refused_tells_nothing(desk, db):
    chat, yuliana = desk.join(), agent(online_status=True)
    desk.news()
    for action, command in (
        (chats.close_chat, CloseChat(chat_id=chat.id)),
        (queue.return_chat, ReturnChat(chat_id=chat.id)),
        (queue.take_chat, TakeChat(chat_id=chat.id + 1)),
        (queue.join_queue, RequestAgent(topic="nada")),
    ):
        with pytest.raises(NotFound), db.atomic():
            desk.run_as(action, command, yuliana)
    assert desk.news() == []


# ---- Appointments and payments -------------------------------------------------------------------


def test_each_status_of_an_appointment_is_told_with_its_time_and_who_set_it(desk, act):
    ana, yuliana = member_with_plan("Ana"), agent("Yuliana")
    whom = add_hours_soon(professional())
    booked = book_appointment(act, ana, ana, whom)
    confirm_appointment(act, yuliana, booked)
    cancel_appointment(act, ana, booked)
    told = Fact.select(Fact.detail, Fact.starts_at, Fact.agent_id, Fact.actor_role, Fact.appointment_id)
    assert list(told.order_by(Fact.id).tuples()) == [
        ("TO_BE_CONFIRMED", booked.starts_at, None, "member", booked.id),
        ("CONFIRMED", booked.starts_at, yuliana.agent_id, "agent", booked.id),
        ("CANCELLED", booked.starts_at, None, "member", booked.id),
    ]
    agent_code = Agent.get_by_id(yuliana.agent_id).agent_code
    by_agent = Fact.get(Fact.detail == "CONFIRMED")
    assert (by_agent.agent_name, by_agent.agent_code) == (yuliana.user.name, agent_code)


def test_each_status_of_a_payment_is_told_once_with_its_amount(desk, act):
    payment_id = payment_with_link(act, member())
    declined, approved = (wompi_transaction(payment_id, status) for status in ("DECLINED", "APPROVED"))
    for transaction in (declined, declined, approved, approved):
        settle_one(act, transaction)
    settle_one(act, wompi_transaction(payment_id, "VOIDED", id=approved.id))
    assert desk.news() == [
        ("payment", "PENDING"),
        ("payment", "DECLINED"),
        ("payment", "APPROVED"),
        ("payment", "REVOKED"),
        ("payment", "VOIDED"),
    ]
    assert {(fact.payment_id, fact.value, fact.agent_id) for fact in Fact.select()} == {(payment_id, 480_000, None)}


def test_payments_that_people_decide_are_told_with_who_decided(desk, act):
    marta = supervisor()
    unknown, paid = payment_with_link(act, member()), payment_with_link(act, member())
    act(activate_plan_manually, ActivatePlanManually(paid, "Pagó en la oficina"), marta.actor)
    without_link = open_checkout(act, member()).payment_id
    act(mark_link_unknown, MarkLinkUnknown(without_link, "timeout"), SYSTEM)
    act(cancel_unknown, CancelUnknown(without_link, "No existe"), marta.actor)
    told = Fact.select(Fact.payment_id, Fact.detail, Fact.agent_id).where(Fact.detail != "PENDING")
    assert list(told.order_by(Fact.id).tuples()) == [
        (paid, "APPROVED", marta.agent_id),
        (without_link, "UNKNOWN", None),
        (without_link, "EXPIRED", marta.agent_id),
    ]
    assert unknown not in {fact.payment_id for fact in told}


def test_time_between_facts_is_in_whole_seconds(desk):
    yuliana = agent(online_status=True)
    chat = desk.join()
    desk.act(queue.take_chat, TakeChat(chat_id=chat.id), yuliana.actor, seconds_after_now(0) + timedelta(seconds=2.6))
    assert last(facts.ASSIGNED).duration_s == 3


def test_chat_in_which_nobody_waited_or_replied_is_neither_answered_nor_missed(desk, act):
    yuliana, ana = available_agent("Yuliana"), member()
    chat, _ = act(chats.open_support_chat, OpenChat(user_id=ana.id), yuliana.actor, seconds_after_now(0))
    assert last(facts.ASSIGNED).duration_s is None
    desk.close(chat, yuliana)
    assert last(facts.CLOSED).detail == ""


def test_roles_are_those_of_who_acted_though_they_share_a_batch(desk):
    yuliana, ana = available_agent("Yuliana"), member()
    chat = desk.join(ana)
    assert (last(facts.OPENED).actor_role, last(facts.QUEUED).actor_role) == ("member", "member")
    desk.take(chat, yuliana)
    desk.send(chat, ana)
    desk.send(chat, yuliana, 5)
    assert last(facts.FIRST_REPLY).actor_role == "agent"


def test_time_until_a_chat_is_resolved_begins_with_its_span(desk):
    ana, yuliana = member(), agent("Yuliana", online_status=True)
    chat = desk.join(ana)
    desk.take(chat, yuliana, 600)
    desk.send(chat, yuliana, 610)
    desk.close(chat, yuliana, 700)
    desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), yuliana, 1000)
    desk.close(chat, yuliana, 1010)
    desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), ana, 2000)
    desk.take(chat, yuliana, 2010)
    desk.send(chat, yuliana, 2030)
    desk.close(chat, yuliana, 2040)
    told = Fact.select(Fact.span, Fact.duration_s).where(Fact.kind == facts.RESOLUTION).order_by(Fact.id)
    assert list(told.tuples()) == [(1, 700), (3, 40)]
