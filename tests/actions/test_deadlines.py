"""Deadlines start, move, end and are noticed."""

from datetime import timedelta

import pytest

from beneficiate.actions import business_hours, chats, deadlines, queue, recall
from beneficiate.domain import facts
from beneficiate.domain.booking.hours_text import describe_week
from beneficiate.errors import ChatIsClosed
from beneficiate.models.chats import CLOSED, Chat, Message
from beneficiate.models.facts import Fact
from beneficiate.protocol.board import BoardOutdated
from beneficiate.protocol.commands import OpenChat
from beneficiate.protocol.desk_tools import RecallMessage
from beneficiate.protocol.queue import DeadlineNoticed, ReopenChat, RequestAgent, ReturnChat, TransferChat
from beneficiate.queries.business_hours import load_weekly_blocks
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.queue_steps import (
    QueueActions,
    create_topic,
    load_chat,
    promise,
    seconds_after_now,
)
from tests.factories import agent, member, supervisor

HOURS = 3600


@pytest.fixture
def desk(act):
    return QueueActions(act)


def notice(desk, second):
    return desk.act(deadlines.notice_deadlines, None, SYSTEM, seconds_after_now(second))


def outcomes():
    query = Fact.select(Fact.detail, Fact.duration_s, Fact.agent_id).where(Fact.kind == facts.SERVICE_LEVEL)
    return list(query.order_by(Fact.id).tuples())


def due(chat):
    row = load_chat(chat)
    return row.response_due_at, row.resolution_due_at


def test_a_chat_is_promised_what_its_topic_promises_and_otherwise_what_all_do(desk):
    payments, orders = create_topic("pagos"), create_topic("autorizaciones")
    general = promise()
    own = promise(payments, first_response_s=120)
    promise(orders, first_response_s=300)
    promise(orders, version=2, is_inherited=True)
    joined = [desk.join(topic_code=code) for code in (None, "pagos", "autorizaciones")]
    assert [load_chat(chat).service_level_id for chat in joined] == [general.id, own.id, general.id]
    assert [due(chat)[0] for chat in joined] == [seconds_after_now(second) for second in (60, 120, 60)]


def test_without_promises_nothing_is_due(desk):
    chat = desk.join()
    assert due(chat) == (None, None)
    promise(first_response_s=None, next_response_s=None, resolution_s=None)
    assert load_chat(desk.join()).alarm_at is None


def test_who_asks_for_a_person_again_waits_from_then_on(desk):
    promise()
    ana, yuliana = member(), agent(online_status=True)
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    desk.send(chat, yuliana, 10)
    desk.run_as(queue.join_queue, RequestAgent(), ana, 100)
    assert due(chat)[0] == seconds_after_now(280)


def test_a_wait_goes_on_through_returns_and_transfers(desk):
    promise()
    yuliana = agent(online_status=True)
    chat = desk.join()
    desk.take(chat, yuliana, 10)
    desk.run_as(queue.return_chat, ReturnChat(chat_id=chat.id), yuliana, 20)
    assert due(chat) == (seconds_after_now(60), seconds_after_now(4 * HOURS))


def test_another_topic_promises_something_else_from_the_same_moment_on(desk):
    payments = create_topic("pagos")
    promise()
    own = promise(payments, first_response_s=600)
    yuliana = agent(online_status=True)
    chat = desk.join()
    desk.take(chat, yuliana, 10)
    desk.run_as(queue.transfer_chat, TransferChat(chat_id=chat.id, topic="pagos"), yuliana, 20)
    assert load_chat(chat).service_level_id == own.id
    assert due(chat)[0] == seconds_after_now(600)


def test_a_returned_chat_keeps_what_it_was_promised(desk):
    payments = create_topic("pagos")
    old = promise(payments)
    yuliana = agent(online_status=True)
    chat = desk.join(topic_code="pagos")
    promise(payments, version=2, first_response_s=30)
    desk.take(chat, yuliana, 5)
    desk.run_as(queue.return_chat, ReturnChat(chat_id=chat.id), yuliana, 10)
    assert load_chat(chat).service_level_id == old.id


def test_an_agent_who_writes_first_has_nothing_to_answer(desk):
    level = promise()
    ana, yuliana = member(), agent(online_status=True)
    desk.run_as(chats.open_support_chat, OpenChat(user_id=ana.id), yuliana)
    chat = Chat.get(Chat.user == ana.id)
    assert (chat.service_level_id, chat.alarm_at) == (level.id, None)
    desk.send(chat, yuliana, 5)
    desk.send(chat, ana, 10)
    assert due(chat)[0] == seconds_after_now(70)


def test_closing_ends_clocks_and_says_whether_the_chat_was_resolved_in_time(desk):
    promise()
    ana, yuliana = member(), agent(online_status=True)
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    desk.send(chat, yuliana, 10)
    desk.close(chat, yuliana, 500)
    assert outcomes() == [("first.met", 10, yuliana.agent_id), ("resolve.met", 10, yuliana.agent_id)]
    for who in (ana, yuliana):
        # Thanks and goodbyes after the end start no clock: they are refused.
        with pytest.raises(ChatIsClosed):
            desk.send(chat, who, 510)
    closed = load_chat(chat)
    assert (closed.awaiting_since, closed.alarm_at, due(chat), closed.resolution_used_s) == (
        None,
        None,
        (None, None),
        0,
    )
    assert len(outcomes()) == 2


def test_who_leaves_before_the_deadline_does_not_count_and_who_leaves_after_it_does(desk):
    promise()
    ana, eva = member(), member("Eva")
    early, late = desk.join(ana), desk.join(eva)
    desk.close(early, ana, 50)
    assert outcomes() == []
    desk.close(late, eva, 70)
    assert outcomes() == [("first.late", 70, None)]


def test_a_span_after_a_reopening_has_its_own_promises(desk):
    promise()
    ana, yuliana = member(), agent(online_status=True)
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    desk.send(chat, yuliana, 10)
    desk.close(chat, yuliana, 500)
    new = promise(version=2, first_response_s=90)
    desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), ana, 1000)
    assert load_chat(chat).service_level_id == new.id
    assert due(chat) == (seconds_after_now(1090), seconds_after_now(1000 + 4 * HOURS))


def test_recalling_an_answer_lets_the_wait_go_on(desk):
    promise()
    ana, yuliana = member(), agent(online_status=True)
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    desk.send(chat, yuliana, 30)
    sent = Message.get(Message.chat == chat.id, Message.sender_type == "AGENT")
    desk.run_as(recall.recall_message, RecallMessage(chat_id=chat.id, message_id=sent.id), yuliana, 33)
    row = load_chat(chat)
    assert row.resolution_used_s == 0
    # The first response was given: whoever recalls it owes the next one, from when the member began to wait.
    assert due(chat) == (seconds_after_now(180), seconds_after_now(4 * HOURS))


def test_warnings_and_deadlines_are_noticed_once_and_told_to_the_agent(desk):
    promise()
    yuliana = agent(online_status=True)
    chat = desk.join()
    desk.take(chat, yuliana)
    assert notice(desk, 29) == (0, [])
    count, events = notice(desk, 31)
    told = [(one.event, one.channels) for one in events if isinstance(one.event, DeadlineNoticed)]
    channels = (f"viewers:{chat.id}", f"agent:{yuliana.agent_id}")
    soon = DeadlineNoticed(chat_id=chat.id, promise="first", state="soon", due_at=seconds_after_now(60))
    assert (count, told) == (1, [(soon, channels)])
    assert notice(desk, 32) == (0, [])
    assert outcomes() == []
    _, events = notice(desk, 62)
    assert [one.event.state for one in events if isinstance(one.event, DeadlineNoticed)] == ["late"]
    assert outcomes() == [("first.late", 62, yuliana.agent_id)]
    assert notice(desk, 63)[0] == 0
    desk.send(chat, yuliana, 70)
    assert len(outcomes()) == 1


def test_supervisors_get_their_board_when_a_deadline_passes_in_the_queue(desk):
    promise()
    desk.join()
    uow = UnitOfWork(SYSTEM, seconds_after_now(61))
    assert deadlines.notice_deadlines(uow) == 1
    assert [type(one.event) for one in uow.hints.values()] == [BoardOutdated]
    assert outcomes() == [("first.late", 61, None)]


def test_clocks_that_an_older_version_left_running_break_nothing(desk):
    promise()
    chat, other = desk.join(), desk.join()
    Chat.update(awaiting_since=None).where(Chat.id == chat.id).execute()
    Chat.update(status=CLOSED).where(Chat.id == other.id).execute()
    assert notice(desk, 61) == (0, [])
    assert outcomes() == []
    assert load_chat(chat).alarm_at > seconds_after_now(61)


def test_other_hours_move_the_deadlines_of_open_chats(desk):
    promise(resolution_s=12 * HOURS)
    marta = supervisor()
    chat = desk.join()
    # Wednesday 10:00 until 19:00, then Thursday from 7:00.
    assert due(chat)[1] == seconds_after_now(24 * HOURS)
    week = {weekday: [("10:00", "12:00")] for weekday in range(7)}
    seen = describe_week(load_weekly_blocks())
    desk.run_as(business_hours.set_weekly_hours, business_hours.SetWeeklyHours(week, seen), marta)
    assert due(chat)[1] == seconds_after_now((5 * 24 + 2) * HOURS)
    closed = business_hours.SetHoursException("2026-11-26", "cerrado", "", "")
    desk.run_as(business_hours.set_hours_exception, business_hours.SetCallCentreDay(closed, ""), marta)
    assert due(chat)[1] == seconds_after_now((6 * 24 + 2) * HOURS)
    day = seconds_after_now(0).date() + timedelta(days=1)
    deleted = business_hours.DeleteCallCentreDay(day, "cerrado 00:00-24:00")
    desk.run_as(business_hours.delete_hours_exception, deleted, marta)
    assert due(chat)[1] == seconds_after_now((5 * 24 + 2) * HOURS)
