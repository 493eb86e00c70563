"""Which open chats would have other deadlines, before promises or business hours change."""

from dataclasses import replace
from datetime import datetime, timedelta

from peewee import JOIN, Expression

from beneficiate.domain.booking.business_hours import BusinessHours
from beneficiate.domain.service_levels.calendar import WorkingCalendar
from beneficiate.domain.service_levels.clocks import Clocks, move_deadlines
from beneficiate.domain.service_levels.promises import PromisedTimes
from beneficiate.models.accounts import Agent, User
from beneficiate.models.chats import CLOSED, SUPPORT, Chat
from beneficiate.queries.service_levels import load_clocks
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.service_levels import MovedChat, MovedChats

MAX_SHOWN_MOVES = 50
SOON = timedelta(minutes=30)
_AgentUser = User.alias("agent_user")


def load_moves_by_hours(uow: UnitOfWork, hours: BusinessHours) -> MovedChats:
    """Return which open chats would have other deadlines with these business hours."""
    return list_moves(uow, Chat.service_level.is_null(False), None, WorkingCalendar(hours))


def list_moves(
    uow: UnitOfWork, condition: Expression, promised: PromisedTimes | None, calendar: WorkingCalendar
) -> MovedChats:
    """Return which open chats that meet a condition would have other deadlines, the first of them that are due.

    Without `promised` each keeps what it was promised.
    """
    is_open = (Chat.kind == SUPPORT) & (Chat.status != CLOSED) & condition
    moved = []
    for chat_id, of_chat in load_clocks(is_open & Chat.awaiting_since.is_null(False)).items():
        after = move_deadlines(of_chat.clocks, promised or of_chat.promised, uow.now, calendar)
        if after != of_chat.clocks:
            moved.append(_build_move(chat_id, of_chat.clocks, after, uow.now))
    moved.sort(key=lambda one: (one.due_at is None, one.due_at or uow.now, one.chat_id))
    return MovedChats(
        open_count=Chat.select().where(is_open).count(),
        moved=_add_names(moved[:MAX_SHOWN_MOVES]),
        moved_count=len(moved),
        earlier=sum(one.is_earlier for one in moved),
        later=sum(one.is_later for one in moved),
        late=sum(one.is_late for one in moved),
        soon=sum(one.warn_at is not None and one.warn_at <= uow.now + SOON for one in moved),
    )


def _add_names(moves: list[MovedChat]) -> list[MovedChat]:
    columns = (Chat.id, User.first_name, User.last_name, _AgentUser.first_name, _AgentUser.last_name)
    query = (
        Chat.select(*columns)
        .join(User, on=Chat.user == User.id)
        .join_from(Chat, Agent, JOIN.LEFT_OUTER, on=Chat.agent == Agent.id)
        .join_from(Agent, _AgentUser, JOIN.LEFT_OUTER, on=Agent.user == _AgentUser.id)
    )
    rows = query.where(Chat.id.in_([one.chat_id for one in moves])).tuples()
    names = {
        chat_id: (f"{first} {last}", f"{agent_first} {agent_last}" if agent_first else "")
        for chat_id, first, last, agent_first, agent_last in rows
    }
    return [replace(one, name=names[one.chat_id][0], agent=names[one.chat_id][1]) for one in moves]


def _build_move(chat_id: int, before: Clocks, after: Clocks, now: datetime) -> MovedChat:
    # Of two deadlines that one which moves, and which comes first then.
    moved = [
        pair
        for pair in (
            (before.response_due_at, after.response_due_at, after.response_warn_at),
            (before.resolution_due_at, after.resolution_due_at, after.resolution_warn_at),
        )
        if pair[0] != pair[1]
    ]
    unmoved = (before.nearest_deadline[0], *after.nearest_deadline)
    was_due_at, due_at, warn_at = min(moved, key=lambda pair: (pair[1] is None, pair[1]), default=unmoved)
    return MovedChat(
        chat_id=chat_id,
        name="",
        agent="",
        since=before.awaiting_since,
        was_due_at=was_due_at,
        due_at=due_at,
        warn_at=warn_at if warn_at is not None and warn_at > now else None,
        is_late=due_at is not None and due_at <= now and (was_due_at is None or was_due_at > now),
    )
