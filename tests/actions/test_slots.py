"""The time that appointments and holds occupy, and the slots that are offered."""

from datetime import timedelta

import pytest

from beneficiate.actions import slots
from beneficiate.errors import SlotTaken
from beneficiate.models.appointments import Appointment, Hold, Tick
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.appointment_steps import (
    EIGHT_OCLOCK,
    HALF_PAST,
    HOUR,
    MINUTE,
    NOW,
    book_appointment,
    move_appointment,
    taken_ticks,
    ticks_of,
)
from tests.factories import agent, member_with_plan, professional

LASTS = timedelta(minutes=10)


def keep(who, whom, starts_at=EIGHT_OCLOCK, now=NOW):
    return slots.hold_slot(UnitOfWork(who.actor, now), whom, starts_at, LASTS, who.id)


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
