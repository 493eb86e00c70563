"""What may change in the files of chats: sent as a line."""

import unicodedata
from os.path import splitext

from beneficiate.actions import lines
from beneficiate.actions.lines import SendFile
from beneficiate.errors import Problem
from beneficiate.models.chats import Attachment
from beneficiate.protocol.pictures import FileKind, Message
from beneficiate.store import Order, Work

NAME_LETTERS = 160
_DEFAULT_STEM = "archivo"
_ENDINGS: dict[FileKind, tuple[str, ...]] = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
}
_KNOWN_ENDINGS = (*(ending for endings in _ENDINGS.values() for ending in endings), ".gif", ".heic")
_NEVER_SHOWN = ("C", "Zl", "Zp")


def send(work: Work, command: SendFile) -> Message:
    """Store a line for a file that lies in the file store, and tell both sides, as of any line.

    A `client_id` that was stored before gives the stored line again, whose file is then another one. Raises NotFound
    (not one's chat), ChatIsClosed, Conflict (the `client_id` came before, with another text).
    """
    message: Message | Problem
    (message,) = lines.send(work, [Order(work.actor, command)])
    if isinstance(message, Problem):
        raise message
    if message.attachment == command.attachment:
        file = command.attachment
        Attachment.create(
            id=file.id,
            chat=message.chat_id,
            line=message.id,
            uploader=work.actor.user_id,
            name=file.name,
            kind=file.kind,
            size=file.size,
            width=file.width,
            height=file.height,
            created_at=work.now,
        )
    return message


def clean_name(name: str, kind: FileKind) -> str:
    """A name under which the file can be shown and saved anywhere: no folders, nothing invisible, at most 160 letters,
    and an ending that says what the file is, since a computer opens it by that.
    """
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in base if not unicodedata.category(letter).startswith(_NEVER_SHOWN))
    whole = " ".join(shown.split())
    stem, ending = splitext(whole)
    if ending.lower() not in _KNOWN_ENDINGS:
        stem, ending = whole, ""
    if ending.lower() not in _ENDINGS[kind]:
        ending = _ENDINGS[kind][0]
    stem = stem.strip(" .")[: NAME_LETTERS - len(ending)].rstrip(" .")
    return (stem if stem and lines.is_visible(stem) else _DEFAULT_STEM) + ending
