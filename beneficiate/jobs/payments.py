"""What happens to payments because time passes: events tried again, looks at Wompi, links that end."""

import structlog

from beneficiate.context import AppContext
from beneficiate.errors import Problem

log = structlog.get_logger(__name__)

EVENT_RETRY_INTERVAL_S = 5.0


async def retry_wompi_events(context: AppContext) -> None:
    """Carry out the events that could not be when they came."""
    await context.payments.retry_events()


async def reconcile_payments(context: AppContext) -> None:
    """Look for payments whose event never came. A look that was not complete is tried again by the next tick."""
    if context.settings.takes_payments:
        await context.payments.reconcile_with_wompi()


async def check_wompi_credentials(context: AppContext) -> None:
    """Ask Wompi once who we are, and log the answer: wrong keys are seen before the first member pays."""
    if not context.settings.takes_payments:
        return
    if context.settings.is_production and context.settings.wompi_environment == "test":
        log.warning("wompi_test_keys_in_production")
    try:
        merchant = await context.wompi.get_merchant()
    except Problem as problem:
        log.warning("wompi_merchant_unknown", code=problem.code, environment=context.settings.wompi_environment)
        return
    write = log.info if merchant.is_active and "COP" in merchant.currencies else log.error
    write(
        "wompi_merchant",
        name=merchant.name,
        is_active=merchant.is_active,
        currencies=merchant.currencies,
        environment=context.settings.wompi_environment,
    )
