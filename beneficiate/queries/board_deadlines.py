"""How the deadlines that the board shows were counted: which promise, in which hours, as the desk says it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from beneficiate.domain.service_levels.calendar import WorkingCalendar
from beneficiate.models.chats import Chat
from beneficiate.queries.service_levels import ChatPromises, load_clocks
from beneficiate.views.deadlines import ChatDeadline, build_deadline


def load_deadlines(chat_ids: Iterable[int], calendar: WorkingCalendar, now: datetime) -> dict[int, ChatDeadline]:
    """Return the deadline of each of these chats that comes first, by id; those without any are left out."""
    return _explain(load_clocks(Chat.id.in_(list(chat_ids))), calendar, now)


def load_answer_deadlines(chat_ids: Iterable[int], calendar: WorkingCalendar, now: datetime) -> dict[int, ChatDeadline]:
    """Return until when the next answer in each of these chats was promised, by id, whatever else was promised."""
    found = load_clocks(Chat.id.in_(list(chat_ids)))
    of_answers = {
        chat_id: replace(one, clocks=replace(one.clocks, resolution_due_at=None, resolution_warn_at=None))
        for chat_id, one in found.items()
    }
    return _explain(of_answers, calendar, now)


def _explain(found: dict[int, ChatPromises], calendar: WorkingCalendar, now: datetime) -> dict[int, ChatDeadline]:
    told = {chat_id: build_deadline(one.clocks, one.promised, calendar, now) for chat_id, one in found.items()}
    return {chat_id: deadline for chat_id, deadline in told.items() if deadline is not None}
