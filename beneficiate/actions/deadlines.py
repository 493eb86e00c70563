"""Deadlines of chats: started, moved and ended in the transaction of what does so, and noticed by a job when they come.

Those of all open chats are moved in `deadline_moves.py`.
The clocks themselves are in `domain/service_levels/clocks.py`; messages run them in `chat_updates.py`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from peewee import Case

from beneficiate.actions.board import emit_board_outdated
from beneficiate.actions.chat_updates import clock_values, store_clocks
from beneficiate.actions.facts import record_outcomes
from beneficiate.domain.service_levels.clocks import Clocks, Notice, end_clocks, move_deadlines, notice_alarms
from beneficiate.domain.service_levels.promises import Outcome, Promise
from beneficiate.models.base import lock_rows
from beneficiate.models.chats import CLOSED, Chat
from beneficiate.models.service_levels import DeadlineMove
from beneficiate.protocol import channels
from beneficiate.protocol.queue import DeadlineNoticed
from beneficiate.queries.service_levels import (
    CLOCK_COLUMNS,
    ChatPromises,
    load_calendar,
    load_clocks,
    load_levels_in_force,
    promised_times,
)
from beneficiate.unit_of_work import UnitOfWork

MAX_ALARMS_PER_RUN = 500
NO_DEADLINES: dict[str, object] = dict.fromkeys(CLOCK_COLUMNS) | {"resolution_used_s": 0}
"""The columns of a chat without a running clock."""
OpeningValues = tuple[int | str | None, ...]
OPENING_COLUMNS = ("service_level_id", *CLOCK_COLUMNS)


def open_clocks(uow: UnitOfWork, topic_ids: Iterable[int | None]) -> dict[int | None, OpeningValues]:
    """Return the `OPENING_COLUMNS` of chats whose members wait from now on, by topic."""
    levels = load_levels_in_force()
    if not levels:
        return dict.fromkeys(topic_ids, (None, *clock_values(Clocks())))
    calendar = load_calendar(uow)
    values = {}
    for topic_id in set(topic_ids):
        level = levels.get(topic_id) or levels.get(None)
        clocks = move_deadlines(Clocks(awaiting_since=uow.now), promised_times(level), uow.now, calendar)
        values[topic_id] = (level.id if level else None, *clock_values(clocks))
    return values


def promise_again(uow: UnitOfWork, chat_ids: Iterable[int]) -> None:
    """Promise these chats, which are locked, what is in force for their topics, and move their deadlines."""
    ids, levels = list(chat_ids), load_levels_in_force()
    topics = Chat.select(Chat.id, Chat.topic).where(Chat.id.in_(ids)).tuples()
    level_of = {chat_id: levels.get(topic_id) or levels.get(None) for chat_id, topic_id in topics}
    if level_of:
        rows = [(chat_id, level.id if level else None) for chat_id, level in level_of.items()]
        Chat.update_bulk("service_level_id = new.service_level_id", ("id", "service_level_id"), rows)
        refresh_deadlines(uow, ids)


def refresh_deadlines(uow: UnitOfWork, chat_ids: Iterable[int]) -> None:
    """Count the deadlines of these chats, which are locked, again: of those too whose members have begun to wait."""
    calendar, waits = load_calendar(uow), Chat.id.in_(list(chat_ids)) & Chat.awaiting_since.is_null(False)
    moved = {}
    for chat_id, of_chat in load_clocks(waits).items():
        after = move_deadlines(of_chat.clocks, of_chat.promised, uow.now, calendar)
        if after != of_chat.clocks:
            moved[chat_id] = after
    if moved:
        store_clocks(moved)
        emit_board_outdated(uow)


def resume_wait(uow: UnitOfWork, chat_id: int, answered_at: datetime) -> None:
    """Let the clocks of a chat run again from the start of its wait, as if the answer of that moment were not there.

    The time until then was added to what earlier waits took.
    """
    since = Chat.select(Chat.awaiting_since).where(Chat.id == chat_id).scalar()
    if since is not None and since < answered_at:
        waited_s = load_calendar(uow).seconds_between(since, answered_at)
        used_s = Case(None, [(Chat.resolution_used_s > waited_s, Chat.resolution_used_s - waited_s)], 0)
        Chat.update(resolution_used_s=used_s).where(Chat.id == chat_id).execute()
    refresh_deadlines(uow, [chat_id])


def end_deadlines(uow: UnitOfWork, chat_id: int, agent_id: int | None) -> None:
    """Record what became of the promises of a chat that is about to be closed; the caller clears its deadlines."""
    of_chat = load_clocks((Chat.id == chat_id) & Chat.service_level.is_null(False)).get(chat_id)
    if of_chat is not None:
        outcomes = end_clocks(of_chat.clocks, of_chat.promised, uow.now, load_calendar(uow))
        record_outcomes(uow, {chat_id: agent_id}, {chat_id: outcomes})


def notice_deadlines(uow: UnitOfWork) -> int:
    """Notice the warnings and deadlines that have come, and return how many.

    A deadline that has passed is recorded as broken at that moment, once though two processes look: each claims rows.
    Nothing is noticed while deadlines are still to be moved: theirs would be of hours or promises of before.
    """
    is_due = Chat.alarm_at <= uow.now
    if DeadlineMove.select().exists() or not Chat.select(Chat.id).where(is_due).exists():
        return 0
    columns = (Chat.id, Chat.agent, Chat.status)
    claimed = lock_rows(Chat.select(*columns).where(is_due).order_by(Chat.id).limit(MAX_ALARMS_PER_RUN))
    status_of: dict[int, str] = {}
    agent_of: dict[int, int | None] = {}
    for chat_id, agent_id, status in claimed.tuples():
        agent_of[chat_id], status_of[chat_id] = agent_id, status
    promises = load_clocks(Chat.id.in_(list(agent_of)))
    notices: dict[int, list[Notice]] = {}
    noticed: dict[int, Clocks] = {}
    for chat_id, of_chat in promises.items():
        noticed[chat_id], found = notice_alarms(of_chat.clocks, uow.now)
        # An older version that runs beside this one answers and closes without stopping clocks.
        is_running = of_chat.clocks.awaiting_since is not None and status_of[chat_id] != CLOSED
        notices[chat_id] = found if is_running else []
    store_clocks(noticed)
    _record_broken(uow, agent_of, promises, notices)
    for chat_id, found in notices.items():
        _emit_notices(uow, chat_id, agent_of[chat_id], found)
    return sum(map(len, notices.values()))


def _record_broken(
    uow: UnitOfWork,
    agent_of: dict[int, int | None],
    promises: dict[int, ChatPromises],
    notices: dict[int, list[Notice]],
) -> None:
    outcomes = {
        chat_id: [
            Outcome(notice.promise, False, _passed_s(uow, promises[chat_id].clocks, notice))
            for notice in found
            if notice.is_late
        ]
        for chat_id, found in notices.items()
    }
    record_outcomes(uow, agent_of, outcomes)


def _passed_s(uow: UnitOfWork, clocks: Clocks, notice: Notice) -> int:
    waited_s = load_calendar(uow).seconds_between(clocks.awaiting_since or uow.now, uow.now)
    return waited_s + (clocks.used_s if notice.promise is Promise.RESOLUTION else 0)


def _emit_notices(uow: UnitOfWork, chat_id: int, agent_id: int | None, notices: list[Notice]) -> None:
    """Emit to the chat's agent and to its viewers what has come; the supervisors get their board."""
    if not notices:
        return
    emit_board_outdated(uow)
    to = [channels.chat_viewers_channel(chat_id)]
    if agent_id is not None:
        to.append(channels.agent_channel(agent_id))
    for notice in notices:
        state: Literal["soon", "late"] = "late" if notice.is_late else "soon"
        event = DeadlineNoticed(chat_id=chat_id, promise=notice.promise.value, state=state, due_at=notice.due_at)
        uow.emit(event, channels=to)
