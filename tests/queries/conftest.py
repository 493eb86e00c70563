"""Queries are tested as actions are: each test is one transaction, rolled back at its end."""

from typing import Any

import pytest


@pytest.fixture
def db(rolled_back_db: Any) -> Any:
    return rolled_back_db
