"""The time that appointments and holds occupy, and the slots that are offered."""

from datetime import timedelta

import pytest

from beneficiate.actions import slots
from beneficiate.actions.appointment_requests import request_appointment
from beneficiate.domain.booking.slots import BOGOTA
from beneficiate.errors import NotFound, SlotTaken
from beneficiate.models.appointments import Appointment, Hold, Tick
from beneficiate.models.professionals import MANUAL_SCHEDULE, NO_SCHEDULE, AvailabilityException
from beneficiate.queries.slots import MAX_SLOT_DAYS, SlotQuery, find_next_online_slots, list_professional_slots
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.appointment_steps import (
    EIGHT_OCLOCK,
    HALF_PAST,
    HOUR,
    MINUTE,
    NOW,
    book_appointment,
    cancel_appointment,
    move_appointment,
    request_command,
    taken_ticks,
    ticks_of,
)
from tests.domain.booking.moments import as_bogota_texts, at
from tests.factories import MEDELLIN_CODE, agent, member_with_plan, professional, specialty, supervisor, township

LASTS = timedelta(minutes=10)


def keep(who, whom, starts_at=EIGHT_OCLOCK, now=NOW):
    return slots.hold_slot(UnitOfWork(who.actor, now), whom, starts_at, LASTS, who.id)


def offered(who, whom, first="2026-11-25", last="2026-11-25", now=NOW):
    span = SlotQuery(whom.id, at(f"{first} 12:00").date(), at(f"{last} 12:00").date())
    return as_bogota_texts(slot["starts_at"] for slot in list_professional_slots(UnitOfWork(who.actor, now), span))


def test_hold_takes_the_professionals_time_and_nobody_elses(db):
    ana, german = member_with_plan(), professional(buffer_minutes=10)
    kept = keep(ana, german)
    assert (kept.starts_at, kept.expires_at) == (EIGHT_OCLOCK, NOW + LASTS)
    assert taken_ticks() == ticks_of(f"p:{german.id}", EIGHT_OCLOCK, 40)


def test_member_keeps_one_slot_at_a_time(db):
    ana, german = member_with_plan(), professional()
    keep(ana, german)
    keep(ana, german, HALF_PAST)
    assert taken_ticks() == ticks_of(f"p:{german.id}", HALF_PAST, 30)
    assert Hold.select().count() == 1


def test_kept_slot_is_kept_from_others_and_a_refusal_leaves_nothing(db):
    ana, beto, german = member_with_plan(), member_with_plan("Beto"), professional(buffer_minutes=10)
    mine = keep(ana, german)
    for when in (EIGHT_OCLOCK, EIGHT_OCLOCK - 35 * MINUTE, EIGHT_OCLOCK + 35 * MINUTE):
        with pytest.raises(SlotTaken):
            keep(beto, german, when)
    assert [one.id for one in Hold.select()] == [mine.id]
    assert taken_ticks() == ticks_of(f"p:{german.id}", EIGHT_OCLOCK, 40)
    assert keep(beto, german, EIGHT_OCLOCK + 40 * MINUTE)


def test_hold_ends_at_its_last_moment(db):
    ana, beto, german = member_with_plan(), member_with_plan("Beto"), professional()
    keep(ana, german)
    with pytest.raises(SlotTaken):
        keep(beto, german, now=NOW + LASTS - timedelta(microseconds=1))
    assert keep(beto, german, now=NOW + LASTS).user_id == beto.id
    assert Hold.select().count() == 1


def test_booked_slot_cannot_be_held(act, db):
    ana, german = member_with_plan(), professional()
    book_appointment(act, ana, ana, german)
    with pytest.raises(SlotTaken):
        keep(member_with_plan("Beto"), german)
    assert not Hold.select().exists()


def test_two_rows_for_one_tick_cannot_be_whatever_happens(act, db):
    ana, german = member_with_plan(), professional()
    appointment = book_appointment(act, ana, ana, german)
    tick = Tick.get(Tick.appointment == appointment.id)
    with db.atomic() as unit:
        with pytest.raises(Exception, match=r"(?i)unique"):
            Tick.create(resource=tick.resource, tick=tick.tick, appointment=appointment.id)
        unit.rollback()


def test_time_goes_with_its_appointment(act, db):
    ana = member_with_plan()
    appointment = book_appointment(act, ana, ana, professional())
    Appointment.delete().where(Appointment.id == appointment.id).execute()
    assert taken_ticks() == set()


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


@pytest.mark.parametrize("days", [("9999-12-31", None), ("9999-12-25", "9999-12-31"), ("0001-01-01", None)])
def test_ends_of_the_calendar_have_no_slots(db, days):
    first, last = (None if text is None else at("2026-11-23 12:00").date().fromisoformat(text) for text in days)
    assert (
        list_professional_slots(UnitOfWork(member_with_plan().actor, NOW), SlotQuery(professional().id, first, last))
        == []
    )


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


def test_what_was_kept_in_time_can_be_confirmed_within_the_notice(act, db):
    ana, german = member_with_plan(), professional()
    now = EIGHT_OCLOCK - 2 * HOUR
    keep(ana, german, now=now)
    assert book_appointment(act, ana, ana, german, now=now + 9 * MINUTE).starts_at == EIGHT_OCLOCK
    beto = member_with_plan("Beto")
    with pytest.raises(SlotTaken):
        book_appointment(act, beto, beto, german, HALF_PAST, now=now + 31 * MINUTE)


def test_agent_books_for_a_member_what_is_kept_for_that_member(act, db):
    ana, german = member_with_plan(), professional()
    keep(ana, german)
    appointment = book_appointment(act, agent(), ana, german)
    assert taken_ticks() == taken_ticks(appointment)
    assert not Hold.select().exists()


def test_member_moves_an_appointment_to_their_held_slot(act, db):
    ana, german = member_with_plan(), professional()
    appointment = book_appointment(act, ana, ana, german)
    keep(ana, german, HALF_PAST)
    assert move_appointment(act, ana, appointment, HALF_PAST).starts_at == HALF_PAST
    assert taken_ticks() == taken_ticks(appointment)
