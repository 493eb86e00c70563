"""SQLite with transactions that it may end itself."""

from typing import Any

from playhouse.pool import PooledSqliteDatabase


class SelfEndingSqliteDatabase(PooledSqliteDatabase):  # type: ignore[misc]
    """Rolls back what is still there to roll back.

    After a full disk, a disk error or no memory SQLite may have rolled back the transaction itself. To do it once more
    would be another error, which would hide the first one (https://www.sqlite.org/lang_transaction.html).
    """

    def rollback(self) -> None:
        """Roll back, unless SQLite has done so."""
        if self.connection().in_transaction:
            super().rollback()

    # Any: as Peewee declares it.
    def execute_sql(self, sql: str, params: object = None) -> Any:
        """Execute a statement; a savepoint is gone with its transaction."""
        if sql.startswith("ROLLBACK TO") and not self.connection().in_transaction:
            return None
        return super().execute_sql(sql, params)
