"""Which notices there are, by which channels a person gets them, and when they have to wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from beneficiate.formatting import BOGOTA

CHAT, CHANGE, REMINDER, OFFER, PAYMENT, DESK = "chat", "change", "reminder", "offer", "payment", "desk"
NOTICE_KINDS = (REMINDER, CHANGE, OFFER, CHAT, PAYMENT, DESK)
PUSH, EMAIL = "push", "email"
CHOSEN_EMAILS = (REMINDER, OFFER, CHAT)
"""E-mails that a person can do without. Those of changes, payments and the account are always sent."""
STAFF_NOTICES = (DESK,)
PAYMENT_DECLINED, PAYMENT_IN_REVIEW = f"{PAYMENT}-declined", f"{PAYMENT}-review"
PAYMENT_VOIDED, PAYMENT_REFUNDED = f"{PAYMENT}-voided", f"{PAYMENT}-refunded"
PAYMENT_PROBLEMS = (PAYMENT_DECLINED, PAYMENT_IN_REVIEW, PAYMENT_VOIDED, PAYMENT_REFUNDED)
"""What became of a payment that has no receipt: by push as chosen for payments, and always by e-mail."""
URGENT_MARGIN = timedelta(hours=6)
"""What is about an appointment this long after the quiet hours, the same morning, cannot wait for their end."""
KINDS_THAT_ALERT = (CHAT, CHANGE, OFFER, DESK)
"""Somebody waits for an answer to these, or would go in vain: a push service is to deliver them at once."""


@dataclass(frozen=True, slots=True)
class NoticeChoices:
    """What a person has chosen. `switched_off` has texts as `chat.email`; the quiet hours are whole ones of Bogotá."""

    switched_off: frozenset[str] = frozenset()
    quiet_from: int = 0
    quiet_until: int = 0

    def allows(self, kind: str, channel: str) -> bool:
        """Return whether notices of this kind are wanted by this channel."""
        return choice_name(kind, channel) not in self.switched_off

    @property
    def has_quiet_hours(self) -> bool:
        """Whether there are any."""
        return self.quiet_from != self.quiet_until

    def find_quiet_end(self, now: datetime) -> datetime | None:
        """Return when the quiet hours end that `now` is in; None when it is in none."""
        local = now.astimezone(BOGOTA)
        hours = (self.quiet_until - self.quiet_from) % 24
        passed = (local.hour - self.quiet_from) % 24
        if not passed < hours:
            return None
        return _floor_to_hour(local) + timedelta(hours=hours - passed)

    def find_quiet_start(self, now: datetime) -> datetime | None:
        """Return when quiet hours begin next after `now`; None when there are none."""
        if not self.has_quiet_hours:
            return None
        local = now.astimezone(BOGOTA)
        return _floor_to_hour(local) + timedelta(hours=(self.quiet_from - local.hour) % 24 or 24)


@dataclass(frozen=True, slots=True)
class DeliveryWindow:
    """From when until when a notice may reach its person."""

    begins_at: datetime
    ends_at: datetime


NO_CHOICES = NoticeChoices()


def choice_name(kind: str, channel: str) -> str:
    """Return the name of a choice: `chat.email`."""
    return f"{kind}.{channel}"


def list_choice_names() -> list[str]:
    """Return the names of everything that can be chosen."""
    pushes = [choice_name(kind, PUSH) for kind in NOTICE_KINDS]
    return [*pushes, *(choice_name(kind, EMAIL) for kind in CHOSEN_EMAILS)]


def find_delivery_window(
    choices: NoticeChoices, now: datetime, expires_at: datetime, appointment_times: list[datetime]
) -> DeliveryWindow | None:
    """Return when a notice may be delivered: outside of the quiet hours, unless it cannot wait for their end.

    None when it expires before. `appointment_times` are the time that the appointment has and the one that it had.
    """
    begins_at = choices.find_quiet_end(now)
    if begins_at is None or _cannot_wait(begins_at, now, appointment_times):
        begins_at = now
    if begins_at >= expires_at:
        return None
    quiet_start = choices.find_quiet_start(begins_at)
    if quiet_start is None or quiet_start >= expires_at:
        return DeliveryWindow(begins_at, expires_at)
    quiet_end = choices.find_quiet_end(quiet_start)
    is_urgent = quiet_end is not None and _cannot_wait(quiet_end, begins_at, appointment_times)
    return DeliveryWindow(begins_at, expires_at if is_urgent else quiet_start)


def _cannot_wait(quiet_end: datetime, now: datetime, appointment_times: list[datetime]) -> bool:
    """Return whether a notice about an appointment, which is still to come, comes too late after the quiet hours."""
    return any(now < at < quiet_end + URGENT_MARGIN for at in appointment_times)


def _floor_to_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
