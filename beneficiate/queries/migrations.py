"""Which migrations the database has that this version does not know."""

from beneficiate.migrations import find_unknown_migrations
from beneficiate.models.base import database
from beneficiate.unit_of_work import UnitOfWork


def list_unknown_migrations(uow: UnitOfWork) -> list[str]:
    """Return the names of the migrations of a newer version that the database has, in order."""
    rows = database.execute_sql("SELECT name FROM schema_migration").fetchall()
    return find_unknown_migrations(name for (name,) in rows)
