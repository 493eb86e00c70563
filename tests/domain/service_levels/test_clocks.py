"""The clocks of a chat: started, stopped, ended, moved and noticed."""

from datetime import datetime, timedelta

from beneficiate.domain.booking.business_hours import BusinessHours
from beneficiate.domain.booking.slots import WeeklyBlock
from beneficiate.domain.service_levels.calendar import WorkingCalendar
from beneficiate.domain.service_levels.clocks import (
    Clocks,
    Notice,
    end_clocks,
    move_deadlines,
    notice_alarms,
    start_clocks,
    stop_clocks,
)
from beneficiate.domain.service_levels.promises import NO_PROMISES, Outcome, Promise, PromisedTimes
from beneficiate.formatting import BOGOTA

CALENDAR = WorkingCalendar(BusinessHours([WeeklyBlock(weekday, 8 * 60, 18 * 60) for weekday in range(6)]))
LONGER = WorkingCalendar(BusinessHours([WeeklyBlock(weekday, 8 * 60, 20 * 60) for weekday in range(6)]))
PROMISED = PromisedTimes(first_response_s=60, next_response_s=180, resolution_s=4 * 3600, warn_s=3600)
FIRST, NEXT, RESOLVE = Promise
TEN = datetime(2026, 8, 11, 10, tzinfo=BOGOTA)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def start(clocks=None, at=TEN, promised=PROMISED):
    return start_clocks(clocks or Clocks(), promised, at, at, CALENDAR)


def stop(clocks, at):
    return stop_clocks(clocks, at, CALENDAR)


def test_a_wait_starts_both_clocks_and_the_next_alarm_is_the_first_warning():
    clocks = start()
    assert (clocks.response_due_at, clocks.response_warn_at) == (TEN + MINUTE, TEN + 30 * SECOND)
    assert (clocks.resolution_due_at, clocks.resolution_warn_at) == (TEN + 240 * MINUTE, TEN + 180 * MINUTE)
    assert clocks.alarm_at == TEN + 30 * SECOND


def test_an_answer_in_time_meets_the_first_response_and_stops_the_resolution():
    clocks, outcomes = stop(start(), TEN + 40 * SECOND)
    assert outcomes == [Outcome(FIRST, True, 40)]
    assert clocks == Clocks(is_answered=True, used_s=40)
    again = start(clocks, TEN + 60 * MINUTE)
    assert again.response_due_at == TEN + 63 * MINUTE
    assert again.resolution_due_at == TEN + 300 * MINUTE - 40 * SECOND
    assert stop(again, TEN + 62 * MINUTE)[1] == [Outcome(NEXT, True, 120)]


def test_an_answer_at_the_last_moment_is_in_time_and_one_after_it_is_late():
    assert stop(start(), TEN + MINUTE)[1] == [Outcome(FIRST, True, 60)]
    assert stop(start(), TEN + MINUTE + SECOND)[1] == [Outcome(FIRST, False, 61)]


def test_a_late_answer_that_was_noticed_before_counts_once():
    clocks, notices = notice_alarms(start(), TEN + 2 * MINUTE)
    assert notices == [Notice(FIRST, True, TEN + MINUTE)]
    assert clocks.alarm_at == TEN + 180 * MINUTE
    assert notice_alarms(clocks, TEN + 3 * MINUTE) == (clocks, [])
    assert stop(clocks, TEN + 4 * MINUTE)[1] == []


def test_warnings_are_noticed_before_deadlines_and_once():
    clocks, notices = notice_alarms(start(), TEN + 30 * SECOND)
    assert notices == [Notice(FIRST, False, TEN + MINUTE)]
    assert clocks.alarm_at == TEN + MINUTE
    assert notice_alarms(clocks, TEN + 31 * SECOND) == (clocks, [])
    assert notice_alarms(clocks, TEN + MINUTE)[1] == []
    both = notice_alarms(start(), TEN + 200 * MINUTE)[1]
    assert both == [Notice(FIRST, True, TEN + MINUTE), Notice(RESOLVE, False, TEN + 240 * MINUTE)]


def test_a_broken_resolution_stays_broken_through_answers_and_waits():
    clocks, notices = notice_alarms(start(), TEN + 241 * MINUTE)
    assert [notice.promise for notice in notices] == [FIRST, RESOLVE]
    clocks, outcomes = stop(clocks, TEN + 250 * MINUTE)
    assert outcomes == []
    assert clocks.resolution_due_at == TEN + 240 * MINUTE
    again = start(clocks, TEN + 260 * MINUTE)
    assert again.resolution_due_at == TEN + 240 * MINUTE
    assert notice_alarms(again, TEN + 270 * MINUTE)[1] == [Notice(NEXT, True, TEN + 263 * MINUTE)]
    assert end_clocks(again, PROMISED, TEN + 261 * MINUTE, CALENDAR) == []


def test_a_resolution_that_nobody_noticed_is_broken_by_the_answer():
    clocks, outcomes = stop(start(), TEN + 241 * MINUTE)
    assert outcomes == [Outcome(FIRST, False, 241 * 60), Outcome(RESOLVE, False, 241 * 60)]
    assert stop(start(clocks, TEN + 250 * MINUTE), TEN + 251 * MINUTE)[1] == [Outcome(NEXT, True, 60)]


def test_who_leaves_before_the_deadline_counts_for_nothing_and_who_leaves_after_it_was_let_down():
    assert end_clocks(start(), PROMISED, TEN + 30 * SECOND, CALENDAR) == []
    assert end_clocks(start(), PROMISED, TEN + 2 * MINUTE, CALENDAR) == [Outcome(FIRST, False, 120)]
    noticed, _ = notice_alarms(start(), TEN + 2 * MINUTE)
    assert end_clocks(noticed, PROMISED, TEN + 3 * MINUTE, CALENDAR) == []


def test_a_chat_that_was_answered_is_resolved_when_it_ends():
    clocks, _ = stop(start(), TEN + 40 * SECOND)
    assert end_clocks(clocks, PROMISED, TEN + 600 * MINUTE, CALENDAR) == [Outcome(RESOLVE, True, 40)]
    assert end_clocks(clocks, NO_PROMISES, TEN + 600 * MINUTE, CALENDAR) == []
    late = end_clocks(start(clocks, TEN + MINUTE), PROMISED, TEN + 242 * MINUTE, CALENDAR)
    assert late == [Outcome(NEXT, False, 241 * 60), Outcome(RESOLVE, False, 241 * 60 + 40)]


def test_other_hours_move_what_is_not_broken():
    at = datetime(2026, 8, 11, 17, tzinfo=BOGOTA)
    clocks, _ = notice_alarms(start(at=at), at + 2 * MINUTE)
    moved = move_deadlines(clocks, PROMISED, at + 3 * MINUTE, LONGER)
    assert clocks.resolution_due_at == datetime(2026, 8, 12, 11, tzinfo=BOGOTA)
    assert moved.resolution_due_at == datetime(2026, 8, 12, 9, tzinfo=BOGOTA)
    assert moved.response_due_at == at + MINUTE
    assert moved.alarm_at == moved.resolution_warn_at == datetime(2026, 8, 11, 20, tzinfo=BOGOTA)
    assert notice_alarms(moved, at + 4 * MINUTE)[1] == []


def test_a_deadline_does_not_move_into_the_past():
    clocks, _ = notice_alarms(start(), TEN + 2 * MINUTE)
    now = TEN + 100 * MINUTE
    moved = move_deadlines(clocks, PROMISED._replace(resolution_s=3600), now, CALENDAR)
    assert (moved.resolution_due_at, moved.resolution_warn_at, moved.alarm_at) == (now, now, now)
    # The first response was noticed already.
    assert notice_alarms(moved, now + SECOND)[1] == [Notice(RESOLVE, True, now)]


def test_what_does_not_move_is_not_noticed_again():
    clocks, _ = notice_alarms(start(), TEN + 30 * SECOND)
    assert move_deadlines(clocks, PROMISED, TEN + 40 * SECOND, CALENDAR) == clocks
    assert move_deadlines(Clocks(used_s=5), PROMISED, TEN, CALENDAR) == Clocks(used_s=5)


def test_a_wait_that_goes_on_keeps_its_start():
    clocks = start_clocks(Clocks(is_answered=True), PROMISED, TEN, TEN + 10 * SECOND, CALENDAR)
    assert clocks.response_due_at == TEN + 3 * MINUTE


def test_without_promises_there_are_no_clocks():
    clocks = start(promised=NO_PROMISES)
    assert clocks == Clocks(awaiting_since=TEN)
    assert stop(clocks, TEN + MINUTE) == (Clocks(is_answered=True, used_s=60), [])
