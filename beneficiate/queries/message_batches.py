"""What a batch of messages needs before it is stored, read in one round trip while the rows of its chats are locked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from beneficiate.models.accounts import User
from beneficiate.models.base import database, is_postgresql
from beneficiate.models.bulk_sql import rows_to_json
from beneficiate.models.chats import Chat, Message
from beneficiate.protocol.payloads import MessagePayload
from beneficiate.queries.access import CHAT_ACCESS_COLUMNS
from beneficiate.queries.chats import select_messages
from beneficiate.queries.service_levels import CLOCK_SQL, ChatPromises, read_clocks
from beneficiate.views.access import ChatAccess
from beneficiate.views.messages import serialize_message

MessageKey = tuple[int, str, int | None, str] | tuple[int, int]
"""What makes a message unique: (chat, sender type, sender, `client_id`), or (chat, `seq`) without a `client_id`."""

_PRESENCE = ("users.online_status", "users.last_seen")
_COLUMNS = (*(f"chats.{column}" for column in CHAT_ACCESS_COLUMNS), "chats.service_level_id", *CLOCK_SQL)
_REVISION = "(SELECT hours_revision FROM routing WHERE id = 1)"
_CHATS = "chats LEFT JOIN service_levels ON service_levels.id = chats.service_level_id"
_MEMBERS = "JOIN users ON users.id = chats.user_id"
_NEXT_IDS = "ARRAY(SELECT nextval('chat_lines_id_seq') FROM generate_series(1, %s::integer))"
_CHAT = 3
_LEVEL = _CHAT + len(CHAT_ACCESS_COLUMNS)
"""The places of the chat and of its service level in a row."""
_LAST_ID = "(SELECT COALESCE(MAX(id), 0) FROM chat_lines)"
# From the pairs to the messages: as two lists they would be compared each with each.
_SENT_ON_POSTGRESQL = (
    "unnest(%s::integer[], %s::text[]) AS sent (chat_id, client_id) JOIN chat_lines USING (chat_id, client_id)"
)
_SENT_ON_SQLITE = (
    "json_each(?) AS sent CROSS JOIN chat_lines "
    "ON chat_id = json_extract(sent.value, '$[0]') AND client_id = json_extract(sent.value, '$[1]')"
)


def _select(sent: str, ids: str, has_id: str, *, reads_presence: bool) -> str:
    columns = ", ".join((*_COLUMNS, *(_PRESENCE if reads_presence else ())))
    tables = f"{_CHATS} {_MEMBERS}" if reads_presence else _CHATS
    return (
        f"SELECT EXISTS(SELECT 1 FROM {sent}), {ids}, {_REVISION}, {columns} "  # noqa: S608
        f"FROM {tables} WHERE chats.id {has_id} ORDER BY chats.id"
    )


_POSTGRESQL = {
    reads_presence: _select(_SENT_ON_POSTGRESQL, _NEXT_IDS, "= ANY(%s::integer[])", reads_presence=reads_presence)
    for reads_presence in (False, True)
}
_SQLITE = {
    reads_presence: _select(
        _SENT_ON_SQLITE, _LAST_ID, "IN (SELECT value FROM json_each(?))", reads_presence=reads_presence
    )
    for reads_presence in (False, True)
}
"""By whether they read the members' presence: the join makes messages of members alone 5 to 9 % slower."""


@dataclass(frozen=True, slots=True)
class MessageBatch:
    """The chats of a batch by id, ids for its new messages, and those messages of it that are stored already.

    `promises` has those chats by id that were promised something, `hours_revision` which business hours these count in.
    `away` has those of the chats' members who are away, by id, with when they were last seen; none where that was not
    asked for.
    """

    access_by_chat: dict[int, ChatAccess]
    ids: Sequence[int]
    stored_messages: dict[MessageKey, MessagePayload]
    promises: Mapping[int, ChatPromises]
    hours_revision: int | None = None
    away: Mapping[int, User] = field(default_factory=dict)


NO_BATCH = MessageBatch({}, (), {}, {})
"""For messages that nothing was read for."""


def load_message_batch(
    chat_ids: set[int], sent: Collection[tuple[int, str]], count: int, *, reads_presence: bool
) -> MessageBatch:
    """Lock the chats of these ids until the unit of work ends, in order of id, and reserve `count` ids of messages.

    `sent` has the chat id and the `client_id` of each message that has one. Chats that do not exist are left out. With
    `reads_presence` it is read which members are away.
    """
    Chat.queue_lock(chat_ids)
    if is_postgresql():
        sent_chat_ids, client_ids = [chat_id for chat_id, _ in sent], [client_id for _, client_id in sent]
        values = (sent_chat_ids, client_ids, count, list(chat_ids))
        rows = database.execute_prepared(_POSTGRESQL[reads_presence], values).fetchall()
    else:
        lists = (rows_to_json(list(sent)), rows_to_json(list(chat_ids)))
        rows = database.execute_sql(_SQLITE[reads_presence], lists).fetchall()
    if not rows:
        return NO_BATCH
    has_stored, ids, revision, *_ = rows[0]
    access_by_chat = {row[_CHAT]: ChatAccess(*row[_CHAT:_LEVEL]) for row in rows}
    promises = {
        row[_CHAT]: read_clocks(access_by_chat[row[_CHAT]].awaiting_since, row[_LEVEL + 1 :])
        for row in rows
        if row[_LEVEL] is not None
    }
    away = {
        access_by_chat[row[_CHAT]].user_id: User(
            id=access_by_chat[row[_CHAT]].user_id, last_seen=User.last_seen.python_value(last_seen)
        )
        for *row, is_online, last_seen in (rows if reads_presence else ())
        if not is_online
    }
    stored = _load_stored_messages(access_by_chat, {client_id for _, client_id in sent}) if has_stored else {}
    return MessageBatch(access_by_chat, _ids_from(ids, count), stored, promises, revision, away)


def reserve_message_ids(count: int) -> Sequence[int]:
    """Return ids for messages that the current transaction stores."""
    if is_postgresql():
        (ids,) = database.execute_prepared(f"SELECT {_NEXT_IDS}", (count,)).fetchone()
    else:
        (ids,) = database.execute_sql(f"SELECT {_LAST_ID}").fetchone()
    return _ids_from(ids, count)


def _ids_from(ids: list[int] | int, count: int) -> Sequence[int]:
    """Return the ids that PostgreSQL reserved, or those after the last one: on SQLite, whoever writes is alone."""
    return range(ids + 1, ids + 1 + count) if isinstance(ids, int) else ids


def _load_stored_messages(
    access_by_chat: dict[int, ChatAccess], client_ids: set[str]
) -> dict[MessageKey, MessagePayload]:
    rows = select_messages().where(Message.chat.in_(list(access_by_chat)), Message.client_id.in_(client_ids))
    return {
        (message.chat_id, message.sender_type, message.sender_id, message.client_id): serialize_message(
            message, access_by_chat[message.chat_id]
        )
        for message in rows
    }
