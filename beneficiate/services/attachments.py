"""Between the file store and the database: a file is kept first, then its line says that it is there."""

import asyncio
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import SEEK_END
from tempfile import TemporaryFile
from typing import IO

from beneficiate.actions import attachments
from beneficiate.actions.messages import SendFile
from beneficiate.clients.files import SMALL_SUFFIX, FileStore, OpenFile
from beneficiate.clients.images import PDF_KIND, SIGNATURE_BYTES, ProcessedImage, detect_format, reencode_image
from beneficiate.errors import NotFound, Problem, Unavailable
from beneficiate.protocol.payloads import AttachmentPayload, MediaType, MessagePayload
from beneficiate.queries.attachments import find_unknown_attachments
from beneficiate.store import Store
from beneficiate.unit_of_work import Actor

IMAGE_THREADS = 2
"""Images drawn at a time: each may take 200 MB."""
ORPHAN_BATCH_SIZE = 500
ID_CHARS = 36


@dataclass(frozen=True, slots=True)
class AttachmentUpload:
    """A file as it came: what the sender calls it is only a wish."""

    chat_id: int
    content: IO[bytes]
    name: str
    client_id: str | None = None


class AttachmentService:
    """Takes files in and gives them out, never on the loop and never inside of a transaction."""

    def __init__(self, store: Store, files: FileStore) -> None:
        self._store = store
        self._files = files
        self._image_pool = ThreadPoolExecutor(IMAGE_THREADS, "drawer")

    async def send_upload(self, upload: AttachmentUpload, actor: Actor) -> MessagePayload:
        """Send a file in a chat: the line that stands for it.

        Raises UnsupportedType, TooLarge (an image of too many pixels), Unavailable, and what `attachments.send` raises;
        the file is gone then.
        """
        attachment = await asyncio.get_running_loop().run_in_executor(self._image_pool, self._process_upload, upload)
        command = SendFile(upload.chat_id, attachment.name, attachment, upload.client_id)
        try:
            message: MessagePayload = await self._store.run(attachments.send_attachment, command, actor)
        except Unavailable:
            # The commit that was cut off may have happened. If it has not, the clock finds a file without a row.
            raise
        except Problem:
            await asyncio.to_thread(self._delete_versions, attachment.id)
            raise
        if message.attachment != attachment:
            await asyncio.to_thread(self._delete_versions, attachment.id)
        return message

    async def open_attachment(self, attachment_id: str, *, is_small: bool) -> OpenFile:
        """The content of a file, small when that is wanted and there is one. Raises NotFound, Unavailable."""
        return await asyncio.to_thread(self._open_version, attachment_id, is_small)

    async def delete_orphans(self, before: datetime) -> int:
        """Delete what was put before this moment and has no row; how many contents that was. Raises Unavailable."""
        keys = await asyncio.to_thread(lambda: sorted(self._files.keys(before)))
        deleted = 0
        for start in range(0, len(keys), ORPHAN_BATCH_SIZE):
            batch = keys[start : start + ORPHAN_BATCH_SIZE]
            orphans = await self._store.read(find_unknown_attachments, {key[:ID_CHARS] for key in batch})
            for key in batch:
                if key[:ID_CHARS] in orphans:
                    await asyncio.to_thread(self._files.delete, key)
                    deleted += 1
        return deleted

    def close(self) -> None:
        """Wait for the images that are being drawn, and let the threads go."""
        self._image_pool.shutdown()

    def _process_upload(self, upload: AttachmentUpload) -> AttachmentPayload:
        upload.content.seek(0)
        format_name = detect_format(upload.content.read(SIGNATURE_BYTES))
        with TemporaryFile() as target, TemporaryFile() as small:
            if format_name == "PDF":
                return self._write_versions(upload, PDF_KIND, {"": upload.content})
            processed = reencode_image(upload.content, format_name, target, small)
            contents = {"": target, SMALL_SUFFIX: small} if processed.has_small else {"": target}
            return self._write_versions(upload, processed.kind, contents, processed)

    def _write_versions(
        self,
        upload: AttachmentUpload,
        kind: MediaType,
        contents: Mapping[str, IO[bytes]],
        processed: ProcessedImage | None = None,
    ) -> AttachmentPayload:
        """Put the versions of a file, each under what its key has after the id; all of them or none."""
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
            name=attachments.clean_file_name(upload.name, kind),
            kind=kind,
            size=size,
            width=processed.width if processed else None,
            height=processed.height if processed else None,
        )

    def _open_version(self, id_: str, is_small: bool) -> OpenFile:
        if is_small:
            with suppress(NotFound):
                return self._files.open(id_ + SMALL_SUFFIX)
        return self._files.open(id_)

    def _delete_versions(self, id_: str) -> None:
        # What cannot be deleted now, the clock finds.
        with suppress(Unavailable):
            for suffix in ("", SMALL_SUFFIX):
                self._files.delete(id_ + suffix)
