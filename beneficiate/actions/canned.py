"""What may change in the replies that are written once: supervisors write them, agents use them."""

import re
from dataclasses import dataclass

from beneficiate.actions import audit
from beneficiate.actions.lines import is_visible
from beneficiate.errors import Conflict, Forbidden, InvalidForm, NotFound
from beneficiate.models.base import locked
from beneficiate.models.staff import CannedReply
from beneficiate.protocol.tools import UseCanned
from beneficiate.queries.canned import CannedPicture, picture
from beneficiate.store import Work

SHORTCUT = re.compile(r"[a-z0-9-]{1,32}")
TITLE_CHARS = 80
TEXT_CHARS = 4000


@dataclass(frozen=True, slots=True)
class Write:
    """A reply as it should be: a new one, or what the one with this id becomes. `address` is for the audit."""

    shortcut: str
    title: str
    text: str
    address: str
    reply_id: int | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Deactivate:
    """A reply is not to be used any more. `address` is for the audit."""

    reply_id: int
    address: str


def use(work: Work, command: UseCanned) -> None:
    """A reply was used once more. Raises NotFound."""
    mine = (CannedReply.id == command.reply_id) & CannedReply.is_active
    if not CannedReply.update(uses=CannedReply.uses + 1).where(mine).execute():
        raise NotFound


def write(work: Work, command: Write) -> CannedPicture:
    """Make a reply, or change one. Raises Forbidden, InvalidForm, NotFound, Conflict (another has the shortcut)."""
    _require_supervisor(work)
    _check(command)
    row = CannedReply() if command.reply_id is None else _access(command.reply_id)
    if CannedReply.select().where(CannedReply.shortcut == command.shortcut, CannedReply.id != (row.id or 0)).exists():
        raise Conflict("Ya hay otra respuesta con ese atajo.")
    columns = {
        "shortcut": command.shortcut,
        "title": command.title.strip(),
        "text": command.text,
        "is_active": command.is_active,
    }
    changes = {name: (getattr(row, name), value) for name, value in columns.items() if getattr(row, name) != value}
    for name, value in {**columns, "updated_at": work.now}.items():
        setattr(row, name, value)
    row.save(only=[*columns, "updated_at"] if row.id else None)
    audit.record(work, "canned.write", f"canned_reply:{row.id}", command.address, "", **changes)
    return picture(row)


def deactivate(work: Work, command: Deactivate) -> CannedPicture:
    """Nobody finds the reply any more; its uses stay counted. Again changes nothing. Raises Forbidden, NotFound."""
    _require_supervisor(work)
    row = _access(command.reply_id)
    if row.is_active:
        row.is_active, row.updated_at = False, work.now
        row.save(only=[CannedReply.is_active, CannedReply.updated_at])
        subject = f"canned_reply:{row.id}"
        audit.record(work, "canned.deactivate", subject, command.address, "", is_active=(True, False))
    return picture(row)


def _require_supervisor(work: Work) -> None:
    if work.actor.role != "supervisor":
        raise Forbidden


def _check(command: Write) -> None:
    """Raises InvalidForm with a sentence for each field that is not right."""
    wrong = {}
    if not SHORTCUT.fullmatch(command.shortcut):
        wrong["shortcut"] = "Use de 1 a 32 letras minúsculas sin tilde, números o guiones."
    if not command.title or not is_visible(command.title) or len(command.title.strip()) > TITLE_CHARS:
        wrong["title"] = f"Escriba un título de hasta {TITLE_CHARS} caracteres."
    if not command.text or not is_visible(command.text) or len(command.text) > TEXT_CHARS:
        wrong["text"] = f"Escriba un texto de hasta {TEXT_CHARS:,} caracteres.".replace(",", ".")
    if wrong:
        raise InvalidForm(wrong)


def _access(reply_id: int) -> CannedReply:
    """A reply, held. Raises NotFound."""
    row: CannedReply | None = locked(CannedReply.select().where(CannedReply.id == reply_id)).first()
    if row is None:
        raise NotFound
    return row
