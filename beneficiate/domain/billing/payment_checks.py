"""The schedule by which payments are checked at Wompi, since their event may never arrive."""

from datetime import datetime, timedelta

FRESH_CHECK_INTERVAL = timedelta(seconds=45)
"""With the job's interval of 30 s, a payment whose event was lost is activated within two minutes."""
FRESH_PERIOD = timedelta(minutes=10)
"""Counted from the expiry of the link, or from a transaction that was seen pending."""
FIRST_DAY_CHECK_INTERVAL, LATER_CHECK_INTERVAL = timedelta(minutes=15), timedelta(hours=6)
CHECKED_PERIOD = timedelta(days=7)
"""Cash payments take days. Later money still counts, but only an event reports it."""


def schedule_next_check(
    now: datetime, created_at: datetime, link_expires_at: datetime, *, is_settled: bool
) -> datetime | None:
    """Return when to check next; None for never. A settled payment may still be voided or paid twice."""
    age = now - created_at
    if age > CHECKED_PERIOD:
        return None
    if is_settled:
        return now + LATER_CHECK_INTERVAL
    if now < link_expires_at + FRESH_PERIOD:
        return now + FRESH_CHECK_INTERVAL
    return now + (FIRST_DAY_CHECK_INTERVAL if age < timedelta(days=1) else LATER_CHECK_INTERVAL)
