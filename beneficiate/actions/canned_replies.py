"""Canned replies: supervisors write them, agents use them."""

import re
from dataclasses import dataclass

from beneficiate.actions import audit
from beneficiate.actions.administration import lock_names, require_version
from beneficiate.domain.administration import INVISIBLE_SIGN, check_line, clean_line, refuse_invalid
from beneficiate.domain.visible_text import has_visible_text
from beneficiate.errors import Conflict, Forbidden, NotFound
from beneficiate.models.base import lock_rows
from beneficiate.models.call_centre import CannedReply
from beneficiate.protocol.desk_tools import RecordCannedReplyUse
from beneficiate.text_limits import MAX_MESSAGE_CHARS, MAX_REPLY_TITLE_CHARS, MAX_SHORTCUT_CHARS
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.canned_replies import CannedReplyPayload, serialize_canned_reply

SHORTCUT_PATTERN = re.compile(rf"[a-z0-9-]{{1,{MAX_SHORTCUT_CHARS}}}")
MAX_REPLY_CHARS = MAX_MESSAGE_CHARS


@dataclass(frozen=True, slots=True)
class SaveCannedReply:
    """The fields of a new reply, or of the one with this id, which was read in this version."""

    shortcut: str
    title: str
    text: str
    reply_id: int | None = None
    is_active: bool = True
    version: int | None = None


@dataclass(frozen=True, slots=True)
class DeactivateCannedReply:
    """The reply to deactivate."""

    reply_id: int


def count_canned_reply_use(uow: UnitOfWork, command: RecordCannedReplyUse) -> None:
    """Count one more use of a reply. Raises NotFound."""
    is_usable = (CannedReply.id == command.reply_id) & CannedReply.is_active
    if not CannedReply.update(uses=CannedReply.uses + 1).where(is_usable).execute():
        raise NotFound


def save_canned_reply(uow: UnitOfWork, command: SaveCannedReply) -> CannedReplyPayload:
    """Create or update a reply. Raises Forbidden, NotFound, Conflict (another reply has the shortcut).

    Raises OutdatedForm when somebody else has saved since the reply was read.
    """
    _forbid_unless_supervisor(uow)
    lock_names()
    row = CannedReply(version=0) if command.reply_id is None else _access_reply(command.reply_id)
    _validate_reply(command)
    if CannedReply.select().where(CannedReply.shortcut == command.shortcut, CannedReply.id != (row.id or 0)).exists():
        raise Conflict("Ya hay otra respuesta con ese atajo.")
    columns = {
        "shortcut": command.shortcut,
        "title": clean_line(command.title),
        "text": command.text,
        "is_active": command.is_active,
    }
    changes = {name: (getattr(row, name), value) for name, value in columns.items() if getattr(row, name) != value}
    if row.id and not changes:
        return serialize_canned_reply(row)
    if row.id:
        require_version(row, command.version or 0, changes)
    for name, value in {**columns, "updated_at": uow.now, "version": row.version + 1}.items():
        setattr(row, name, value)
    row.save(only=[*columns, "updated_at", "version"] if row.id else None)
    audit.record_audit(uow, "canned.write", f"canned_reply:{row.id}", changes=changes)
    return serialize_canned_reply(row)


def deactivate_canned_reply(uow: UnitOfWork, command: DeactivateCannedReply) -> CannedReplyPayload:
    """Deactivate a reply; its use count stays. A second time changes nothing. Raises Forbidden, NotFound."""
    _forbid_unless_supervisor(uow)
    row = _access_reply(command.reply_id)
    if row.is_active:
        row.is_active, row.updated_at, row.version = False, uow.now, row.version + 1
        row.save(only=[CannedReply.is_active, CannedReply.updated_at, CannedReply.version])
        subject = f"canned_reply:{row.id}"
        audit.record_audit(uow, "canned.deactivate", subject, changes={"is_active": (True, False)})
    return serialize_canned_reply(row)


def _forbid_unless_supervisor(uow: UnitOfWork) -> None:
    if uow.actor.role != "supervisor":
        raise Forbidden


def _validate_reply(command: SaveCannedReply) -> None:
    """Raise InvalidForm with a sentence for each invalid field."""
    is_shortcut = SHORTCUT_PATTERN.fullmatch(command.shortcut) is not None
    refuse_invalid(
        {
            "shortcut": (is_shortcut, "Use de 1 a 32 letras minúsculas sin tilde, números o guiones."),
            "title": check_line(clean_line(command.title), MAX_REPLY_TITLE_CHARS, "el título"),
            "text": (not (problem := _describe_text_problem(command.text)), problem),
        }
    )


def _describe_text_problem(text: str) -> str:
    if len(text) > MAX_REPLY_CHARS:
        return f"Use {MAX_REPLY_CHARS:,} letras o menos.".replace(",", ".")
    return "" if has_visible_text(text) else INVISIBLE_SIGN if text.strip() else "Escriba el texto."


def _access_reply(reply_id: int) -> CannedReply:
    """Return a reply, locked. Raises NotFound."""
    row: CannedReply | None = lock_rows(CannedReply.select().where(CannedReply.id == reply_id)).first()
    if row is None:
        raise NotFound
    return row
