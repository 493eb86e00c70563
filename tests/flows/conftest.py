"""Server processes of their own, for tests of what one process cannot show."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import people
from tests.processes import Process


@pytest.fixture
def new_process(io_loop: Any, db: Any, database_url: str, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Make server processes on the test's database, not started yet; they are killed when the test is over."""
    made: list[Process] = []

    def make(**environment: Any) -> Process:
        made.append(Process(tmp_path, database_url, **environment))
        return made[-1]

    yield make
    for process in made:
        process.kill()
    io_loop.run_sync(people.close_all)
