"""Chats whose agent does not answer: the time for the first reply, lost connections and absent agents."""

from collections.abc import Iterable

from peewee import Expression

from beneficiate.actions import assignment, audit
from beneficiate.actions.assignment import AGENT_ABSENT, AGENT_LOST, MAX_CHATS_PER_RUN, NO_REPLY, AssignmentReason
from beneficiate.actions.availability import set_agents_away
from beneficiate.actions.board import emit_board_outdated
from beneficiate.actions.isolation import run_together
from beneficiate.errors import Problem
from beneficiate.models.accounts import ACTIVE_STAFF, Agent, User
from beneficiate.models.base import lock_rows
from beneficiate.models.chats import ACTIVE, SUPPORT, Chat
from beneficiate.unit_of_work import BatchItem, UnitOfWork, batched


@batched()
def start_reply_clocks(uow: UnitOfWork, items: list[BatchItem[None]]) -> list[Problem | None]:
    """Start the time for the first reply in those chats of the acting agents where it does not run yet.

    Their connections have just been sent the chats.
    """
    agent_ids = {item.actor.agent_id for item in items}
    is_new = Chat.agent.in_(agent_ids) & (Chat.status == ACTIVE) & Chat.needs_first_reply & Chat.reply_due_at.is_null()
    chat_ids = [chat_id for (chat_id,) in lock_rows(Chat.select(Chat.id).where(is_new).order_by(Chat.id)).tuples()]
    if chat_ids:
        Chat.update(reply_due_at=uow.now + uow.rules.first_reply).where(Chat.id.in_(chat_ids)).execute()
    return [None] * len(items)


def return_unanswered_chats(uow: UnitOfWork) -> int:
    """Return chats without a first reply in time to the front, set their agents away, and return how many chats."""
    is_due = (Chat.reply_due_at <= uow.now) & (Chat.status == ACTIVE)
    if not Chat.select(Chat.id).where(is_due).exists():
        return 0
    assignment.lock_queue()
    # Locked, so that an agent whose first reply is being stored at this moment keeps the chat.
    due = dict(
        lock_rows(Chat.select(Chat.id, Chat.agent).where(is_due).order_by(Chat.id).limit(MAX_CHATS_PER_RUN)).tuples()
    )
    returned = _return_chats(uow, due, NO_REPLY)
    _record_returned(uow, returned, "No respondió un chat a tiempo")
    set_agents_away(uow, {due[chat_id] for chat_id in returned}, "No respondió un chat a tiempo")
    assignment.assign_waiting_chats(uow)
    return len(returned)


def return_chats_of_absent_agents(uow: UnitOfWork) -> int:
    """Return to the queue the chats in which a member wrote after their agent had left, and return how many.

    Not to the front: they wait since that message, behind those who wait since before. Of an agent whose account is no
    longer active, whoever deactivated it, all open chats return.
    """
    has_left = ~User.online_status & User.last_seen.is_null(False)
    is_gone = (Agent.status != ACTIVE_STAFF) | ~User.is_active
    absent, gone = (Agent.select(Agent.id).join(User).where(condition) for condition in (has_left, is_gone))
    is_left = (Chat.agent.in_(absent) & _is_unanswered()) | (Chat.agent.in_(gone) & _is_open())
    if not Chat.select(Chat.id).where(is_left).exists():
        return 0
    assignment.lock_queue()
    chat_ids = [row[0] for row in Chat.select(Chat.id).where(is_left).limit(MAX_CHATS_PER_RUN).tuples()]
    returned = _return_chats(uow, chat_ids, AGENT_ABSENT, is_front=False)
    _record_returned(uow, returned, "Su agente no estaba")
    assignment.assign_waiting_chats(uow)
    return len(returned)


def return_chats_of_deactivated(uow: UnitOfWork, agent_id: int, reason: str) -> None:
    """Return all open chats of an agent to the queue. The caller has locked the queue.

    Those in which a member waits go to the front and keep their clock. The others wait from now on, behind those who
    wait since before: nobody else sees a chat of somebody who is gone.
    """
    rows = list(
        Chat.select(Chat.id, Chat.awaiting_since).where((Chat.agent == agent_id) & _is_open()).order_by(Chat.id)
    )
    for is_waiting in (True, False):
        chat_ids = [row.id for row in rows if (row.awaiting_since is not None) == is_waiting]
        _record_returned(uow, _return_chats(uow, chat_ids, AGENT_ABSENT, is_front=is_waiting), reason)


def on_agents_offline(uow: UnitOfWork, user_ids: set[int]) -> None:
    """Handle agents who went offline for longer than the grace period.

    The chats in which a member waits for them go to the front of the queue. The others stay theirs, without a word to
    the members, until one of these writes again.
    """
    agents = _find_agent_ids(user_ids)
    if agents:
        emit_board_outdated(uow)
    is_left = Chat.agent.in_(agents) & _is_unanswered()
    if not agents or not Chat.select(Chat.id).where(is_left).exists():
        return
    assignment.lock_queue()
    agent_of = dict(Chat.select(Chat.id, Chat.agent).where(is_left).tuples())
    _record_returned(uow, _return_chats(uow, agent_of, AGENT_LOST), "Su agente perdió la conexión")
    set_agents_away(uow, set(agent_of.values()), "Se perdió la conexión")
    assignment.assign_waiting_chats(uow)


def on_agents_online(uow: UnitOfWork, user_ids: set[int]) -> None:
    """Assign waiting chats to the agents among these users."""
    if not _find_agent_ids(user_ids):
        return
    emit_board_outdated(uow)
    assignment.lock_queue()
    assignment.assign_waiting_chats(uow, is_changed=False)


def _return_chats(uow: UnitOfWork, chat_ids: Iterable[int], reason: str, *, is_front: bool = True) -> list[int]:
    """Return chats to the queue, and return the ids of those for which it succeeded."""

    def return_some(some: list[int]) -> None:
        assignment.return_to_queue(uow, some, AssignmentReason(reason), is_front=is_front)

    return run_together(uow, chat_ids, return_some, kind="Chat")


def _record_returned(uow: UnitOfWork, chat_ids: list[int], reason: str) -> None:
    for chat_id, user_id in Chat.select(Chat.id, Chat.user).where(Chat.id.in_(chat_ids)).order_by(Chat.id).tuples():
        audit.record_act(uow, "chats.unanswered", f"chat:{chat_id}", reason, person_id=user_id)


def _is_unanswered() -> Expression:
    """Return the condition for chats that an agent has and in which a member waits for an answer."""
    return _is_open() & Chat.awaiting_since.is_null(False)


def _is_open() -> Expression:
    """Return the condition for chats that an agent has."""
    return (Chat.kind == SUPPORT) & (Chat.status == ACTIVE)


def _find_agent_ids(user_ids: set[int]) -> list[int]:
    query = Agent.select(Agent.id).where(Agent.user.in_(user_ids), Agent.status == ACTIVE_STAFF)
    return [agent_id for (agent_id,) in query.tuples()]
