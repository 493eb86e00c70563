"""What facts measure, all together: how many, their sum, the greatest, and how they are distributed.

Medians and percentiles are told from buckets, so that they are the same number whether each fact is folded or the
roll-up of a year. A bucket is as wide as 1/128 of what it holds at most (0.8 %); below 256 each value has its own.
Counts, sums and the greatest are exact.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

_EXACT_BITS = 8
_STEPS_PER_DOUBLING = 128


@dataclass(slots=True)
class Measures:
    """The measures of some facts: `buckets` has how many there are in each."""

    count: int = 0
    total: int = 0
    greatest: int | None = None
    buckets: dict[int, int] = field(default_factory=dict)

    def add(self, measure: int | None, times: int = 1, *, has_bucket: bool = True) -> None:
        """Add the measure of so many facts; those without one have no part in it."""
        if measure is None:
            return
        self.count += times
        self.total += measure * times
        self.greatest = measure if self.greatest is None else max(self.greatest, measure)
        if has_bucket:
            bucket = bucket_of(measure)
            self.buckets[bucket] = self.buckets.get(bucket, 0) + times

    def copy(self) -> "Measures":
        """Return the same, of which others may be added to one alone."""
        return Measures(self.count, self.total, self.greatest, dict(self.buckets))

    def merge(self, other: "Measures") -> None:
        """Add those of other facts."""
        self.count += other.count
        self.total += other.total
        if other.greatest is not None:
            self.greatest = other.greatest if self.greatest is None else max(self.greatest, other.greatest)
        if not self.buckets:
            self.buckets = dict(other.buckets)
            return
        own = self.buckets
        for bucket, times in other.buckets.items():
            own[bucket] = own.get(bucket, 0) + times

    def nearest_rank(self, share: float) -> int | None:
        """Return the least bound that at least this share of the measures does not exceed; None without any."""
        # Rounded first: 0.9 times 10 is a little more than 9 in binary.
        left = math.ceil(round(share * self.count, 6))
        for bucket in sorted(self.buckets):
            left -= self.buckets[bucket]
            if left <= 0 and self.greatest is not None:
                return min(upper_bound(bucket), self.greatest)
        return None


def merge_measures(parts: Iterable[Measures]) -> Measures:
    """Return all of them together."""
    together = Measures()
    for part in parts:
        together.merge(part)
    return together


def bucket_of(measure: int) -> int:
    """Return the number of the bucket of a measure, which is not negative."""
    shift = max(0, measure.bit_length() - _EXACT_BITS)
    return shift * _STEPS_PER_DOUBLING + (measure >> shift)


def upper_bound(bucket: int) -> int:
    """Return the greatest measure of a bucket."""
    shift = max(0, bucket // _STEPS_PER_DOUBLING - 1)
    return ((bucket - shift * _STEPS_PER_DOUBLING + 1) << shift) - 1
