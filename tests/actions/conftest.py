"""Actions and queries need no database of their own: each test is one transaction on the template, rolled back."""

from collections.abc import Iterator
from typing import Any

import pytest

from beneficiate.models.base import database, open_database
from tests.conftest import TEMPLATE_DATABASE, _database_url


@pytest.fixture
def db(backend: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The models bound to a migrated database without people; what the test does is undone."""
    if backend == "sqlite":
        url = f"sqlite:///{request.getfixturevalue('sqlite_template')}"
    else:
        url = _database_url(request.getfixturevalue("postgresql_url"), TEMPLATE_DATABASE)
    database.initialize(open_database(url))
    database.obj.connect()
    with database.obj.atomic() as unit:
        yield database.obj
        unit.rollback()
    database.obj.close_all()
