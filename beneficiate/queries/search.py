"""The search of the desk: members, by their beneficiaries too, and the messages of support chats."""

from collections.abc import Iterable
from dataclasses import dataclass

from peewee import Expression, ModelSelect, fn

from beneficiate.errors import NotFound, Unavailable
from beneficiate.folding import fold
from beneficiate.models.accounts import ACTIVE_STAFF, INVITED_STAFF, Agent, Beneficiary, Supervisor, User
from beneficiate.models.base import NamedRow
from beneficiate.models.chats import SUPPORT, Chat, Message
from beneficiate.models.time_limit import StatementTimeout, time_limit
from beneficiate.protocol.desk_tools import PersonName
from beneficiate.queries import people
from beneficiate.queries.access import STAFF_ROLES
from beneficiate.queries.message_index import find_message_ids
from beneficiate.search import extract_snippet, query_words
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.masking import mask_email, mask_number
from beneficiate.views.search import FoundBeneficiary, FoundMember, FoundMessage, SearchResults

MESSAGES_PER_SEARCH_PAGE, MAX_MEMBERS_FOUND = 20, 10
MAX_SEARCH_PAGES = 100
MIN_SEARCH_CHARS = 2
SEARCH_TIMEOUT_S = 3.0


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """The text that was typed, and the page of messages, from 1."""

    text: str
    page: int = 1


def search_desk(uow: UnitOfWork, search_query: SearchQuery) -> SearchResults:
    """Return at most ten members by name, document or e-mail or by a beneficiary, and messages of support chats.

    A message is found by the beginnings of its words, all that were typed, without accents. It is in the index some
    seconds after it was sent. There are 20 on a page, the newest first. Pages follow the ids: two messages of different
    chats have other ids than times while one waited for a lock, for 3 s at most. Raises NotFound for anybody but staff,
    Unavailable after 3 s.
    """
    if uow.actor.role not in STAFF_ROLES:
        raise NotFound
    parts = query_words(search_query.text)
    if len("".join(parts)) < MIN_SEARCH_CHARS:
        return SearchResults(members=[], lines=[], has_more=False)
    try:
        with time_limit(SEARCH_TIMEOUT_S):
            before = (search_query.page - 1) * MESSAGES_PER_SEARCH_PAGE
            ids = find_message_ids(parts, before + MESSAGES_PER_SEARCH_PAGE + 1)[before:]
            return SearchResults(
                members=_search_members(search_query.text) if search_query.page == 1 else [],
                lines=_load_found_messages(ids[:MESSAGES_PER_SEARCH_PAGE], parts),
                has_more=len(ids) > MESSAGES_PER_SEARCH_PAGE,
            )
    except StatementTimeout as problem:
        raise Unavailable("La búsqueda tardó demasiado. Escriba más palabras e intente de nuevo.") from problem


def _search_members(text: str) -> list[FoundMember]:
    """Return the members who match, or whose beneficiary does, in alphabetical order of who matches; no staff."""
    matching = people.select_matching_users(text, people.MAX_SORTED_PEOPLE)
    members = [_build_member(row) for row in _select_members(User.id.in_(matching)).dicts()]
    found = [*members, *_search_beneficiaries(text, [member.id for member in members])]
    found.sort(key=lambda one: fold(f"{(one.beneficiary or one).first_name} {(one.beneficiary or one).last_name}"))
    return found[:MAX_MEMBERS_FOUND]


def _search_beneficiaries(text: str, shown_ids: list[int]) -> list[FoundMember]:
    """Return the first beneficiaries who match, each with their member; not those of members who are shown anyway."""
    ids = people.select_named_beneficiaries(text, people.MAX_SORTED_PEOPLE)
    for with_document in people.select_beneficiaries_by_document(text, people.MAX_SORTED_PEOPLE):
        ids |= with_document
    query = (
        Beneficiary.select()
        .where(Beneficiary.id.in_(ids), Beneficiary.removed_at.is_null(), Beneficiary.user.not_in(shown_ids))
        .order_by(Beneficiary.first_name, Beneficiary.last_name, Beneficiary.id)
        .limit(MAX_MEMBERS_FOUND)
    )
    rows = list(query)
    members = {row["id"]: row for row in _select_members(User.id.in_([row.user_id for row in rows])).dicts()}
    # The plan of somebody of the staff is no matter of the desk.
    return [_build_member(members[row.user_id], row) for row in rows if row.user_id in members]


def _select_members(condition: Expression) -> ModelSelect:
    """Select the first ten members in alphabetical order, without the staff, with their newest support chats."""
    is_staff = (ACTIVE_STAFF, INVITED_STAFF)
    staff = [table.select(table.user).where(table.status.in_(is_staff)) for table in (Agent, Supervisor)]
    newest = Chat.select(fn.MAX(Chat.id)).where(Chat.user == User.id, Chat.kind == SUPPORT)
    columns = (User.id, User.first_name, User.last_name, User.email, User.document_type, User.document_number)
    return (
        User.select(*columns, newest.alias("chat_id"))
        .where(condition, *(User.id.not_in(some) for some in staff))
        .order_by(User.first_name, User.last_name, User.id)
        .limit(MAX_MEMBERS_FOUND)
    )


def _build_member(row: NamedRow, beneficiary: Beneficiary | None = None) -> FoundMember:
    found = None if beneficiary is None else _build_beneficiary(beneficiary)
    masked = {"email": mask_email(row["email"]), "document_number": mask_number(row["document_number"])}
    return FoundMember(**{**row, **masked, "beneficiary": found})


def _build_beneficiary(row: Beneficiary) -> FoundBeneficiary:
    return FoundBeneficiary(
        id=row.id,
        first_name=row.first_name,
        last_name=row.last_name,
        document_type=row.document_type,
        document_number=mask_number(row.document_number),
    )


def _load_found_messages(ids: Iterable[int], parts: list[str]) -> list[FoundMessage]:
    """Return messages as they are shown, newest first.

    Only support chats are in the index; that is checked once more here.
    """
    query = (
        Message.select(
            Chat.id,
            Message.seq,
            Message.sender_type,
            Message.sent_at,
            Message.message,
            User.id,
            User.first_name,
            User.last_name,
        )
        .join(Chat)
        .join(User, on=Chat.user == User.id)
        .where(Message.id.in_(list(ids)), Chat.kind == SUPPORT)
        .order_by(Message.sent_at.desc(), Message.id.desc())
    )
    return [
        FoundMessage(
            chat_id=chat_id,
            seq=seq,
            member=PersonName(id=user_id, first_name=first_name, last_name=last_name),
            sender_type=sender_type,
            sent_at=sent_at,
            snippet=extract_snippet(message, parts),
        )
        for chat_id, seq, sender_type, sent_at, message, user_id, first_name, last_name in query.tuples()
    ]
