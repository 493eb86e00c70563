"""The placement of plan periods: by the day, then after any sequence of purchases."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beneficiate.domain.billing.periods import (
    PeriodPlacement,
    SubscriptionPeriod,
    find_last_covered_day,
    remove_periods,
    schedule_period,
)

BEGIN = datetime(2026, 1, 1, 5, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CHEAP, MIDDLE, DEAR = 39900, 89900, 149900


def on(day):
    return BEGIN + day * DAY


def period(id_, price, first, last):
    return SubscriptionPeriod(id_, price, on(first), on(last))


def placed(periods, price, days, today):
    """Return in days where `days` more go: the new period, those that moved (by id), and the rest."""
    found = schedule_period(periods, price, days * DAY, on(today))
    assert isinstance(found, PeriodPlacement)
    rest = found.remainder and (found.remainder.id, found.remainder.price, *in_days(found.remainder))
    return in_days(found), {one.id: in_days(one) for one in found.moved}, rest


def removed(periods, ids, today):
    return {one.id: in_days(one) for one in remove_periods(periods, ids, on(today))}


def in_days(period):
    return (period.starts_at - BEGIN) / DAY, (period.ends_at - BEGIN) / DAY


def test_first_plan_starts_at_once():
    assert placed([], CHEAP, 30, 7) == ((7, 37), {}, None)


def test_renewal_adds_to_the_end_to_the_second():
    now = on(3) + timedelta(hours=4, seconds=7, microseconds=9)
    running = SubscriptionPeriod(1, CHEAP, on(0), on(30) + timedelta(seconds=1))
    found = schedule_period([running], CHEAP, 30 * DAY, now)
    assert found == PeriodPlacement(running.ends_at, running.ends_at + 30 * DAY, [], None)


def test_two_renewals_follow_each_other():
    assert placed([period(1, CHEAP, 0, 30), period(2, CHEAP, 30, 60)], CHEAP, 30, 5) == ((60, 90), {}, None)


def test_upgrade_starts_at_once_and_the_cheaper_plan_continues_after():
    found = placed([period(1, CHEAP, 0, 30)], DEAR, 30, 10)
    assert found == ((10, 40), {1: (0, 10)}, (1, CHEAP, 40, 60))


def test_what_waits_behind_the_rest_of_the_cheaper_waits_longer():
    found = placed([period(1, CHEAP, 0, 30), period(2, CHEAP, 30, 60)], DEAR, 30, 10)
    assert found == ((10, 40), {1: (0, 10), 2: (60, 90)}, (1, CHEAP, 40, 60))


def test_cheaper_plan_starts_when_the_more_expensive_ones_have_ended():
    assert placed([period(1, DEAR, 0, 30), period(2, DEAR, 30, 60)], CHEAP, 30, 5) == ((60, 90), {}, None)


def test_renewing_the_more_expensive_makes_the_rest_of_the_cheaper_wait():
    waiting = [period(1, CHEAP, 0, 10), period(2, DEAR, 10, 40), period(3, CHEAP, 40, 60)]
    assert placed(waiting, DEAR, 30, 20) == ((40, 70), {3: (70, 90)}, None)


def test_plan_between_two_prices_goes_between_them():
    waiting = [period(1, DEAR, 0, 30), period(2, CHEAP, 30, 60)]
    assert placed(waiting, MIDDLE, 10, 5) == ((30, 40), {2: (40, 70)}, None)


def test_third_price_cuts_the_second_which_has_cut_the_first():
    waiting = [period(1, CHEAP, 0, 10), period(2, MIDDLE, 10, 40), period(3, CHEAP, 40, 60)]
    found = placed(waiting, DEAR, 30, 20)
    assert found == ((20, 50), {2: (10, 20), 3: (70, 90)}, (2, MIDDLE, 50, 70))


def test_period_that_begins_this_moment_moves_and_is_not_cut():
    assert placed([period(1, CHEAP, 10, 40)], DEAR, 30, 10) == ((10, 40), {1: (40, 70)}, None)


def test_gap_is_filled_before_anything_moves():
    ahead = [period(1, CHEAP, 50, 60)]
    assert placed(ahead, DEAR, 30, 10) == ((10, 40), {}, None)
    assert placed(ahead, DEAR, 45, 10) == ((10, 55), {1: (55, 65)}, None)


def test_what_moves_into_a_gap_takes_only_what_it_needs():
    ahead = [period(1, CHEAP, 0, 20), period(2, CHEAP, 45, 55), period(3, CHEAP, 80, 90)]
    found = placed(ahead, DEAR, 30, 10)
    assert found == ((10, 40), {1: (0, 10), 2: (50, 60)}, (1, CHEAP, 40, 50))


@pytest.mark.parametrize("price", [CHEAP, DEAR])
def test_what_has_ended_is_ignored(price):
    assert placed([period(1, MIDDLE, 0, 30)], price, 30, 30) == ((30, 60), {}, None)
    assert placed([period(1, MIDDLE, 0, 30)], price, 30, 45) == ((45, 75), {}, None)


def test_order_of_the_rows_is_of_no_matter():
    rows = [period(1, CHEAP, 0, 10), period(2, DEAR, 10, 40), period(3, CHEAP, 40, 60), period(4, CHEAP, 60, 90)]
    assert placed(rows[::-1], MIDDLE, 10, 12) == placed(rows, MIDDLE, 10, 12)


def test_what_is_revoked_ends_now_and_what_comes_after_moves_forward():
    rows = [period(1, DEAR, 0, 30), period(2, DEAR, 30, 60), period(3, CHEAP, 60, 70)]
    assert removed(rows, {1}, 10) == {1: (0, 10), 2: (10, 40), 3: (40, 50)}


def test_what_had_not_begun_keeps_its_row_without_a_length():
    rows = [period(1, DEAR, 0, 30), period(2, DEAR, 30, 60), period(3, CHEAP, 60, 70)]
    assert removed(rows, {2}, 10) == {2: (30, 30), 3: (30, 40)}


def test_both_parts_of_a_plan_are_revoked():
    rows = [period(1, CHEAP, 0, 10), period(2, DEAR, 10, 40), period(3, CHEAP, 40, 60), period(4, CHEAP, 60, 90)]
    assert removed(rows, {1, 3}, 20) == {3: (40, 40), 4: (40, 70)}


def test_two_periods_that_are_ahead_are_revoked_together():
    rows = [period(1, DEAR, 0, 30), period(2, MIDDLE, 30, 60), period(3, MIDDLE, 60, 90), period(4, CHEAP, 90, 95)]
    assert removed(rows, {1, 3}, 10) == {1: (0, 10), 2: (10, 40), 3: (60, 60), 4: (40, 45)}


@pytest.mark.parametrize("today", [30, 31, 400])
def test_what_has_run_is_not_revoked(today):
    assert removed([period(1, DEAR, 0, 30), period(2, CHEAP, 30, 60)], {1}, today) == {}


def test_nothing_revoked_changes_nothing():
    assert removed([period(1, DEAR, 0, 30), period(2, CHEAP, 30, 60)], set(), 10) == {}


def test_gap_stays_as_wide_when_what_is_before_it_is_revoked():
    assert removed([period(1, DEAR, 0, 20), period(2, CHEAP, 30, 60)], {1}, 5) == {1: (0, 5), 2: (15, 45)}


def buy(rows, price, length, now):
    """Return the rows after a purchase, each with the purchase it belongs to; and the id of the purchase."""
    found = schedule_period([row for row, _ in rows], price, length, now)
    moved = {one.id: one for one in found.moved}
    owners = {row.id: owner for row, owner in rows}
    after = [(moved.get(row.id, row), owner) for row, owner in rows]
    purchase = next_id = len(rows) + 1
    after.append((SubscriptionPeriod(next_id, price, found.starts_at, found.ends_at), purchase))
    if found.remainder is not None:
        after.append((found.remainder._replace(id=next_id + 1), owners[found.remainder.id]))
    return after, purchase


def take_back(rows, purchase, now):
    changed = {one.id: one for one in remove_periods([row for row, _ in rows], ids_of(rows, purchase), now)}
    return [(changed.get(row.id, row), owner) for row, owner in rows]


def ids_of(rows, purchase):
    return {row.id for row, owner in rows if owner == purchase}


def length_of(rows, purchase):
    return sum((row.ends_at - row.starts_at for row, owner in rows if owner == purchase), timedelta())


def ahead_of(rows, purchase, now):
    """Return the time that a purchase still has."""
    lengths = (row.ends_at - max(row.starts_at, now) for row, owner in rows if owner == purchase)
    return sum((max(length, timedelta()) for length in lengths), timedelta())


def runs(rows, since=BEGIN, until=BEGIN + 36500 * DAY):
    """Return which purchase runs from when to when, in order; rows that touch are one."""
    parts = sorted((max(row.starts_at, since), min(row.ends_at, until), owner) for row, owner in rows)
    found = []
    for starts_at, ends_at, owner in (part for part in parts if part[0] < part[1]):
        if found and found[-1][1:] == (starts_at, owner):
            found[-1] = (found[-1][0], ends_at, owner)
        else:
            found.append((starts_at, ends_at, owner))
    return found


def has_no_overlap(rows):
    periods = sorted((row.starts_at, row.ends_at) for row, _ in rows if row.starts_at < row.ends_at)
    return all(earlier[1] <= later[0] for earlier, later in pairwise(periods))


def is_in_line(rows, now):
    """Return whether nothing overlaps, no day is empty before the last one, and expensive ones come first."""
    ahead = sorted(
        (row for row, _ in rows if row.ends_at > now and row.starts_at < row.ends_at), key=lambda row: row.starts_at
    )
    touching = all(earlier.ends_at == later.starts_at for earlier, later in pairwise(ahead))
    falling = all(earlier.price >= later.price for earlier, later in pairwise(ahead))
    return has_no_overlap(rows) and touching and falling and all(row.starts_at <= now for row in ahead[:1])


waits = st.integers(0, 40 * 24).map(lambda hours: hours * HOUR) | st.timedeltas(timedelta(), 3 * DAY)
lengths = st.sampled_from([30, 90, 365]).map(lambda days: days * DAY) | st.timedeltas(timedelta(seconds=1), 60 * DAY)
prices = st.sampled_from([CHEAP, MIDDLE, DEAR])
purchases = st.lists(st.tuples(waits, prices, lengths), min_size=1, max_size=12)


@settings(deadline=None)
@given(purchases)
def test_any_purchases_keep_all_paid_time_expensive_first(bought):
    rows, now, paid, since = [], BEGIN, {}, {}
    for wait, price, length in bought:
        now += wait
        before = rows
        rows, purchase = buy(rows, price, length, now)
        paid[purchase], since[purchase] = length, now
        assert is_in_line(rows, now)
        assert runs(rows, until=now) == runs(before, until=now)
        assert {owner: length_of(rows, owner) for owner in paid} == paid
        assert all(row.starts_at >= since[owner] for row, owner in rows)
        assert all(ahead_of(rows, owner, now) == ahead_of(before, owner, now) for owner in paid if owner != purchase)


@settings(deadline=None)
@given(purchases)
def test_taking_back_what_was_just_bought_puts_all_of_the_others_where_it_was(bought):
    rows, now = [], BEGIN
    for wait, price, length in bought:
        now += wait
        before = rows
        rows, purchase = buy(rows, price, length, now)
        assert runs(take_back(rows, purchase, now)) == runs(before)


@settings(deadline=None)
@given(purchases, st.data())
def test_taking_anything_back_at_any_time_leaves_the_others_what_they_had(bought, data):
    rows, now, alive = [], BEGIN, []
    for wait, price, length in bought:
        now += wait
        rows, purchase = buy(rows, price, length, now)
        alive.append(purchase)
        if data.draw(st.booleans()):
            now += data.draw(waits)
            taken = alive.pop(data.draw(st.integers(0, len(alive) - 1)))
            before, rows = rows, take_back(rows, taken, now)
            assert is_in_line(rows, now)
            assert runs(rows, until=now) == runs(before, until=now)
            assert ahead_of(rows, taken, now) == timedelta()
            assert all(ahead_of(rows, owner, now) == ahead_of(before, owner, now) for owner in alive)


@st.composite
def rows_with_gaps(draw):
    """Periods of any prices, in any order, with gaps: as somebody might write them by hand."""
    rows, at = [], BEGIN
    for gap, price, length in draw(st.lists(st.tuples(waits, prices, lengths), max_size=6)):
        rows.append((SubscriptionPeriod(len(rows) + 1, price, at + gap, at + gap + length), len(rows) + 1))
        at += gap + length
    return rows


@settings(deadline=None)
@given(rows_with_gaps(), prices, lengths, st.timedeltas(timedelta(), 200 * DAY))
def test_whatever_rows_there_are_nothing_overlaps_and_nothing_is_lost(rows, price, length, age):
    now = BEGIN + age
    after, purchase = buy(rows, price, length, now)
    assert has_no_overlap(after)
    assert length_of(after, purchase) == length
    assert all(length_of(after, owner) == length_of(rows, owner) for _, owner in rows)
    assert runs(after, until=now) == runs(rows, until=now)
    again = take_back(after, purchase, now)
    assert has_no_overlap(again)
    assert all(ahead_of(again, owner, now) == ahead_of(rows, owner, now) for _, owner in rows)


def test_period_that_was_revoked_before_it_began_has_no_place():
    taken_back = period(3, MIDDLE, 90, 90)
    rows = [period(1, MIDDLE, 0, 6), period(4, DEAR, 6, 36), period(5, MIDDLE, 36, 60), period(2, CHEAP, 60, 90)]
    assert placed([*rows, taken_back], MIDDLE, 30, 7) == ((60, 90), {2: (90, 120)}, None)
    assert placed([period(1, CHEAP, 30, 30)], CHEAP, 30, 0) == ((0, 30), {}, None)


# The last day of plans that follow each other

TODAY = BEGIN.date()


@pytest.mark.parametrize(
    ("spans", "last"),
    [
        ([], None),
        ([(-30, -1)], None),
        ([(1, 30)], None),  # begins tomorrow: nothing covers today
        ([(0, 0)], None),  # revoked before it began
        ([(-30, 0.5)], 0),  # ends at noon: the whole day counts
        ([(-30, 30)], 29),  # ends at midnight: the day before is the last one
        ([(-30, 5.5), (5.5, 40)], 39),
        ([(5, 40), (-30, 5)], 39),
        ([(-30, 5), (6, 40)], 4),  # a day in between
        ([(-30, 60), (10, 20)], 59),
    ],
)
def test_last_covered_day_is_the_end_of_plans_without_a_day_in_between(spans, last):
    found = find_last_covered_day([(on(first), on(end)) for first, end in spans], TODAY)
    assert found == (None if last is None else TODAY + last * DAY)
