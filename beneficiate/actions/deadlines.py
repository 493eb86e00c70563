"""Deadlines of chats: started, moved and ended in the transaction of what does so, and noticed by a job when they come.

The clocks themselves are in `domain/service_levels/clocks.py`; messages run them in `chat_updates.py`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from beneficiate.actions.board import emit_board_outdated
from beneficiate.actions.chat_updates import CLOCK_CHANGES, CLOCK_COLUMNS, clock_values
from beneficiate.actions.facts import record_outcomes
from beneficiate.domain.service_levels.clocks import Clocks, Notice, end_clocks, move_deadlines, notice_alarms
from beneficiate.domain.service_levels.promises import Outcome, Promise
from beneficiate.models.base import lock_rows
from beneficiate.models.chats import CLOSED, SUPPORT, Chat
from beneficiate.protocol import channels
from beneficiate.protocol.queue import DeadlineNoticed
from beneficiate.queries.service_levels import (
    clocks_of,
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
    """Promise these chats what is in force for their topics, and move their deadlines."""
    levels, chats = load_levels_in_force(), load_clocks(chat_ids, lock=True)
    rows = []
    for chat in chats.values():
        chat.service_level = levels.get(chat.topic_id) or levels.get(None)
        rows.append((chat.id, chat.service_level_id))
    if rows:
        Chat.update_bulk("service_level_id = new.service_level_id", ("id", "service_level_id"), rows)
    _move_deadlines(uow, chats.values())


def refresh_deadlines(uow: UnitOfWork, chat_ids: Iterable[int]) -> None:
    """Count the deadlines of these chats again, of those whose members have just begun to wait too."""
    _move_deadlines(uow, load_clocks(chat_ids, lock=True).values())


def resume_wait(uow: UnitOfWork, chat_id: int, answered_at: datetime) -> None:
    """Let the clocks of a chat run again from the start of its wait, as if the answer of that moment were not there.

    The time until then was added to what earlier waits took.
    """
    for chat in load_clocks([chat_id], lock=True).values():
        if chat.awaiting_since is not None and chat.awaiting_since < answered_at:
            waited_s = load_calendar(uow).seconds_between(chat.awaiting_since, answered_at)
            chat.resolution_used_s = max(0, chat.resolution_used_s - waited_s)
        _move_deadlines(uow, [chat])


def end_deadlines(uow: UnitOfWork, chat_id: int) -> None:
    """Record what became of the promises of a chat that is about to be closed; the caller clears its deadlines."""
    for chat in load_clocks([chat_id], lock=True).values():
        if chat.service_level is not None:
            promised = promised_times(chat.service_level)
            outcomes = end_clocks(clocks_of(chat), promised, uow.now, load_calendar(uow))
            record_outcomes(uow, {chat.id: chat.agent_id}, {chat.id: outcomes})


def notice_deadlines(uow: UnitOfWork) -> int:
    """Notice the warnings and deadlines that have come, and return how many.

    A deadline that has passed is recorded as broken at that moment, once though two processes look: each claims rows.
    """
    is_due = Chat.alarm_at <= uow.now
    if not Chat.select(Chat.id).where(is_due).exists():
        return 0
    claimed = lock_rows(Chat.select(Chat.id).where(is_due).order_by(Chat.id).limit(MAX_ALARMS_PER_RUN))
    chats = load_clocks([chat_id for (chat_id,) in claimed.tuples()], lock=False)
    notices: dict[int, list[Notice]] = {}
    rows = []
    for chat in chats.values():
        clocks, found = notice_alarms(clocks_of(chat), uow.now)
        # An older version that runs beside this one answers and closes without stopping clocks.
        notices[chat.id] = found if chat.awaiting_since is not None and chat.status != CLOSED else []
        rows.append((chat.id, *clock_values(clocks)))
    Chat.update_bulk(CLOCK_CHANGES, ("id", *CLOCK_COLUMNS), rows)
    _record_broken(uow, chats, notices)
    for chat in chats.values():
        _emit_notices(uow, chat, notices[chat.id])
    return sum(map(len, notices.values()))


def lock_open_chats() -> list[int]:
    """Lock all open support chats in order of id, and return their ids.

    Messages read the business hours and what a chat was promised under this lock: none of them counts with old ones.
    """
    query = Chat.select(Chat.id).where(Chat.kind == SUPPORT, Chat.status != CLOSED).order_by(Chat.id)
    return [chat_id for (chat_id,) in lock_rows(query).tuples()]


def _move_deadlines(uow: UnitOfWork, chats: Iterable[Chat]) -> None:
    rows = []
    for chat in chats:
        before = clocks_of(chat)
        after = move_deadlines(before, promised_times(chat.service_level), uow.now, load_calendar(uow))
        if before != after or chat.is_dirty():
            rows.append((chat.id, *clock_values(after)))
    if rows:
        Chat.update_bulk(CLOCK_CHANGES, ("id", *CLOCK_COLUMNS), rows)
        emit_board_outdated(uow)


def _record_broken(uow: UnitOfWork, chats: dict[int, Chat], notices: dict[int, list[Notice]]) -> None:
    outcomes: dict[int, list[Outcome]] = {}
    for chat_id, found in notices.items():
        clocks = clocks_of(chats[chat_id])
        outcomes[chat_id] = [
            Outcome(notice.promise, False, _passed_s(uow, clocks, notice)) for notice in found if notice.is_late
        ]
    record_outcomes(uow, {chat.id: chat.agent_id for chat in chats.values()}, outcomes)


def _passed_s(uow: UnitOfWork, clocks: Clocks, notice: Notice) -> int:
    waited_s = load_calendar(uow).seconds_between(clocks.awaiting_since or uow.now, uow.now)
    return waited_s + (clocks.used_s if notice.promise is Promise.RESOLUTION else 0)


def _emit_notices(uow: UnitOfWork, chat: Chat, notices: list[Notice]) -> None:
    """Emit to the chat's agent and to its viewers what has come; the supervisors get their board."""
    if not notices:
        return
    emit_board_outdated(uow)
    to = [channels.chat_viewers_channel(chat.id)]
    if chat.agent_id is not None:
        to.append(channels.agent_channel(chat.agent_id))
    for notice in notices:
        state: Literal["soon", "late"] = "late" if notice.is_late else "soon"
        event = DeadlineNoticed(chat_id=chat.id, promise=notice.promise.value, state=state, due_at=notice.due_at)
        uow.emit(event, channels=to)
