"""What a member may do with an appointment, and the free times to which it can be moved."""

from datetime import date, timedelta

import pytest

from beneficiate.domain.booking.lifecycle import CANCELLED, CONFIRMED, PENDING, TO_BE_CONFIRMED
from beneficiate.errors import NotFound
from beneficiate.models.payments import Subscription
from beneficiate.models.professionals import MANUAL_SCHEDULE
from beneficiate.queries import own_appointments
from beneficiate.queries.own_appointments import DAYS_SHOWN, AppointmentMoveQuery
from beneficiate.unit_of_work import UnitOfWork
from tests.domain.booking.moments import at
from tests.factories import MEDELLIN_CODE, agent, member, member_with_plan, professional, supervisor, township
from tests.queries.appointment_rows import HOUR, NOW, create_appointment

WEDNESDAY, FRIDAY = date(2026, 11, 25), date(2026, 11, 27)


@pytest.fixture
def ana(db):
    return member_with_plan()


@pytest.fixture
def german(db):
    return professional()


@pytest.fixture
def appointment(ana, german):
    return create_appointment(ana, CONFIRMED, at("2026-11-25 08:00"), professional=german)


def load_move(who, appointment, day=None, now=NOW):
    query = AppointmentMoveQuery(appointment.id, day)
    return own_appointments.load_appointment_move(UnitOfWork(who.actor, now), query)


def test_own_appointment_is_nobody_elses_not_even_of_the_staff(ana, appointment):
    assert own_appointments.load_own_appointment(UnitOfWork(ana.actor, NOW), appointment.id).can_move
    for other in (member("Beto"), agent(), supervisor()):
        with pytest.raises(NotFound):
            own_appointments.load_own_appointment(UnitOfWork(other.actor, NOW), appointment.id)
        with pytest.raises(NotFound):
            load_move(other, appointment)


def test_days_with_free_times_are_shown_from_the_first_on(ana, appointment, german):
    move = load_move(ana, appointment)
    assert [option.day.day for option in move.days] == [23, 24, 25, 26, 27, 30]
    assert (move.day, move.before, move.after) == (date(2026, 11, 23), None, date(2026, 12, 1))
    # From eight to twelve in half hours; from the first two hours are missing: the notice.
    assert [option.slot_count for option in move.days] == [4, 8, 7, 8, 8, 8]
    (only,) = move.professionals
    assert (only.id, only.starts[0]) == (german.id, at("2026-11-23 10:00"))
    assert (move.plan_end_day, move.has_times_after_plan) == (None, False)


def test_later_days_follow_page_by_page(ana, appointment):
    first, seen = load_move(ana, appointment), []
    move = first
    while move.after is not None:
        seen += [option.day for option in move.days]
        assert len(move.days) == DAYS_SHOWN
        move = load_move(ana, appointment, move.after)
        assert move.day == move.days[0].day
    seen += [option.day for option in move.days]
    assert seen == sorted(set(seen))
    assert seen[-1] <= NOW.date() + timedelta(days=60)
    assert load_move(ana, appointment, move.before).days[-1].day == move.before


@pytest.mark.parametrize(
    ("wanted", "day"),
    [
        (WEDNESDAY, WEDNESDAY),
        (date(2026, 11, 28), date(2026, 11, 30)),  # a Saturday
        (date(1999, 1, 1), date(2026, 11, 23)),
        (date.max, date(2027, 1, 22)),  # the last one within the horizon
    ],
)
def test_day_without_free_times_is_the_next_one_that_has_some(ana, appointment, wanted, day):
    assert load_move(ana, appointment, wanted).day == day


def test_professional_of_the_appointment_comes_first_then_others_of_the_city(ana, appointment, german):
    alba, _ = professional("Alba"), professional("Zoe", specialties=("Dermatología",))
    professional("Medellín", township=township(MEDELLIN_CODE))
    professional("Manual", schedule_type=MANUAL_SCHEDULE)
    assert [one.id for one in load_move(ana, appointment, FRIDAY).professionals] == [german.id, alba.id]


def test_appointment_that_cannot_be_moved_has_no_times(ana, german):
    soon = at("2026-11-23 11:00")
    rows = [
        create_appointment(ana, PENDING),
        create_appointment(ana, CANCELLED, at("2026-11-25 08:00"), professional=german),
        create_appointment(ana, TO_BE_CONFIRMED, soon, professional=german),
    ]
    for row in rows:
        move = load_move(ana, row)
        assert (move.appointment.can_move, move.days, move.professionals) == (False, [], [])
    can_cancel = [load_move(ana, row).appointment.can_cancel for row in rows]
    assert can_cancel == [True, False, False]
    assert load_move(ana, rows[2], now=soon - 4 * HOUR).appointment.can_move


def test_days_end_with_the_plan_and_it_is_said_when_that_leaves_none(ana, appointment):
    def end_plan(ends_at):
        Subscription.update(ends_at=ends_at).where(Subscription.user == ana.id).execute()

    end_plan(at("2026-11-25 10:00"))
    move = load_move(ana, appointment)
    assert [option.day.day for option in move.days] == [23, 24, 25]
    assert (move.plan_end_day, move.has_times_after_plan) == (WEDNESDAY, False)
    friday_night = at("2026-11-20 22:00")
    Subscription.update(starts_at=at("2026-01-01 00:00")).execute()
    end_plan(at("2026-11-22 10:00"))
    move = load_move(ana, appointment, now=friday_night)
    assert (move.days, move.plan_end_day, move.has_times_after_plan) == ([], date(2026, 11, 22), True)
    end_plan(NOW - HOUR)
    move = load_move(ana, appointment)
    assert (move.days, move.plan_end_day, move.has_times_after_plan) == ([], None, True)
