"""Why a statement failed when it is no bug of ours: the kinds of database failure, by SQLSTATE or SQLite result code.

SQLSTATEs: https://www.postgresql.org/docs/current/errcodes-appendix.html. SQLite: https://www.sqlite.org/rescode.html.
"""

import sqlite3
from enum import Enum

from peewee import DatabaseError, InterfaceError, OperationalError, PeeweeException


class Failure(Enum):
    """A kind of failure. The value is its name in the log."""

    LOST = "lost"
    """The connection or the server is gone. Whether a COMMIT that was under way happened is unknown."""
    READ_ONLY = "read_only"
    """A replica, or a server that was set to read-only. The setting is that of the connection: a new one may write."""
    RESOURCES = "resources"
    """Disk, memory or connections are exhausted, or the disk fails."""
    LOCKED = "locked"
    """Somebody held a row for too long. The unit was rolled back for certain."""
    BUSY = "busy"
    """SQLite: somebody else wrote for too long. Every other unit would wait as long."""
    TIMED_OUT = "timed_out"
    """The statement took too long and was rolled back."""
    CONFLICT = "conflict"
    """The unit lost a deadlock or a serialisation conflict. It was rolled back for certain."""


_BY_SQLSTATE = {
    "25006": Failure.READ_ONLY,
    "25P03": Failure.LOST,  # idle in a transaction for too long: the server ended the connection
    "55P03": Failure.LOCKED,
    "57014": Failure.TIMED_OUT,
    "40001": Failure.CONFLICT,
    "40P01": Failure.CONFLICT,
}
_BY_SQLSTATE_CLASS = {
    "08": Failure.LOST,
    "53": Failure.RESOURCES,
    "57": Failure.LOST,  # but for 57014: the server or the database is being shut down
    "58": Failure.RESOURCES,
}
_BY_SQLITE_CODE = {
    sqlite3.SQLITE_BUSY: Failure.BUSY,
    sqlite3.SQLITE_LOCKED: Failure.BUSY,
    sqlite3.SQLITE_NOMEM: Failure.RESOURCES,
    sqlite3.SQLITE_READONLY: Failure.READ_ONLY,
    sqlite3.SQLITE_INTERRUPT: Failure.TIMED_OUT,
    sqlite3.SQLITE_IOERR: Failure.RESOURCES,
    sqlite3.SQLITE_FULL: Failure.RESOURCES,
    sqlite3.SQLITE_CANTOPEN: Failure.RESOURCES,
}
KEEPS_CONNECTION = frozenset({Failure.LOCKED, Failure.TIMED_OUT, Failure.CONFLICT})
"""After these the connection works as before."""
ROLLED_BACK = frozenset({Failure.LOCKED, Failure.CONFLICT})
"""After these nothing was written for certain, and the commands of a batch may be tried one by one."""
OUTAGES = frozenset({Failure.LOST, Failure.READ_ONLY, Failure.RESOURCES, Failure.BUSY})
"""After these the database as a whole is out of order for this process."""


class LockTurnTimeout(OperationalError):  # type: ignore[misc]
    """SQLite: the turn to write did not come in time."""


def classify_failure(problem: BaseException) -> Failure | None:
    """Return the kind of a failed statement; None for a bug of ours, or for what is no exception of the database."""
    if isinstance(problem, LockTurnTimeout):
        return Failure.BUSY
    if not isinstance(problem, PeeweeException):
        return None
    cause = problem.__context__
    if isinstance(cause, sqlite3.Error):
        # The primary result code is the lowest byte of the extended one.
        return _BY_SQLITE_CODE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    sqlstate = sqlstate_of(problem)
    if sqlstate:
        return _BY_SQLSTATE.get(sqlstate) or _BY_SQLSTATE_CLASS.get(sqlstate[:2])
    # libpq's own messages have no SQLSTATE: "could not connect", "server closed the connection unexpectedly".
    is_from_libpq = isinstance(problem, OperationalError | InterfaceError) or type(problem) is DatabaseError
    return Failure.LOST if is_from_libpq else None


def sqlstate_of(problem: BaseException) -> str:
    """Return the SQLSTATE of a failed statement, or an empty string."""
    return getattr(problem.__context__, "pgcode", None) or ""


def first_line(problem: BaseException) -> str:
    """Return the message of the database without the lines that quote rows (DETAIL, CONTEXT)."""
    return str(problem).strip().partition("\n")[0]
