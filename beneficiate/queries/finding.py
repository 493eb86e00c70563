"""The search of the desk: members, and what was said in support chats."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from peewee import fn

from beneficiate.errors import NotFound
from beneficiate.models.base import database, is_postgresql
from beneficiate.models.chats import SUPPORT, Chat, Line
from beneficiate.models.people import Agent, Supervisor, User
from beneficiate.protocol.envelope import Id, Seq
from beneficiate.protocol.tools import Colleague
from beneficiate.queries import people
from beneficiate.queries.access import STAFF
from beneficiate.search import snippet, words_of
from beneficiate.store import Work

PAGE, MEMBERS = 20, 10
MOST_PAGES = 100
SHORTEST = 2

_LITE = (
    "SELECT found.rowid FROM line_words AS found WHERE line_words MATCH ? ORDER BY found.rowid DESC LIMIT ? OFFSET ?"
)
_POSTGRESQL = "SELECT line_id FROM line_words WHERE words @@ %s::tsquery ORDER BY line_id DESC LIMIT %s OFFSET %s"


class FoundMember(msgspec.Struct, frozen=True, kw_only=True):
    """A member who was found, with their newest support chat."""

    id: Id
    first_name: str
    last_name: str
    email: str
    document_type: str
    document_number: str
    chat_id: Id | None


class FoundLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line that was found, and the member of its chat. Every second piece of `snippet` is a word that matched."""

    chat_id: Id
    seq: Seq
    member: Colleague
    sender_type: str
    sent_at: datetime
    snippet: list[str]


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What a search found: members on the first page only, and a page of lines, newest first."""

    members: list[FoundMember]
    lines: list[FoundLine]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Sought:
    """What was typed, and which page of the lines, from 1."""

    text: str
    page: int = 1


def find(work: Work, sought: Sought) -> Findings:
    """Members by name, document or e-mail (ten at most), and lines of support chats, 20 a page.

    A line is found by the beginnings of all its words that were typed, without accents, some seconds after it was
    said. Raises NotFound for anybody but staff.
    """
    if work.actor.role not in STAFF:
        raise NotFound
    parts = words_of(sought.text)
    if len("".join(parts)) < SHORTEST:
        return Findings(members=[], lines=[], has_more=False)
    ids = _line_ids(parts, sought.page)
    return Findings(
        members=_members(sought.text) if sought.page == 1 else [],
        lines=_lines(ids[:PAGE], parts),
        has_more=len(ids) > PAGE,
    )


def _members(text: str) -> list[FoundMember]:
    """Members who are found, in the order of the alphabet; the staff are no members."""
    staff = [table.select(table.user).where(table.status == "ACTIVE") for table in (Agent, Supervisor)]
    newest = Chat.select(fn.MAX(Chat.id)).where(Chat.user == User.id, Chat.kind == SUPPORT)
    columns = (User.id, User.first_name, User.last_name, User.email, User.document_type, User.document_number)
    query = (
        User.select(*columns, newest.alias("chat_id"))
        .where(User.id.in_(people.matching(text)), *(User.id.not_in(some) for some in staff))
        .order_by(User.first_name, User.last_name, User.id)
        .limit(MEMBERS)
    )
    return [FoundMember(**row) for row in query.dicts()]


def _line_ids(parts: list[str], page: int) -> list[int]:
    """The lines that have all these beginnings of words, the newest first: those of a page, and one more."""
    if is_postgresql():
        sql, sought = _POSTGRESQL, " & ".join(f"'{part}':*" for part in parts)
    else:
        sql, sought = _LITE, " AND ".join(f'"{part}" *' for part in parts)
    rows = database.execute_sql(sql, (sought, PAGE + 1, (page - 1) * PAGE)).fetchall()
    return [line_id for (line_id,) in rows]


def _lines(ids: Iterable[int], parts: list[str]) -> list[FoundLine]:
    """Lines as they are shown. Only those of support chats are in the index; here that is looked at once more."""
    query = (
        Line.select(
            Chat.id,
            Line.seq,
            Line.sender_type,
            Line.sent_at,
            Line.message,
            User.id,
            User.first_name,
            User.last_name,
        )
        .join(Chat)
        .join(User, on=Chat.user == User.id)
        .where(Line.id.in_(list(ids)), Chat.kind == SUPPORT)
        .order_by(Line.id.desc())
    )
    return [
        FoundLine(
            chat_id=chat_id,
            seq=seq,
            member=Colleague(id=user_id, first_name=first_name, last_name=last_name),
            sender_type=sender_type,
            sent_at=sent_at,
            snippet=snippet(message, parts),
        )
        for chat_id, seq, sender_type, sent_at, message, user_id, first_name, last_name in query.tuples()
    ]
