"""Handlers run on one database: what they ask of it is tested on both with the actions, the queries and the flows.

Handlers of payments are tested with the shop of the flows.
"""

import pytest

from tests.conftest import BACKENDS
from tests.flows.conftest import open_shop, shop  # noqa: F401


@pytest.fixture(params=BACKENDS[:1])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)
