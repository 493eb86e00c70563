"""Attachments: a file is stored first, then its message is sent."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import SEEK_END
from tempfile import TemporaryFile
from typing import IO

from beneficiate.actions import attachments
from beneficiate.actions.messages import SendFile
from beneficiate.clients.decoder_process import decode_in_process
from beneficiate.clients.files import SMALL_SUFFIX, FileStore, OpenFile
from beneficiate.clients.images import DecodedFile
from beneficiate.errors import NotFound, Problem, Unavailable
from beneficiate.protocol.payloads import AttachmentPayload, MessagePayload
from beneficiate.queries.attachments import find_unknown_attachments
from beneficiate.store import Store
from beneficiate.unit_of_work import Actor

MAX_DECODERS = 2
"""Files decoded at a time, each in a process of at most 1 GB."""
MAX_WAITING_UPLOADS = 50
"""Uploads that wait for a decoder; each of them is a file on the disk."""
ORPHAN_BATCH_SIZE = 500
ID_CHARS = 36


@dataclass(frozen=True, slots=True)
class AttachmentUpload:
    """An uploaded file; `name` is as the sender gave it and not safe to use."""

    chat_id: int
    content: IO[bytes]
    name: str
    client_id: str | None = None


class AttachmentService:
    """Stores and opens files, never on the event loop and never in a transaction."""

    def __init__(self, store: Store, files: FileStore) -> None:
        self._store = store
        self._files = files
        self._decoder_pool = ThreadPoolExecutor(MAX_DECODERS, "decoders")
        self._waiting = 0

    async def send_upload(self, upload: AttachmentUpload, actor: Actor) -> MessagePayload:
        """Store a file and send it in a chat; return its message.

        Raises UnsupportedType, TooLarge (an image with too many pixels), Unavailable, and what `send_attachment`
        raises; the file is deleted then.
        """
        attachment = await self._store_upload(upload)
        command = SendFile(upload.chat_id, attachment.name, attachment, upload.client_id)
        try:
            message: MessagePayload = await self._store.run(attachments.send_attachment, command, actor)
        except Unavailable:
            # An interrupted commit may have happened. If not, the clean-up job finds a file without a row.
            raise
        except Problem:
            await asyncio.to_thread(self._delete_versions, attachment.id)
            raise
        if message.attachment != attachment:
            await asyncio.to_thread(self._delete_versions, attachment.id)
        return message

    async def open_attachment(self, attachment_id: str, *, is_small: bool) -> OpenFile:
        """Return the content of a file, of its small version if wanted and present. Raises NotFound, Unavailable."""
        return await asyncio.to_thread(self._open_version, attachment_id, is_small)

    async def find_orphans(self, before: datetime) -> list[str]:
        """Return the keys of the files older than `before` without a row."""
        keys = await asyncio.to_thread(lambda: sorted(self._files.keys(before)))
        found = []
        for start in range(0, len(keys), ORPHAN_BATCH_SIZE):
            batch = keys[start : start + ORPHAN_BATCH_SIZE]
            orphans = await self._store.read(find_unknown_attachments, {key[:ID_CHARS] for key in batch})
            found += [key for key in batch if key[:ID_CHARS] in orphans]
        return found

    async def delete_orphans(self, before: datetime) -> int:
        """Delete files older than `before` without a row; return how many.

        Raises Unavailable when some could not be deleted, after all others were.
        """
        deleted, problem = 0, None
        for key in await self.find_orphans(before):
            try:
                await asyncio.to_thread(self._files.delete, key)
                deleted += 1
            except Unavailable as raised:
                problem = raised
        if problem is not None:
            raise problem
        return deleted

    async def delete_files(self, ids: Sequence[str]) -> None:
        """Delete the contents of files; one that is gone already is no error. Raises Unavailable."""
        for id_ in ids:
            for suffix in ("", SMALL_SUFFIX):
                await asyncio.to_thread(self._files.delete, id_ + suffix)

    def close(self) -> None:
        """Wait for the files that are being decoded, at most two, and drop those that wait: they are sent again."""
        self._decoder_pool.shutdown(cancel_futures=True)

    async def _store_upload(self, upload: AttachmentUpload) -> AttachmentPayload:
        if self._waiting >= MAX_WAITING_UPLOADS:
            raise Unavailable("Estamos recibiendo muchos archivos. Intente de nuevo en unos segundos.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._decoder_pool, self._decode_upload, upload)
        finally:
            self._waiting -= 1

    def _decode_upload(self, upload: AttachmentUpload) -> AttachmentPayload:
        with TemporaryFile() as target, TemporaryFile() as small:
            decoded = decode_in_process(upload.content, target, small)
            contents = {"": target, SMALL_SUFFIX: small} if decoded.has_small else {"": target}
            return self._write_versions(upload, decoded, contents)

    def _write_versions(
        self, upload: AttachmentUpload, decoded: DecodedFile, contents: Mapping[str, IO[bytes]]
    ) -> AttachmentPayload:
        """Store the versions of a file by the suffix of their key; all of them or none."""
        id_ = str(uuid.uuid4())
        size = contents[""].seek(0, SEEK_END)
        try:
            for suffix, content in contents.items():
                content.seek(0)
                self._files.put(id_ + suffix, content)
        except Problem:
            self._delete_versions(id_)
            raise
        return AttachmentPayload(
            id=id_,
            name=attachments.clean_file_name(upload.name, decoded.kind),
            kind=decoded.kind,
            size=size,
            width=decoded.width,
            height=decoded.height,
        )

    def _open_version(self, id_: str, is_small: bool) -> OpenFile:
        if is_small:
            with suppress(NotFound):
                return self._files.open(id_ + SMALL_SUFFIX)
        return self._files.open(id_)

    def _delete_versions(self, id_: str) -> None:
        # What cannot be deleted now is found by the clean-up job.
        with suppress(Unavailable):
            for suffix in ("", SMALL_SUFFIX):
                self._files.delete(id_ + suffix)
