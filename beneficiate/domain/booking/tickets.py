"""Ticket numbers, which people read out on the telephone."""

from random import Random
from secrets import SystemRandom

TICKET_LETTERS = "CDFGHJKMNPQRTVWXY34679"
"""Without look-alikes (0 O, 1 I L, 2 Z, 5 S, 8 B, U) and without vowels, so that no word comes out by chance."""

_SECURE_RANDOM = SystemRandom()


def generate_ticket_number(random: Random = _SECURE_RANDOM) -> str:
    """Return `APT-XXXXX-NNNN`, one of 51,500 million; the database checks whether it is taken already."""
    return f"APT-{''.join(random.choices(TICKET_LETTERS, k=5))}-{random.randrange(10_000):04}"
