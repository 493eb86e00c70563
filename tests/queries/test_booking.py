"""Lookups of the bot for one member."""

from datetime import UTC, date, datetime, timedelta

from beneficiate.domain.booking.lifecycle import CANCELLED, CONFIRMED, PENDING, TO_BE_CONFIRMED
from beneficiate.domain.bot.drafts import SlotPreference
from beneficiate.formatting import BOGOTA
from beneficiate.queries.booking import MAX_MOVABLE, MemberLookups
from beneficiate.unit_of_work import UnitOfWork
from tests.domain.booking.moments import at
from tests.factories import (
    MEDELLIN_CODE,
    add_plan,
    beneficiary,
    member,
    member_with_plan,
    professional,
    specialty,
    township,
)
from tests.queries.appointment_rows import create_appointment

NOW = datetime.now(UTC)


def lookups_of(who, now=NOW):
    return MemberLookups(UnitOfWork(who.actor, now))


def test_member_with_a_current_plan_has_one(db):
    assert lookups_of(member_with_plan()).has_plan()
    assert not lookups_of(member()).has_plan()


def test_only_own_patients_are_found(db):
    ana, beto = member(township=township()), member("Beto")
    mateo = beneficiary(ana)
    removed = beneficiary(ana, "Luz", removed_at=NOW)
    own = lookups_of(ana).find_patient(ana.user.document_number)
    assert (own.key, own.first_name, own.city_id) == (f"u:{ana.id}", "Ana", township().id)
    of_mateo = lookups_of(ana).find_patient(mateo.document_number)
    # A beneficiary without a municipality lives where the member does.
    assert (of_mateo.key, of_mateo.city_id) == (f"b:{mateo.id}", township().id)
    for document in (beto.user.document_number, removed.document_number, ""):
        assert lookups_of(ana).find_patient(document) is None


def test_member_without_a_municipality_has_none(db):
    ana = member()
    patient = lookups_of(ana).find_patient(ana.user.document_number)
    assert (patient.city_id, patient.city_name) == (None, "")


def test_next_slots_are_labelled_and_identified_by_professional_and_time(db):
    german = professional()
    lookups = lookups_of(member_with_plan(), at("2026-11-23 08:00"))
    found = lookups.find_next_slots(specialty().id, township().id, None, SlotPreference())
    assert len(found) == 3
    assert found[0].id == f"{german.id}-{found[0].starts_at:%Y%m%d%H%M}"
    assert german.name in found[0].label


def test_professional_comes_with_specialties_and_municipality(db):
    german = professional(specialties=("Cardiología", "Medicina interna"), township=township(MEDELLIN_CODE))
    found = lookups_of(member()).professional(german.id)
    assert [hit.label for hit in found.specialties] == ["Cardiología", "Medicina interna"]
    assert found.city.name == "Medellín"
    assert lookups_of(member()).professional(german.id + 1) is None


def test_patients_of_the_same_name_differ_in_the_list(db):
    ana = member(township=township())
    beneficiary(ana, "Mateo", last_name="Rojas")
    twin = beneficiary(ana, "Mateo", last_name="Rojas")
    names = [patient.name for patient in lookups_of(ana).list_patients()]
    assert names[0] == ana.user.name
    assert len(set(names)) == 3
    assert twin.document_number[-3:] in names[2]
    assert twin.document_number not in names[2]


def test_slots_fit_the_preference(db):
    german = professional()
    lookups = lookups_of(member_with_plan(), at("2026-11-23 08:00"))
    every = lookups.find_next_slots(specialty().id, township().id, None, SlotPreference())
    after = SlotPreference(after=every[-1].starts_at, after_professional_id=german.id)
    assert lookups.find_next_slots(specialty().id, township().id, None, after)[0].starts_at > every[-1].starts_at
    day = at("2026-12-02 12:00").date()
    late = lookups.find_next_slots(specialty().id, township().id, None, SlotPreference(day=day, from_minute=11 * 60))
    assert all(slot.starts_at >= at("2026-12-02 11:00") for slot in late)
    assert all(slot.starts_at.astimezone(BOGOTA).hour >= 11 for slot in late)
    assert len(late) == 3
    assert lookups.find_next_slots(specialty().id, township().id, None, SlotPreference(from_minute=23 * 60)) == []
    assert [hit.id for hit in lookups.list_slot_professionals(specialty().id, township().id)] == [german.id]


def test_slots_end_with_the_plan_and_it_is_known_whether_there_are_later_ones(db):
    professional()
    ana, now = member(), at("2026-11-23 08:00")
    plan = add_plan(ana, ends_at=at("2026-11-23 11:00"))
    lookups, what = lookups_of(ana, now), (specialty().id, township().id, None)
    every = lookups.find_next_slots(*what, SlotPreference())
    assert {slot.starts_at.date() for slot in every} == {date(2026, 11, 23)}
    wednesday = SlotPreference(day=date(2026, 11, 25))
    assert lookups.find_next_slots(*what, wednesday) == []
    assert lookups.find_plan_limit(*what, wednesday) == date(2026, 11, 23)
    assert lookups.find_plan_limit(*what, SlotPreference()) == date(2026, 11, 23)
    assert lookups.find_plan_limit(*what, SlotPreference(from_minute=23 * 60)) is None
    assert lookups.find_plan_limit(specialty("Dermatología").id, township().id, None, SlotPreference()) is None
    add_plan(ana, starts_at=plan.ends_at)
    assert len(lookups.find_next_slots(*what, wednesday)) == 3
    assert lookups.find_plan_limit(*what, wednesday) is None
    assert lookups_of(member("Beto"), now).find_next_slots(*what, SlotPreference()) == []


def test_movable_are_own_appointments_with_a_time_until_four_hours_before(db):
    ana, beto, german, now = member_with_plan(), member_with_plan("Beto"), professional(), at("2026-11-23 08:00")
    mateo = beneficiary(ana)
    friday, noon, soon = at("2026-11-27 08:00"), at("2026-11-23 12:00"), at("2026-11-23 11:59")
    for_mateo = create_appointment(ana, CONFIRMED, friday, professional=german, beneficiary=mateo, version=3)
    nearest = create_appointment(ana, TO_BE_CONFIRMED, noon, professional=german)
    create_appointment(ana, CONFIRMED, soon, professional=german)
    create_appointment(ana, PENDING)
    create_appointment(ana, CANCELLED, friday, professional=german)
    create_appointment(beto, CONFIRMED, friday, professional=german)
    lookups = lookups_of(ana, now)
    found = lookups.list_movable_appointments()
    assert [one.id for one in found] == [nearest.id, for_mateo.id]
    assert (found[1].patient, found[1].version, found[1].professional.id) == ("Mateo", 3, german.id)
    assert found[1].label == f"vie 27 de noviembre, 8:00 a. m., con {german.name}"
    assert lookups.change_window_hours() == 4


def test_no_more_are_movable_than_the_bot_has_buttons(db):
    ana, german = member_with_plan(), professional()
    for day in range(12):
        create_appointment(ana, CONFIRMED, at("2026-11-27 08:00") + timedelta(days=day), professional=german)
    assert len(lookups_of(ana, at("2026-11-23 08:00")).list_movable_appointments()) == MAX_MOVABLE
