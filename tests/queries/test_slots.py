"""Free slots of professionals."""

from datetime import timedelta

import pytest

from beneficiate.domain.booking.lifecycle import CANCELLED, CONFIRMED
from beneficiate.errors import NotFound
from beneficiate.models.appointments import Hold
from beneficiate.models.professionals import MANUAL_SCHEDULE, NO_SCHEDULE
from beneficiate.queries import slots
from beneficiate.unit_of_work import UnitOfWork
from tests.domain.booking.moments import as_bogota_texts, at
from tests.factories import agent, member, professional, specialty
from tests.queries.appointment_rows import NOW, create_appointment

EIGHT = at("2026-11-25 08:00")
DAY = EIGHT.date()


def free_starts(who, whom):
    return as_bogota_texts(slots.find_free_starts(UnitOfWork(who.actor, NOW), whom, DAY, DAY))


def is_available(who, whom, starts_at, **options):
    return slots.is_start_available(UnitOfWork(who.actor, NOW), whom, starts_at, who.id, **options)


def test_open_appointments_and_holds_of_others_take_their_time(db):
    ana, german = member(), professional(hours=((2, 8 * 60, 10 * 60),))
    create_appointment(ana, CONFIRMED, EIGHT, professional=german)
    create_appointment(ana, CANCELLED, at("2026-11-25 08:30"), professional=german)
    expires_at = NOW + timedelta(minutes=5)
    Hold.create(user=ana.id, professional=german, starts_at=at("2026-11-25 09:00"), expires_at=expires_at)
    Hold.create(user=ana.id, professional=german, starts_at=at("2026-11-25 09:30"), expires_at=NOW)
    own = ["2026-11-25 08:30", "2026-11-25 09:00", "2026-11-25 09:30"]
    assert free_starts(ana, german) == own
    assert free_starts(member("Beto"), german) == [own[0], own[2]]


def test_start_must_be_on_the_grid_for_members_only(db):
    ana, german = member(), professional()
    five_past = EIGHT + timedelta(minutes=5)
    assert is_available(ana, german, EIGHT)
    assert not is_available(ana, german, five_past)
    assert is_available(agent(), german, five_past)
    assert not is_available(agent(), german, at("2026-11-25 23:00"))


def test_appointment_that_moves_does_not_occupy_its_own_time(db):
    ana, german = member(), professional()
    appointment = create_appointment(ana, CONFIRMED, EIGHT, professional=german)
    assert not is_available(ana, german, EIGHT)
    assert is_available(ana, german, EIGHT, ignored_appointment_id=appointment.id)


def test_slot_held_in_time_needs_no_notice(db):
    ana, german = member(), professional()
    soon = NOW + timedelta(minutes=30)
    assert not is_available(ana, german, soon)
    Hold.create(user=ana.id, professional=german, starts_at=soon, expires_at=NOW + timedelta(minutes=5))
    assert is_available(ana, german, soon)


def test_professional_is_found_with_a_schedule_and_the_specialty(db):
    german = professional()
    assert slots.access_professional(german.id, specialty().id).id == german.id
    assert slots.load_practised_specialties(german) == {specialty().id: "Cardiología"}
    for whom, specialty_id in (
        (professional(schedule_type=NO_SCHEDULE), None),
        (professional(is_active=False), None),
        (german, specialty("Dermatología").id),
    ):
        with pytest.raises(NotFound):
            slots.access_professional(whom.id, specialty_id)


def test_next_slots_are_those_of_online_schedules(db):
    professional(schedule_type=MANUAL_SCHEDULE)
    uow = UnitOfWork(member().actor, NOW)
    german = professional()
    found = slots.find_next_online_slots(uow, specialty().id, german.township_id, None, count=2)
    assert {person.id for _, person in found} == {german.id}
    assert as_bogota_texts(start for start, _ in found) == ["2026-11-23 10:00", "2026-11-23 10:30"]
