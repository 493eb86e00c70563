"""Handlers of payments are tested with the shop of the flows."""

from tests.flows.conftest import open_shop, shop  # noqa: F401
