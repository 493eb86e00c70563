"""How facts become a figure."""

import math
from collections.abc import Callable, Sequence

from beneficiate.domain.metrics.metric import Figure, Fold, Tally

WILSON_Z = 1.959964
"""The normal quantile of a 95 % interval."""


def count_facts(tallies: Sequence[Tally]) -> Figure:
    """Return how many facts there are."""
    count = sum(tally.times for tally in tallies)
    return Figure(count, count)


def sum_measures(tallies: Sequence[Tally]) -> Figure:
    """Return the sum of the measures; 0 without any."""
    return Figure(sum(measure * count for measure, count in _measures(tallies)), sum(one.times for one in tallies))


def average_measure(tallies: Sequence[Tally]) -> Figure:
    """Return the arithmetic mean of the measures."""
    count = sum(count for _, count in _measures(tallies))
    return Figure(sum(measure * count for measure, count in _measures(tallies)) / count if count else None, count)


def maximum_measure(tallies: Sequence[Tally]) -> Figure:
    """Return the greatest measure."""
    return _nearest_rank(tallies, 1)


def median_measure(tallies: Sequence[Tally]) -> Figure:
    """Return the median by nearest rank: half of the facts measure as much or less."""
    return _nearest_rank(tallies, 0.5)


def ninth_decile(tallies: Sequence[Tally]) -> Figure:
    """Return the 90th percentile by nearest rank: nine of ten facts measure as much or less."""
    return _nearest_rank(tallies, 0.9)


def share_of(is_hit: Callable[[Tally], bool]) -> Fold:
    """Return the fold to the share of facts for which this is true, with the Wilson interval of 95 %."""

    def fold(tallies: Sequence[Tally]) -> Figure:
        count = sum(tally.times for tally in tallies)
        if not count:
            return Figure(None, 0)
        share = sum(tally.times for tally in tallies if is_hit(tally)) / count
        return Figure(share, count, *_wilson_interval(share, count))

    return fold


def _measures(tallies: Sequence[Tally]) -> list[tuple[int, int]]:
    return [(tally.measure, tally.times) for tally in tallies if tally.measure is not None]


def _nearest_rank(tallies: Sequence[Tally], share: float) -> Figure:
    """Return the least measure that at least this share of the facts does not exceed."""
    measures = sorted(_measures(tallies))
    count = sum(count for _, count in measures)
    # Rounded first: 0.9 times 10 is a little more than 9 in binary.
    left = math.ceil(round(share * count, 6))
    for measure, many in measures:
        left -= many
        if left <= 0:
            return Figure(measure, count)
    return Figure(None, 0)


def _wilson_interval(share: float, count: int) -> tuple[float, float]:
    square = WILSON_Z**2
    centre = share + square / (2 * count)
    half = WILSON_Z * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    scale = 1 + square / count
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)
