"""Steps of the booking tests: on a Monday morning, by default with a cardiologist two days later at eight."""

from datetime import timedelta

from beneficiate.actions.appointment_requests import RequestAppointment, request_appointment
from beneficiate.actions.appointments import ChangeAppointment, change_appointment
from beneficiate.domain.booking.lifecycle import CANCELLED, CONFIRMED, OPEN_STATUSES, RESCHEDULED
from beneficiate.domain.booking.ticks import appointment_ticks
from beneficiate.models.appointments import Appointment, AppointmentChange, AppointmentEmail, Reminder, Tick
from tests.domain.booking.moments import at
from tests.factories import specialty, township

NOW = at("2026-11-23 08:00")
EIGHT_OCLOCK, HALF_PAST = at("2026-11-25 08:00"), at("2026-11-25 08:30")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def request_command(of, **changes):
    """Return the request of a member for themselves, without a time unless one is given."""
    given = {
        "user_id": of.id,
        "patient_key": f"u:{of.id}",
        "specialty_id": specialty().id,
        "township_id": township().id,
        "first_time": True,
        "notes": "Dolor de rodilla",
    }
    return RequestAppointment(**{**given, **changes})


def timed_request_command(of, whom, starts_at=EIGHT_OCLOCK, **changes):
    """Return the same request with a professional and a time."""
    return request_command(of, professional_id=whom.id, starts_at=starts_at, **changes)


def book_appointment(act, by, of, whom, starts_at=EIGHT_OCLOCK, now=NOW, **changes):
    """Book an appointment at a time and return its payload."""
    return act(request_appointment, timed_request_command(of, whom, starts_at, **changes), by.actor, now)[0]


def change_status(act, by, appointment, status, reason="", now=NOW, **more):
    """Change the status of an appointment and return its payload."""
    return act(change_appointment, ChangeAppointment(appointment.id, status, reason, **more), by.actor, now)[0]


def move_appointment(act, by, appointment, starts_at, reason="", now=NOW, **more):
    return change_status(act, by, appointment, RESCHEDULED, reason, now, starts_at=starts_at, **more)


def cancel_appointment(act, by, appointment, reason="", now=NOW):
    return change_status(act, by, appointment, CANCELLED, reason, now)


def confirm_appointment(act, by, appointment, now=NOW, **more):
    return change_status(act, by, appointment, CONFIRMED, now=now, **more)


def update_appointment(appointment, status, **columns):
    """Set the status of an appointment directly, without its history."""
    Appointment.update(status=status, **columns).where(Appointment.id == appointment.id).execute()


def history_of(appointment):
    rows = (
        AppointmentChange.select().where(AppointmentChange.appointment == appointment.id).order_by(AppointmentChange.id)
    )
    return [(row.from_status, row.to_status, row.actor_id, row.actor_role, row.reason) for row in rows]


def taken_ticks(appointment=None):
    """Return the occupied ticks: of one appointment, or of all and the holds."""
    query = Tick.select(Tick.resource, Tick.tick)
    rows = query if appointment is None else query.where(Tick.appointment == appointment.id)
    return {(row.resource, row.tick) for row in rows}


def ticks_of(resource, starts_at, minutes):
    return {(resource, tick) for tick in appointment_ticks(starts_at, minutes)}


def reminders_of(appointment):
    rows = Reminder.select().where(Reminder.appointment == appointment.id).order_by(Reminder.id)
    return [(row.version, row.hours_before, row.due_at) for row in rows]


def emails_of(appointment):
    rows = AppointmentEmail.select().where(AppointmentEmail.appointment == appointment.id).order_by(AppointmentEmail.id)
    return [(row.kind, row.version, row.sent_at is not None) for row in rows]


def is_appointment_open(appointment):
    return Appointment.get_by_id(appointment.id).status in OPEN_STATUSES


def count_booking_rows():
    """Count the rows of booking, to check that a refusal left nothing behind."""
    return [table.select().count() for table in (Appointment, AppointmentChange, Tick, Reminder, AppointmentEmail)]
