"""What messages change in their chats: the last one, who has not read how many, who waits, and the deadlines."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from beneficiate.actions.facts import record_replies
from beneficiate.domain.service_levels.clocks import Clocks, start_clocks, stop_clocks
from beneficiate.domain.service_levels.promises import Outcome
from beneficiate.models.base import instant_to_text
from beneficiate.models.chats import SUPPORT, Chat
from beneficiate.protocol.payloads import AttachmentPayload
from beneficiate.queries.service_levels import CLOCK_COLUMNS, ChatPromises, load_calendar
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.access import ChatAccess

_LAST_SEQ_COLUMNS = ("id", "last_seq", "updated_at")
_LAST_SEQ_CHANGES = "last_seq = new.last_seq, updated_at = new.updated_at"
_LAST_MESSAGE_COLUMNS = ("id", "last_seq", "last_line", "updated_at")
_LAST_MESSAGE_CHANGES = f"{_LAST_SEQ_CHANGES}, last_line = new.last_line"
_UNREAD_COLUMNS = ("user_unread", "other_unread", "awaiting_since", "needs_first_reply")
# What raises the count of the member is written by the staff.
_UNREAD_CHANGES = (
    "user_unread = chats.user_unread + new.user_unread, other_unread = chats.other_unread + new.other_unread, "
    "awaiting_since = CASE WHEN new.awaiting_since IS NOT NULL AND new.needs_first_reply "
    "THEN COALESCE(chats.awaiting_since, new.awaiting_since) ELSE new.awaiting_since END, "
    "reply_due_at = CASE WHEN new.needs_first_reply THEN chats.reply_due_at END, "
    "needs_first_reply = chats.needs_first_reply AND new.needs_first_reply, "
    "replied_span = CASE WHEN new.user_unread > 0 AND chats.awaiting_since IS NOT NULL THEN chats.span "
    "ELSE chats.replied_span END"
)
_CLOCK_CHANGES = ", ".join(f"{column} = new.{column}" for column in CLOCK_COLUMNS)


@dataclass(slots=True)
class PendingMessage:
    """A message that is about to be stored."""

    access: ChatAccess
    is_user_side: bool
    sender_type: str
    sender_id: int | None
    author_channel: str
    text: str
    client_id: str | None = None
    seq: int = 0
    attachment: AttachmentPayload | msgspec.UnsetType = msgspec.UNSET
    sender_name: str = ""


@dataclass(slots=True)
class _ChatMessages:
    """The messages of people in one chat: the last one, and how many each side has not read."""

    last: PendingMessage
    by_staff: int = 0
    by_user: int = 0

    @property
    def ends_wait(self) -> bool:
        """Whether one of them answers a member who waits."""
        access = self.last.access
        return access.kind == SUPPORT and self.by_staff > 0 and access.awaiting_since is not None

    @property
    def begins_wait(self) -> bool:
        """Whether the member waits since the last of them."""
        return self.last.is_user_side and (self.by_staff > 0 or self.last.access.awaiting_since is None)


def update_chats(
    uow: UnitOfWork, pending: list[PendingMessage], promises: Mapping[int, ChatPromises], hours_revision: int | None
) -> None:
    """Update the chats of new messages, and record which waits these end.

    `promises` has the chats of people's messages that were promised something, by id.
    """
    of_people: dict[int, _ChatMessages] = {}
    last: dict[int, PendingMessage] = {}
    for message in pending:
        last[message.access.id] = message
        if message.author_channel:
            _count_message(of_people, message)
    clocks = _run_clocks(uow, of_people, promises, hours_revision)
    _update_chats_of_people(instant_to_text(uow.now), of_people, last, clocks)
    system_only = [(id_, d.seq, instant_to_text(uow.now)) for id_, d in last.items() if id_ not in of_people]
    if system_only:
        Chat.update_bulk(_LAST_SEQ_CHANGES, _LAST_SEQ_COLUMNS, system_only)


def clock_values(clocks: Clocks) -> tuple[int | str | None, ...]:
    """Return the values of `CLOCK_COLUMNS`, as they are written in bulk."""
    times = (
        clocks.response_due_at,
        clocks.response_warn_at,
        clocks.resolution_due_at,
        clocks.resolution_warn_at,
        clocks.alarm_at,
    )
    return clocks.used_s, *(None if at is None else instant_to_text(at) for at in times)


def store_clocks(clocks: Mapping[int, Clocks]) -> None:
    """Write the clocks of chats, by id, which are locked."""
    if clocks:
        rows = [(chat_id, *clock_values(of_chat)) for chat_id, of_chat in clocks.items()]
        Chat.update_bulk(_CLOCK_CHANGES, ("id", *CLOCK_COLUMNS), rows)


def _count_message(of_people: dict[int, _ChatMessages], message: PendingMessage) -> None:
    chat = of_people.setdefault(message.access.id, _ChatMessages(message))
    chat.last = message
    if message.is_user_side:
        chat.by_user += 1
    else:
        chat.by_staff += 1


def _run_clocks(
    uow: UnitOfWork,
    of_people: dict[int, _ChatMessages],
    promises: Mapping[int, ChatPromises],
    hours_revision: int | None,
) -> dict[int, Clocks]:
    """Record the replies and what became of promises; return the clocks of the chats that were promised something."""
    clocks: dict[int, Clocks] = {}
    outcomes: dict[int, list[Outcome]] = defaultdict(list)
    agent_of: dict[int, int | None] = {}
    for chat_id, messages in of_people.items():
        if messages.ends_wait:
            agent_of[chat_id] = messages.last.access.agent_id
        promised = promises.get(chat_id)
        if promised is None:
            continue
        clocks[chat_id] = promised.clocks
        if messages.ends_wait:
            calendar = load_calendar(uow, hours_revision)
            clocks[chat_id], outcomes[chat_id] = stop_clocks(promised.clocks, uow.now, calendar)
        if messages.begins_wait:
            calendar = load_calendar(uow, hours_revision)
            clocks[chat_id] = start_clocks(clocks[chat_id], promised.promised, uow.now, uow.now, calendar)
    record_replies(uow, agent_of, outcomes)
    return clocks


def _update_chats_of_people(
    now: str, of_people: dict[int, _ChatMessages], last: dict[int, PendingMessage], clocks: dict[int, Clocks]
) -> None:
    """Update a person's last message, unread counts, since when the member waits, and what is due when."""
    rows: list[tuple[object, ...]] = [
        (
            chat_id,
            last[chat_id].seq,
            messages.last.text,
            now,
            messages.by_staff,
            messages.by_user,
            now if messages.last.is_user_side else None,
            messages.by_staff == 0,  # the other side has not answered in this batch either
        )
        for chat_id, messages in of_people.items()
    ]
    changes, columns = f"{_LAST_MESSAGE_CHANGES}, {_UNREAD_CHANGES}", (*_LAST_MESSAGE_COLUMNS, *_UNREAD_COLUMNS)
    if clocks:
        values = (clock_values(clocks.get(chat_id, Clocks())) for chat_id in of_people)
        rows = [(*row, *of_chat) for row, of_chat in zip(rows, values, strict=True)]
        Chat.update_bulk(f"{changes}, {_CLOCK_CHANGES}", (*columns, *CLOCK_COLUMNS), rows)
    elif rows:
        Chat.update_bulk(changes, columns, rows)
