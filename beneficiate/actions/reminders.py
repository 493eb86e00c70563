"""Reminders and letters: planned with the appointment, claimed when they are due, bound to its version."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from beneficiate.actions import letters
from beneficiate.models.appointments import Appointment, Letter, Reminder
from beneficiate.models.base import locked
from beneficiate.protocol import topics
from beneficiate.protocol.bookings import AppointmentDue, AppointmentPicture
from beneficiate.queries.appointments import IN_CALENDARS, invitation, picture_of
from beneficiate.scheduling.calendar import Invitation, to_ics
from beneficiate.scheduling.lifecycle import CANCELLED, CONFIRMED, EXPIRED, RESCHEDULED
from beneficiate.store import Work

AT_ONCE = 50
MOST_TRIES = 6
CHANGE, REMINDER = "change", "reminder"
TIMED = (CONFIRMED, RESCHEDULED)


@dataclass(frozen=True, slots=True)
class DueLetter:
    """A letter that is to be sent now: to whom, about what, with which calendar entry."""

    letter_id: int
    kind: str
    email: str
    name: str
    appointment: AppointmentPicture
    calendar: bytes | None
    is_cancelled: bool


def plan(work: Work, appointment: Appointment, *, is_timed: bool) -> None:
    """Plan what this version of an appointment is owed: its letter, and reminders that are still ahead of us.

    Those of older versions are not sent any more, because they ask for a version that is gone.
    """
    Letter.create(appointment=appointment, kind=CHANGE, version=appointment.version, created_at=work.now)
    if not is_timed or appointment.starts_at is None:
        return
    for hours in work.rules.reminder_hours:
        due_at = appointment.starts_at - timedelta(hours=hours)
        if due_at > work.now:
            Reminder.create(appointment=appointment, version=appointment.version, hours_before=hours, due_at=due_at)


def remind(work: Work, _: Any = None) -> int:
    """Say the reminders that are due, once each; how many. Harmless when run twice: rows are held and marked."""
    query = Reminder.select().where(Reminder.due_at <= work.now, Reminder.sent_at.is_null()).order_by(Reminder.id)
    rows = list(locked(query.limit(AT_ONCE)))
    # After an outage several may be due for one visit: the nearest says it all.
    nearest: dict[tuple[int, int], int] = {}
    for row in rows:
        key = (row.appointment_id, row.version)
        nearest[key] = min(row.hours_before, nearest.get(key, row.hours_before))
    for row in rows:
        Reminder.update(sent_at=work.now).where(Reminder.id == row.id).execute()
        if row.hours_before != nearest[row.appointment_id, row.version]:
            continue
        appointment = Appointment.get_by_id(row.appointment_id)
        is_current = appointment.version == row.version and appointment.status in TIMED
        if is_current and appointment.starts_at > work.now:
            _remind(work, appointment, row.hours_before)
    return len(rows)


def claim_letters(work: Work, _: Any = None) -> list[DueLetter]:
    """Letters to be sent, claimed for five minutes: whoever claims them sends them. Old versions are dropped."""
    due, old = [], []
    for row in letters.claim(work, Letter, MOST_TRIES):
        appointment = Appointment.get_by_id(row.appointment_id)
        if appointment.version == row.version:
            due.append(_letter(work, row, appointment))
        else:
            old.append(row.id)
    letters.note_sent(work, Letter, old)
    return due


def note_sent(work: Work, letter_ids: list[int]) -> None:
    """The mail server has taken these letters."""
    letters.note_sent(work, Letter, letter_ids)


def _remind(work: Work, appointment: Appointment, hours: int) -> None:
    event = AppointmentDue(hours_before=hours, appointment=picture_of(appointment.id))
    work.emit(event, to=[topics.user(appointment.user_id)])
    Letter.create(appointment=appointment, kind=f"{REMINDER}-{hours}", version=appointment.version, created_at=work.now)


def _letter(work: Work, row: Letter, appointment: Appointment) -> DueLetter:
    is_cancelled = appointment.status in (CANCELLED, EXPIRED)
    is_entry = appointment.starts_at is not None and appointment.status in IN_CALENDARS
    entry: Invitation | None = invitation(work, appointment.id) if is_entry else None
    return DueLetter(
        letter_id=row.id,
        kind=row.kind,
        email=appointment.user.email,
        name=appointment.user.first_name,
        appointment=picture_of(appointment.id),
        calendar=to_ics(entry) if entry is not None else None,
        is_cancelled=is_cancelled,
    )
