"""Deadlines in working time, compared with a count minute by minute.

`WORKING_TIME_CASES` says of how many cases: some thousands by default, a million every night (CONTRIBUTING.md).
"""

import os
from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random

import pytest

from beneficiate.domain.booking.business_hours import DEFAULT_BUSINESS_HOURS, BusinessHours
from beneficiate.domain.booking.slots import DayException, WeeklyBlock
from beneficiate.domain.service_levels.calendar import HORIZON_DAYS, MAX_KNOWN_DAYS, WorkingCalendar
from beneficiate.domain.service_levels.explanation import explain_deadline
from beneficiate.formatting import BOGOTA
from tests.domain.service_levels.calendars import DAYS, MIDNIGHT, open_minutes, random_hours

CASES = int(os.environ.get("WORKING_TIME_CASES", "4000"))
CASES_PER_CALENDAR = 100 if CASES < 100_000 else 500
MINUTE = timedelta(minutes=1)


def bogota(*numbers):
    return datetime(*numbers, tzinfo=BOGOTA)


@pytest.mark.parametrize("seed", range(max(1, CASES // CASES_PER_CALENDAR)))
def test_deadlines_are_what_a_count_minute_by_minute_gives(seed):
    random = Random(seed)
    hours = random_hours(random)
    calendar = WorkingCalendar(hours)
    # So many minutes were open until then, for each minute.
    counted = [0, *accumulate(map(int, open_minutes(hours)))]
    for _ in range(CASES_PER_CALENDAR):
        start = random.randrange(len(counted) * 3 // 4)
        minutes = random.choice((random.randrange(1, 60), random.randrange(1, 3000)))
        end = bisect_left(counted, counted[start] + minutes)
        due = calendar.add(MIDNIGHT + start * MINUTE, minutes * 60)
        if end == len(counted):
            assert due is None or due > MIDNIGHT + DAYS * 24 * 60 * MINUTE
            continue
        assert due == MIDNIGHT + end * MINUTE, (seed, start, minutes)
        assert calendar.seconds_between(MIDNIGHT + start * MINUTE, due) == minutes * 60
        explanation = explain_deadline(MIDNIGHT + start * MINUTE, minutes * 60, calendar)
        assert explanation.due == due
        assert sum(day.seconds for day in explanation.days) == minutes * 60
        assert explanation.days[-1].used[-1][1] == due


def test_seconds_within_a_minute_are_counted():
    calendar = WorkingCalendar(DEFAULT_BUSINESS_HOURS)
    start = bogota(2026, 8, 14, 18, 59, 30)
    assert calendar.add(start, 60) == bogota(2026, 8, 15, 8, 0, 30)
    assert calendar.seconds_between(start, bogota(2026, 8, 15, 8, 0, 30)) == 60


def test_a_deadline_may_be_a_closing_time_and_nothing_is_due_at_once():
    calendar = WorkingCalendar(DEFAULT_BUSINESS_HOURS)
    start = bogota(2026, 8, 14, 18)
    assert calendar.add(start, 3600) == bogota(2026, 8, 14, 19)
    assert calendar.add(start, 0) == calendar.add(start, -5) == start
    assert calendar.seconds_between(start, start - MINUTE) == 0


@pytest.mark.parametrize(
    "hours",
    [
        BusinessHours([]),
        BusinessHours([], [DayException(date(2030, 1, 1), 0, 60, True)]),
        # Open on Mondays for one minute: an hour does not come within the horizon.
        BusinessHours([WeeklyBlock(0, 0, 1)]),
    ],
)
def test_who_hardly_opens_has_no_deadlines(hours):
    assert WorkingCalendar(hours).add(bogota(2026, 8, 14, 12), 3600) is None


def test_days_are_read_once_and_not_kept_without_end(monkeypatch):
    calendar = WorkingCalendar(DEFAULT_BUSINESS_HOURS)
    start = datetime(2026, 8, 14, tzinfo=UTC)
    for n in range(MAX_KNOWN_DAYS // HORIZON_DAYS + 2):
        calendar.seconds_between(start + n * timedelta(days=HORIZON_DAYS), start + (n + 1) * timedelta(days=400))
    assert len(calendar._known) <= MAX_KNOWN_DAYS
    day = date(2026, 8, 14)
    assert calendar.open_intervals(day) is calendar.open_intervals(day)
