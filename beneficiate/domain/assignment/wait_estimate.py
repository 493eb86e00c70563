"""Estimate of the waiting time in the queue, from the duration of recent chats."""

from collections.abc import Sequence
from datetime import timedelta
from statistics import median

MIN_WAIT_ESTIMATE = timedelta(seconds=30)
"""A shorter estimate is outdated by the time it is read."""
MAX_WAIT_ESTIMATE = timedelta(hours=2)
DEFAULT_CHAT_DURATION = timedelta(minutes=8)
"""Assumed while no chat has ended yet."""


def estimate_wait(position: int, durations: Sequence[timedelta], capacity: int) -> timedelta | None:
    """Return how long the member at this position (from 1) waits; None when no agent works.

    With a `capacity` of so many chats, one becomes free every median duration divided by it. The median, because one
    chat that was left open overnight says nothing about the next.
    """
    if capacity < 1:
        return None
    typical_s = median(one.total_seconds() for one in durations) if durations else DEFAULT_CHAT_DURATION.total_seconds()
    return min(MAX_WAIT_ESTIMATE, max(MIN_WAIT_ESTIMATE, timedelta(seconds=typical_s) * position / capacity))
