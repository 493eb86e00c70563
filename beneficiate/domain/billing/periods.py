"""The placement of a plan's period: after the current one, or before cheaper ones. No paid day is lost.

The rule, which members are told too: renewing adds to the end. A more expensive plan starts at once and the rest of the
cheaper one continues after it. A cheaper plan starts when the more expensive ones have ended. See docs/decisions/0009.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from beneficiate.formatting import bogota_date

_ONE_DAY, _SHORTEST = timedelta(days=1), timedelta(microseconds=1)


class SubscriptionPeriod(NamedTuple):
    """A period of a plan, from `starts_at` to just before `ends_at`; `price` (whole pesos) ranks plans."""

    id: int
    price: int
    starts_at: datetime
    ends_at: datetime


class PeriodPlacement(NamedTuple):
    """Where a new period goes, the periods that move for it, and the rest of one that it cuts in two."""

    starts_at: datetime
    ends_at: datetime
    moved: list[SubscriptionPeriod]
    remainder: SubscriptionPeriod | None = None


def schedule_period(
    periods: Iterable[SubscriptionPeriod], price: int, length: timedelta, now: datetime
) -> PeriodPlacement:
    """Return where `length` of a plan of this price goes. `rest` has the id of the period that it is the rest of."""
    # A period that was revoked before it began has no length, and nothing could come after it.
    upcoming = sorted((one for one in periods if one.ends_at > max(now, one.starts_at)), key=lambda one: one.starts_at)
    starts_at = max([now, *(period.ends_at for period in upcoming if period.price >= price)])
    ends_at = starts_at + length
    moved: list[SubscriptionPeriod] = []
    remainder = None
    free_from = ends_at
    for period in (one for one in upcoming if one.price < price):
        if period.starts_at < starts_at:
            moved.append(period._replace(ends_at=min(starts_at, period.ends_at)))
            left = period.ends_at - starts_at
            remainder = period._replace(starts_at=free_from, ends_at=free_from + left) if left > timedelta() else None
            free_from = remainder.ends_at if remainder else free_from
        elif period.starts_at < free_from:
            moved.append(_move_period(period, free_from))
            free_from = moved[-1].ends_at
        else:
            free_from = period.ends_at
    return PeriodPlacement(starts_at, ends_at, moved, remainder)


def remove_periods(periods: Iterable[SubscriptionPeriod], ids: set[int], now: datetime) -> list[SubscriptionPeriod]:
    """Revoke the remaining time of the periods `ids`; later periods move forward by as much.

    Returns the periods that change. One that had not begun keeps its row, with no length.
    """
    before = {period.id: period for period in periods}
    after = dict(before)
    for removed in sorted((after[one] for one in ids), key=lambda period: period.starts_at, reverse=True):
        removed_from = max(removed.starts_at, now)
        gap = removed.ends_at - removed_from
        if gap <= timedelta():
            continue
        after[removed.id] = removed._replace(ends_at=removed_from)
        for period in list(after.values()):
            if period.id not in ids and period.starts_at >= removed.ends_at:
                after[period.id] = _move_period(period, period.starts_at - gap)
    return [period for one, period in after.items() if period != before[one]]


def find_last_covered_day(spans: Iterable[tuple[datetime, datetime]], today: date) -> date | None:
    """Return the last day in Bogotá that plans cover from today on without a day in between; None without one today.

    `spans` are the start and the end of each period, also of those that begin later.
    """
    last_day: date | None = None
    for starts_at, ends_at in sorted(spans):
        begins, ends = bogota_date(starts_at), bogota_date(ends_at - _SHORTEST)
        if starts_at < ends_at and ends >= today and begins <= (last_day + _ONE_DAY if last_day else today):
            last_day = max(ends, last_day or ends)
    return last_day


def _move_period(period: SubscriptionPeriod, starts_at: datetime) -> SubscriptionPeriod:
    return period._replace(starts_at=starts_at, ends_at=starts_at + (period.ends_at - period.starts_at))
