"""The search of the desk: members, and the messages of support chats."""

from collections.abc import Iterable
from dataclasses import dataclass

from peewee import fn

from beneficiate.errors import NotFound, Unavailable
from beneficiate.models.accounts import Agent, Supervisor, User
from beneficiate.models.base import database, is_postgresql
from beneficiate.models.chats import SUPPORT, Chat, Message
from beneficiate.models.time_limit import StatementTimeout, time_limit
from beneficiate.protocol.desk_tools import PersonName
from beneficiate.queries import people
from beneficiate.queries.access import STAFF_ROLES
from beneficiate.search import extract_snippet, query_words
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.masking import mask_email, mask_number
from beneficiate.views.search import FoundMember, FoundMessage, SearchResults

MESSAGES_PER_SEARCH_PAGE, MAX_MEMBERS_FOUND = 20, 10
MAX_SEARCH_PAGES = 100
MIN_SEARCH_CHARS = 2
SEARCH_TIMEOUT_S = 3.0

NEWEST_MESSAGES = 10_000
"""So many messages are read one by one, newest first, before the inverted index is asked (PostgreSQL).

With 1,000,000 messages: a word that is in every hundredth one is found in 2 ms here, and would take 40 ms there; one
that is in none takes 10 ms here, and would take 1,000 ms if all were read. What is in fewer than one of 500 is found
in 10 ms there.
"""

_SQLITE_SEARCH = (
    "SELECT found.rowid FROM line_words AS found WHERE line_words MATCH ? ORDER BY found.rowid DESC LIMIT ? OFFSET ?"
)
_POSTGRESQL_NEWEST_SEARCH = (
    "SELECT line_id FROM line_words WHERE line_id > {since} AND words @@ %s::tsquery "
    "ORDER BY line_id DESC LIMIT %s OFFSET %s"
)
# Materialized: with the LIMIT beside the condition, the planner would read all messages from the newest on.
_POSTGRESQL_SEARCH = (
    "WITH found AS MATERIALIZED (SELECT line_id FROM line_words WHERE words @@ %s::tsquery) "
    "SELECT line_id FROM found ORDER BY line_id DESC LIMIT %s OFFSET %s"
)

INDEX_LOOKBACK_IDS = 2000
"""Messages of two processes may be committed in another order than that of their ids: so far back we search again."""

# The table under the virtual one of SQLite knows its ids by an index of its own.
_INDEX_TABLES = {True: ("line_words", "line_id"), False: ("line_words_content", "id")}
_UNINDEXED_SQL = (
    "SELECT chat_lines.id, chat_lines.message FROM chat_lines JOIN chats ON chats.id = chat_lines.chat_id "
    "WHERE chat_lines.id > {since} AND chats.kind = 'SUPPORT' AND chat_lines.sender_type <> 'SYSTEM' "
    "AND NOT EXISTS (SELECT 1 FROM {words} AS known WHERE known.{id} = chat_lines.id AND known.{id} > {since}) "
    "ORDER BY chat_lines.id LIMIT {limit}{lock}"
)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """The text that was typed, and the page of messages, from 1."""

    text: str
    page: int = 1


def search_desk(uow: UnitOfWork, search_query: SearchQuery) -> SearchResults:
    """Return at most ten members by name, document or e-mail, and messages of support chats, 20 a page.

    A message is found by the beginnings of its words, all that were typed, without accents. It is in the index some
    seconds after it was sent. Raises NotFound for anybody but staff, Unavailable after 3 s.
    """
    if uow.actor.role not in STAFF_ROLES:
        raise NotFound
    parts = query_words(search_query.text)
    if len("".join(parts)) < MIN_SEARCH_CHARS:
        return SearchResults(members=[], lines=[], has_more=False)
    try:
        with time_limit(SEARCH_TIMEOUT_S):
            ids = _search_message_ids(parts, search_query.page)
            return SearchResults(
                members=_search_members(search_query.text) if search_query.page == 1 else [],
                lines=_load_found_messages(ids[:MESSAGES_PER_SEARCH_PAGE], parts),
                has_more=len(ids) > MESSAGES_PER_SEARCH_PAGE,
            )
    except StatementTimeout as problem:
        raise Unavailable("La búsqueda tardó demasiado. Escriba más palabras e intente de nuevo.") from problem


def has_unindexed_messages(uow: UnitOfWork) -> bool:
    """Return whether there are messages that are not in the search index yet."""
    return bool(find_unindexed_messages(1))


def find_unindexed_messages(limit: int, *, lock: bool = False) -> list[tuple[int, str]]:
    """Return the (id, text) of at most `limit` messages of support chats that are not in the index, oldest first.

    With `lock` nobody changes them until the unit of work ends: a text that was recalled meanwhile must not be indexed.
    """
    words, id_ = _INDEX_TABLES[is_postgresql()]
    # A number and no subquery, on both sides: the planner sees how few rows there are and reads no whole table.
    since = _newest_indexed_id() - INDEX_LOOKBACK_IDS
    lock_clause = " FOR SHARE OF chat_lines" if lock and is_postgresql() else ""
    sql = _UNINDEXED_SQL.format(words=words, id=id_, since=since, limit=limit, lock=lock_clause)
    return list(database.execute_sql(sql).fetchall())


def _newest_indexed_id() -> int:
    words, id_ = _INDEX_TABLES[is_postgresql()]
    (newest,) = database.execute_sql(f"SELECT COALESCE(MAX({id_}), 0) FROM {words}").fetchone()  # noqa: S608
    return int(newest)


def _search_members(text: str) -> list[FoundMember]:
    """Return the members who match, in alphabetical order, without the staff."""
    staff = [table.select(table.user).where(table.status == "ACTIVE") for table in (Agent, Supervisor)]
    newest = Chat.select(fn.MAX(Chat.id)).where(Chat.user == User.id, Chat.kind == SUPPORT)
    columns = (User.id, User.first_name, User.last_name, User.email, User.document_type, User.document_number)
    matching = people.select_matching_users(text, people.MAX_SORTED_PEOPLE)
    query = (
        User.select(*columns, newest.alias("chat_id"))
        .where(User.id.in_(matching), *(User.id.not_in(some) for some in staff))
        .order_by(User.first_name, User.last_name, User.id)
        .limit(MAX_MEMBERS_FOUND)
    )
    return [
        FoundMember(
            **{**row, "email": mask_email(row["email"]), "document_number": mask_number(row["document_number"])}
        )
        for row in query.dicts()
    ]


def _search_message_ids(parts: list[str], page: int) -> list[int]:
    """Return the ids of the messages with words that begin so, newest first: those of a page, and one more."""
    wanted = MESSAGES_PER_SEARCH_PAGE + 1
    position = (wanted, (page - 1) * MESSAGES_PER_SEARCH_PAGE)
    if not is_postgresql():
        return _fetch_ids(_SQLITE_SEARCH, " AND ".join(f'"{part}" *' for part in parts), *position)
    tsquery = " & ".join(f"'{part}':*" for part in parts)
    newest = _POSTGRESQL_NEWEST_SEARCH.format(since=_newest_indexed_id() - NEWEST_MESSAGES)
    ids = _fetch_ids(newest, tsquery, *position)
    return ids if len(ids) == wanted else _fetch_ids(_POSTGRESQL_SEARCH, tsquery, *position)


def _fetch_ids(sql: str, *parameters: object) -> list[int]:
    return [line_id for (line_id,) in database.execute_sql(sql, parameters).fetchall()]


def _load_found_messages(ids: Iterable[int], parts: list[str]) -> list[FoundMessage]:
    """Return messages as they are shown. Only support chats are in the index; that is checked once more here."""
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
        .order_by(Message.id.desc())
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
