"""How long somebody will wait, as far as the last chats tell."""

from collections.abc import Sequence
from datetime import timedelta
from statistics import median

MIN_WAIT_ESTIMATE = timedelta(seconds=30)
"""A promise below this is broken by the time it takes to read it."""
MAX_WAIT_ESTIMATE = timedelta(hours=2)
DEFAULT_CHAT_DURATION = timedelta(minutes=8)
"""How long a chat takes while none has ended yet."""


def estimate_wait(position: int, durations: Sequence[timedelta], capacity: int) -> timedelta | None:
    """How long the one at this position (from 1) waits; None when nobody works.

    With so many `places` for chats, one becomes free every median duration divided by `places`; the median, because one
    chat that was left open overnight says nothing about the next.
    """
    if capacity < 1:
        return None
    typical_s = median(one.total_seconds() for one in durations) if durations else DEFAULT_CHAT_DURATION.total_seconds()
    return min(MAX_WAIT_ESTIMATE, max(MIN_WAIT_ESTIMATE, timedelta(seconds=typical_s) * position / capacity))
