"""Demo data takes seconds to load: what several tests look at is loaded once and copied for each."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from beneficiate.models.base import database, open_database


@pytest.fixture(scope="package")
def loaded() -> dict[str, tuple[Path, Any]]:
    """Databases by name, each with what loading it returned."""
    return {}


@pytest.fixture
def load_once(
    loaded: dict[str, tuple[Path, Any]], sqlite_template: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, Callable[[], Any]], Any]]:
    """Return a function that binds the models to a database of this test: a copy of what `load` filled for a name."""
    before, path = database.obj, tmp_path / "demo.db"

    def bind(name: str, load: Callable[[], Any]) -> Any:
        if name not in loaded:
            original = tmp_path_factory.mktemp("demo") / "demo.db"
            shutil.copy(sqlite_template, original)
            with _bound(original):
                loaded[name] = original, load()
                database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")  # the file is copied alone
        original, result = loaded[name]
        shutil.copy(original, path)
        database.initialize(open_database(f"sqlite:///{path}"))
        return result

    yield bind
    database.obj.close_all()
    database.initialize(before)


@contextmanager
def _bound(path: Path) -> Iterator[None]:
    database.initialize(open_database(f"sqlite:///{path}"))
    yield
    database.obj.close_all()
