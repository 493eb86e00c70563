"""Reading appointments, and who may."""

import pytest

from beneficiate.domain.booking.lifecycle import CANCELLED, CONFIRMED, OPEN_STATUSES, PENDING, TO_BE_CONFIRMED
from beneficiate.errors import NotFound
from beneficiate.models.appointments import AppointmentChange
from beneficiate.queries import appointments
from beneficiate.unit_of_work import SYSTEM, BatchItem, UnitOfWork
from tests.domain.booking.moments import at
from tests.factories import agent, member, professional, supervisor
from tests.queries.appointment_rows import DAY, HOUR, NOW, create_appointment


def ids(payloads):
    return [payload.id for payload in payloads]


def test_appointment_is_shown_to_its_member_and_staff_only(db):
    ana = member()
    appointment = create_appointment(ana)
    for actor in (ana.actor, agent().actor, supervisor().actor, SYSTEM):
        assert appointments.load_appointment(UnitOfWork(actor, NOW), appointment.id).id == appointment.id
    for actor, appointment_id in ((member("Beto").actor, appointment.id), (ana.actor, appointment.id + 1)):
        with pytest.raises(NotFound):
            appointments.load_appointment(UnitOfWork(actor, NOW), appointment_id)


def test_newest_appointments_of_several_members_are_read_at_once(db, monkeypatch):
    monkeypatch.setattr(appointments, "MAX_USER_APPOINTMENTS", 2)
    ana, beto, nina = member(), member("Beto"), member("Nina")
    of_ana = [create_appointment(ana).id for _ in range(3)]
    of_beto = create_appointment(beto).id
    found = appointments.list_appointments_by_user([ana.id, beto.id, nina.id])
    assert {user_id: ids(payloads) for user_id, payloads in found.items()} == {
        ana.id: [of_ana[2], of_ana[1]],
        beto.id: [of_beto],
    }


def test_open_appointments_are_read_once_for_a_batch(db):
    ana, uow = member(), UnitOfWork(agent().actor, NOW)
    opened = [create_appointment(ana, status).id for status in sorted(OPEN_STATUSES)]
    create_appointment(ana, CANCELLED)
    first, second = appointments.resend_open_appointments.function(uow, [BatchItem(uow.actor, None)] * 2)
    assert first is second
    assert ids(first.appointments.data) == opened[::-1]
    assert first.appointments.counts == {**dict.fromkeys(OPEN_STATUSES, 1), CANCELLED: 1}


def test_list_of_open_appointments_has_the_newest_ones_and_counts_all(db, monkeypatch):
    monkeypatch.setattr(appointments, "MAX_OPEN_APPOINTMENTS", 2)
    ana = member()
    created = [create_appointment(ana, PENDING).id for _ in range(3)]
    found = appointments.load_open_appointments(UnitOfWork(agent().actor, NOW))
    assert (ids(found.data), found.counts) == ([created[2], created[1]], {PENDING: 3})
    assert {(one.notes, one.cancellation_reason) for one in found.data} == {("", "")}


def test_changes_name_who_made_them(db):
    ana, yuliana = member(), agent()
    appointment = create_appointment(ana)
    for from_status, to_status, who in (("", PENDING, ana.id), (PENDING, CONFIRMED, None)):
        AppointmentChange.create(
            appointment=appointment, from_status=from_status, to_status=to_status, actor=who, actor_role="x", at=NOW
        )
    changes = appointments.list_appointment_changes(UnitOfWork(yuliana.actor, NOW), appointment.id)
    assert [(one["from_status"], one["to_status"], one["first_name"]) for one in changes] == [
        ("", PENDING, "Ana"),
        (PENDING, CONFIRMED, None),
    ]


def test_calendar_entry_says_nothing_about_health_but_the_specialty(db):
    ana, german = member(), professional()
    appointment = create_appointment(ana, CONFIRMED, NOW + DAY, professional=german, version=3)
    entry = appointments.load_invitation(UnitOfWork(ana.actor, NOW), appointment.id)
    assert (entry.uid, entry.sequence) == (f"{appointment.ticket_number}@beneficiate.co", 3)
    assert (entry.summary, entry.is_cancelled) == ("Cita de Cardiología", False)
    assert entry.location.startswith(f"{german.address}, Bogotá")
    assert german.name in entry.description
    assert not any(appointment.notes in str(value) for value in (entry.summary, entry.location, entry.description))


def test_calendar_entry_of_a_video_call_names_no_address(db):
    ana = member()
    appointment = create_appointment(ana, CANCELLED, NOW + DAY, professional=professional(mode="VIRTUAL"))
    entry = appointments.load_invitation(UnitOfWork(ana.actor, NOW), appointment.id)
    assert entry.location == "Virtual"
    assert entry.is_cancelled


@pytest.mark.parametrize(("status", "starts_in"), [(PENDING, None), (TO_BE_CONFIRMED, HOUR), (CONFIRMED, None)])
def test_there_is_no_calendar_entry_without_a_confirmed_time(db, status, starts_in):
    ana = member()
    appointment = create_appointment(ana, status, starts_in and NOW + starts_in)
    with pytest.raises(NotFound):
        appointments.load_invitation(UnitOfWork(ana.actor, NOW), appointment.id)


def test_day_in_bogota_is_from_midnight_to_its_last_microsecond():
    first, last = appointments.day_bounds(at("2026-11-25 12:00").date())
    assert first == at("2026-11-25 00:00")
    assert (last - first).total_seconds() == 24 * 3600 - 0.000001


@pytest.mark.parametrize(
    ("role", "status", "shown"),
    [
        ("agent", CANCELLED, "El médico viaja"),
        ("supervisor", CANCELLED, "El médico viaja"),
        ("member", CANCELLED, ""),
        ("agent", CONFIRMED, ""),
    ],
)
def test_reason_of_a_cancellation_by_the_staff_is_part_of_the_appointment(db, role, status, shown):
    ana, other = member(), member("Beto")
    one, foreign = create_appointment(ana, status=status), create_appointment(other, status=CANCELLED)
    for row, reason in ((one, "  El médico\n viaja "), (foreign, "")):
        AppointmentChange.create(
            appointment=row.id, from_status=CONFIRMED, to_status=row.status, actor_role=role, reason=reason, at=NOW
        )
    assert appointments.serialize_appointment(one.id).cancellation_reason == shown
    assert appointments.serialize_appointment(foreign.id).cancellation_reason == ""
