"""Appointments as rows, for tests of what is read."""

from datetime import timedelta
from itertools import count

from beneficiate.domain.booking.lifecycle import PENDING
from beneficiate.models.appointments import Appointment
from tests.domain.booking.moments import at
from tests.factories import specialty, township

NOW = at("2026-11-23 08:00")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
_numbers = count(1)


def create_appointment(of, status=PENDING, starts_at=None, **columns):
    """Return a new appointment of a member in Bogotá with a cardiologist, 30 minutes long when it has a time."""
    number = next(_numbers)
    given = {
        "ticket_number": f"APT-{number:05}-0001",
        "user": of.id,
        "specialty": specialty(),
        "township": township(),
        "status": status,
        "first_time": True,
        "notes": "Dolor de rodilla",
        "starts_at": starts_at,
        "duration_minutes": 30 if starts_at else None,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Appointment.create(**{**given, **columns})
