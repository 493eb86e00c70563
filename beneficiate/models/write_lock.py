"""A fair lock for everything that writes to one SQLite file, in this process and in others.

SQLite's own busy handler sleeps up to 100 ms between two tries, so that whoever has just committed takes the lock again
at once: with 12 writers of 20 ms each some waited 11.5 s and failed. The kernel wakes those who wait for a `flock` in
turn: in the same run the longest wait was 2.0 s.
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO

from beneficiate.models.failures import LockTurnTimeout

MAX_LOCK_WAIT_S = 10.0
"""The same as `busy_timeout`: a process that was suspended in a transaction must not block the others for ever."""


@contextmanager
def write_lock(database_path: str, longest_wait_s: float = MAX_LOCK_WAIT_S) -> Iterator[None]:
    """Hold the lock of the database at this path; the locked file is beside it.

    Raises LockTurnTimeout when it was not free within `longest_wait_s` seconds.
    """
    file = FileIO(f"{database_path}.writing", "a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _Waiter(file).wait(longest_wait_s)
    try:
        yield
    finally:
        file.close()


class _Waiter:
    """Waits for the lock in a thread of its own, since `flock` has no timeout."""

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self._is_locked = threading.Event()
        self._is_given_up = False
        self._state = threading.Lock()

    def wait(self, longest_wait_s: float) -> None:
        threading.Thread(target=self._lock, name="write-lock", daemon=True).start()
        if self._is_locked.wait(longest_wait_s):
            return
        with self._state:
            self._is_given_up = not self._is_locked.is_set()
        if self._is_given_up:
            raise LockTurnTimeout("database is locked")

    def _lock(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        with self._state:
            if not self._is_given_up:
                self._is_locked.set()
                return
        self._file.close()
