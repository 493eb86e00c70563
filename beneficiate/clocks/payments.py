"""What happens to payments because time passes: events tried again, looks at Wompi, links that end."""

import structlog

from beneficiate.errors import Problem
from beneficiate.house import House

log = structlog.get_logger(__name__)

RETRY_S = 5.0


async def retry(house: House) -> None:
    """Carry out the events that could not be when they came."""
    await house.cashier.retry()


async def reconcile(house: House) -> None:
    """Look for payments whose event never came. A look that was not complete is tried again by the next tick."""
    if house.settings.takes_payments:
        await house.cashier.reconcile()


async def introduce(house: House) -> None:
    """Ask Wompi once who we are, and log the answer: wrong keys are seen before the first member pays."""
    if not house.settings.takes_payments:
        return
    if house.settings.is_production and house.settings.wompi_environment == "test":
        log.warning("wompi_test_keys_in_production")
    try:
        merchant = await house.wompi.merchant()
    except Problem as problem:
        log.warning("wompi_merchant_unknown", code=problem.code, environment=house.settings.wompi_environment)
        return
    write = log.info if merchant.is_active and "COP" in merchant.currencies else log.error
    write(
        "wompi_merchant",
        name=merchant.name,
        is_active=merchant.is_active,
        currencies=merchant.currencies,
        environment=house.settings.wompi_environment,
    )
