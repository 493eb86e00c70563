"""Appointments as payloads, and with the badge of their status."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

import msgspec

from beneficiate.domain.booking.presentation import APPOINTMENT_BADGES, place_of_appointment, place_of_care
from beneficiate.domain.professionals import VIRTUAL_MODE
from beneficiate.domain.status_badge import StatusBadge
from beneficiate.protocol.booking import AppointmentPayload, PatientName


class AppointmentRecord(TypedDict):
    """Columns of an appointment with the names of the rows that it refers to."""

    id: int
    ticket_number: str
    status: str
    user: int
    user_first_name: str
    user_last_name: str
    beneficiary: int | None
    beneficiary_first_name: str
    beneficiary_last_name: str
    specialty: int
    specialty_name: str
    township: int
    city_name: str
    professional: int | None
    professional_first_name: str
    professional_last_name: str
    professional_mode: str
    professional_address: str
    starts_at: datetime | None
    duration_minutes: int | None
    first_time: bool
    notes: str
    cancellation_reason: str | None
    version: int
    created_at: datetime
    expires_at: datetime | None


def serialize_appointment_record(record: AppointmentRecord) -> AppointmentPayload:
    """Return the payload of an appointment, with everything that its member may see."""
    if record["beneficiary"] is None:
        patient = PatientName(first_name=record["user_first_name"], last_name=record["user_last_name"])
    else:
        patient = PatientName(first_name=record["beneficiary_first_name"], last_name=record["beneficiary_last_name"])
    professional_name = location = None
    if record["professional"] is not None:
        professional_name = f"{record['professional_first_name']} {record['professional_last_name']}"
        location = place_of_care(record["professional_mode"], record["professional_address"])
    return AppointmentPayload(
        id=record["id"],
        ticket_number=record["ticket_number"],
        status=record["status"],
        user_id=record["user"],
        beneficiary_id=record["beneficiary"],
        patient=patient,
        specialty_id=record["specialty"],
        specialty_name=record["specialty_name"],
        professional_id=record["professional"],
        professional_name=professional_name,
        city_id=record["township"],
        city_name=record["city_name"],
        location=location,
        place=place_of_appointment(
            location, record["city_name"], is_virtual=record["professional_mode"] == VIRTUAL_MODE
        ),
        starts_at=record["starts_at"],
        duration_minutes=record["duration_minutes"],
        first_time=record["first_time"],
        control=not record["first_time"],
        notes=record["notes"],
        cancellation_reason=" ".join((record["cancellation_reason"] or "").split()),
        version=record["version"],
        created_at=record["created_at"],
    )


def without_reasons(payload: AppointmentPayload) -> AppointmentPayload:
    """Return a payload without what was written in words, for what is sent to all of the staff.

    Why somebody sees a doctor is health data. Who of the staff opens one appointment reads it, and that is recorded.
    """
    return msgspec.structs.replace(payload, notes="", cancellation_reason="")


@dataclass(frozen=True)
class AppointmentView:
    """An appointment in a list, with the badge of its status."""

    payload: AppointmentPayload

    @property
    def badge(self) -> StatusBadge:
        """Return how its status is shown."""
        return APPOINTMENT_BADGES[self.payload.status]


@dataclass(frozen=True)
class OwnAppointmentView(AppointmentView):
    """An appointment on its member's own pages, and whether they may move or cancel it now."""

    can_move: bool
    can_cancel: bool


class AppointmentChangeRow(TypedDict):
    """A change of an appointment, the first from no status. The names are those of who made it, if a person did."""

    from_status: str
    to_status: str
    actor_role: str
    reason: str
    starts_at: datetime | None
    at: datetime
    first_name: str | None
    last_name: str | None
