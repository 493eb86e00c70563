"""What holds of the queue at any moment, whatever happened before. Each function raises AssertionError."""

from datetime import datetime

from peewee import fn

from beneficiate.models.accounts import AVAILABLE, Agent
from beneficiate.models.call_centre import Skill
from beneficiate.models.chats import ACTIVE, CLOSED, SUPPORT, WAITING, Chat
from beneficiate.queries.assignment import count_chats_by_agent, list_queue_positions
from beneficiate.unit_of_work import SYSTEM, UnitOfWork


def check_nobody_waits_beside_a_free_agent(unanswered_chats: int) -> None:
    """No chat waits that an agent could take who is online, available, and has answered all chats but so many."""
    waiting = list(Chat.select().where(Chat.kind == SUPPORT, Chat.status == WAITING))
    attended = {one.topic_id for one in Skill.select()}
    load = count_chats_by_agent([agent_id for (agent_id,) in Agent.select(Agent.id).tuples()])
    for row in Agent.select().where(Agent.availability == AVAILABLE):
        has_room = load.get(row.id, 0) < row.capacity and count_unanswered_chats(row.id) < unanswered_chats
        if has_room and row.user.online_status:
            known = {one.topic_id for one in Skill.select().where(Skill.agent == row.id)}
            assert not [chat.id for chat in waiting if chat.topic_id not in attended - known]


def count_unanswered_chats(agent_id: int) -> int:
    """Return how many chats of an agent wait since before the agent got them."""
    own = Chat.select().where(Chat.agent == agent_id, Chat.status == ACTIVE, Chat.awaiting_since.is_null(False))
    return sum(chat.awaiting_since <= chat.assigned_at for chat in own)


def check_chats_are_with_one_or_wait() -> None:
    """A chat that waits is with nobody, one that is active with somebody, and one that is closed waits for nothing."""
    for chat in Chat.select().where(Chat.kind == SUPPORT):
        if chat.status == WAITING:
            assert (chat.agent_id, chat.assigned_at, chat.reply_due_at) == (None, None, None)
            assert not chat.needs_first_reply
        elif chat.status == ACTIVE:
            assert chat.agent_id is not None
            assert chat.assigned_at is not None
            assert not chat.is_front
            assert chat.reply_due_at is None or chat.needs_first_reply
            assert chat.wanted_agent_id is None
        else:
            assert (chat.needs_first_reply, chat.reply_due_at) == (False, None)


def check_nobody_waits_for_an_absent_agent() -> None:
    """Members who wait for an answer in a chat that somebody has wait for somebody who is online."""
    for chat in Chat.select().where(Chat.kind == SUPPORT, Chat.status == ACTIVE, Chat.awaiting_since.is_null(False)):
        assert chat.agent.user.online_status


def check_members_have_one_open_chat() -> None:
    """No member has two support chats that are not closed."""
    is_open = (Chat.kind == SUPPORT) & (Chat.status != CLOSED)
    several = Chat.select(Chat.user).where(is_open).group_by(Chat.user).having(fn.COUNT(Chat.id) > 1)
    assert not several.exists()


def check_positions_have_no_gap(now: datetime) -> None:
    """The chats that wait, all of them, have the positions from 1 on."""
    found = list_queue_positions(UnitOfWork(SYSTEM, now))
    assert [one.position for one in found] == list(range(1, len(found) + 1))
    waiting = Chat.select(Chat.id).where(Chat.kind == SUPPORT, Chat.status == WAITING).tuples()
    assert {one.chat_id for one in found} == {chat_id for (chat_id,) in waiting}
