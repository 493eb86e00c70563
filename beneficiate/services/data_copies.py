"""Writes the copies of their data that members asked for."""

import asyncio
import time
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import IO, cast

import jinja2

from beneficiate.actions import data_copies
from beneficiate.actions.data_copies import ClaimedCopy, CopyProgress, WrittenCopy
from beneficiate.clients.files import PARTIAL_SUFFIX, FileStore, OpenFile
from beneficiate.queries.copied_data import COPIED_TABLES
from beneficiate.queries.copied_tables import CopiedSlice, CopiedTable, load_copied_part
from beneficiate.services.copy_files import ChunkReader, CopyInterrupted, CopyWriter, RowSpool
from beneficiate.store import Store

REPORT_INTERVAL_S = 2.0
PAGES = 4
"""The entries of every copy: two pages, the JSON and its keys. The texts of consents are not counted."""


class DataCopyService:
    """Writes, opens and deletes the files of copies, never on the event loop and never in a transaction."""

    def __init__(self, store: Store, files: FileStore, templates: jinja2.Environment) -> None:
        self._store = store
        self._files = files
        self._templates = templates

    async def write_copy(self, claimed: ClaimedCopy, is_stopping: Callable[[], bool]) -> bool:
        """Write a copy and let it be downloaded; return whether it was written.

        It was not when another process has it, when its member is gone, or when this process stops. Raises Unavailable.
        """
        run = _CopyRun(self._store, claimed, is_stopping)
        try:
            await asyncio.to_thread(self._delete, claimed.abandoned_id)
            with TemporaryFile() as file:
                spool = RowSpool(file)
                for table in COPIED_TABLES:
                    await self._read_table(run, spool, table)
                    run.done += 1
                    await run.report()
                run.total = len(COPIED_TABLES) + PAGES + spool.counts["files"]
                size = await self._store_file(run, spool)
        except CopyInterrupted:
            # It may have been stored whole before that was noticed, and after an erasure has looked for files.
            await asyncio.to_thread(self._delete, claimed.file_id)
            if is_stopping():
                await self._store.run(data_copies.release_copy, claimed)
            return False
        written = WrittenCopy(claimed.copy_id, claimed.claim, size)
        is_wanted = await self._store.run(data_copies.finish_copy, written)
        if not is_wanted:
            await asyncio.to_thread(self._delete, claimed.file_id)
        return is_wanted

    async def open_copy(self, file_id: str) -> OpenFile:
        """Return the file of a copy. Raises NotFound, Unavailable."""
        return await asyncio.to_thread(self._files.open, file_id)

    async def delete_expired(self) -> int:
        """Delete the files that can no longer be downloaded; return how many. Raises Unavailable."""
        file_ids = await self._store.read(data_copies.list_expired_files)
        for file_id in file_ids:
            await asyncio.to_thread(self._delete, file_id)
        if file_ids:
            await self._store.run(data_copies.forget_files, file_ids)
        return len(file_ids)

    async def _read_table(self, run: "_CopyRun", spool: RowSpool, table: CopiedTable) -> None:
        part = CopiedSlice(table, run.claimed.user_id)
        while True:
            run.check()
            found = await self._store.search(load_copied_part, part)
            await asyncio.to_thread(spool.add, table, found.rows)
            await run.report()
            if found.last is None:
                return
            part = CopiedSlice(table, run.claimed.user_id, found.last)

    async def _store_file(self, run: "_CopyRun", spool: RowSpool) -> int:
        """Store the ZIP, made in a thread, while the claim is renewed; return its size."""
        written_at = await self._store.read(lambda uow: uow.now)
        writer = CopyWriter(spool, self._files, self._templates, written_at, run.advance, run.check)
        content = cast(IO[bytes], ChunkReader(writer.chunks()))
        writing = asyncio.create_task(asyncio.to_thread(self._files.put, run.claimed.file_id, content))
        try:
            while not (await asyncio.wait([writing], timeout=REPORT_INTERVAL_S))[0]:
                await run.report()
        except BaseException:
            # The thread reads the spool: it ends at its next chunk, before the spool is closed.
            run.is_lost = True
            await asyncio.gather(writing, return_exceptions=True)
            raise
        await writing
        return writer.size

    def _delete(self, file_id: str) -> None:
        if file_id:
            for suffix in ("", PARTIAL_SUFFIX):
                self._files.delete(file_id + suffix)


class _CopyRun:
    """How far one run is, and whether it may go on."""

    def __init__(self, store: Store, claimed: ClaimedCopy, is_stopping: Callable[[], bool]) -> None:
        self.claimed = claimed
        self.done = 0
        self.total = len(COPIED_TABLES) + PAGES
        self.is_lost = False
        self._store = store
        self._is_stopping = is_stopping
        self._reported_at = float("-inf")

    def advance(self) -> None:
        """Count one more part."""
        self.done = min(self.done + 1, self.total)

    def check(self) -> None:
        """Raise CopyInterrupted unless the run may go on."""
        if self.is_lost or self._is_stopping():
            raise CopyInterrupted

    async def report(self) -> None:
        """Renew the claim, every two seconds. Raises CopyInterrupted when another run has the copy."""
        if time.monotonic() - self._reported_at < REPORT_INTERVAL_S:
            return
        self._reported_at = time.monotonic()
        progress = CopyProgress(self.claimed.copy_id, self.claimed.claim, self.done, self.total)
        if not await self._store.run(data_copies.report_progress, progress):
            self.is_lost = True
            raise CopyInterrupted
