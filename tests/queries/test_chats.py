"""Chats and lines as each side sees them."""

import pytest

from beneficiate.actions import messages
from beneficiate.actions.chats import close_chat
from beneficiate.errors import NotFound
from beneficiate.models.chats import CLOSED
from beneficiate.protocol.commands import CloseChat, MarkRead, SendMessage
from beneficiate.protocol.events import AgentMessageSent, MemberMessageSent, MessageSent
from beneficiate.queries import chats
from beneficiate.queries.chats import MessagePageQuery, MissedMessagesQuery, OwnedChatsQuery
from beneficiate.unit_of_work import UnitOfWork
from tests.factories import agent, direct_chat, member, supervisor, support_chat
from tests.unit_of_work import call


@pytest.fixture
def talk(act):
    """Everybody of these says one line in the chat."""

    def say(chat, *people):
        return [
            act(messages.send_messages, SendMessage(chat_id=chat.id, message="Hola"), who.actor)[0] for who in people
        ]

    return say


def run_query(query, command, who):
    return call(query, UnitOfWork(who.actor, None), command)


def test_open_chats_come_first_and_the_latest_before_the_others(db, talk):
    ana, beto, yuliana = member(), member(), agent()
    closed, one = support_chat(ana, yuliana, status=CLOSED), direct_chat(ana, beto)
    two = support_chat(ana, yuliana)
    talk(one, beto)
    assert [chat.id for chat in run_query(chats.list_user_chats, OwnedChatsQuery(ana.id), ana)] == [
        one.id,
        two.id,
        closed.id,
    ]
    assert [chat.id for chat in run_query(chats.list_user_chats, OwnedChatsQuery(beto.id), beto)] == [one.id]


def test_open_chat_comes_first_on_either_side(db):
    ana, beto, yuliana = member(), member(), agent()
    closed = [support_chat(ana, yuliana, status=CLOSED) for _ in range(53)]
    open_ = direct_chat(beto, ana)
    first, second, third = [
        [chat.id for chat in run_query(chats.list_user_chats, OwnedChatsQuery(ana.id, page), ana)] for page in (1, 2, 3)
    ]
    assert (first[0], len(first), len(second), third) == (open_.id, 51, 3, [])
    assert sorted(first[1:] + second) == [chat.id for chat in closed]


def test_agent_has_the_open_ones_only(db):
    ana, yuliana, omar = member(), agent(), agent()
    support_chat(ana, yuliana, status=CLOSED)
    open_ = support_chat(ana, yuliana)
    support_chat(member(), omar)
    for who in (yuliana, omar, supervisor()):
        listed = run_query(chats.list_agent_chats, OwnedChatsQuery(yuliana.agent_id), who)
        assert [chat.id for chat in listed] == [open_.id]
    with pytest.raises(NotFound):
        run_query(chats.list_agent_chats, OwnedChatsQuery(yuliana.agent_id), ana)


def test_last_messages_are_shown_to_the_member_and_to_who_has_the_chat(db, talk):
    ana, yuliana, omar, marta = member(), agent(), agent(), supervisor()
    talk(support_chat(ana, yuliana), ana)
    of_ana, of_yuliana = OwnedChatsQuery(ana.id), OwnedChatsQuery(yuliana.agent_id)
    shown = {
        who.id: [
            chat.last_message
            for chat in (
                *run_query(chats.list_user_chats, of_ana, who),
                *(run_query(chats.list_agent_chats, of_yuliana, who) if who is not ana else []),
            )
        ]
        for who in (ana, yuliana, omar, marta)
    }
    assert shown == {ana.id: ["Hola"], yuliana.id: ["Hola"] * 2, omar.id: [""] * 2, marta.id: [""] * 2}


def test_status_of_a_message_follows_the_other_side(db, act, talk):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    stored = talk(chat, ana, ana, ana, yuliana)
    act(messages.mark_read, MarkRead(chat_id=chat.id, message_id=stored[0].id), yuliana.actor)
    act(messages.mark_delivered, messages.MarkDelivered(chat.id, 2, stored[1].id), yuliana.actor)
    shown = run_query(chats.list_messages, MessagePageQuery(chat.id), ana)
    assert [line.status for line in shown] == ["READ", "DELIVERED", "SENT", "SENT"]


def test_missed_messages_are_the_events_of_when_they_were_sent(db, act, talk):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    stored = talk(chat, ana, yuliana, ana)
    act(close_chat, CloseChat(chat_id=chat.id), yuliana.actor)
    missed = run_query(chats.list_missed_messages, MissedMessagesQuery(chat.id, 1, 10), ana)
    assert [(type(event), event.message.seq) for event, _ in missed] == [
        (AgentMessageSent, 2),
        (MemberMessageSent, 3),
        (MessageSent, 4),
    ]
    # A line of the system is nobody's, and so nobody is told that it was delivered.
    assert [mark and mark.author_channel for _, mark in missed] == [f"agent:{yuliana.agent_id}", f"user:{ana.id}", None]
    assert missed[0][0].message.id == stored[1].id
    assert [
        event.message.seq for event, _ in run_query(chats.list_missed_messages, MissedMessagesQuery(chat.id, 0, 2), ana)
    ] == [1, 2]


def test_direct_chat_has_one_event_for_both_sides(db, talk):
    ana, beto = member(), member()
    chat = direct_chat(ana, beto)
    talk(chat, ana, beto)
    assert [
        type(event) for event, _ in run_query(chats.list_missed_messages, MissedMessagesQuery(chat.id, 0, 10), beto)
    ] == [MessageSent, MessageSent]


def test_chats_of_others_are_not_found(db, talk):
    ana, beto, yuliana = member(), member(), agent()
    own, foreign = support_chat(ana, yuliana), support_chat(beto, yuliana)
    talk(own, ana)
    assert run_query(chats.load_last_seqs, {own.id, foreign.id, 2_000_000_000}, ana) == {own.id: 1}
    assert run_query(chats.load_last_seqs, set(), ana) == {}
    for query, command in (
        (chats.load_last_seqs, {foreign.id}),
        (chats.list_missed_messages, MissedMessagesQuery(foreign.id, 0, 10)),
        (chats.list_messages, MessagePageQuery(foreign.id)),
        (chats.list_user_chats, OwnedChatsQuery(beto.id)),
    ):
        with pytest.raises(NotFound):
            run_query(query, command, ana)


def test_staff_read_support_chats_of_others_without_resuming_them(db, talk):
    ana, yuliana, marta = member(), agent(), supervisor()
    chat = support_chat(ana, yuliana)
    talk(chat, ana)
    assert len(run_query(chats.list_messages, MessagePageQuery(chat.id), marta)) == 1
    with pytest.raises(NotFound):
        run_query(chats.list_missed_messages, MissedMessagesQuery(chat.id, 0, 10), marta)


def test_waiting_chat_has_no_agent(db):
    ana = member()
    chat = support_chat(ana, None)
    payload = chats.serialize_chat(chat.id, is_user_side=True)
    assert (payload.status, payload.agent_id, payload.agent) == ("WAITING", None, None)
