"""A migrated database of its own for a benchmark, with the models bound to it."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from beneficiate.migrations import run_migrations
from beneficiate.models.base import database, open_database
from tests import servers

BACKENDS = ("sqlite", "postgresql")


def requested_backends() -> list[str]:
    """Return the databases that the command line names; both when it names none."""
    return [name for name in BACKENDS if name in sys.argv[1:]] or list(BACKENDS)


@contextmanager
def bench_database(backend: str) -> Iterator[tuple[Path, str]]:
    """Yield a temporary folder and the URL of a database."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beneficiate-bench-")))
        is_server = backend == "postgresql"
        url = stack.enter_context(servers.postgresql_server()) if is_server else f"sqlite:///{folder}/bench.db"
        database.initialize(open_database(url))
        run_migrations(database)
        database.obj.connect(reuse_if_open=True)
        yield folder, url
        database.obj.close_all()
