"""Chats as the protocol sends them to their two sides."""

from datetime import datetime
from typing import Literal, TypedDict

from beneficiate.protocol.payloads import ChatPayload, PersonPayload
from beneficiate.views.masking import mask_email

PAYLOAD_PREVIEW_CHARS = 200
"""Characters of the last message in a payload: 200 chats with whole messages would be megabytes."""


class ChatColumns(TypedDict):
    """A row of a chat with its people. The names of the agent and of the peer are None in chats without one."""

    id: int
    kind: str
    status: Literal["WAITING", "ACTIVE", "CLOSED"]
    user: int
    agent: int | None
    peer: int | None
    created_at: datetime
    updated_at: datetime
    last_line: str
    last_seq: int
    user_unread: int
    other_unread: int
    span: int
    first_name: str
    last_name: str
    email: str
    agent_user_id: int | None
    agent_first_name: str
    agent_last_name: str
    peer_first_name: str
    peer_last_name: str
    peer_email: str


def serialize_chat_row(row: ChatColumns, *, is_user_side: bool) -> ChatPayload:
    """Return a chat as one side sees it: `unread` and `user` differ, and only the user's side is told the agent."""
    peer_id = row["peer"]
    user = _serialize_peer(row, peer_id) if peer_id is not None and is_user_side else _serialize_user(row)
    return ChatPayload(
        id=row["id"],
        agent_id=row["agent"],
        user_id=user.id,
        status=row["status"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        last_message=row["last_line"][:PAYLOAD_PREVIEW_CHARS],
        last_seq=row["last_seq"],
        unread=row["user_unread" if is_user_side else "other_unread"],
        agent=_serialize_agent(row) if is_user_side else None,
        user=user,
        span=row["span"],
    )


def _serialize_user(row: ChatColumns) -> PersonPayload:
    email = mask_email(row["email"])
    return PersonPayload(id=row["user"], first_name=row["first_name"], last_name=row["last_name"], email=email)


def _serialize_peer(row: ChatColumns, peer_id: int) -> PersonPayload:
    return PersonPayload(
        id=peer_id,
        first_name=row["peer_first_name"],
        last_name=row["peer_last_name"],
        email=mask_email(row["peer_email"]),
    )


def _serialize_agent(row: ChatColumns) -> PersonPayload | None:
    if row["agent_user_id"] is None:
        return None
    return PersonPayload(id=row["agent_user_id"], first_name=row["agent_first_name"], last_name=row["agent_last_name"])
