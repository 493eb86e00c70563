"""What SQLite's files keep beside the rows: the log of pages as they were before."""

import sqlite3
from contextlib import closing

LOG_WAIT_S = 5.0
"""So long those who read may take to be done with the old pages."""


def empty_write_ahead_log(path: str) -> bool:
    """Write the log of a database file into the file and empty it; return False when somebody still reads from it."""
    with closing(sqlite3.connect(path, timeout=LOG_WAIT_S, isolation_level=None)) as connection:
        (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy
