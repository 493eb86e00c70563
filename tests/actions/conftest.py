"""Each test of actions and queries is one transaction on the template database, rolled back at its end."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from beneficiate.models.base import database, open_database
from tests.conftest import TEMPLATE_DATABASE, _database_url


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make a function fail where this is true of its arguments: `spoil(module, "function", is_bad)`."""

    def do(module: Any, name: str, is_bad: Callable[..., bool]) -> None:
        function = getattr(module, name)

        def run(*args: Any, **kwargs: Any) -> Any:
            if is_bad(*args):
                raise ZeroDivisionError
            return function(*args, **kwargs)

        monkeypatch.setattr(module, name, run)

    return do


@pytest.fixture
def db(backend: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Bind the models to a migrated database without people, and roll back what the test does."""
    if backend == "sqlite":
        url = f"sqlite:///{request.getfixturevalue('sqlite_template')}"
    else:
        url = _database_url(request.getfixturevalue("postgresql_url"), TEMPLATE_DATABASE)
    database.initialize(open_database(url))
    database.obj.connect()
    if backend == "postgresql":
        # The transaction lasts as long as the test, on a busy machine longer than those of the product may.
        database.obj.execute_sql("SET idle_in_transaction_session_timeout = 0")
    with database.obj.atomic() as unit:
        yield database.obj
        unit.rollback()
    database.obj.close_all()
