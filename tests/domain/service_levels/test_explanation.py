"""Deadlines say how they were counted."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.booking.business_hours import BusinessHours
from beneficiate.domain.booking.slots import DayException, WeeklyBlock
from beneficiate.domain.service_levels.calendar import WorkingCalendar
from beneficiate.domain.service_levels.explanation import (
    NEVER_OPEN,
    explain_deadline,
    format_interval,
    format_working_time,
    join_words,
)
from beneficiate.formatting import BOGOTA

HOUR = 3600
WEEK = BusinessHours([WeeklyBlock(weekday, 8 * 60, 18 * 60) for weekday in range(6)])
WITH_LUNCH = BusinessHours(
    [WeeklyBlock(day, *span) for day in range(5) for span in ((8 * 60, 12 * 60), (14 * 60, 18 * 60))]
)


def bogota(*numbers):
    return datetime(*numbers, tzinfo=BOGOTA)


def explain(start, seconds, hours=WEEK):
    return explain_deadline(start, seconds, WorkingCalendar(hours))


def said(*args):
    return explain(*args).sentence.replace("\u00a0", " ")


def test_sundays_and_holidays_are_crossed():
    found = explain(bogota(2026, 8, 15, 16), 4 * HOUR)
    assert found.due == bogota(2026, 8, 18, 10)
    assert found.sentence.replace("\u00a0", " ") == (
        "4 h hábiles: 2 h el sábado 15 (4:00–6:00 p. m.), el domingo 16 no se atiende, el lunes 17 es festivo, "
        "2 h el martes 18 (8:00–10:00 a. m.)."
    )
    assert [(day.day, day.seconds, day.why_none) for day in found.days] == [
        (date(2026, 8, 15), 2 * HOUR, ""),
        (date(2026, 8, 16), 0, "no se atiende"),
        (date(2026, 8, 17), 0, "es festivo"),
        (date(2026, 8, 18), 2 * HOUR, ""),
    ]


@pytest.mark.parametrize(
    ("start", "seconds", "hours", "sentence"),
    [
        (
            bogota(2026, 8, 10, 11),
            3 * HOUR,
            WITH_LUNCH,
            "3 h hábiles el lunes 10 (11:00 a. m.–12:00 p. m. y 2:00–4:00 p. m.).",
        ),
        (
            bogota(2026, 8, 10, 20),
            60,
            WEEK,
            "1 min hábil: el lunes 10 ya se había cerrado, 1 min el martes 11 (8:00–8:01 a. m.).",
        ),
        (
            bogota(2026, 8, 10, 16),
            3 * HOUR,
            BusinessHours(WEEK.blocks, [DayException(date(2026, 8, 11), None, None, False)]),
            "3 h hábiles: 2 h el lunes 10 (4:00–6:00 p. m.), el martes 11 no se atiende, "
            "1 h el miércoles 12 (8:00–9:00 a. m.).",
        ),
        (
            bogota(2026, 8, 10, 12),
            90,
            WEEK,
            "1 min 30 s hábiles el lunes 10 (12:00–12:01 p. m.).",
        ),
        (
            bogota(2026, 8, 10, 16, 29, 40, 300_000),
            4 * HOUR,
            WEEK,
            "4 h hábiles: 1 h 31 min el lunes 10 (4:29–6:00 p. m.), 2 h 29 min el martes 11 (8:00–10:29 a. m.).",
        ),
        (
            bogota(2026, 8, 10, 17, 59, 20, 400_000),
            90,
            WEEK,
            "1 min 30 s hábiles: 40 s el lunes 10 (5:59–6:00 p. m.), 50 s el martes 11 (8:00–8:00 a. m.).",
        ),
    ],
)
def test_sentences(start, seconds, hours, sentence):
    assert said(start, seconds, hours) == sentence


@given(
    st.timedeltas(timedelta(0), timedelta(days=365)),
    st.integers(1, 500 * HOUR),
    st.sampled_from([WEEK, WITH_LUNCH]),
)
def test_what_is_said_of_the_days_adds_up(after, seconds, hours):
    found = explain(bogota(2026, 1, 1) + after, seconds, hours)
    assert sum(day.seconds for day in found.days) == seconds
    for day in found.days:
        exact = sum((ends - starts).total_seconds() for starts, ends in day.used)
        assert abs(day.seconds - exact) <= 60
        assert seconds < HOUR or day is found.days[-1] or day.seconds % 60 == 0


def test_a_deadline_at_midnight_belongs_to_the_day_before():
    hours = BusinessHours([WeeklyBlock(0, 22 * 60, 24 * 60), WeeklyBlock(1, 0, 60)])
    assert said(bogota(2026, 8, 10, 22), 2 * HOUR, hours) == ("2 h hábiles el lunes 10 (10:00 p. m.–12:00 a. m.).")


def test_midnight_that_ends_a_day_is_not_of_its_morning():
    always = BusinessHours([WeeklyBlock(weekday, 0, 24 * 60) for weekday in range(7)])
    assert said(bogota(2026, 8, 10, 1), 48 * HOUR, always) == (
        "48 h hábiles: 23 h el lunes 10 (1:00 a. m.–12:00 a. m.), 24 h el martes 11 (todo el día), "
        "1 h el miércoles 12 (12:00–1:00 a. m.)."
    )


def test_long_deadlines_are_summed_up_and_the_days_are_all_there():
    found = explain(bogota(2026, 9, 1, 8), 100 * HOUR)
    assert len(found.days) == 11
    assert found.sentence.replace("\u00a0", " ") == (
        "100 h hábiles: 10 h el martes 1 (8:00 a. m.–6:00 p. m.), 10 h el miércoles 2 (8:00 a. m.–6:00 p. m.), "
        "10 h el jueves 3 (8:00 a. m.–6:00 p. m.), 10 h el viernes 4 (8:00 a. m.–6:00 p. m.), "
        "20 h en los 3 días siguientes, 10 h el martes 8 (8:00 a. m.–6:00 p. m.), "
        "10 h el miércoles 9 (8:00 a. m.–6:00 p. m.), 10 h el jueves 10 (8:00 a. m.–6:00 p. m.), "
        "10 h el viernes 11 (8:00 a. m.–6:00 p. m.)."
    )


def test_who_never_opens_is_told_so():
    assert explain(bogota(2026, 8, 10), HOUR, BusinessHours([])).sentence == NEVER_OPEN


def test_spans_and_intervals_are_written_shortly():
    spans = {0: "0 min", 45: "45 s", 90: "1 min 30 s", 3600: "1 h", 5400: "1 h 30 min", 36030: "10 h 30 s"}
    assert {seconds: format_working_time(seconds).replace("\u00a0", " ") for seconds in spans} == spans
    start = bogota(2026, 8, 10, 8)
    assert format_interval(start, start + timedelta(hours=2)).replace("\u00a0", " ") == "8:00–10:00 a. m."
    assert [join_words(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a y b", "a, b y c"]
