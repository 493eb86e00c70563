"""Free slots, by example."""

from datetime import date, datetime, timedelta

import pytest

from beneficiate.domain.booking.slots import DayException, Timetable, WeeklyBlock, free_slots, is_bookable
from tests.domain.booking.moments import as_bogota_texts, at

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MORNINGS = [WeeklyBlock(weekday, 8 * 60, 10 * 60) for weekday in range(7)]


def offer(
    timetable, first, last, taken=(), now="2025-12-01 06:00", notice=HOUR, horizon=timedelta(days=90), limit=None
):
    days = date.fromisoformat(first), date.fromisoformat(last)
    return as_bogota_texts(free_slots(timetable, taken, at(now), *days, notice=notice, horizon=horizon, limit=limit))


def hours_of(slots):
    return [slot[11:] for slot in slots]


def days_of(slots):
    return sorted({slot[:10] for slot in slots})


def mornings(duration=30, buffer=0, blocks=MORNINGS, exceptions=()):
    return Timetable(blocks, exceptions, duration, buffer)


def test_day_has_several_blocks():
    blocks = [WeeklyBlock(2, 14 * 60, 15 * 60), WeeklyBlock(2, 8 * 60, 9 * 60)]
    slots = offer(mornings(blocks=blocks), "2025-12-01", "2025-12-07")
    assert slots == ["2025-12-03 08:00", "2025-12-03 08:30", "2025-12-03 14:00", "2025-12-03 14:30"]


def test_year_ends_and_moved_mondays_are_holidays():
    slots = offer(mornings(), "2025-12-24", "2026-01-13")
    missing = {f"2025-12-{n}" for n in range(24, 32)} | {f"2026-01-{n:02}" for n in range(1, 14)}
    assert missing - set(days_of(slots)) == {"2025-12-25", "2026-01-01", "2026-01-12"}


def test_extra_opening_on_a_holiday_is_open():
    exceptions = [DayException(date(2026, 1, 12), 15 * 60, 16 * 60, is_open=True)]
    assert hours_of(offer(mornings(exceptions=exceptions), "2026-01-12", "2026-01-12")) == ["15:00", "15:30"]


@pytest.mark.parametrize(
    ("starts", "ends", "left"),
    [
        (None, None, []),
        (8 * 60 + 40, 8 * 60 + 50, ["08:00", "09:00", "09:30"]),
        (None, 9 * 60, ["09:00", "09:30"]),
        (9 * 60 + 10, None, ["08:00", "08:30"]),
        (20 * 60, 21 * 60, ["08:00", "08:30", "09:00", "09:30"]),
    ],
    ids=["all-day", "a-part", "until", "from", "elsewhere"],
)
def test_closing_takes_slots_away_without_moving_the_others(starts, ends, left):
    exceptions = [DayException(date(2025, 12, 3), starts, ends, is_open=False)]
    assert hours_of(offer(mornings(exceptions=exceptions), "2025-12-03", "2025-12-03")) == left


def test_other_hours_on_one_day_are_a_closing_with_an_opening():
    day = date(2025, 12, 3)
    exceptions = [DayException(day, 9 * 60, 10 * 60, is_open=True), DayException(day, None, None, is_open=False)]
    assert hours_of(offer(mornings(exceptions=exceptions), "2025-12-03", "2025-12-03")) == ["09:00", "09:30"]


def test_grid_has_the_buffer_and_multiples_of_five_minutes():
    assert hours_of(offer(mornings(30, 10), "2025-12-03", "2025-12-03")) == ["08:00", "08:40", "09:20"]
    odd = mornings(22, 0, [WeeklyBlock(2, 8 * 60 + 2, 10 * 60)])
    assert hours_of(offer(odd, "2025-12-03", "2025-12-03")) == ["08:05", "08:30", "08:55", "09:20"]


def test_taken_slot_needs_its_buffer_on_both_sides():
    taken = [(at("2025-12-03 08:40"), at("2025-12-03 09:10"))]
    assert hours_of(offer(mornings(30, 10), "2025-12-03", "2025-12-03", taken)) == ["08:00", "09:20"]
    taken = [(at("2025-12-03 08:35"), at("2025-12-03 09:15"))]
    assert hours_of(offer(mornings(30, 10), "2025-12-03", "2025-12-03", taken)) == []


def test_blocks_that_overlap_never_offer_slots_that_do():
    blocks = [WeeklyBlock(2, 8 * 60, 9 * 60), WeeklyBlock(2, 8 * 60 + 15, 9 * 60 + 30)]
    taken = [(at("2025-12-03 08:00"), at("2025-12-03 08:05"))]
    assert hours_of(offer(mornings(blocks=blocks), "2025-12-03", "2025-12-03")) == ["08:00", "08:30"]
    assert hours_of(offer(mornings(blocks=blocks), "2025-12-03", "2025-12-03", taken)) == ["08:15", "08:45"]


def test_buffer_is_kept_from_one_block_to_the_next():
    blocks = [WeeklyBlock(2, 8 * 60, 8 * 60 + 30), WeeklyBlock(2, 8 * 60 + 35, 10 * 60)]
    assert hours_of(offer(mornings(30, 10, blocks), "2025-12-03", "2025-12-03")) == ["08:00", "09:15"]


def test_appointment_ends_within_its_block():
    assert hours_of(offer(mornings(35, 0, [WeeklyBlock(2, 8 * 60, 9 * 60 + 7)]), "2025-12-03", "2025-12-03")) == [
        "08:00"
    ]


def test_notice_and_horizon_are_included():
    slots = offer(mornings(), "2025-12-01", "2025-12-31", now="2025-12-02 07:30", horizon=timedelta(days=1, hours=1))
    assert slots == ["2025-12-02 08:30", "2025-12-02 09:00", "2025-12-02 09:30", "2025-12-03 08:00", "2025-12-03 08:30"]
    slots = offer(mornings(), "2025-12-02", "2025-12-02", now="2025-12-02 07:30:01")
    assert hours_of(slots) == ["09:00", "09:30"]


def test_days_far_away_cost_nothing():
    assert offer(mornings(), "0001-01-01", "9999-12-31", limit=1) == ["2025-12-01 08:00"]
    assert offer(mornings(), "9999-12-31", "9999-12-31") == []
    assert offer(mornings(), "2025-12-04", "2025-12-03") == []


def test_last_minutes_of_a_day_are_its_own():
    """23:30 in Bogotá is the next day in UTC."""
    late = mornings(blocks=[WeeklyBlock(6, 23 * 60, 24 * 60)])
    assert offer(late, "2025-12-07", "2025-12-07") == ["2025-12-07 23:00", "2025-12-07 23:30"]
    assert offer(late, "2025-12-08", "2025-12-08") == []


def bookable(timetable, starts_at, taken=(), now="2025-12-01 06:00", notice=HOUR, **more):
    return is_bookable(timetable, at(starts_at), taken, at(now), notice, timedelta(days=90), **more)


def test_agents_may_start_off_the_grid():
    assert bookable(mornings(), "2025-12-03 08:05")
    assert not bookable(mornings(), "2025-12-03 08:05", on_grid=True)
    assert bookable(mornings(), "2025-12-03 08:30", on_grid=True)


def test_one_start_has_its_notice_and_its_horizon():
    now = at("2025-12-03 07:00")
    starts = [at(f"2025-12-03 {hour}") for hour in ("08:00", "08:30", "09:00", "09:30")]
    found = [is_bookable(mornings(), start, (), now, 1.5 * HOUR, 2 * HOUR) for start in starts]
    assert found == [False, True, True, False]


@pytest.mark.parametrize(
    "starts_at", ["2025-12-03 08:02", "2025-12-03 08:00:01", "2025-12-03 09:35", "2025-12-08 08:00"]
)
def test_not_even_agents_may_start_off_a_boundary_or_outside_hours(starts_at):
    assert not bookable(mornings(), starts_at)


def test_appointment_may_run_from_one_block_into_the_next():
    touching = mornings(blocks=[WeeklyBlock(2, 8 * 60, 9 * 60), WeeklyBlock(2, 9 * 60, 10 * 60)])
    assert bookable(touching, "2025-12-03 08:45")


def test_naive_moment_is_refused():
    naive = datetime(2025, 12, 3, 8)  # noqa: DTZ001
    with pytest.raises(TypeError):
        is_bookable(mornings(), naive, (), at("2025-12-01 06:00"), HOUR, HOUR)
    with pytest.raises(TypeError):
        free_slots(mornings(), (), naive, naive.date(), naive.date(), notice=HOUR, horizon=HOUR)


@pytest.mark.parametrize(
    "make",
    [
        lambda: WeeklyBlock(7, 0, 60),
        lambda: WeeklyBlock(0, 60, 60),
        lambda: WeeklyBlock(0, -5, 60),
        lambda: WeeklyBlock(0, 0, 1441),
        lambda: DayException(date(2026, 1, 2), 600, 540, is_open=False),
        lambda: DayException(date(2026, 1, 2), 600, None, is_open=True),
        lambda: DayException(date(2026, 1, 2), None, None, is_open=True),
        lambda: Timetable([], [], 0, 0),
        lambda: Timetable([], [], 30, -5),
    ],
)
def test_nonsense_is_refused(make):
    with pytest.raises(ValueError, match=r"."):
        make()
