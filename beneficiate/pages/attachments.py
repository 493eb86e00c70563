"""Files of chats: sent by a program, read by programs and by pages."""

from asyncio import to_thread
from contextlib import suppress
from typing import get_args
from urllib.parse import quote

from tornado.iostream import StreamClosedError

from beneficiate.errors import Invalid
from beneficiate.gateways.archive import Upload
from beneficiate.pages.api import ApiDoor, path_id
from beneficiate.pages.base import Door
from beneficiate.pages.signed_in import SignedInPage
from beneficiate.pages.uploads import UploadDoor
from beneficiate.protocol.pictures import FileKind, Message
from beneficiate.queries import attachments
from beneficiate.queries.attachments import Found

CHUNK = 256 * 1024
CLIENT_ID_LETTERS = 64
HEADERS = {
    # Content never changes under its id. Who signs out takes their cookie or token along, and so the copy is of no use.
    "Cache-Control": "private, max-age=86400, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class SendAttachment(UploadDoor):
    """`POST agent-chat/:chat_id/attachments?name=&client_id=`: the file is the body; its line says it."""

    takes, gives = {"name": "string", "client_id": "string"}, Message
    files = (*get_args(FileKind), "image/gif")

    async def admit(self) -> None:
        self.house.uploads.take(self.actor.user_id)
        await self.look(attachments.require_open, path_id(self.path_args[0]))
        client_id(self)

    async def post(self, chat_id: str) -> None:
        content, name = self.received(), self.get_query_argument("name", "")
        upload = Upload(path_id(chat_id), content, name, client_id(self))
        self.succeed(await self.house.archive.keep(upload, self.actor), status=201)


class Attachment(ApiDoor):
    """`GET attachments/:id?size=small`: the file; small is at most 480 pixels, where there is such a version."""

    takes, files = {"size": "string"}, get_args(FileKind)

    async def get(self, attachment_id: str) -> None:
        self.set_header("Vary", "Origin, Authorization")
        await pour(self, await self.look(attachments.find, attachment_id))


class AttachmentPage(SignedInPage):
    """The same for pages, by their cookie."""

    async def get(self, attachment_id: str) -> None:
        self.set_header("Vary", "Cookie")
        await pour(self, await self.look(attachments.find, attachment_id))


def client_id(door: Door) -> str | None:
    """The `client_id` of the query string. Raises Invalid."""
    text = door.get_query_argument("client_id", None, strip=False)
    if text is not None and not 0 < len(text) <= CLIENT_ID_LETTERS:
        raise Invalid("El dato «client_id» no es válido.")
    return text


async def pour(door: Door, found: Found) -> None:
    """Answer with a file, as fast as it is read at the other end: images to be shown, anything else to be saved."""
    opened = await door.house.archive.open(found.id, is_small=door.get_query_argument("size", "") == "small")
    for name, value in HEADERS.items():
        door.set_header(name, value)
    how = "inline" if found.kind.startswith("image/") else "attachment"
    door.set_header("Content-Type", found.kind)
    door.set_header("Content-Disposition", f"{how}; filename*=UTF-8''{quote(found.name, safe='')}")
    door.set_header("Content-Length", str(opened.size))
    with opened.content as content, suppress(StreamClosedError):
        while chunk := await to_thread(content.read, CHUNK):
            door.write(chunk)
            await door.flush()
