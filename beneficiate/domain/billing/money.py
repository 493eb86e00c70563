"""Amounts of money: whole pesos here, integer cents at Wompi. Never a float; a test checks the code for that."""

CENTS_PER_PESO = 100
COP = "COP"


def pesos_to_cents(pesos: int) -> int:
    """Return whole pesos in cents, as Wompi takes them.

    Every amount ends in 00 (article 1500000467401 of soporte.wompi.co).
    """
    return pesos * CENTS_PER_PESO
