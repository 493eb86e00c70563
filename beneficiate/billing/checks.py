"""When a payment is looked for at Wompi again: its event may never come."""

from datetime import datetime, timedelta

SOON = timedelta(seconds=45)
"""With the clock's half minute a payment whose event is lost is active within two minutes."""
WHILE_FRESH = timedelta(minutes=10)
"""After the end of its link, or after an attempt was seen that no bank has answered."""
SELDOM, RARELY = timedelta(minutes=15), timedelta(hours=6)
FOLLOWED = timedelta(days=7)
"""Cash takes days; later it is real money all the same, but only an event tells."""


def next_check(now: datetime, created_at: datetime, link_expires_at: datetime, *, is_settled: bool) -> datetime | None:
    """The next look; None when there will be none. A settled payment may still be voided or paid twice."""
    age = now - created_at
    if age > FOLLOWED:
        return None
    if is_settled:
        return now + RARELY
    if now < link_expires_at + WHILE_FRESH:
        return now + SOON
    return now + (SELDOM if age < timedelta(days=1) else RARELY)
