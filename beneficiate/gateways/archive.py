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
from beneficiate.actions.lines import SendFile
from beneficiate.errors import NotFound, Problem, Unavailable
from beneficiate.gateways.files import SMALL, FileStore, Opened
from beneficiate.gateways.images import HEAD, PDF, Drawn, redraw, sniff
from beneficiate.protocol.pictures import AttachmentPicture, FileKind, Message
from beneficiate.queries.attachments import unknown
from beneficiate.store import Actor, Store

DRAWERS = 2
"""Images drawn at a time: each may take 200 MB."""
AT_ONCE = 500
ID_LETTERS = 36


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: what the sender calls it is only a wish."""

    chat_id: int
    content: IO[bytes]
    name: str
    client_id: str | None = None


class Archive:
    """Takes files in and gives them out, never on the loop and never inside of a transaction."""

    def __init__(self, store: Store, files: FileStore) -> None:
        self._store = store
        self._files = files
        self._drawers = ThreadPoolExecutor(DRAWERS, "drawer")

    async def keep(self, upload: Upload, actor: Actor) -> Message:
        """Send a file in a chat: the line that stands for it.

        Raises UnsupportedType, TooLarge (an image of too many pixels), Unavailable, and what `attachments.send` raises;
        the file is gone then.
        """
        picture = await asyncio.get_running_loop().run_in_executor(self._drawers, self._put, upload)
        command = SendFile(upload.chat_id, picture.name, picture, upload.client_id)
        try:
            message: Message = await self._store.run(attachments.send, command, actor)
        except Unavailable:
            # The commit that was cut off may have happened. If it has not, the clock finds a file without a row.
            raise
        except Problem:
            await asyncio.to_thread(self._forget, picture.id)
            raise
        if message.attachment != picture:
            await asyncio.to_thread(self._forget, picture.id)
        return message

    async def open(self, attachment_id: str, *, is_small: bool) -> Opened:
        """The content of a file, small when that is wanted and there is one. Raises NotFound, Unavailable."""
        return await asyncio.to_thread(self._open, attachment_id, is_small)

    async def sweep(self, before: datetime) -> int:
        """Delete what was put before this moment and has no row; how many contents that was. Raises Unavailable."""
        keys = await asyncio.to_thread(lambda: sorted(self._files.keys(before)))
        swept = 0
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            orphans = await self._store.read(unknown, {key[:ID_LETTERS] for key in some})
            for key in some:
                if key[:ID_LETTERS] in orphans:
                    await asyncio.to_thread(self._files.delete, key)
                    swept += 1
        return swept

    def close(self) -> None:
        """Wait for the images that are being drawn, and let the threads go."""
        self._drawers.shutdown()

    def _put(self, upload: Upload) -> AttachmentPicture:
        upload.content.seek(0)
        name = sniff(upload.content.read(HEAD))
        with TemporaryFile() as target, TemporaryFile() as small:
            if name == "PDF":
                return self._put_all(upload, PDF, {"": upload.content})
            drawn = redraw(upload.content, name, target, small)
            contents = {"": target, SMALL: small} if drawn.has_small else {"": target}
            return self._put_all(upload, drawn.kind, contents, drawn)

    def _put_all(
        self, upload: Upload, kind: FileKind, contents: Mapping[str, IO[bytes]], drawn: Drawn | None = None
    ) -> AttachmentPicture:
        """Put the versions of a file, each under what its key has after the id; all of them or none."""
        id_ = str(uuid.uuid4())
        size = contents[""].seek(0, SEEK_END)
        try:
            for ending, content in contents.items():
                content.seek(0)
                self._files.put(id_ + ending, content)
        except Problem:
            self._forget(id_)
            raise
        return AttachmentPicture(
            id=id_,
            name=attachments.clean_name(upload.name, kind),
            kind=kind,
            size=size,
            width=drawn.width if drawn else None,
            height=drawn.height if drawn else None,
        )

    def _open(self, id_: str, is_small: bool) -> Opened:
        if is_small:
            with suppress(NotFound):
                return self._files.open(id_ + SMALL)
        return self._files.open(id_)

    def _forget(self, id_: str) -> None:
        # What cannot be deleted now, the clock finds.
        with suppress(Unavailable):
            for ending in ("", SMALL):
                self._files.delete(id_ + ending)
