"""A limit of its own for statements that may take long, in both databases."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from peewee import OperationalError

from beneficiate.models.base import database, is_postgresql
from beneficiate.models.failures import Failure, classify_failure

_SQLITE_STEPS_PER_CHECK = 10_000
"""Of SQLite's virtual machine: some hundred microseconds."""


class StatementTimeout(Exception):
    """The statements within a time limit took too long."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Limit each statement in PostgreSQL, all together in SQLite. Raises StatementTimeout. Not for what writes."""
    try:
        with _postgresql_limit(seconds) if is_postgresql() else _sqlite_limit(seconds):
            yield
    except OperationalError as problem:
        if classify_failure(problem) is not Failure.TIMED_OUT:
            raise
        raise StatementTimeout from problem


@contextmanager
def _postgresql_limit(seconds: float) -> Iterator[None]:
    with database.obj.atomic():
        database.execute_sql(f"SET LOCAL statement_timeout = {int(1000 * seconds)}")
        yield


@contextmanager
def _sqlite_limit(seconds: float) -> Iterator[None]:
    connection, deadline = database.obj.connection(), time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _SQLITE_STEPS_PER_CHECK)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
