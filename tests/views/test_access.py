"""Who takes part in a chat, and which channels concern whom."""

import pytest

from beneficiate.errors import NotFound
from beneficiate.models.chats import DIRECT, SUPPORT
from beneficiate.unit_of_work import Actor
from beneficiate.views.access import ChatAccess

MEMBER, AGENT, PEER = Actor(1, "member"), Actor(2, "agent", 20), Actor(3, "agent", 30)


def chat(kind=SUPPORT, agent_id=20, peer_id=None):
    return ChatAccess(
        id=7,
        kind=kind,
        status="ACTIVE",
        user_id=1,
        agent_id=agent_id,
        peer_id=peer_id,
        last_seq=9,
        user_delivered_seq=4,
        user_read_seq=3,
        other_delivered_seq=8,
        other_read_seq=6,
    )


def direct():
    return chat(DIRECT, agent_id=None, peer_id=3)


def test_each_participant_has_a_side():
    assert chat().is_user_side(MEMBER)
    assert not chat().is_user_side(AGENT)
    assert direct().is_user_side(MEMBER)
    assert not direct().is_user_side(PEER)


@pytest.mark.parametrize(
    ("access", "stranger"), [(chat(), PEER), (direct(), AGENT), (chat(agent_id=None), Actor(4, "supervisor"))]
)
def test_others_have_no_side(access, stranger):
    assert not access.is_participant(stranger)
    with pytest.raises(NotFound):
        access.is_user_side(stranger)


def test_positions_are_those_of_the_side():
    assert (chat().delivered_seq(True), chat().read_seq(True)) == (4, 3)
    assert (chat().delivered_seq(False), chat().read_seq(False)) == (8, 6)


def test_messages_of_a_support_chat_also_reach_its_viewers():
    assert chat().participant_channels == ("user:1", "agent:20")
    assert chat().message_channels == ("user:1", "agent:20", "watched:7")
    assert chat().viewer_channels == ("viewers:7",)
    assert chat(agent_id=None).participant_channels == ("user:1",)


def test_direct_chat_has_no_viewers():
    assert direct().message_channels == direct().participant_channels == ("user:1", "user:3")
    assert direct().viewer_channels == ()


def test_other_side_is_across():
    assert chat().channels_of_other_side(True) == ("agent:20",)
    assert chat().channels_of_other_side(False) == ("user:1",)
    assert chat(agent_id=None).channels_of_other_side(True) == ()
