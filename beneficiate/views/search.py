"""What the search of the desk has found."""

from datetime import datetime

import msgspec

from beneficiate.protocol.desk_tools import PersonName
from beneficiate.protocol.envelope import Id, Seq


class FoundMember(msgspec.Struct, frozen=True, kw_only=True):
    """A member who was found, with their newest support chat. E-mail and document are masked."""

    id: Id
    first_name: str
    last_name: str
    email: str
    document_type: str
    document_number: str
    chat_id: Id | None


class FoundMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was found, and the member of its chat. Every second piece of `snippet` is a word that matched."""

    chat_id: Id
    seq: Seq
    member: PersonName
    sender_type: str
    sent_at: datetime
    snippet: list[str]


class SearchResults(msgspec.Struct, frozen=True, kw_only=True):
    """Members, on the first page only, and a page of messages, newest first."""

    members: list[FoundMember]
    lines: list[FoundMessage]
    has_more: bool
