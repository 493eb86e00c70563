"""The life of an appointment: what it can be, and what it can become."""

from datetime import datetime, timedelta

PENDING = "PENDING"
TO_BE_CONFIRMED = "TO_BE_CONFIRMED"
CONFIRMED = "CONFIRMED"
RESCHEDULED = "RESCHEDULED"
CANCELLED = "CANCELLED"
EXPIRED = "EXPIRED"
ATTENDED = "ATTENDED"
NO_SHOW = "NO_SHOW"

APPOINTMENT_TRANSITIONS: dict[str, frozenset[str]] = {
    PENDING: frozenset({TO_BE_CONFIRMED, CONFIRMED, CANCELLED, EXPIRED}),
    # To itself: moved by its member to another time that has to be confirmed too.
    TO_BE_CONFIRMED: frozenset({TO_BE_CONFIRMED, CONFIRMED, RESCHEDULED, CANCELLED, EXPIRED}),
    CONFIRMED: frozenset({RESCHEDULED, CANCELLED, ATTENDED, NO_SHOW}),
    RESCHEDULED: frozenset({CONFIRMED, RESCHEDULED, CANCELLED, ATTENDED, NO_SHOW}),
    CANCELLED: frozenset(),
    EXPIRED: frozenset(),
    ATTENDED: frozenset(),
    NO_SHOW: frozenset(),
}

OPEN_STATUSES = frozenset(status for status, following in APPOINTMENT_TRANSITIONS.items() if following)
ENDED_STATUSES = frozenset(APPOINTMENT_TRANSITIONS) - OPEN_STATUSES

SCHEDULED_STATUSES = (CONFIRMED, RESCHEDULED)
"""A member can rely on the time."""

CHANGE_WINDOW_HOURS = 4


def can_transition(from_status: str, to_status: str) -> bool:
    """Whether the step is legal. Raises KeyError when there is no such status to start from."""
    return to_status in APPOINTMENT_TRANSITIONS[from_status]


def is_within_change_window(starts_at: datetime, now: datetime, window_hours: float = CHANGE_WINDOW_HOURS) -> bool:
    """Whether a member may still cancel or reschedule: until `window_hours` before the start, that moment included."""
    return starts_at - now >= timedelta(hours=window_hours)
