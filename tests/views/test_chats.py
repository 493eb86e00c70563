"""A chat as each of its sides is sent it."""

from datetime import UTC, datetime

from beneficiate.views.chats import PAYLOAD_PREVIEW_CHARS, serialize_chat_row

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
SUPPORT_ROW = {
    "id": 7,
    "kind": "SUPPORT",
    "status": "ACTIVE",
    "user": 1,
    "agent": 20,
    "peer": None,
    "created_at": NOW,
    "updated_at": NOW,
    "last_line": "x" * 300,
    "last_seq": 9,
    "user_unread": 2,
    "other_unread": 3,
    "span": 1,
    "first_name": "Ana",
    "last_name": "Rojas",
    "email": "ana@x.co",
    "agent_user_id": 2,
    "agent_first_name": "Yuliana",
    "agent_last_name": "Castaño",
    "peer_first_name": None,
    "peer_last_name": None,
    "peer_email": None,
}
DIRECT_ROW = SUPPORT_ROW | {
    "kind": "DIRECT",
    "agent": None,
    "agent_user_id": None,
    "peer": 3,
    "peer_first_name": "Omar",
    "peer_last_name": "Díaz",
    "peer_email": "omar@x.co",
}


def test_member_is_sent_the_agent_and_their_own_count():
    chat = serialize_chat_row(SUPPORT_ROW, is_user_side=True)
    assert (chat.unread, chat.agent.first_name, chat.user.first_name) == (2, "Yuliana", "Ana")


def test_agent_is_sent_the_member():
    chat = serialize_chat_row(SUPPORT_ROW, is_user_side=False)
    assert (chat.unread, chat.agent, chat.user_id) == (3, None, 1)


def test_each_side_of_a_direct_chat_is_sent_the_other():
    assert serialize_chat_row(DIRECT_ROW, is_user_side=True).user.first_name == "Omar"
    assert serialize_chat_row(DIRECT_ROW, is_user_side=False).user.first_name == "Ana"
    assert serialize_chat_row(DIRECT_ROW, is_user_side=True).agent is None


def test_last_message_is_cut():
    assert serialize_chat_row(SUPPORT_ROW, is_user_side=True).last_message == "x" * PAYLOAD_PREVIEW_CHARS
