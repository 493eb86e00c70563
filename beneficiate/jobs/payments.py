"""Payments: retries of Wompi events, checks of unconfirmed payments, and the check of our credentials."""

import structlog

from beneficiate.context import AppContext
from beneficiate.errors import Problem

log = structlog.get_logger(__name__)


async def retry_wompi_events(context: AppContext) -> None:
    """Process again the events that failed when they arrived."""
    await context.payments.retry_events()


async def reconcile_payments(context: AppContext) -> None:
    """Check with Wompi the payments whose event never arrived. An incomplete check is repeated by the next run."""
    if context.settings.takes_payments:
        await context.payments.reconcile_with_wompi()


async def check_wompi_credentials(context: AppContext) -> None:
    """Log the merchant of our keys as Wompi knows it, so that wrong keys are noticed before the first payment."""
    if not context.settings.takes_payments:
        return
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
