"""Reminders and e-mails of appointments: scheduled with each version of it, claimed when they are due."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from peewee import chunked

from beneficiate.actions import away_notices, emails
from beneficiate.actions.away_notices import NewNotice
from beneficiate.actions.isolation import run_each
from beneficiate.domain.booking.ics import Invitation
from beneficiate.domain.booking.lifecycle import CANCELLED, EXPIRED, SCHEDULED_STATUSES, can_member_move
from beneficiate.domain.notices import CHANGE, EMAIL, REMINDER
from beneficiate.models.appointments import Appointment, AppointmentEmail, Reminder
from beneficiate.models.base import lock_rows
from beneficiate.protocol import channels
from beneficiate.protocol.booking import AppointmentPayload, AppointmentReminded
from beneficiate.queries.appointments import has_calendar_entry, load_invitation, serialize_appointment
from beneficiate.queries.notices import load_choices
from beneficiate.unit_of_work import UnitOfWork

MAX_REMINDERS_PER_RUN = 50
ROWS_PER_STATEMENT = 500
CHANGE_EMAIL, PLACE_EMAIL, REMINDER_EMAIL = "change", "place", "reminder"


@dataclass(frozen=True, slots=True)
class PendingAppointmentEmail:
    """An e-mail that is due: the recipient, the appointment and its calendar entry. `key` is that of the message.

    `change_hours` is until how many hours before it the member may move or cancel it, None when they cannot any more.
    """

    email_id: int
    key: str
    kind: str
    email: str
    name: str
    appointment: AppointmentPayload
    invitation: Invitation | None
    is_cancelled: bool
    change_hours: int | None


def schedule_notifications(uow: UnitOfWork, appointments: Iterable[Appointment], kind: str = CHANGE_EMAIL) -> None:
    """Schedule the e-mails and the reminders of these versions of appointments; past reminders are left out.

    Those of older versions are not sent any more, because they refer to a version that no longer exists.
    """
    emails: list[dict[str, object]] = []
    reminders: list[dict[str, object]] = []
    notices: list[NewNotice] = []
    for one in appointments:
        if one.user_id != uow.actor.user_id:
            notices.append(_notice(uow, one, CHANGE))
        version: dict[str, object] = {"appointment": one.id, "version": one.version}
        emails.append({**version, "kind": kind, "created_at": uow.now})
        if one.status not in SCHEDULED_STATUSES or one.starts_at is None:
            continue
        due = {hours: one.starts_at - timedelta(hours=hours) for hours in uow.rules.reminder_hours}
        reminders += [{**version, "hours_before": hours, "due_at": at} for hours, at in due.items() if at > uow.now]
    for rows in chunked(emails, ROWS_PER_STATEMENT):
        AppointmentEmail.insert_many(rows).execute()
    for rows in chunked(reminders, ROWS_PER_STATEMENT):
        Reminder.insert_many(rows).execute()
    for new in chunked(notices, ROWS_PER_STATEMENT):
        away_notices.queue_away_notices(uow, new, is_push_only=True)


def emit_due_reminders(uow: UnitOfWork) -> int:
    """Emit the reminders that are due, once each, and return how many. Harmless when run twice: rows are locked."""
    query = Reminder.select().where(Reminder.due_at <= uow.now, Reminder.sent_at.is_null()).order_by(Reminder.id)
    rows = list(lock_rows(query.limit(MAX_REMINDERS_PER_RUN)))
    # After an outage several may be due for one appointment: the nearest is enough.
    nearest: dict[tuple[int, int], int] = {}
    for row in rows:
        key = (row.appointment_id, row.version)
        nearest[key] = min(row.hours_before, nearest.get(key, row.hours_before))
    # Marked first: one that cannot be emitted is dropped, and not tried again every few seconds.
    Reminder.update(sent_at=uow.now).where(Reminder.id.in_([row.id for row in rows])).execute()
    due = [row for row in rows if row.hours_before == nearest[row.appointment_id, row.version]]
    run_each(uow, due, lambda row: _emit_reminder(uow, row))
    return len(rows)


def claim_appointment_emails(uow: UnitOfWork) -> list[PendingAppointmentEmail]:
    """Claim the e-mails that are due; the caller sends them.

    Dropped are those of old versions, and reminders of what has begun meanwhile or that their member has ended.
    """
    rows = emails.claim_emails(uow, AppointmentEmail)
    claimed = run_each(
        uow, rows, lambda row: (row.id, None if _is_needless(uow, row) else _pending_appointment_email(uow, row))
    )
    emails.mark_emails_sent(uow, AppointmentEmail, [email_id for email_id, pending in claimed if pending is None])
    return [pending for _, pending in claimed if pending is not None]


def mark_appointment_emails_sent(uow: UnitOfWork, email_ids: list[int]) -> None:
    """Mark e-mails as accepted by the mail server."""
    emails.mark_emails_sent(uow, AppointmentEmail, email_ids)


def record_appointment_email_failure(uow: UnitOfWork, failed: emails.FailedEmail) -> None:
    """Record that an e-mail was refused, or may have arrived."""
    emails.record_email_failure(AppointmentEmail, failed)


def _is_needless(uow: UnitOfWork, row: AppointmentEmail) -> bool:
    appointment = row.appointment
    if appointment.version != row.version:
        return True
    if not row.kind.startswith(REMINDER_EMAIL):
        return False
    has_begun = appointment.starts_at is not None and appointment.starts_at <= uow.now
    return has_begun or not load_choices(appointment.user_id).allows(REMINDER, EMAIL)


def _emit_reminder(uow: UnitOfWork, row: Reminder) -> None:
    appointment, hours = Appointment.get_by_id(row.appointment_id), row.hours_before
    is_current = appointment.version == row.version and appointment.status in SCHEDULED_STATUSES
    if not is_current or appointment.starts_at <= uow.now:
        return
    event = AppointmentReminded(hours_before=hours, appointment=serialize_appointment(appointment.id))
    uow.emit(event, channels=[channels.user_channel(appointment.user_id)])
    # The e-mail is written when the notice is dispatched: quiet hours may be before it.
    away_notices.queue_away_notices(uow, [_notice(uow, appointment, f"{REMINDER}-{hours}")], is_push_only=False)


def _notice(uow: UnitOfWork, one: Appointment, kind: str) -> NewNotice:
    """Return a notice about this version of an appointment: `change`, or a reminder with its hours."""
    expires_at = uow.now + away_notices.LIFETIME
    if kind != CHANGE:
        expires_at = min(expires_at, one.starts_at)
    key = f"{kind} {one.id} {one.version}"
    return NewNotice(one.user_id, kind, key, uow.now, expires_at, one.id, one.version)


def _pending_appointment_email(uow: UnitOfWork, row: AppointmentEmail) -> PendingAppointmentEmail:
    appointment = row.appointment
    is_cancelled, hours = appointment.status in (CANCELLED, EXPIRED), uow.rules.change_window_hours
    return PendingAppointmentEmail(
        email_id=row.id,
        key=emails.email_key(row),
        kind=row.kind,
        email=appointment.user.email,
        name=appointment.user.first_name,
        appointment=serialize_appointment(appointment.id),
        invitation=load_invitation(uow, appointment.id) if has_calendar_entry(appointment) else None,
        is_cancelled=is_cancelled,
        change_hours=hours if can_member_move(appointment.status, appointment.starts_at, uow.now, hours) else None,
    )
