"""When a payment is looked for at Wompi again: its event may never come."""

from datetime import datetime, timedelta

FRESH_CHECK_INTERVAL = timedelta(seconds=45)
"""With the clock's half minute a payment whose event is lost is active within two minutes."""
FRESH_PERIOD = timedelta(minutes=10)
"""After the end of its link, or after an attempt was seen that no bank has answered."""
FIRST_DAY_CHECK_INTERVAL, LATER_CHECK_INTERVAL = timedelta(minutes=15), timedelta(hours=6)
CHECKED_PERIOD = timedelta(days=7)
"""Cash takes days; later it is real money all the same, but only an event tells."""


def schedule_next_check(
    now: datetime, created_at: datetime, link_expires_at: datetime, *, is_settled: bool
) -> datetime | None:
    """The next look; None when there will be none. A settled payment may still be voided or paid twice."""
    age = now - created_at
    if age > CHECKED_PERIOD:
        return None
    if is_settled:
        return now + LATER_CHECK_INTERVAL
    if now < link_expires_at + FRESH_PERIOD:
        return now + FRESH_CHECK_INTERVAL
    return now + (FIRST_DAY_CHECK_INTERVAL if age < timedelta(days=1) else LATER_CHECK_INTERVAL)
