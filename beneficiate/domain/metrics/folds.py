"""How facts become a figure."""

import math
from collections.abc import Callable, Sequence

from beneficiate.domain.metrics.measures import Measures, merge_measures
from beneficiate.domain.metrics.metric import Figure, Fold, Tally

MIN_SCORE, MAX_SCORE = 1, 5
WILSON_Z = 1.959964
"""The normal quantile of a 95 % interval."""


def count_facts(tallies: Sequence[Tally]) -> Figure:
    """Return how many facts there are."""
    count = sum(tally.times for tally in tallies)
    return Figure(count, count)


def sum_measures(tallies: Sequence[Tally]) -> Figure:
    """Return the sum of the measures; 0 without any."""
    return Figure(sum(tally.measures.total for tally in tallies), sum(tally.times for tally in tallies))


def average_measure(tallies: Sequence[Tally]) -> Figure:
    """Return the arithmetic mean of the measures."""
    count = sum(tally.measures.count for tally in tallies)
    return Figure(sum(tally.measures.total for tally in tallies) / count if count else None, count)


def average_score(tallies: Sequence[Tally]) -> Figure:
    """Return the mean of scores, with the interval of 95 % of the normal approximation; none for a single score.

    Few scores can make it wider than the scale: it ends where scores do.
    """
    scores = _merge(tallies)
    if not scores.count:
        return Figure(None, 0)
    mean = scores.total / scores.count
    if scores.count == 1:
        return Figure(mean, 1)
    # Scores are so small that each has a bucket of its own.
    square = sum(times * (score - mean) ** 2 for score, times in scores.buckets.items()) / (scores.count - 1)
    half = WILSON_Z * math.sqrt(square / scores.count)
    return Figure(mean, scores.count, max(MIN_SCORE, mean - half), min(MAX_SCORE, mean + half))


def maximum_measure(tallies: Sequence[Tally]) -> Figure:
    """Return the greatest measure."""
    measures = _merge(tallies)
    return Figure(measures.greatest, measures.count)


def median_measure(tallies: Sequence[Tally]) -> Figure:
    """Return the median by nearest rank: half of the facts measure as much or less, to 0.8 %."""
    measures = _merge(tallies)
    return Figure(measures.nearest_rank(0.5), measures.count)


def ninth_decile(tallies: Sequence[Tally]) -> Figure:
    """Return the 90th percentile by nearest rank: nine of ten facts measure as much or less, to 0.8 %."""
    measures = _merge(tallies)
    return Figure(measures.nearest_rank(0.9), measures.count)


WITHOUT_BUCKETS: set[Fold] = {count_facts, sum_measures, average_measure, maximum_measure}
"""The folds that need no buckets, of which a year has many."""
OF_MEASURES: set[Fold] = {average_measure, average_score, maximum_measure, median_measure, ninth_decile}
"""The folds that count what is measured: facts without a measure have no part in them."""


def share_of(is_hit: Callable[[Tally], bool]) -> Fold:
    """Return the fold to the share of facts for which this is true, with the Wilson interval of 95 %.

    It may ask for the kind and the detail of a tally, not for what is measured.
    """

    def fold(tallies: Sequence[Tally]) -> Figure:
        return _share(sum(tally.times for tally in tallies if is_hit(tally)), sum(tally.times for tally in tallies))

    WITHOUT_BUCKETS.add(fold)
    return fold


def share_of_measures(is_hit: Callable[[int], bool]) -> Fold:
    """Return the fold to the share of facts whose measure, below 256, is one of these."""

    def fold(tallies: Sequence[Tally]) -> Figure:
        measures = _merge(tallies)
        return _share(sum(times for one, times in measures.buckets.items() if is_hit(one)), measures.count)

    OF_MEASURES.add(fold)
    return fold


def rate_of(part: str, whole: str) -> Fold:
    """Return the fold to how many facts of one kind there are for each of another, at most all of them."""

    def fold(tallies: Sequence[Tally]) -> Figure:
        parts, wholes = (sum(tally.times for tally in tallies if tally.kind == kind) for kind in (part, whole))
        return _share(min(parts, wholes), wholes)

    WITHOUT_BUCKETS.add(fold)
    return fold


def _merge(tallies: Sequence[Tally]) -> Measures:
    """Return all their measures; they are only read."""
    return tallies[0].measures if len(tallies) == 1 else merge_measures(tally.measures for tally in tallies)


def _share(hits: int, count: int) -> Figure:
    return Figure(hits / count, count, *_wilson_interval(hits, count)) if count else Figure(None, 0)


def _wilson_interval(hits: int, count: int) -> tuple[float, float]:
    share, square = hits / count, WILSON_Z**2
    centre = share + square / (2 * count)
    half = WILSON_Z * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    scale = 1 + square / count
    # The interval of none begins at 0 and that of all ends at 1, which floating point misses by 1e-16.
    low, high = (centre - half) / scale, (centre + half) / scale
    return max(0.0, low) if hits else 0.0, min(1.0, high) if hits < count else 1.0
