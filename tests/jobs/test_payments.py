"""Wrong keys of Wompi are logged at the start; without keys nothing is asked."""

import asyncio
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from beneficiate.errors import Unavailable
from beneficiate.jobs.payments import check_wompi_credentials, reconcile_payments


class FakeWompi:
    def __init__(self, *, is_active=True, currencies=("COP",), problem=None):
        self.merchant = SimpleNamespace(name="Beneficiate", is_active=is_active, currencies=currencies)
        self.problem = problem

    async def get_merchant(self):
        if self.problem:
            raise self.problem
        return self.merchant


def logged(wompi, *, takes_payments=True, is_production=False):
    settings = SimpleNamespace(
        takes_payments=takes_payments, is_production=is_production, wompi_environment="test" if takes_payments else ""
    )
    with capture_logs() as entries:
        asyncio.run(check_wompi_credentials(SimpleNamespace(settings=settings, wompi=wompi)))
    return [(entry["event"], entry["log_level"]) for entry in entries]


@pytest.mark.parametrize(
    ("wompi", "expected"),
    [
        (FakeWompi(), ("wompi_merchant", "info")),
        (FakeWompi(is_active=False), ("wompi_merchant", "error")),
        (FakeWompi(currencies=("USD",)), ("wompi_merchant", "error")),
        (FakeWompi(problem=Unavailable()), ("wompi_merchant_unknown", "warning")),
    ],
    ids=["valid", "inactive", "other currency", "unavailable"],
)
def test_merchant_is_logged(wompi, expected):
    assert logged(wompi) == [expected]


@pytest.mark.parametrize("takes_payments", [True, False])
def test_wompi_is_asked_only_with_keys(takes_payments):
    calls = []

    async def reconcile():
        calls.append("reconcile")

    context = SimpleNamespace(
        settings=SimpleNamespace(takes_payments=takes_payments),
        payments=SimpleNamespace(reconcile_with_wompi=reconcile),
    )
    asyncio.run(reconcile_payments(context))
    assert bool(calls) is takes_payments
    if not takes_payments:
        assert logged(None, takes_payments=False) == []
