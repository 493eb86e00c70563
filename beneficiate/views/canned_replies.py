"""Canned replies as the API sends them."""

from datetime import datetime

import msgspec

from beneficiate.models.call_centre import CannedReply
from beneficiate.protocol.envelope import Id


class CannedReplyPayload(msgspec.Struct, frozen=True, kw_only=True):
    """A canned reply; `text` may have variables like `{{member.first_name}}`."""

    id: Id
    shortcut: str
    title: str
    text: str
    uses: int
    is_active: bool
    updated_at: datetime


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
    )
