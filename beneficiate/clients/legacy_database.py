"""The database of the old service: read only, all of it as it was at one instant.

No message of the driver is shown: some repeat parts of the address, which has a password.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg2
import psycopg2.extensions
import structlog

from beneficiate.domain.legacy.plans import OldRow

FETCHED_ROWS = 2_000
"""Rows that one round trip brings, and that are in memory at a time."""
SESSION_OPTIONS = (
    "-c default_transaction_read_only=on -c statement_timeout=0 -c idle_in_transaction_session_timeout=0 "
    "-c client_encoding=UTF8 -c timezone=UTC"
)
REQUIRED = {"users": ("id", "email", "identification_number", "password")}
"""What only the database of the old service has; ours has a table with that name too."""
_DATE_TYPES = {"timestamp": 1114, "timestamptz": 1184, "date": 1082}
_READERS = {
    1114: psycopg2.extensions.PYDATETIME,
    1184: psycopg2.extensions.PYDATETIMETZ,
    1082: psycopg2.extensions.PYDATE,
}

log = structlog.get_logger(__name__)


class LegacyUnavailable(Exception):
    """The database of the old service cannot be read: a sentence without any part of its address."""


class LegacyDatabase:
    """One connection and one transaction, of which everything is read. Use as a context manager."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.columns: dict[str, set[str]] = {}
        """The columns of each table of the schema `public`."""

    def __enter__(self) -> "LegacyDatabase":
        self._connection = _connect(self._url)
        try:
            self._connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
            rows = self._fetch(
                "SELECT table_name, column_name FROM information_schema.columns "
                "WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
            )
            for table, column in rows:
                self.columns.setdefault(table, set()).add(column)
            self._require_tables()
        except BaseException:
            self._connection.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def count_rows(self, table: str) -> int:
        """Return how many rows a table has; 0 if it is not there."""
        return int(self._fetch(f"SELECT COUNT(*) FROM {_quote(table)}")[0][0]) if table in self.columns else 0  # noqa: S608

    def find_table(self, *names: str) -> str:
        """Return the first of these tables that is there, empty if none is."""
        return next((name for name in names if name in self.columns), "")

    def select(self, alias: str, table: str, **wanted: str | Sequence[str]) -> str:
        """Return a list of columns for SELECT, each by the name that it gets; one that the table lacks is NULL.

        Several names for one column: the first that is there.
        """
        parts = []
        for name, candidates in wanted.items():
            names = (candidates,) if isinstance(candidates, str) else candidates
            found = next((one for one in names if one in self.columns.get(table, ())), None)
            parts.append(f"{alias}.{_quote(found)} AS {name}" if found else f"NULL AS {name}")
        return ", ".join(parts)

    def stream(self, sql: str) -> Iterator[OldRow]:
        """Yield the rows of a query, by a cursor of the server. Raises LegacyUnavailable."""
        try:
            with self._connection.cursor(name="legacy_import") as cursor:
                cursor.itersize = FETCHED_ROWS
                cursor.execute(sql)
                names: list[str] = []
                for row in cursor:
                    names = names or [column.name for column in cursor.description]
                    yield dict(zip(names, row, strict=True))
        except psycopg2.Error as problem:
            raise _unavailable(problem) from None

    def _require_tables(self) -> None:
        if any(not self.columns.get(table, set()).issuperset(names) for table, names in REQUIRED.items()):
            raise LegacyUnavailable("Esa base no es la del servicio anterior: le faltan tablas o columnas.")

    # Any: the columns of any query.
    def _fetch(self, sql: str) -> list[tuple[Any, ...]]:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall())
        except psycopg2.Error as problem:
            raise _unavailable(problem) from None


def _connect(url: str) -> psycopg2.extensions.connection:
    try:
        connection = psycopg2.connect(
            url, options=SESSION_OPTIONS, connect_timeout=10, application_name="beneficiate import"
        )
    except (psycopg2.Error, UnicodeError) as problem:
        raise _unavailable(problem) from None
    for name, number in _DATE_TYPES.items():
        psycopg2.extensions.register_type(
            psycopg2.extensions.new_type((number,), f"legacy_{name}", _reader_of(number)), connection
        )
    return connection


def _reader_of(number: int) -> Callable[[str | None, object], object]:
    read = _READERS[number]

    def cast(value: str | None, cursor: object) -> object:
        """Return a time; None for one that Python does not have, as before Christ: the other rows are read."""
        try:
            return read(value, cursor)
        except (ValueError, OverflowError):
            return None

    return cast


def _unavailable(problem: Exception) -> LegacyUnavailable:
    code = getattr(problem, "pgcode", None) or type(problem).__name__
    log.warning("legacy_database_failed", code=code)
    return LegacyUnavailable(
        f"La base del servicio anterior no se puede leer ({code}). Revise la dirección, la contraseña y los permisos."
    )


def _quote(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
