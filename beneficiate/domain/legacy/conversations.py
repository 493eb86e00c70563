"""Chats and messages of both pairs of tables of the old service.

A chat comes in parts of some hundred messages, in the order of (time, id), so that a long one needs no more memory than
a short one. Its messages are numbered from 1 without gaps; those that say nothing are left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter

from beneficiate.domain.legacy.people import AGENTS, NO_MEMBER, USERS
from beneficiate.domain.legacy.plans import (
    NEW,
    PRESENT,
    REFUSED,
    ChangedRow,
    ImportContext,
    ImportOutcome,
    NewRows,
    OldRow,
    Plan,
)
from beneficiate.domain.legacy.values import fold_word, repair_text, to_instant
from beneficiate.domain.visible_text import has_visible_text

ELDER_CHATS, YOUNGER_CHATS = "chats", "agent_chats"
MESSAGES_OF = {ELDER_CHATS: "messages", YOUNGER_CHATS: "agent_chat_messages"}
CLOSED, ACTIVE, SUPPORT = "CLOSED", "ACTIVE", "SUPPORT"
OPEN_WORDS = ("active", "pending", "activo", "pendiente", "open", "abierto")
EMPTY = "El mensaje no dice nada."
WRONG_SENDER = "Lo escribió alguien que no es de ese chat."
UNKNOWN_SENDER = "No se sabe quién lo escribió."
MEANWHILE = "En ese chat ya hay mensajes más nuevos: el resto de los antiguos no se puede poner detrás."
NO_CHAT = "Su chat no se importó."
CHAT_IS_GONE = "Su chat no está en el servicio anterior."
NOT_KEPT_OPEN = "Estaba abierto y queda cerrado: hay otro más nuevo, o su agente no está activo o no puede atender más."
UNKNOWN_AGENT = "Agente"
SIDE_MARKS = tuple(f"{side}_{mark}" for side in ("user", "other") for mark in ("delivered_seq", "read_seq", "unread"))
_COLUMNS = ("id", "chat_id", "seq", "sender_type", "sender_id", "message", "sent_at", "sender_name")
_NEVER = datetime.min.replace(tzinfo=UTC)
_READ, _DELIVERED = ("read",), ("read", "delivered")


@dataclass(slots=True)
class ChatState:
    """A chat of ours as far as it is imported: its last message, and how far each side has read."""

    chat_id: int
    user_id: int
    agent_id: int | None
    is_open: bool
    last_seq: int = 0
    last_at: datetime | None = None
    last_line: str = ""
    user_delivered_seq: int = 0
    user_read_seq: int = 0
    user_unread: int = 0
    other_delivered_seq: int = 0
    other_read_seq: int = 0
    other_unread: int = 0

    def columns(self) -> dict[str, object]:
        """Return the columns of `chats` that change with each part; of a closed chat everything is read."""
        all_read = {name: 0 if name.endswith("unread") else self.last_seq for name in SIDE_MARKS}
        marks = {name: getattr(self, name) for name in SIDE_MARKS} if self.is_open else all_read
        return {"last_seq": self.last_seq, "last_line": self.last_line, **marks}


def plan_chat_parts(table: str) -> Plan:
    """Return the plan of parts of chats of one of the two tables, several chats in a call.

    A row has the columns of the chat, those of a message with `m_` in front (none for a chat without messages), and as
    `m_place` how many messages of the chat come before.
    """

    def run(rows: Sequence[OldRow], context: ImportContext) -> Iterable[ImportOutcome]:
        for _, of_chat in groupby(rows, key=itemgetter("id")):
            yield from _plan_part(table, list(of_chat), context)

    return run


def refuse_messages_without_chat(table: str) -> Plan:
    """Return the plan of messages of one of the two tables of chats whose chat is not there."""

    def run(rows: Sequence[OldRow], _: ImportContext) -> Iterable[ImportOutcome]:
        return (ImportOutcome(MESSAGES_OF[table], str(row["id"]), REFUSED, CHAT_IS_GONE) for row in rows)

    return run


def choose_open_chats(rows: Iterable[OldRow], context: ImportContext) -> set[tuple[str, str]]:
    """Return which open chats stay open, as (table, id): of each member the newest, while its agent has room.

    Rows have `table`, `id`, `user_id`, `agent_id` and `at`; without a time that can be they are the oldest. Chats that
    were imported before count as they did then.
    """

    def age(row: OldRow) -> tuple[datetime, str, int]:
        return to_instant(row["at"], context.zone) or _NEVER, str(row["table"]), row["id"]

    newest = sorted(rows, key=age, reverse=True)
    chosen: set[tuple[str, str]] = set()
    members: set[int] = set()
    room: dict[int, int] = {}
    for row in newest:
        user_id, agent_id = context.find_new_id(USERS, row["user_id"]), context.find_new_id(AGENTS, row["agent_id"])
        key = (str(row["table"]), str(row["id"]))
        if user_id is None or user_id in members:
            continue
        members.add(user_id)
        if agent_id is None or context.index.get("open_chat", user_id) is not None:
            continue
        left = room.get(agent_id, context.index.get("agent_room", agent_id) or 0)
        if left > 0:
            room[agent_id] = left - 1
            chosen.add(key)
    return chosen


def _plan_part(table: str, rows: list[OldRow], context: ImportContext) -> Iterable[ImportOutcome]:
    """Return what becomes of some messages of one chat, and of the chat itself with the first of them."""
    index, first = context.index, rows[0]
    old_id, messages = str(first["id"]), [row for row in rows if row["m_id"] is not None]
    if context.find_new_id(USERS, first["user_id"]) is None:
        if not first["m_place"]:
            yield ImportOutcome(table, old_id, REFUSED, NO_MEMBER)
        if messages:
            yield _tell_messages(table, messages, REFUSED, NO_CHAT)
        return
    done = index.get("parts", (table, old_id))
    if done is not None and not first["m_place"]:
        yield ImportOutcome(table, old_id, PRESENT)
    known = [row for row in messages if done is not None and row["m_place"] < done]
    if known:
        yield _tell_messages(table, known, PRESENT)
    messages = messages[len(known) :]
    if done is not None and not messages:
        return
    yield from _store_part(table, first, messages, context, is_new=done is None)


def _store_part(
    table: str, first: OldRow, rows: list[OldRow], context: ImportContext, *, is_new: bool
) -> Iterable[ImportOutcome]:
    index, old_id = context.index, str(first["id"])
    chat = ImportOutcome(table, old_id, NEW)
    state = _begin_chat(table, first, context, chat) if is_new else _find_state(table, old_id, context)
    times = [to_instant(row["m_at"], context.zone) for row in rows]
    if state.last_at is not None and times and times[0] is not None and times[0] < state.last_at:
        yield _tell_messages(table, rows, REFUSED, MEANWHILE)
        return
    stored: list[tuple[object, ...]] = []
    taken: list[OldRow] = []
    refused: list[ImportOutcome] = []
    created_at = to_instant(first["created_at"], context.zone) or context.now
    for row, at in zip(rows, times, strict=True):
        reason = _add_message(row, at or state.last_at or created_at, state, context, stored)
        if reason:
            refused.append(_tell_messages(table, [row], REFUSED, reason))
        else:
            taken.append(row)
    parts = (rows[-1]["m_place"] + 1) if rows else 0
    if is_new:
        _insert_chat(chat, first, state, context, created_at, parts)
        yield chat
    if rows:
        outcome = _tell_messages(table, taken, NEW)
        outcome.inserts.append(NewRows("chat_lines", _COLUMNS, stored))
        if not is_new:
            times_of_chat = {} if state.last_at is None else {"updated_at": state.last_at}
            outcome.changes.append(ChangedRow(state.chat_id, {**state.columns(), **times_of_chat}))
            outcome.changes.append(ChangedRow((table, old_id), {"parts": parts}))
        yield outcome
    yield from refused
    index.put("parts", (table, old_id), parts)
    index.put("state", "", (table, old_id, state))


def _tell_messages(table: str, rows: Sequence[OldRow], result: str, reason: str = "") -> ImportOutcome:
    """Return what becomes of messages of one chat, which are in the chat that theirs became."""
    old_ids = [str(row["m_id"]) for row in rows]
    holder = (table, str(rows[0]["id"])) if rows else None
    return ImportOutcome(MESSAGES_OF[table], old_ids[0] if rows else "", result, reason, old_ids=old_ids, holder=holder)


def _find_state(table: str, old_id: str, context: ImportContext) -> ChatState:
    """Return the state of a chat of which a part is imported: what the part before has left, or what is stored."""
    kept = context.index.get("state", "")
    if kept is not None and kept[:2] == (table, old_id):
        # A copy: the batch may be planned again.
        state: ChatState = kept[2]
        return ChatState(**{name: getattr(state, name) for name in ChatState.__slots__})
    loaded: ChatState = context.load_chat(int(context.index.get(table, old_id)))
    return loaded


def _begin_chat(table: str, row: OldRow, context: ImportContext, outcome: ImportOutcome) -> ChatState:
    user_id, agent_id = context.find_new_id(USERS, row["user_id"]), context.find_new_id(AGENTS, row["agent_id"])
    is_open = (table, str(row["id"])) in (context.index.get("open_chats", "") or ())
    if not is_open and fold_word(row["status"]) in OPEN_WORDS:
        outcome.lose(NOT_KEPT_OPEN)
    if is_open:
        context.index.put("open_chat", user_id, outcome.old_id)
    return ChatState(context.take_id("chats"), user_id or 0, agent_id, is_open)


def _insert_chat(
    outcome: ImportOutcome, row: OldRow, state: ChatState, context: ImportContext, created_at: datetime, parts: int
) -> None:
    """Insert a chat: nobody waits in it, and nothing is due, until somebody writes."""
    updated_at = state.last_at or to_instant(row["updated_at"], context.zone) or created_at
    outcome.insert(
        "chats",
        id=state.chat_id,
        kind=SUPPORT,
        status=ACTIVE if state.is_open else CLOSED,
        user_id=state.user_id,
        agent_id=state.agent_id,
        created_at=created_at,
        updated_at=updated_at,
        closed_at=None if state.is_open else updated_at,
        assigned_at=context.now if state.is_open else None,
        **state.columns(),
    )
    context.note_import(outcome, state.chat_id, parts)


def _add_message(
    row: OldRow, at: datetime, state: ChatState, context: ImportContext, stored: list[tuple[object, ...]]
) -> str:
    """Add a message to those that are stored; return why it is not, empty if it is."""
    text = repair_text(row["m_text"])
    if not has_visible_text(text):
        return EMPTY
    kind = str(row["m_sender_type"] or "").strip().upper()
    sender_id: int | None = None
    name = ""
    if kind == "USER":
        if row["m_user_id"] is not None and context.find_new_id(USERS, row["m_user_id"]) != state.user_id:
            return WRONG_SENDER
        sender_id, name = state.user_id, context.index.get("person", state.user_id) or ""
    elif kind == "AGENT":
        sender_id = context.find_new_id(AGENTS, row["m_agent_id"])
        name = UNKNOWN_AGENT if sender_id is None else context.index.get("agent_name", sender_id) or UNKNOWN_AGENT
    elif kind != "SYSTEM":
        return UNKNOWN_SENDER
    state.last_seq += 1
    state.last_at = at if state.last_at is None else max(at, state.last_at)
    if kind != "SYSTEM":
        state.last_line = text
    _mark(state, kind, str(row["m_status"] or "").strip().lower())
    stored.append((None, state.chat_id, state.last_seq, kind, sender_id, text, state.last_at, name))
    return ""


def _mark(state: ChatState, kind: str, status: str) -> None:
    """Note how far each side has got: who writes has read what came before."""
    if kind == "SYSTEM":
        return
    own, peer = ("user", "other") if kind == "USER" else ("other", "user")
    setattr(state, f"{own}_read_seq", state.last_seq)
    setattr(state, f"{own}_delivered_seq", state.last_seq)
    setattr(state, f"{own}_unread", 0)
    setattr(state, f"{peer}_unread", 0 if status in _READ else getattr(state, f"{peer}_unread") + 1)
    if status in _DELIVERED:
        setattr(state, f"{peer}_delivered_seq", state.last_seq)
    if status in _READ:
        setattr(state, f"{peer}_read_seq", state.last_seq)
