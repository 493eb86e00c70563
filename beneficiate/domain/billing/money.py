"""Amounts: whole pesos with us, integer cents with Wompi. No amount is ever a float, a test walks the code for it."""

CENTS_PER_PESO = 100
COP = "COP"


def pesos_to_cents(pesos: int) -> int:
    """Whole pesos as Wompi takes them. Every amount ends in 00 (support article 1500000467401 of soporte.wompi.co)."""
    return pesos * CENTS_PER_PESO
