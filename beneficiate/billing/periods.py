"""Where a plan's time goes: after what runs, or before what is cheaper. No day that was paid for is lost.

The rule, also told to members: renewing adds to the end. A dearer plan starts at once and the rest of the cheaper one
goes on after it. A cheaper plan starts when the dearer ones have ended. See docs/decisions/0009.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple


class Period(NamedTuple):
    """A stretch of a plan, from `starts_at` to just before `ends_at`; `price` (whole pesos) says which is dearer."""

    id: int
    price: int
    starts_at: datetime
    ends_at: datetime


class Placement(NamedTuple):
    """Where a new stretch goes, the stretches that move for it, and the rest of one that it cuts in two."""

    starts_at: datetime
    ends_at: datetime
    moved: list[Period]
    rest: Period | None = None


def place(periods: Iterable[Period], price: int, length: timedelta, now: datetime) -> Placement:
    """Find the place of `length` more of a plan of this price. `rest` has the id of the stretch it is the rest of."""
    # One that was taken back before it began has no length, and no place that anything could come after.
    ahead = sorted((one for one in periods if one.ends_at > max(now, one.starts_at)), key=lambda one: one.starts_at)
    starts_at = max([now, *(period.ends_at for period in ahead if period.price >= price)])
    ends_at = starts_at + length
    moved: list[Period] = []
    rest = None
    free_from = ends_at
    for period in (one for one in ahead if one.price < price):
        if period.starts_at < starts_at:
            moved.append(period._replace(ends_at=min(starts_at, period.ends_at)))
            left = period.ends_at - starts_at
            rest = period._replace(starts_at=free_from, ends_at=free_from + left) if left > timedelta() else None
            free_from = rest.ends_at if rest else free_from
        elif period.starts_at < free_from:
            moved.append(_at(period, free_from))
            free_from = moved[-1].ends_at
        else:
            free_from = period.ends_at
    return Placement(starts_at, ends_at, moved, rest)


def remove(periods: Iterable[Period], ids: set[int], now: datetime) -> list[Period]:
    """Take back what is still ahead of the stretches `ids`; what comes after moves forward by as much.

    Returns the stretches that change. One that had not begun keeps its row, with no length.
    """
    before = {period.id: period for period in periods}
    after = dict(before)
    for taken in sorted((after[one] for one in ids), key=lambda period: period.starts_at, reverse=True):
        begins = max(taken.starts_at, now)
        gap = taken.ends_at - begins
        if gap <= timedelta():
            continue
        after[taken.id] = taken._replace(ends_at=begins)
        for period in list(after.values()):
            if period.id not in ids and period.starts_at >= taken.ends_at:
                after[period.id] = _at(period, period.starts_at - gap)
    return [period for one, period in after.items() if period != before[one]]


def _at(period: Period, starts_at: datetime) -> Period:
    return period._replace(starts_at=starts_at, ends_at=starts_at + (period.ends_at - period.starts_at))
