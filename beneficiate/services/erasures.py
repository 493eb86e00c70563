"""Carries out erasures: rows in parts, files, the search index, the list for restored backups, the certificate.

Each step changes nothing when it is run again, so that a process that ended in the middle is followed by another one,
and two of them at once do no harm. What cannot be undone any more is in the list before it is said to be done.
"""

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from beneficiate.actions.account_endings import close_account
from beneficiate.actions.erasure_certificates import ErasureAgain, FinishErasure, begin_again, finish_erasure
from beneficiate.actions.erasure_rows import EraseRows, erase_messages, erase_rows
from beneficiate.database_url import parse_database_url
from beneficiate.errors import Unavailable
from beneficiate.logs import log_failure
from beneficiate.models.sqlite_file import empty_write_ahead_log
from beneficiate.queries.erasures import (
    ErasureOfAccount,
    find_events_that_name,
    list_due_erasures,
    list_file_ids,
    load_listed_erasure,
    must_wait_for_emails,
)
from beneficiate.services.attachments import AttachmentService
from beneficiate.services.search_index import fill_search_index, merge_deleted_words
from beneficiate.settings import Settings
from beneficiate.store import Store

LINE_START, LINE_END = b'{"code":', b"}}"
"""Of each line of the list: `counts`, an object, is its last field."""


class ListedErasure(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list: whose data were erased, without naming them, and what the certificate says.

    `owner_hash` is of the document, which a correction may have changed since a backup; `account_hash` is of the row of
    the account. Lines of older versions have none.
    """

    code: str
    user_id: int
    owner_hash: str
    account_hash: str = ""
    requested_at: datetime
    erased_at: datetime
    counts: dict[str, int]


class ErasureService:
    """Erases members from the database and from the files, and writes the list at `erasures_file` of the settings."""

    def __init__(
        self, store: Store, files: AttachmentService, settings: Settings, is_stopping: Callable[[], bool]
    ) -> None:
        self._store = store
        self._files = files
        self._settings = settings
        self._is_stopping = is_stopping

    async def carry_out_due(self) -> int:
        """Carry out the erasures that are due or were interrupted; return how many were finished.

        One that fails is logged and tried again by the next run; it holds up none of the others.
        """
        finished, last_id = 0, 0
        # All of them, part by part: those that wait for a payment stay due, and are before others.
        while ids := await self._store.read(list_due_erasures, last_id):
            for erasure_id in ids:
                if self._is_stopping():
                    return finished
                try:
                    finished += await self.carry_out(erasure_id)
                except Exception as problem:  # noqa: BLE001  logged
                    log_failure("erasure_failed", problem, {"erasure_id": erasure_id})
            last_id = ids[-1]
        return finished

    async def carry_out(self, erasure_id: int) -> bool:
        """Carry out one erasure and return whether it is finished. Raises Unavailable."""
        if not await self._store.run(close_account, erasure_id):
            return False
        if await self._store.read(must_wait_for_emails, erasure_id):
            return False
        while await self._store.run_in_background(erase_messages, erasure_id):
            if self._is_stopping():
                return False
        event_ids = await self._store.read(find_events_that_name, erasure_id)
        await self._store.run(erase_rows, EraseRows(erasure_id, event_ids))
        file_ids = await self._store.read(list_file_ids, erasure_id)
        await self._files.delete_files(file_ids)
        await self._forget_words()
        if self._is_stopping():
            return False
        erased_at = await self._list(erasure_id)
        return bool(await self._store.run(finish_erasure, FinishErasure(erasure_id, file_ids, erased_at)))

    async def carry_out_again(self, listed: ListedErasure) -> bool:
        """Erase somebody whom a restored backup has brought back; return whether there was something to do.

        Raises NotFound when the database has another person under the id, Unavailable.
        """
        again = ErasureAgain(**msgspec.structs.asdict(listed))
        erasure_id = await self._store.run(begin_again, again)
        if erasure_id is None:
            return False
        if not await self.carry_out(erasure_id):
            raise Unavailable
        return True

    async def _forget_words(self) -> None:
        """Let the search index, and SQLite's log, forget what the messages said."""
        await fill_search_index(self._store, self._is_stopping)
        await merge_deleted_words(self._store, self._is_stopping)
        await forget_old_pages(self._settings)

    async def _list(self, erasure_id: int) -> datetime:
        """Write an erasure to the list, on the disk when this returns; return when it was erased."""
        line = describe_listed(await self._store.read(load_listed_erasure, erasure_id))
        try:
            await asyncio.to_thread(append_line, Path(self._settings.erasures_file), msgspec.json.encode(line))
        except OSError as problem:
            log_failure("erasure_not_listed", problem, number=problem.errno)
            raise Unavailable from problem
        return line.erased_at


async def forget_old_pages(settings: Settings) -> None:
    """Let SQLite's log forget rows as they were. While somebody reads them it has to wait for the next time."""
    path = parse_database_url(settings.database_url)
    if path is not None:
        await asyncio.to_thread(empty_write_ahead_log, path)


def describe_listed(erasure: ErasureOfAccount) -> ListedErasure:
    """Return an erasure, which is done or about to be, as the list has it."""
    row, account_hash = erasure
    return ListedErasure(
        code=row.code,
        user_id=row.user_id,
        owner_hash=row.owner_hash,
        account_hash=account_hash,
        requested_at=row.requested_at,
        erased_at=row.erased_at,
        counts=json.loads(row.counts),
    )


def append_line(path: Path, line: bytes) -> None:
    """Append a line to a file that only our user reads, and flush it to the disk. Raises OSError.

    It begins a line of its own also behind one that was cut off, as by a full disk.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as file:
        file.write(b"\n" + line + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_list(path: Path) -> Iterator[ListedErasure]:
    """Yield each erasure of a list once, in its order. Raises OSError, and ValueError for a line that is none.

    A line that was cut off is left out: its erasure was not said to be done, and wrote its line again.
    """
    seen = set()
    for line in path.read_bytes().splitlines():
        if not line.strip() or (line.startswith(LINE_START) and not line.endswith(LINE_END)):
            continue
        listed = msgspec.json.decode(line, type=ListedErasure)
        if listed.code not in seen:
            seen.add(listed.code)
            yield listed
