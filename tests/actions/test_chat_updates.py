"""Messages start and stop the clocks of their chats, in the same transaction and in batches too."""

import pytest

from beneficiate.actions import chat_updates, messages
from beneficiate.domain import facts
from beneficiate.domain.service_levels.clocks import Clocks
from beneficiate.models.facts import Fact
from beneficiate.protocol.commands import SendMessage
from beneficiate.queries.service_levels import CLOCK_COLUMNS
from beneficiate.unit_of_work import SYSTEM, Actor, BatchItem, UnitOfWork
from tests.actions.queue_steps import QueueActions, load_chat, promise, seconds_after_now
from tests.factories import agent, direct_chat, member


@pytest.fixture
def desk(act):
    return QueueActions(act)


def outcomes():
    query = Fact.select(Fact.detail, Fact.duration_s, Fact.agent_id).where(Fact.kind == facts.SERVICE_LEVEL)
    return list(query.order_by(Fact.id).tuples())


def test_answers_and_questions_run_the_clocks(desk):
    promise()
    ana, yuliana = member(), agent(online_status=True)
    chat = desk.join(ana)
    assert load_chat(chat).response_due_at == seconds_after_now(60)
    desk.take(chat, yuliana, 5)
    desk.send(chat, yuliana, 40)
    assert outcomes() == [("first.met", 40, yuliana.agent_id)]
    answered = load_chat(chat)
    assert (answered.response_due_at, answered.resolution_due_at, answered.alarm_at) == (None, None, None)
    assert (answered.resolution_used_s, answered.replied_span) == (40, 1)
    desk.send(chat, ana, 100)
    asked = load_chat(chat)
    assert (asked.response_due_at, asked.alarm_at) == (seconds_after_now(280), seconds_after_now(190))
    assert asked.resolution_due_at == seconds_after_now(100 + 4 * 3600 - 40)
    desk.send(chat, ana, 120)
    assert load_chat(chat).response_due_at == seconds_after_now(280)
    desk.send(chat, yuliana, 290)
    assert outcomes()[1:] == [("next.late", 190, yuliana.agent_id)]


def test_batch_runs_the_clocks_of_each_chat_by_itself(desk):
    promise()
    yuliana = agent(online_status=True)
    asked, answered, quiet = (desk.join(member()) for _ in range(3))
    for chat in (asked, answered, quiet):
        desk.take(chat, yuliana)
        desk.send(chat, yuliana, 10)
    ana, eva = asked.user, answered.user
    items = [
        BatchItem(actor, SendMessage(chat_id=chat.id, message="Hola"))
        for chat, actor in (
            (asked, member_actor(ana)),
            (answered, member_actor(eva)),
            (answered, yuliana.actor),
            (quiet, yuliana.actor),
        )
    ]
    messages.send_messages.function(UnitOfWork(SYSTEM, seconds_after_now(20)), items)
    due = [load_chat(chat).response_due_at for chat in (asked, answered, quiet)]
    assert due == [seconds_after_now(200), None, None]
    assert len(outcomes()) == 3


def member_actor(user):
    return Actor(user.id, "member", None, user.name)


def test_an_answer_and_a_question_in_one_batch_end_one_wait_and_begin_another(desk):
    promise()
    ana, yuliana = member(), agent(online_status=True)
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    items = [BatchItem(who.actor, SendMessage(chat_id=chat.id, message="Hola")) for who in (yuliana, ana)]
    messages.send_messages.function(UnitOfWork(SYSTEM, seconds_after_now(30)), items)
    assert outcomes() == [("first.met", 30, yuliana.agent_id)]
    assert load_chat(chat).response_due_at == seconds_after_now(30 + 180)


def test_chats_without_promises_stay_without_deadlines_beside_others(desk):
    yuliana = agent(online_status=True)
    without = desk.join(member())
    promise()
    ana = member()
    other = desk.join(ana)
    for chat in (without, other):
        desk.take(chat, yuliana)
    items = [BatchItem(yuliana.actor, SendMessage(chat_id=chat.id, message="Hola")) for chat in (without, other)]
    messages.send_messages.function(UnitOfWork(SYSTEM, seconds_after_now(30)), items)
    assert outcomes() == [("first.met", 30, yuliana.agent_id)]
    assert [load_chat(chat).replied_span for chat in (without, other)] == [1, 1]
    assert load_chat(without).resolution_used_s == 0


def test_colleagues_have_no_deadlines(desk):
    promise()
    yuliana, omar = agent("Yuliana"), agent("Omar")
    chat = direct_chat(yuliana, omar)
    desk.send(chat, yuliana)
    desk.send(chat, omar)
    assert load_chat(chat).alarm_at is None
    assert outcomes() == []


def test_values_of_clocks_follow_their_columns():
    assert chat_updates.clock_values(Clocks(used_s=5)) == (5, None, None, None, None, None)
    assert len(CLOCK_COLUMNS) == 6
