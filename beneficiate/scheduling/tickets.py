"""Ticket numbers, which people read to each other over the telephone."""

from random import Random
from secrets import SystemRandom

LETTERS = "CDFGHJKMNPQRTVWXY34679"
"""Without look-alikes (0 O, 1 I L, 2 Z, 5 S, 8 B, U) and without vowels, so that no word comes out by chance."""

_SECRET = SystemRandom()


def ticket_number(random: Random = _SECRET) -> str:
    """`APT-XXXXX-NNNN`, one of 51,500 million; whether it is taken already is for the database to say."""
    return f"APT-{''.join(random.choices(LETTERS, k=5))}-{random.randrange(10_000):04}"
