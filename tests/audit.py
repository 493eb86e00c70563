"""Entries of the audit log for tests, and what only somebody could do who rules the database itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from beneficiate.actions.audit import record_audit
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import database, is_postgresql
from beneficiate.queries.audit_texts import open_entries
from beneficiate.unit_of_work import UnitOfWork


# Any: what `record_audit` takes.
def write_audit(uow: UnitOfWork, *details: Any, **more: Any) -> None:
    """Record an entry and write it at once, as the end of its transaction does."""
    record_audit(uow, *details, **more)
    uow.finish()


def reason_of(entry: AuditEntry) -> str:
    """Return the reason of an entry, which is kept apart where it is about a member."""
    return open_entries([entry])[entry.id][2]


@contextmanager
def audit_triggers_off() -> Iterator[None]:
    """Let entries of the audit log be changed and deleted, and what is known of its end."""
    if is_postgresql():
        database.execute_sql("SET session_replication_role = replica")
        yield
        database.execute_sql("RESET session_replication_role")
        return
    triggers = database.execute_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('audit_entries', 'audit_head')"
    ).fetchall()
    for name, _ in triggers:
        database.execute_sql(f"DROP TRIGGER {name}")
    yield
    for _, sql in triggers:
        database.execute_sql(sql)
