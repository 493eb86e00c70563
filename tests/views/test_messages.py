"""The status, the event and the mark of a message."""

import pytest

from beneficiate.models.chats import DIRECT, SUPPORT, Message
from beneficiate.protocol.events import AgentMessageSent, MemberMessageSent, MessageSent
from beneficiate.views.messages import delivery_mark, message_event_class, message_status
from tests.views.test_access import chat


def message(seq, sender_type="USER", sender_id=1):
    return Message(id=100 + seq, chat=7, seq=seq, sender_type=sender_type, sender_id=sender_id, message="Hola")


@pytest.mark.parametrize(("seq", "status"), [(6, "READ"), (7, "DELIVERED"), (8, "DELIVERED"), (9, "SENT")])
def test_status_of_a_member_s_message_is_how_far_the_agent_is(seq, status):
    assert message_status(message(seq), chat()) == status


@pytest.mark.parametrize(("seq", "status"), [(3, "READ"), (4, "DELIVERED"), (5, "SENT")])
def test_status_of_an_agent_s_message_is_how_far_the_member_is(seq, status):
    assert message_status(message(seq, "AGENT", 20), chat()) == status


@pytest.mark.parametrize(
    ("kind", "sender_type", "event"),
    [
        (SUPPORT, "USER", MemberMessageSent),
        (SUPPORT, "AGENT", AgentMessageSent),
        (SUPPORT, "SYSTEM", MessageSent),
        (SUPPORT, "BOT", MessageSent),
        (DIRECT, "USER", MessageSent),
    ],
)
def test_event_names_the_sender_in_support_chats_only(kind, sender_type, event):
    assert message_event_class(kind, sender_type) is event


def test_author_learns_of_the_delivery():
    assert delivery_mark(message(5), chat()).author_channel == "user:1"
    assert delivery_mark(message(5, "AGENT", 20), chat()).author_channel == "agent:20"
    assert delivery_mark(message(5, "SYSTEM", None), chat()) is None
