"""What the tests of booking ask for: on a Monday morning, by default of a cardiologist two days later at eight."""

from datetime import timedelta

from beneficiate.actions.appointments import ChangeVisit, change
from beneficiate.actions.requests import RequestVisit, request
from beneficiate.models.appointments import Appointment, AppointmentChange, Letter, Reminder, Tick
from beneficiate.scheduling.lifecycle import CANCELLED, CONFIRMED, OPEN, RESCHEDULED
from beneficiate.scheduling.ticks import ticks
from tests.people import specialty, township
from tests.scheduling.moments import at

NOW = at("2026-11-23 08:00")
EIGHT, HALF_PAST = at("2026-11-25 08:00"), at("2026-11-25 08:30")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def asked(of, **changes):
    """A visit that a member asks for themselves, without a time unless one is given."""
    given = {
        "user_id": of.id,
        "patient": f"u:{of.id}",
        "specialty_id": specialty().id,
        "township_id": township().id,
        "first_time": True,
        "notes": "Dolor de rodilla",
    }
    return RequestVisit(**{**given, **changes})


def timed(of, whom, starts_at=EIGHT, **changes):
    """The same with somebody at a time."""
    return asked(of, professional_id=whom.id, starts_at=starts_at, **changes)


def booked(act, by, of, whom, starts_at=EIGHT, now=NOW, **changes):
    """A visit at a time; its picture."""
    return act(request, timed(of, whom, starts_at, **changes), by.actor, now)[0]


def step(act, by, visit, status, reason="", now=NOW, **more):
    """One step of a visit; its picture."""
    return act(change, ChangeVisit(visit.id, status, reason, **more), by.actor, now)[0]


def moved(act, by, visit, starts_at, reason="", now=NOW, **more):
    return step(act, by, visit, RESCHEDULED, reason, now, starts_at=starts_at, **more)


def cancelled(act, by, visit, reason="", now=NOW):
    return step(act, by, visit, CANCELLED, reason, now)


def confirmed(act, by, visit, now=NOW, **more):
    return step(act, by, visit, CONFIRMED, now=now, **more)


def put(visit, status, **columns):
    """Put an appointment into a state, as if it had come there somehow."""
    Appointment.update(status=status, **columns).where(Appointment.id == visit.id).execute()


def history(visit):
    rows = AppointmentChange.select().where(AppointmentChange.appointment == visit.id).order_by(AppointmentChange.id)
    return [(row.from_status, row.to_status, row.actor_id, row.actor_role, row.reason) for row in rows]


def taken(visit=None):
    """Which time is taken, by whom: of one appointment, or of all and the holds."""
    query = Tick.select(Tick.resource, Tick.tick)
    rows = query if visit is None else query.where(Tick.appointment == visit.id)
    return {(row.resource, row.tick) for row in rows}


def time_of(resource, starts_at, minutes):
    return {(resource, tick) for tick in ticks(starts_at, minutes)}


def reminders(visit):
    rows = Reminder.select().where(Reminder.appointment == visit.id).order_by(Reminder.id)
    return [(row.version, row.hours_before, row.due_at) for row in rows]


def letters(visit):
    rows = Letter.select().where(Letter.appointment == visit.id).order_by(Letter.id)
    return [(row.kind, row.version, row.sent_at is not None) for row in rows]


def is_open(visit):
    return Appointment.get_by_id(visit.id).status in OPEN


def everything():
    """All that booking has written, to see that a refusal left nothing behind."""
    return [table.select().count() for table in (Appointment, AppointmentChange, Tick, Reminder, Letter)]
