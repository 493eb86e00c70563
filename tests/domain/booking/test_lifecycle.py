"""The transitions of an appointment."""

from datetime import timedelta
from itertools import product

import pytest

from beneficiate.domain.booking import lifecycle
from beneficiate.domain.booking.lifecycle import (
    APPOINTMENT_TRANSITIONS,
    ATTENDED,
    CANCELLED,
    CONFIRMED,
    EXPIRED,
    NO_SHOW,
    OPEN_STATUSES,
    PENDING,
    RESCHEDULED,
    TO_BE_CONFIRMED,
    can_member_cancel,
    can_member_move,
    can_transition,
    is_within_change_window,
    self_moved_status,
)
from tests.domain.booking.moments import at

LEGAL = {
    (PENDING, TO_BE_CONFIRMED), (PENDING, CONFIRMED), (PENDING, CANCELLED), (PENDING, EXPIRED),
    (TO_BE_CONFIRMED, TO_BE_CONFIRMED), (TO_BE_CONFIRMED, CONFIRMED), (TO_BE_CONFIRMED, RESCHEDULED),
    (TO_BE_CONFIRMED, CANCELLED),
    (TO_BE_CONFIRMED, EXPIRED),
    (CONFIRMED, RESCHEDULED), (CONFIRMED, CANCELLED), (CONFIRMED, ATTENDED), (CONFIRMED, NO_SHOW),
    (RESCHEDULED, CONFIRMED), (RESCHEDULED, RESCHEDULED), (RESCHEDULED, CANCELLED), (RESCHEDULED, ATTENDED),
    (RESCHEDULED, NO_SHOW),
}  # fmt: skip


def test_only_legal_steps_are_taken():
    assert {
        step for step in product(APPOINTMENT_TRANSITIONS, APPOINTMENT_TRANSITIONS) if can_transition(*step)
    } == LEGAL


def test_what_is_over_stays_so():
    assert {CANCELLED, EXPIRED, ATTENDED, NO_SHOW} == set(APPOINTMENT_TRANSITIONS) - OPEN_STATUSES
    assert {PENDING, TO_BE_CONFIRMED, CONFIRMED, RESCHEDULED} == OPEN_STATUSES


def test_each_status_constant_has_its_name():
    assert all(getattr(lifecycle, status) == status for status in APPOINTMENT_TRANSITIONS)


def test_unknown_status():
    assert not can_transition(PENDING, "LOST")
    with pytest.raises(KeyError):
        can_transition("LOST", PENDING)


def test_window_closes_so_many_hours_before():
    start = at("2026-01-13 08:00")
    assert is_within_change_window(start, at("2026-01-13 04:00"), window_hours=4)
    assert not is_within_change_window(start, at("2026-01-13 04:00") + timedelta(microseconds=1), window_hours=4)
    assert is_within_change_window(start, at("2026-01-13 07:00"), window_hours=1)
    assert not is_within_change_window(start, at("2026-01-13 09:00"), window_hours=0)


def test_member_moves_what_has_a_time_and_cancels_what_is_open():
    now = at("2026-01-13 04:00")
    in_time, too_late = now + timedelta(hours=4), now + timedelta(hours=3)
    movable = {status for status in APPOINTMENT_TRANSITIONS if can_member_move(status, in_time, now, 4)}
    assert movable == {TO_BE_CONFIRMED, CONFIRMED, RESCHEDULED}
    assert {status for status in APPOINTMENT_TRANSITIONS if can_member_cancel(status, in_time, now, 4)} == OPEN_STATUSES
    assert can_member_cancel(PENDING, None, now, 4)
    for status in APPOINTMENT_TRANSITIONS:
        assert not can_member_move(status, None, now, 4)
        assert not can_member_move(status, too_late, now, 4)
        assert not can_member_cancel(status, too_late, now, 4)


@pytest.mark.parametrize(
    ("before", "by_itself"), [(PENDING, CONFIRMED), (TO_BE_CONFIRMED, CONFIRMED), (CONFIRMED, RESCHEDULED),
                              (RESCHEDULED, RESCHEDULED)]
)  # fmt: skip
def test_what_a_member_moves_is_confirmed_as_a_new_booking_is(before, by_itself):
    assert self_moved_status(before, confirms_itself=True) == by_itself
    assert self_moved_status(before, confirms_itself=False) == TO_BE_CONFIRMED
