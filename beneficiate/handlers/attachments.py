"""Files of chats: uploaded over the API, read over the API and by pages."""

from asyncio import to_thread
from contextlib import suppress
from typing import get_args
from urllib.parse import quote

from tornado.iostream import StreamClosedError

from beneficiate.clients.files import OpenFile
from beneficiate.domain.audit_kinds import VIEWED_FILE
from beneficiate.errors import Invalid
from beneficiate.handlers.api import ApiHandler, parse_id
from beneficiate.handlers.base import BaseHandler
from beneficiate.handlers.data_views import note_opened
from beneficiate.handlers.signed_in import SignedInPage
from beneficiate.handlers.uploads import UploadHandler
from beneficiate.protocol.payloads import MediaType, MessagePayload
from beneficiate.queries import attachments
from beneficiate.queries.attachments import ReadableAttachment
from beneficiate.services.attachments import AttachmentUpload
from beneficiate.text_limits import MAX_CLIENT_ID_CHARS

CHUNK_BYTES = 256 * 1024
FILE_HEADERS = {
    # Files of chats are health data: no copy stays on the disk of a shared computer.
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class SendAttachmentHandler(UploadHandler):
    """`POST agent-chat/:chat_id/attachments`: a form with a file and a `client_id`; answers with its message.

    The file may also be the body itself, with `name` and `client_id` in the query string. A name can say much about
    somebody's health, and addresses are written down in many places: a form is better.
    """

    query_params, response_type = {"name": "string", "client_id": "string"}, MessagePayload
    content_types = ("multipart/form-data", *get_args(MediaType), "image/gif", "image/heic")

    async def check_upload(self) -> None:
        await self.context.limiters.uploads.acquire(self.actor.user_id)
        await self.run_query(attachments.require_open_chat, parse_id(self.path_args[0]))
        check_client_id(self.get_query_argument("client_id", None, strip=False))

    async def post(self, chat_id: str) -> None:
        file = await self.uploaded_file()
        name = file.name or self.get_query_argument("name", "")
        client_id = file.fields.get("client_id", self.get_query_argument("client_id", None, strip=False))
        upload = AttachmentUpload(parse_id(chat_id), file.content, name, check_client_id(client_id))
        self.write_success(await self.context.attachments.send_upload(upload, self.actor), status=201)


class AttachmentHandler(ApiHandler):
    """`GET attachments/:id?size=small`: the file; of an image, `small` is a version of at most 480 pixels, if any."""

    query_params, content_types = {"size": "string"}, get_args(MediaType)

    async def get(self, attachment_id: str) -> None:
        self.set_header("Vary", "Origin, Authorization")
        await stream_attachment(self, await load_opened_attachment(self, attachment_id))


class AttachmentPage(SignedInPage):
    """`/archivos/:id?size=small`: the same for pages, authenticated by their cookie."""

    async def get(self, attachment_id: str) -> None:
        self.set_header("Vary", "Cookie")
        await stream_attachment(self, await load_opened_attachment(self, attachment_id))


def check_client_id(text: str | None) -> str | None:
    """Return a `client_id` as it is; None without one. Raises Invalid."""
    if text is not None and not 0 < len(text) <= MAX_CLIENT_ID_CHARS:
        raise Invalid("El dato «client_id» no es válido.")
    return text


async def load_opened_attachment(handler: BaseHandler, attachment_id: str) -> ReadableAttachment:
    """Return a file that the actor may read; that one of the staff opens it is recorded. Raises NotFound."""
    attachment = await handler.run_query(attachments.load_attachment, attachment_id)
    note_opened(handler, VIEWED_FILE, f"file:{attachment.id}")
    return attachment


async def stream_attachment(handler: BaseHandler, attachment: ReadableAttachment) -> None:
    """Answer with a file at the speed of its reader: images are shown by a browser, anything else is saved."""
    open_file = await handler.context.attachments.open_attachment(
        attachment.id, is_small=handler.get_query_argument("size", "") == "small"
    )
    disposition = "inline" if attachment.kind.startswith("image/") else "attachment"
    name = quote(attachment.name, safe="")
    await stream_file(handler, open_file, attachment.kind, f"{disposition}; filename*=UTF-8''{name}")


async def stream_file(handler: BaseHandler, file: OpenFile, kind: str, disposition: str) -> None:
    """Answer with a file of a member at the speed of its reader; the type and the disposition are headers."""
    for name, value in FILE_HEADERS.items():
        handler.set_header(name, value)
    handler.set_header("Content-Type", kind)
    handler.set_header("Content-Disposition", disposition)
    handler.set_header("Content-Length", str(file.size))
    with file.content as content, suppress(StreamClosedError):
        while chunk := await to_thread(content.read, CHUNK_BYTES):
            handler.write(chunk)
            await handler.flush()
