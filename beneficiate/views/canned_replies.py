"""Canned replies as the API sends them, and as supervisors administer them."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

import msgspec

from beneficiate.domain.administration import ACTIVE_STATE, INACTIVE_STATE
from beneficiate.domain.canned_replies import FilledReply
from beneficiate.models.call_centre import CannedReply
from beneficiate.protocol.envelope import Id
from beneficiate.views.administration import AdministrationList, ListRow
from beneficiate.views.edit_forms import EditForm, FieldLabels
from beneficiate.views.pages import StaffPage


class CannedReplyPayload(msgspec.Struct, frozen=True, kw_only=True):
    """A canned reply; `text` may have variables like `{{member.first_name}}`. A change is of a `version`."""

    id: Id
    shortcut: str
    title: str
    text: str
    uses: int
    is_active: bool
    updated_at: datetime
    version: int


class RenderedReply(msgspec.Struct, frozen=True, kw_only=True):
    """A canned reply for one chat. `unknown` names the variables that were left as they are written."""

    id: Id
    text: str
    unknown: list[str]


def serialize_canned_reply(row: CannedReply) -> CannedReplyPayload:
    """Return a canned reply with its variables."""
    return CannedReplyPayload(
        id=row.id,
        shortcut=row.shortcut,
        title=row.title,
        text=row.text,
        uses=row.uses,
        is_active=row.is_active,
        updated_at=row.updated_at,
        version=row.version,
    )


ACTIVE_REPLIES, INACTIVE_REPLIES = "activas", "inactivas"
REPLY_STATES = {"": "Todas", ACTIVE_REPLIES: "Activas", INACTIVE_REPLIES: "Inactivas"}
REPLY_LABELS = FieldLabels(
    {"shortcut": "Atajo", "title": "Título", "text": "Texto", "estado": "Estado"},
    {"estado": {ACTIVE_STATE: "Activa", INACTIVE_STATE: "Inactiva"}},
)


@dataclass(frozen=True)
class ReplyRow(ListRow):
    """A canned reply in the list of the administration, by its title."""

    shortcut: str
    uses: int


@dataclass(frozen=True)
class ReplyAdministration(StaffPage):
    """`/supervisor/ajustes/respuestas`, alone or with the form of a reply beside the list; None for a new one.

    `preview` is what is typed with the examples of the variables, which are `examples`.
    """

    template: ClassVar[str] = "administration/canned_replies.html"

    replies: AdministrationList[ReplyRow]
    reply: ReplyRow | None
    form: EditForm | None
    preview: FilledReply
    examples: dict[str, str]
    done: str
