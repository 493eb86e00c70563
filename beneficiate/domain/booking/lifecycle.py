"""The statuses of an appointment and the legal transitions between them."""

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
    # To itself: its member moved it to another time, which has to be confirmed too.
    TO_BE_CONFIRMED: frozenset({TO_BE_CONFIRMED, CONFIRMED, RESCHEDULED, CANCELLED, EXPIRED}),
    # A move that its member makes may lead from these two to TO_BE_CONFIRMED: see `self_moved_status`.
    CONFIRMED: frozenset({RESCHEDULED, CANCELLED, ATTENDED, NO_SHOW}),
    RESCHEDULED: frozenset({CONFIRMED, RESCHEDULED, CANCELLED, ATTENDED, NO_SHOW}),
    CANCELLED: frozenset(),
    EXPIRED: frozenset(),
    ATTENDED: frozenset(),
    NO_SHOW: frozenset(),
}

OPEN_STATUSES = frozenset(status for status, following in APPOINTMENT_TRANSITIONS.items() if following)

SCHEDULED_STATUSES = (CONFIRMED, RESCHEDULED)
"""The appointment has a confirmed time."""


def self_booked_status(*, confirms_itself: bool) -> str:
    """Return the status of an appointment whose time its member chose: confirmed, or to be confirmed by the staff."""
    return CONFIRMED if confirms_itself else TO_BE_CONFIRMED


def self_moved_status(old_status: str, *, confirms_itself: bool) -> str:
    """Return the status of an appointment that its member moves: a new time is confirmed as a new booking is.

    `confirms_itself`: the professional of the new time does. What was confirmed before says nothing about that time.
    """
    is_still_confirmed = old_status in SCHEDULED_STATUSES and confirms_itself
    return RESCHEDULED if is_still_confirmed else self_booked_status(confirms_itself=confirms_itself)


def can_transition(from_status: str, to_status: str) -> bool:
    """Return whether a transition is legal. Raises KeyError for an unknown `from_status`."""
    return to_status in APPOINTMENT_TRANSITIONS[from_status]


def is_within_change_window(starts_at: datetime, now: datetime, window_hours: float) -> bool:
    """Return whether a member may still cancel or reschedule: until `window_hours` before the start, inclusive."""
    return starts_at - now >= timedelta(hours=window_hours)


def can_member_cancel(status: str, starts_at: datetime | None, now: datetime, window_hours: float) -> bool:
    """Return whether a member may cancel an appointment now: a request without a time at any moment."""
    is_in_time = starts_at is None or is_within_change_window(starts_at, now, window_hours)
    return is_in_time and can_transition(status, CANCELLED)


def can_member_move(status: str, starts_at: datetime | None, now: datetime, window_hours: float) -> bool:
    """Return whether a member may move an appointment to another time now."""
    has_time = starts_at is not None and is_within_change_window(starts_at, now, window_hours)
    return has_time and can_transition(status, RESCHEDULED)
