"""Appointments as payloads."""

import pytest

from beneficiate.domain.booking.lifecycle import APPOINTMENT_TRANSITIONS, CONFIRMED
from beneficiate.views.appointments import AppointmentView, serialize_appointment_record
from tests.domain.booking.moments import at

RECORD = {
    "id": 1,
    "ticket_number": "APT-00001-0001",
    "status": CONFIRMED,
    "user": 2,
    "user_first_name": "Ana",
    "user_last_name": "Rojas",
    "beneficiary": None,
    "beneficiary_first_name": None,
    "beneficiary_last_name": None,
    "specialty": 3,
    "specialty_name": "Cardiología",
    "township": 4,
    "city_name": "Medellín",
    "professional": None,
    "professional_first_name": None,
    "professional_last_name": None,
    "professional_mode": None,
    "professional_address": None,
    "starts_at": None,
    "duration_minutes": None,
    "first_time": True,
    "notes": "Dolor",
    "cancellation_reason": None,
    "version": 0,
    "created_at": at("2026-11-23 08:00"),
    "expires_at": None,
}


def test_member_is_the_patient_without_a_beneficiary():
    payload = serialize_appointment_record(RECORD)
    assert (payload.patient.first_name, payload.beneficiary_id, payload.professional_name) == ("Ana", None, None)
    assert (payload.first_time, payload.control) == (True, False)


def test_beneficiary_and_professional_are_named():
    names = {"beneficiary": 5, "beneficiary_first_name": "Mateo", "beneficiary_last_name": "Gil"}
    professional = {"professional": 6, "professional_first_name": "Germán", "professional_last_name": "Paz"}
    professional |= {"professional_mode": "PRESENCIAL", "professional_address": "Calle 116 # 9-72"}
    payload = serialize_appointment_record({**RECORD, **names, **professional, "first_time": False})
    assert payload.location == "Calle 116 # 9-72"
    assert (payload.patient.first_name, payload.patient.last_name) == ("Mateo", "Gil")
    assert (payload.professional_name, payload.control) == ("Germán Paz", True)


@pytest.mark.parametrize("status", sorted(APPOINTMENT_TRANSITIONS))
def test_every_status_has_a_name(status):
    assert AppointmentView(serialize_appointment_record({**RECORD, "status": status})).badge.label


def test_reason_of_a_cancellation_is_one_line():
    reasons = (None, "", " El médico\r\n viaja ")
    lines = [
        serialize_appointment_record({**RECORD, "cancellation_reason": one}).cancellation_reason for one in reasons
    ]
    assert lines == ["", "", "El médico viaja"]
