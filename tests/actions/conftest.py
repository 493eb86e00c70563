"""Each test of actions and queries is one transaction on the template database, rolled back at its end."""

from collections.abc import Callable
from typing import Any

import pytest


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
def db(rolled_back_db: Any) -> Any:
    return rolled_back_db
