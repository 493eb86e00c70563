"""Handlers run on one database: what they ask of it is tested on both with the actions, the queries and the flows.

Handlers of payments are tested with the shop of the flows.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.databases import BACKENDS
from tests.factories import PASSWORD, Person
from tests.flows.conftest import open_shop, shop  # noqa: F401
from tests.http_client import CookieClient
from tests.jobs.conftest import context  # noqa: F401


@pytest.fixture(params=BACKENDS[:1])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def signed_in(server: Any) -> Callable[[Person], Awaitable[CookieClient]]:
    """Return a function that signs somebody in and returns their browser."""

    async def enter(who: Person) -> CookieClient:
        browser = CookieClient(server.port)
        assert (await browser.sign_in(who, PASSWORD)).status == 303
        return browser

    return enter
