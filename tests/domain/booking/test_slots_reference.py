"""Free slots, against a reference that checks every minute."""

from datetime import UTC, date, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beneficiate.domain.booking.holidays import is_holiday
from beneficiate.domain.booking.slots import BOGOTA, DayException, Timetable, WeeklyBlock, free_slots, is_bookable
from tests.domain.booking.moments import at

MINUTE = timedelta(minutes=1)

# The turn of the year with its moved Monday, Holy Week, and June with three Mondays.
FIRST_DAYS = [date(2025, 12, 22), date(2026, 1, 9), date(2026, 3, 30), date(2026, 6, 5), date(2026, 12, 28)]


def hours():
    """A part of a day, mostly with usual hours."""
    half_hours = st.tuples(st.integers(0, 47), st.integers(0, 48)).map(lambda pair: (pair[0] * 30, pair[1] * 30))
    minutes = st.tuples(st.integers(0, 1439), st.integers(1, 1440))
    return (half_hours | minutes).filter(lambda pair: pair[0] < pair[1])


@st.composite
def cases(draw):
    """A timetable, what is taken, now, the requested days, notice and horizon."""
    first = draw(st.sampled_from(FIRST_DAYS))
    last = first + timedelta(days=draw(st.integers(0, 5)))
    some_day = st.integers(0, 6).map(lambda n: first + timedelta(days=n))
    some_minute = st.integers(-1440, 6 * 1440).map(lambda n: at(f"{first} 00:00") + timedelta(minutes=n))
    every_day = [WeeklyBlock(weekday, *span) for span in draw(st.lists(hours(), max_size=2)) for weekday in range(7)]
    blocks = every_day + draw(
        st.lists(st.builds(lambda day, span: WeeklyBlock(day, *span), st.integers(0, 6), hours()), max_size=5)
    )
    exceptions = draw(
        st.lists(
            st.builds(lambda day, span, is_open: DayException(day, *span, is_open), some_day, hours(), st.booleans())
            | st.builds(lambda day: DayException(day, None, None, is_open=False), some_day),
            max_size=5,
        )
    )
    duration = draw(st.sampled_from([5, 15, 20, 30, 45, 60]) | st.integers(1, 120))
    timetable = Timetable(blocks, exceptions, duration, draw(st.sampled_from([0, 5, 10]) | st.integers(0, 40)))
    lengths = st.integers(1, 90).map(lambda n: timedelta(minutes=n))
    taken = draw(
        st.lists(st.builds(lambda starts, length: (starts, starts + length), some_minute, lengths), max_size=12)
    )
    now = at(f"{first} 00:00") + timedelta(minutes=draw(st.integers(-1440, 2 * 1440)), seconds=draw(st.integers(0, 59)))
    notice = timedelta(minutes=draw(st.integers(0, 600)))
    return timetable, taken, now, (first, last), notice, timedelta(minutes=draw(st.integers(720, 8 * 1440)))


def open_minutes(timetable, day):
    """Return every open minute of a day."""
    minutes = set()
    if not is_holiday(day):
        for block in timetable.blocks:
            if block.weekday == day.weekday():
                minutes |= set(range(block.starts, block.ends))
        for exception in timetable.exceptions:
            if exception.day == day and not exception.is_open:
                minutes -= set(range(exception.starts or 0, exception.ends or 1440))
    for exception in timetable.exceptions:
        if exception.day == day and exception.is_open:
            minutes |= set(range(exception.starts, exception.ends))
    return minutes


def is_free(timetable, taken, now, notice, horizon, start):
    """Return whether an appointment fits, minute by minute."""
    local = start.astimezone(BOGOTA)
    minute = local.hour * 60 + local.minute
    end, buffer = start + timedelta(minutes=timetable.duration_minutes), timedelta(minutes=timetable.buffer_minutes)
    return (
        set(range(minute, minute + timetable.duration_minutes)) <= open_minutes(timetable, local.date())
        and all(end + buffer <= begins or start >= ends + buffer for begins, ends in taken)
        and now + notice <= start <= now + horizon
    )


def anchors(timetable, day):
    """Return where the grids of a day begin."""
    blocks = [block.starts for block in timetable.blocks if block.weekday == day.weekday()]
    extras = [one.starts for one in timetable.exceptions if one.day == day and one.is_open]
    return [starts + -starts % 5 for starts in blocks + extras]


def is_on_grid(timetable, start):
    local = start.astimezone(BOGOTA)
    step = timetable.duration_minutes + timetable.buffer_minutes
    step += -step % 5
    since = [local.hour * 60 + local.minute - anchor for anchor in anchors(timetable, local.date())]
    return any(minutes >= 0 and minutes % step == 0 for minutes in since)


QUICK = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(cases())
def test_every_slot_is_free_and_all_fit_together(case):
    timetable, taken, now, (first, last), notice, horizon = case
    slots = free_slots(timetable, taken, now, first, last, notice=notice, horizon=horizon)
    for slot in slots:
        assert slot.tzinfo is UTC
        assert (slot.minute % 5, slot.second, slot.microsecond) == (0, 0, 0)
        assert first <= slot.astimezone(BOGOTA).date() <= last
        assert is_free(timetable, taken, now, notice, horizon, slot)
        assert is_on_grid(timetable, slot)
    step = timedelta(minutes=timetable.duration_minutes + timetable.buffer_minutes)
    assert all(later - earlier >= step for earlier, later in pairwise(slots))


@QUICK
@given(cases(), st.integers(0, 5))
def test_limit_takes_the_first(case, limit):
    timetable, taken, now, days, notice, horizon = case
    every = free_slots(timetable, taken, now, *days, notice=notice, horizon=horizon)
    assert (
        free_slots(timetable, reversed(taken), now, *days, notice=notice, horizon=horizon, limit=limit) == every[:limit]
    )


@QUICK
@given(cases())
def test_no_slot_falls_on_a_holiday_that_was_not_opened(case):
    timetable, taken, now, (first, last), notice, horizon = case
    opened = {one.day for one in timetable.exceptions if one.is_open}
    always = Timetable(
        [WeeklyBlock(weekday, 0, 1440) for weekday in range(7)], timetable.exceptions, timetable.duration_minutes, 0
    )
    slots = free_slots(always, taken, now, first, last, notice=notice, horizon=horizon)
    days = {slot.astimezone(BOGOTA).date() for slot in slots}
    assert not {day for day in days if is_holiday(day)} - opened


@QUICK
@given(cases(), st.integers(0, 5 * 288))
def test_one_start_is_bookable_when_the_oracle_says_so(case, tick):
    timetable, taken, now, (first, _), notice, horizon = case
    start = at(f"{first} 00:00") + tick * 5 * MINUTE
    assert is_bookable(timetable, start, taken, now, notice, horizon) == is_free(
        timetable, taken, now, notice, horizon, start
    )
    for odd in (start + MINUTE, start + timedelta(seconds=1), start + timedelta(microseconds=1)):
        assert not is_bookable(timetable, odd, taken, now, notice, horizon)


@settings(QUICK, max_examples=25)
@given(cases())
def test_nothing_on_the_grid_is_kept_back(case):
    """What members may book is offered, or something that overlaps it (or its buffer) is."""
    timetable, taken, now, (first, last), notice, horizon = case
    slots = free_slots(timetable, taken, now, first, last, notice=notice, horizon=horizon)
    step = timedelta(minutes=timetable.duration_minutes + timetable.buffer_minutes)
    start, end = at(f"{first} 00:00"), at(f"{last} 23:59")
    while start < end:
        may_book = is_bookable(timetable, start, taken, now, notice, horizon, on_grid=True)
        if start in slots:
            assert may_book
        elif may_book:
            assert any(abs(slot - start) < step for slot in slots)
        start += 5 * MINUTE
