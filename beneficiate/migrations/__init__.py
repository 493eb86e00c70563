"""Migrations of the schema, run forward on a live database by Peewee's runner, and the reference data."""

import contextlib
import csv
import fcntl
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import structlog
from peewee import Database, DatabaseProxy, Field, OperationalError
from playhouse.migrations import Migration, Runner

from beneficiate.models.base import BaseModel, is_postgresql, write_transaction
from beneficiate.models.failures import Failure, classify_failure
from beneficiate.models.professionals import Department, Specialty, Township

MIGRATIONS_DIR = Path(__file__).parent
DATA_DIR = MIGRATIONS_DIR.parent / "data"
ADVISORY_LOCK_KEY = 7_120_250_001
"""A number with which no other program on the database takes an advisory lock."""
LOCK_RETRIES = 20
LOCK_RETRY_S = 2.0
TURN_CHECK_S = 0.2
UNLIMITED_WHILE_MIGRATING = ("statement_timeout", "idle_in_transaction_session_timeout")

log = structlog.get_logger(__name__)


CONTRACT_MARK = "_contract_"
"""In the name of a migration that takes away what older versions use: `0040_contract_chats`. They end with it."""


class NewerDatabase(Exception):
    """The database has a migration after which versions that do not know it cannot work."""


def run_migrations(database: DatabaseProxy) -> list[str]:
    """Apply what is pending, load the reference data, and return the names of what was applied.

    The runner has no lock of its own, so two processes that start at once take turns here. Where a newer version has
    migrated, nothing is changed: this one says so and goes on, as it would if it ran already. Raises NewerDatabase.
    """
    real = database.obj
    with _migration_lock(real):
        runner = Runner(real, str(MIGRATIONS_DIR))
        if unknown := find_unknown_migrations(runner.applied()):
            report_newer_database(unknown)
            return []
        applied = _apply_pending(runner)
        with write_transaction():
            load_reference_data()
    return applied


def find_unknown_migrations(applied: Iterable[str]) -> list[str]:
    """Return those of the names that this version does not know, in order."""
    return sorted(set(applied) - set(list_known_migrations()))


def report_newer_database(unknown: list[str]) -> None:
    """Log that the database has migrations that this version does not know. Raises NewerDatabase if it cannot go on."""
    if any(CONTRACT_MARK in name for name in unknown):
        raise NewerDatabase(
            f"The database is newer than this version of Beneficiate: it has {', '.join(unknown)}. "
            "Start the version that migrated it, or a newer one."
        )
    log.warning("database_is_newer", migrations=unknown)


def list_known_migrations() -> list[str]:
    """Return the names of the migrations of this version, in order."""
    return [migration.name for migration in Migration.load_directory(str(MIGRATIONS_DIR))]


def list_applied_migrations(database: DatabaseProxy) -> list[str]:
    """Return the names of the migrations that the database has, in order; an empty database has none."""
    with database.obj.connection_context():
        return sorted(Runner(database.obj, str(MIGRATIONS_DIR)).applied())


def _apply_pending(runner: Runner) -> list[str]:
    """Apply what is pending and return the names.

    While a statement waits for its lock on a table, everybody else waits behind it. So it waits for 3 s at most, as in
    every session (`SESSION_OPTIONS`), and is tried again after a pause in which others may go on.
    """
    before = set(runner.applied())
    for is_last in [*[False] * LOCK_RETRIES, True]:
        try:
            runner.up()
        except OperationalError as problem:
            if is_last or classify_failure(problem) is not Failure.LOCKED:
                raise
            log.warning("migration_waits_for_lock", retry_s=LOCK_RETRY_S)
            time.sleep(LOCK_RETRY_S)
        else:
            break
    return sorted(set(runner.applied()) - before)


def load_reference_data() -> None:
    """Load the departments and municipalities of DANE's DIVIPOLA: new ones are inserted, names corrected.

    A new database gets the medical specialties; from then on they are what supervisors make of them.
    """
    with (DATA_DIR / "divipola.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if Township.select().count() != len(rows):
        departments = {row["codigo_departamento"]: row["departamento"] for row in rows}
        _upsert(
            Department,
            [{"code": code, "name": name} for code, name in departments.items()],
            Department.code,
            [Department.name],
        )
        ids = dict(Department.select(Department.code, Department.id).tuples())
        townships = [
            {
                "code": row["codigo_municipio"],
                "name": row["municipio"],
                "department": ids[row["codigo_departamento"]],
                "latitude": float(row["latitud"]),
                "longitude": float(row["longitud"]),
            }
            for row in rows
        ]
        _upsert(
            Township,
            townships,
            Township.code,
            [Township.name, Township.department, Township.latitude, Township.longitude],
        )
    if Specialty.select().exists():
        return
    names = (DATA_DIR / "specialties.txt").read_text(encoding="utf-8").split("\n")
    Specialty.insert_many([{"name": name} for name in names if name]).execute()


def _upsert(table: type[BaseModel], rows: list[dict[str, object]], key: Field, changes: list[Field]) -> None:
    for start in range(0, len(rows), 200):
        table.insert_many(rows[start : start + 200]).on_conflict(conflict_target=[key], preserve=changes).execute()


@contextlib.contextmanager
def _migration_lock(database: Database) -> Iterator[None]:
    """Yield a connection on which nobody else migrates: an advisory lock in PostgreSQL, a locked file beside SQLite's.

    The file is locked before the database is opened: two that turn a new one to WAL at once would fail.
    """
    if is_postgresql():
        with database.connection_context():
            # Another process may take minutes, and so may an index.
            for name in UNLIMITED_WHILE_MIGRATING:
                database.execute_sql(f"SET {name} = 0")
            # Not pg_advisory_lock: an index that is built concurrently would wait for whoever waits here.
            while not database.execute_sql("SELECT pg_try_advisory_lock(%s)", (ADVISORY_LOCK_KEY,)).fetchone()[0]:
                time.sleep(TURN_CHECK_S)
            try:
                yield
            finally:
                database.execute_sql("SELECT pg_advisory_unlock(%s)", (ADVISORY_LOCK_KEY,))
                for name in UNLIMITED_WHILE_MIGRATING:
                    database.execute_sql(f"RESET {name}")
        return
    with Path(f"{database.database}.migrating").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with database.connection_context():
            yield
