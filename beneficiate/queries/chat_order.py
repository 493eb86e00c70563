"""The orders of the lists of chats, and the cursors with which one goes on in them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from peewee import Case, Expression, Node

from beneficiate.errors import Invalid
from beneficiate.models.chats import Chat
from beneficiate.protocol.envelope import MAX_ID
from beneficiate.queries.assignment import QUEUE_ORDER
from beneficiate.views.chat_lists import DeskChatColumns, nearest_due_at

BY_DEADLINE = "vence"
_CURSOR = re.compile(r"([01])\.(\d{1,16})\.(\d{1,10})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_IS_RESOLUTION_FIRST = Chat.response_due_at.is_null() | (Chat.resolution_due_at < Chat.response_due_at)
_DUE_AT = Case(None, [(_IS_RESOLUTION_FIRST, Chat.resolution_due_at)], Chat.response_due_at)
Position = tuple[bool, datetime | None]
"""The place of a chat in an order, beside its id: something that comes before the time, and the time."""


@dataclass(frozen=True, slots=True)
class ChatOrder:
    """An order: what it sorts by, the position of a row, and the condition for what follows a position and an id."""

    terms: tuple[Node, ...]
    position_of: Callable[[DeskChatColumns], Position]
    is_after: Callable[[bool, datetime, int], Expression]

    def encode_cursor(self, row: DeskChatColumns) -> str:
        """Return where a page ends: the position of its last chat."""
        flag, at = self.position_of(row)
        return f"{int(flag)}.{((at or _EPOCH) - _EPOCH) // _MICROSECOND}.{row['id']}"

    def follows_cursor(self, cursor: str) -> Expression:
        """Return the condition for the chats after a cursor. Raises Invalid."""
        found = _CURSOR.fullmatch(cursor) if cursor.isascii() else None
        if found is None or int(found[3]) > MAX_ID:
            raise Invalid("El dato «before» no es válido.")
        return self.is_after(found[1] == "1", _EPOCH + int(found[2]) * _MICROSECOND, int(found[3]))


def find_chat_order(tab: str, order: str) -> ChatOrder:
    """Return the order of a list: as it was chosen, otherwise that of the queue or the newest first. Raises Invalid."""
    if order not in ("", BY_DEADLINE):
        raise Invalid("No conocemos ese orden.")
    if order == BY_DEADLINE:
        return _DUE_FIRST
    return _AS_QUEUED if tab == "waiting" else _NEWEST_FIRST


def _is_older(_: bool, at: datetime, chat_id: int) -> Expression:
    # The first condition is implied by the second; the index needs it alone.
    return (Chat.updated_at <= at) & ((Chat.updated_at < at) | (Chat.id < chat_id))


def _is_behind(is_front: bool, at: datetime, chat_id: int) -> Expression:
    is_later = (Chat.awaiting_since > at) | ((Chat.awaiting_since == at) & (Chat.id > chat_id))
    return ((Chat.is_front == is_front) & is_later) | (Chat.is_front < is_front)


def _is_due_later(is_never: bool, at: datetime, chat_id: int) -> Expression:
    never, stored = _DUE_AT.is_null(), Chat.response_due_at.db_value(at)
    if is_never:
        return never & (Chat.id > chat_id)
    return never | (stored < _DUE_AT) | ((stored == _DUE_AT) & (Chat.id > chat_id))


def _due_position(row: DeskChatColumns) -> Position:
    due_at = nearest_due_at(row)
    return due_at is None, due_at


_NEWEST_FIRST = ChatOrder(
    (Chat.updated_at.desc(), Chat.id.desc()), lambda row: (row["is_front"], row["updated_at"]), _is_older
)
_AS_QUEUED = ChatOrder(QUEUE_ORDER, lambda row: (row["is_front"], row["awaiting_since"]), _is_behind)
_DUE_FIRST = ChatOrder((_DUE_AT.is_null(), _DUE_AT, Chat.id), _due_position, _is_due_later)
