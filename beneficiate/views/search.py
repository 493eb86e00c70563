"""What the search of the desk has found."""

from datetime import datetime

import msgspec

from beneficiate.protocol.desk_tools import PersonName
from beneficiate.protocol.envelope import Id, Seq


class FoundBeneficiary(msgspec.Struct, frozen=True, kw_only=True):
    """A beneficiary who was found. The document is masked."""

    id: Id
    first_name: str
    last_name: str
    document_type: str
    document_number: str


class FoundMember(msgspec.Struct, frozen=True, kw_only=True):
    """A member who was found, with their newest support chat. E-mail and document are masked.

    With `beneficiary` it is that person who was found, in the plan of this member.
    """

    id: Id
    first_name: str
    last_name: str
    email: str
    document_type: str
    document_number: str
    chat_id: Id | None
    beneficiary: FoundBeneficiary | None = None


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
