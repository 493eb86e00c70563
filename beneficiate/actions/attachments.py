"""Files in chats: each is sent as a message."""

import unicodedata
from os.path import splitext

from beneficiate.actions import messages, quotas
from beneficiate.actions.messages import SendFile
from beneficiate.domain.visible_text import has_visible_text
from beneficiate.models.chats import Attachment
from beneficiate.protocol.payloads import MediaType, MessagePayload
from beneficiate.text_limits import MAX_FILE_NAME_CHARS
from beneficiate.unit_of_work import UnitOfWork

_DEFAULT_STEM = "archivo"
_EXTENSIONS: dict[MediaType, tuple[str, ...]] = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
}
_KNOWN_EXTENSIONS = (*(ending for endings in _EXTENSIONS.values() for ending in endings), ".gif", ".heic", ".heif")
_STRIPPED_CATEGORIES = ("C", "Zl", "Zp")


def send_attachment(uow: UnitOfWork, command: SendFile) -> MessagePayload:
    """Store a message for a file that is in the file store, and emit it to both sides like any message.

    A `client_id` that was stored before returns the stored message, which has another file. Raises NotFound (no chat of
    the actor), ChatIsClosed, Conflict (the `client_id` was used with another text), RateLimited (too much in a day).
    """
    message = messages.send_messages.run_one(uow, command)
    if message.attachment == command.attachment:
        file = command.attachment
        quotas.consume_quota(uow, uow.rules.quotas.upload_bytes, file.size)
        Attachment.create(
            id=file.id,
            chat=message.chat_id,
            line=message.id,
            uploader=uow.actor.user_id,
            name=file.name,
            kind=file.kind,
            size=file.size,
            width=file.width,
            height=file.height,
            created_at=uow.now,
        )
    return message


def clean_file_name(name: str, kind: MediaType) -> str:
    """Return a file name that can be shown and saved anywhere: no folders, nothing invisible, at most 160 characters.

    Its extension is that of the content, since computers choose the program by it.
    """
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    visible = "".join(letter for letter in base if not unicodedata.category(letter).startswith(_STRIPPED_CATEGORIES))
    collapsed = " ".join(visible.split())
    stem, extension = splitext(collapsed)
    if extension.lower() not in _KNOWN_EXTENSIONS:
        stem, extension = collapsed, ""
    if extension.lower() not in _EXTENSIONS[kind]:
        extension = _EXTENSIONS[kind][0]
    stem = stem.strip(" .")[: MAX_FILE_NAME_CHARS - len(extension)].rstrip(" .")
    return (stem if stem and has_visible_text(stem) else _DEFAULT_STEM) + extension
