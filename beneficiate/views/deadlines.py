"""The deadline of a chat that comes first, as the desk shows it."""

from datetime import datetime
from typing import Literal

import msgspec

from beneficiate.domain.service_levels.calendar import WorkingCalendar
from beneficiate.domain.service_levels.clocks import Clocks
from beneficiate.domain.service_levels.explanation import explain_deadline, format_working_time
from beneficiate.domain.service_levels.promises import PROMISE_NAMES, Promise, PromisedTimes

BROKEN_BEFORE = "el plazo ya había vencido cuando se le respondió al afiliado."
COUNTED_BEFORE = "el horario o los niveles cambiaron después de que se empezó a contar."


class ChatDeadline(msgspec.Struct, frozen=True, kw_only=True):
    """Until when a promise to a member has to be kept, from when on we warn, and how it was counted, in Spanish.

    `state` is as of when it was asked for. A deadline that has passed stays the one that it was.
    """

    promise: Literal["first", "next", "resolve"]
    state: Literal["on_time", "soon", "late"]
    due_at: datetime
    warn_at: datetime
    explanation: str


def build_deadline(
    clocks: Clocks, promised: PromisedTimes, calendar: WorkingCalendar, now: datetime
) -> ChatDeadline | None:
    """Return the deadline of a chat that comes first; None without any."""
    due_at, warn_at = clocks.nearest_deadline
    if due_at is None:
        return None
    promise = clocks.response if due_at == clocks.response_due_at else Promise.RESOLUTION
    warn_at = warn_at or due_at
    return ChatDeadline(
        promise=promise.value,
        state="late" if due_at < now else "soon" if warn_at <= now else "on_time",
        due_at=due_at,
        warn_at=warn_at,
        explanation=_explain(clocks, promised, promise, calendar, due_at),
    )


def _explain(
    clocks: Clocks, promised: PromisedTimes, promise: Promise, calendar: WorkingCalendar, due_at: datetime
) -> str:
    """Return how the deadline was counted; of one that was moved or has been kept from before, why it is not."""
    seconds, name = promised.seconds(promise), PROMISE_NAMES[promise]
    if clocks.awaiting_since is None or due_at < clocks.awaiting_since:
        return f"{name}: {BROKEN_BEFORE}"
    if seconds is None:
        return f"{name}: {COUNTED_BEFORE}"
    used_s = clocks.used_s if promise is Promise.RESOLUTION else 0
    counted = explain_deadline(clocks.awaiting_since, max(0, seconds - used_s), calendar)
    if counted.due != due_at:
        return f"{name}: {COUNTED_BEFORE}"
    before = f"de {format_working_time(seconds)} ya pasaron {format_working_time(used_s)}; quedaban " if used_s else ""
    return f"{name}: {before}{counted.sentence}"
