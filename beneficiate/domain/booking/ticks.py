"""Appointments as ticks of five minutes, so that a plain uniqueness constraint refuses two that overlap.

A tick is the number of 5-minute steps since 1970 in UTC: 5.9 million in 2026, 844 million at the end of the year 9999,
which leaves it well within the 31 bits of an integer column on either database.
"""

from datetime import datetime, timedelta

from beneficiate.domain.booking.slots import EPOCH, GRID_MINUTES

_TICK = timedelta(minutes=GRID_MINUTES)


def appointment_ticks(starts_at: datetime, minutes: int) -> range:
    """Return the ticks of an appointment of so many minutes, including a last one that it only begins.

    Raises ValueError for a start that is not on a 5-minute boundary or lies before 1970, or for no minutes.
    """
    first, rest = divmod(starts_at - EPOCH, _TICK)
    if rest:
        raise ValueError(f"{starts_at.isoformat()} is not on a boundary of {GRID_MINUTES} minutes")
    if first < 0:
        raise ValueError(f"{starts_at.isoformat()} is before 1970")
    if minutes <= 0:
        raise ValueError("an appointment takes at least a minute")
    return range(first, first - (-minutes // GRID_MINUTES))
