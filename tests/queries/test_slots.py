"""Free slots of professionals."""

from datetime import date, timedelta

import pytest

from beneficiate.actions.appointment_requests import request_appointment
from beneficiate.actions.slots import hold_slot
from beneficiate.domain.booking.lifecycle import CANCELLED, CONFIRMED
from beneficiate.domain.booking.slots import BOGOTA
from beneficiate.errors import NotFound
from beneficiate.models.appointments import Hold
from beneficiate.models.professionals import MANUAL_SCHEDULE, NO_SCHEDULE, AvailabilityException
from beneficiate.queries import slots
from beneficiate.queries.slots import MAX_SLOT_DAYS, SlotQuery, find_next_online_slots, list_professional_slots
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.appointment_steps import (
    EIGHT_OCLOCK,
    HALF_PAST,
    book_appointment,
    cancel_appointment,
    request_command,
)
from tests.domain.booking.moments import as_bogota_texts, at
from tests.factories import (
    MEDELLIN_CODE,
    add_plan,
    agent,
    member,
    member_with_plan,
    professional,
    specialty,
    supervisor,
    township,
)
from tests.queries.appointment_rows import NOW, create_appointment

DAY = EIGHT_OCLOCK.date()
LASTS = timedelta(minutes=10)


def keep(who, whom, starts_at=EIGHT_OCLOCK, now=NOW):
    return hold_slot(UnitOfWork(who.actor, now), whom, starts_at, LASTS, who.id)


def offered(who, whom, first="2026-11-25", last="2026-11-25", now=NOW):
    span = SlotQuery(whom.id, at(f"{first} 12:00").date(), at(f"{last} 12:00").date())
    return as_bogota_texts(slot["starts_at"] for slot in list_professional_slots(UnitOfWork(who.actor, now), span))


def free_starts(who, whom):
    return as_bogota_texts(slots.find_free_starts(UnitOfWork(who.actor, NOW), whom, DAY, DAY))


def is_available(who, whom, starts_at, **options):
    return slots.is_start_available(UnitOfWork(who.actor, NOW), whom, starts_at, who.id, **options)


def test_open_appointments_and_holds_of_others_take_their_time(db):
    ana, german = member(), professional(hours=((2, 8 * 60, 10 * 60),))
    create_appointment(ana, CONFIRMED, EIGHT_OCLOCK, professional=german)
    create_appointment(ana, CANCELLED, at("2026-11-25 08:30"), professional=german)
    expires_at = NOW + timedelta(minutes=5)
    Hold.create(user=ana.id, professional=german, starts_at=at("2026-11-25 09:00"), expires_at=expires_at)
    Hold.create(user=ana.id, professional=german, starts_at=at("2026-11-25 09:30"), expires_at=NOW)
    own = ["2026-11-25 08:30", "2026-11-25 09:00", "2026-11-25 09:30"]
    assert free_starts(ana, german) == own
    assert free_starts(member("Beto"), german) == [own[0], own[2]]


def test_start_must_be_on_the_grid_for_members_only(db):
    ana, german = member(), professional()
    five_past = EIGHT_OCLOCK + timedelta(minutes=5)
    assert is_available(ana, german, EIGHT_OCLOCK)
    assert not is_available(ana, german, five_past)
    assert is_available(agent(), german, five_past)
    assert not is_available(agent(), german, at("2026-11-25 23:00"))


def test_appointment_that_moves_does_not_occupy_its_own_time(db):
    ana, german = member(), professional()
    appointment = create_appointment(ana, CONFIRMED, EIGHT_OCLOCK, professional=german)
    assert not is_available(ana, german, EIGHT_OCLOCK)
    assert is_available(ana, german, EIGHT_OCLOCK, ignored_appointment_id=appointment.id)


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


def test_what_is_free_is_what_nobody_has_or_keeps(act, db):
    ana, beto, german = member_with_plan(), member_with_plan("Beto"), professional()
    whole = offered(ana, german)
    assert whole == [f"2026-11-25 {hour:02}:{minute:02}" for hour in range(8, 12) for minute in (0, 30)]
    appointment = book_appointment(act, ana, ana, german)
    keep(beto, german, HALF_PAST)
    assert offered(ana, german) == whole[2:]
    assert offered(agent(), german) == whole[2:]
    assert offered(ana, german, now=NOW + LASTS) == whole[1:]
    cancel_appointment(act, ana, appointment)
    assert offered(ana, german) == [whole[0], *whole[2:]]


def test_what_is_kept_for_oneself_is_free_for_oneself(act, db):
    ana, german = member_with_plan(), professional()
    whole = offered(ana, german)
    keep(ana, german)
    assert offered(ana, german) == whole
    assert offered(member_with_plan("Beto"), german) == whole[1:]
    uow = UnitOfWork(ana.actor, NOW)
    first = find_next_online_slots(uow, specialty().id, township().id, None)[0]
    assert first[0] == at("2026-11-23 10:00")


def test_every_free_slot_can_be_booked_and_afterwards_none_is_left(act, db):
    german = professional(duration_minutes=25, buffer_minutes=7)
    free = offered(member_with_plan(), german)
    assert len(free) == 7
    for when in free:
        who = member_with_plan()
        book_appointment(act, who, who, german, at(when))
    assert offered(member_with_plan(), german) == []


def test_members_see_the_slots_of_online_professionals_and_the_staff_those_of_all(db):
    ana, german = member_with_plan(), professional(schedule_type=MANUAL_SCHEDULE)
    with pytest.raises(NotFound):
        offered(ana, german)
    for who in (agent(), supervisor()):
        assert len(offered(who, german)) == 8
    for nobody in (professional(schedule_type=NO_SCHEDULE), professional(is_active=False)):
        for who in (ana, agent()):
            with pytest.raises(NotFound):
                offered(who, nobody)


def test_members_need_notice_and_the_staff_do_not(db):
    german, today = professional(), "2026-11-23"
    assert offered(member_with_plan(), german, today, today)[0] == "2026-11-23 10:00"
    assert offered(agent(), german, today, today)[0] == "2026-11-23 08:00"


def test_holidays_closings_and_extra_openings_are_checked(db):
    ana, german = member_with_plan(), professional()
    closed = at("2026-12-09 12:00").date()
    AvailabilityException.create(professional=german, day=closed, starts=9 * 60, ends=12 * 60)
    extra = at("2026-12-12 12:00").date()
    AvailabilityException.create(professional=german, day=extra, starts=600, ends=660, is_open=True)
    found = offered(ana, german, "2026-12-08", "2026-12-12")
    assert [when for when in found if when < "2026-12-10"] == ["2026-12-09 08:00", "2026-12-09 08:30"]
    assert [when for when in found if when > "2026-12-12"] == ["2026-12-12 10:00", "2026-12-12 10:30"]


def test_without_days_two_weeks_are_shown_and_never_more_than_the_horizon(db):
    ana, german = member_with_plan(), professional()
    uow = UnitOfWork(ana.actor, NOW)
    days = [slot["starts_at"].astimezone(BOGOTA).date() for slot in list_professional_slots(uow, SlotQuery(german.id))]
    assert (str(days[0]), str(days[-1])) == ("2026-11-23", "2026-12-04")
    far = offered(ana, german, "2026-11-23", "2030-01-01")
    assert far[-1] == "2027-01-22 08:00"
    assert MAX_SLOT_DAYS >= 60


def test_no_slots_are_listed_that_the_plan_does_not_cover(db):
    ana, nobody, german = member(), member("Beto"), professional()
    add_plan(ana, ends_at=at("2026-11-26 09:00"))
    days = ("2026-11-25", "2026-11-27")
    covered = offered(ana, german, *days)
    assert {when[:10] for when in covered} == {"2026-11-25", "2026-11-26"}
    assert offered(nobody, german, *days) == []

    def by_staff(member_id):
        span = SlotQuery(german.id, *(at(f"{day} 12:00").date() for day in days), member_id)
        return as_bogota_texts(
            slot["starts_at"] for slot in list_professional_slots(UnitOfWork(agent().actor, NOW), span)
        )

    assert (by_staff(ana.id), by_staff(nobody.id)) == (covered, [])
    assert by_staff(None)[-1].startswith("2026-11-27")
    # A member looks for themselves, whomever they name.
    span = SlotQuery(german.id, *(at(f"{day} 12:00").date() for day in days), ana.id)
    assert list_professional_slots(UnitOfWork(nobody.actor, NOW), span) == []


@pytest.mark.parametrize("days", [("9999-12-31", None), ("9999-12-25", "9999-12-31"), ("0001-01-01", None)])
def test_ends_of_the_calendar_have_no_slots(db, days):
    first, last = (text and date.fromisoformat(text) for text in days)
    span = SlotQuery(professional().id, first, last)
    assert list_professional_slots(UnitOfWork(member_with_plan().actor, NOW), span) == []


def test_days_the_wrong_way_round_have_no_slots(db):
    assert offered(member_with_plan(), professional(), "2026-11-27", "2026-11-25") == []


def test_next_slots_are_the_earliest_of_all_online_professionals_there(act, db):
    ana, german, laura = member_with_plan(), professional(), professional("Laura", hours=((0, 615, 675), (1, 480, 720)))
    for other in (
        {"township": township(MEDELLIN_CODE).id},
        {"specialties": ("Dermatología",)},
        {"schedule_type": MANUAL_SCHEDULE},
        {"is_active": False},
    ):
        professional("Nadie", hours=((0, 600, 720),), **other)
    uow = UnitOfWork(ana.actor, NOW)
    found = find_next_online_slots(uow, specialty().id, township().id, None)
    shown = list(zip(as_bogota_texts(start for start, _ in found), [one.first_name for _, one in found], strict=True))
    assert shown == [("2026-11-23 10:00", "Germán"), ("2026-11-23 10:15", "Laura"), ("2026-11-23 10:30", "Germán")]
    of_laura = find_next_online_slots(uow, specialty().id, township(MEDELLIN_CODE).id, laura.id)
    assert {one.id for _, one in of_laura} == {laura.id}
    assert find_next_online_slots(uow, specialty("Urología").id, township().id, None) == []
    act(request_appointment, request_command(ana, professional_id=german.id, starts_at=found[0][0]), ana.actor, NOW)
    assert find_next_online_slots(uow, specialty().id, township().id, None)[0][1].id == laura.id
