"""Chats are opened once, by those who may, and closed with a message."""

import pytest

from beneficiate.actions import chats
from beneficiate.errors import ChatIsClosed, ChatIsTaken, NotFound
from beneficiate.models.accounts import User
from beneficiate.models.chats import ACTIVE, CLOSED, Chat, Message
from beneficiate.protocol import channels
from beneficiate.protocol.commands import CloseChat, OpenChat, StartTyping, StopTyping
from beneficiate.protocol.events import (
    ChatClosed,
    ChatInitiated,
    MessageSent,
    NewChat,
    QueueLengthChanged,
    TypingStarted,
    TypingStopped,
    UserConnected,
)
from beneficiate.protocol.queue import QueueReordered
from beneficiate.views.masking import mask_email
from tests.factories import agent, direct_chat, member, supervisor, support_chat


def events_of_opening(outgoing):
    """Return the types and channels of the events of an opened chat."""
    return [(type(one.event), one.channels) for one in outgoing if type(one.event) in (NewChat, ChatInitiated)]


def test_opening_is_emitted_to_member_and_agent(act, db):
    ana, yuliana = member("Ana"), agent()
    payload, outgoing = act(chats.open_support_chat, OpenChat(user_id=ana.id), yuliana.actor)
    assert events_of_opening(outgoing) == [
        (NewChat, (channels.user_channel(ana.id),)),
        (ChatInitiated, (channels.agent_channel(yuliana.agent_id),)),
    ]
    # Whoever takes a chat is online.
    assert (UserConnected(user_id=yuliana.id), (channels.user_channel(ana.id),)) in [
        (one.event, one.channels) for one in outgoing
    ]
    assert (payload.status, payload.agent_id, payload.user_id) == (ACTIVE, yuliana.agent_id, ana.id)
    assert (payload.user.email, payload.agent) == (mask_email(ana.user.email), None)
    assert outgoing[0].event.chat.agent.id == yuliana.id
    assert outgoing[0].event.chat.agent.email is None


def test_opening_again_returns_the_open_chat(act, db):
    ana, yuliana = member(), agent()
    first, _ = act(chats.open_support_chat, OpenChat(user_id=ana.id), yuliana.actor)
    again, outgoing = act(chats.open_support_chat, OpenChat(user_id=ana.id), yuliana.actor)
    assert again == first
    assert [type(one.event) for one in outgoing] == [ChatInitiated]
    assert Chat.select().count() == 1


def test_open_chat_of_another_agent_is_taken(act, db):
    ana = member()
    support_chat(ana, agent())
    with pytest.raises(ChatIsTaken):
        act(chats.open_support_chat, OpenChat(user_id=ana.id), agent().actor)


def test_waiting_member_is_taken_over_with_the_same_chat(act, db):
    ana, yuliana = member(), agent()
    waiting = support_chat(ana, None)
    payload, outgoing = act(chats.open_support_chat, OpenChat(user_id=ana.id), yuliana.actor)
    assert (payload.id, payload.status, payload.agent_id) == (waiting.id, ACTIVE, yuliana.agent_id)
    assert [word for word, _ in events_of_opening(outgoing)] == [NewChat, ChatInitiated]
    assert QueueLengthChanged in [type(one.event) for one in outgoing]
    line = Message.get(Message.chat == waiting.id)
    assert (line.sender_type, line.message) == ("SYSTEM", "Le responde Yuliana.")


def test_after_a_closed_chat_a_new_one_begins(act, db):
    ana, yuliana = member(), agent()
    closed = support_chat(ana, agent(), status=CLOSED)
    assert act(chats.open_support_chat, OpenChat(user_id=ana.id), yuliana.actor)[0].id != closed.id


def test_chat_is_opened_with_an_active_member_only(act, db):
    yuliana = agent()
    others = (yuliana, agent(), supervisor(), member(is_active=False))
    for user_id in (*(who.id for who in others), 2_000_000_000):
        with pytest.raises(NotFound):
            act(chats.open_support_chat, OpenChat(user_id=user_id), yuliana.actor)
    assert not Chat.select().exists()


def test_two_of_the_staff_share_one_direct_chat(act, db):
    yuliana, marta = agent("Yuliana"), supervisor("Marta")
    payload, outgoing = act(chats.open_direct_chat, marta.id, yuliana.actor)
    assert [(type(one.event), one.channels) for one in outgoing] == [
        (NewChat, (channels.user_channel(marta.id),)),
        (ChatInitiated, (channels.user_channel(yuliana.id),)),
    ]
    assert (payload.user.first_name, outgoing[0].event.chat.user.first_name) == ("Marta", "Yuliana")
    back, outgoing = act(chats.open_direct_chat, yuliana.id, marta.actor)
    assert (back.id, back.user.first_name) == (payload.id, "Yuliana")
    assert [type(one.event) for one in outgoing] == [ChatInitiated]


def test_closed_direct_chat_is_followed_by_a_new_one(act, db):
    yuliana, marta = agent(), supervisor()
    closed = direct_chat(yuliana, marta)
    act(chats.close_chat, CloseChat(chat_id=closed.id), marta.actor)
    assert act(chats.open_direct_chat, marta.id, yuliana.actor)[0].id != closed.id


def test_direct_chat_is_for_two_of_the_staff(act, db):
    ana, yuliana, gone = member(), agent(), agent()
    User.update(is_active=False).where(User.id == gone.id).execute()
    nobody = 2_000_000_000
    for who, other in ((ana, yuliana.id), *((yuliana, user_id) for user_id in (ana.id, yuliana.id, gone.id, nobody))):
        with pytest.raises(NotFound):
            act(chats.open_direct_chat, other, who.actor)


@pytest.mark.parametrize(("closer", "sentence"), [(0, "El chat fue cerrado."), (1, "El agente cerró el chat.")])
def test_closing_stores_a_system_message(act, db, closer, sentence):
    people = member(), agent()
    chat = support_chat(*people)
    _, outgoing = act(chats.close_chat, CloseChat(chat_id=chat.id), people[closer].actor)
    both = (channels.user_channel(people[0].id), channels.agent_channel(people[1].agent_id))
    assert [(type(one.event), one.channels, one.mark) for one in outgoing] == [
        (MessageSent, (*both, channels.watched_chat_channel(chat.id)), None),
        (ChatClosed, both, None),
    ]
    message = outgoing[1].event.message
    assert message == outgoing[0].event.message
    assert (message.sender_type, message.sender_id, message.message, message.seq) == ("SYSTEM", None, sentence, 1)
    assert outgoing[1].event.closed_by == people[closer].id
    row = Chat.get_by_id(chat.id)
    assert (row.status, row.closed_by_id, row.last_line, row.last_seq) == (CLOSED, people[closer].id, "", 1)
    assert (row.user_unread, row.other_unread) == (0, 0)
    assert row.closed_at is not None


def test_direct_chat_closes_with_a_neutral_sentence(act, db):
    ana, beto = member(), member()
    chat = direct_chat(ana, beto)
    act(chats.close_chat, CloseChat(chat_id=chat.id), beto.actor)
    assert Message.get(Message.chat == chat.id).message == "El chat fue cerrado."


def test_waiting_member_may_leave(act, db):
    ana = member()
    chat = support_chat(ana, None)
    _, outgoing = act(chats.close_chat, CloseChat(chat_id=chat.id), ana.actor)
    received = {type(one.event): one.channels for one in outgoing}
    assert received == {
        MessageSent: (channels.user_channel(ana.id), channels.watched_chat_channel(chat.id)),
        ChatClosed: (channels.user_channel(ana.id),),
        QueueLengthChanged: (channels.AGENTS_CHANNEL,),
        QueueReordered: (channels.QUEUE_CHANNEL,),
    }


def test_closing_twice_is_refused_and_adds_no_message(act, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    act(chats.close_chat, CloseChat(chat_id=chat.id), ana.actor)
    with pytest.raises(ChatIsClosed):
        act(chats.close_chat, CloseChat(chat_id=chat.id), yuliana.actor)
    assert Message.select().count() == 1


def test_typing_is_emitted_to_the_other_side_and_to_viewers(act, db):
    ana, beto, yuliana = member(), member(), agent()
    support, direct, waiting = support_chat(ana, yuliana), direct_chat(ana, beto), support_chat(beto, None)
    received = [
        (support, ana, (channels.agent_channel(yuliana.agent_id), channels.chat_viewers_channel(support.id))),
        (support, yuliana, (channels.user_channel(ana.id),)),
        (direct, ana, (channels.user_channel(beto.id),)),
        (direct, beto, (channels.user_channel(ana.id),)),
        (waiting, beto, (channels.chat_viewers_channel(waiting.id),)),
    ]
    for chat, who, to in received:
        for command, event in ((StartTyping, TypingStarted), (StopTyping, TypingStopped)):
            _, outgoing = act(chats.relay_typing, command(chat_id=chat.id), who.actor)
            assert [(one.event, one.channels) for one in outgoing] == [(event(chat_id=chat.id, user_id=who.id), to)]


def test_nobody_types_in_a_closed_chat(act, db):
    ana, yuliana = member(), agent()
    with pytest.raises(ChatIsClosed):
        act(chats.relay_typing, StartTyping(chat_id=support_chat(ana, yuliana, status=CLOSED).id), ana.actor)


def test_member_has_one_open_support_chat_whatever_happens(db):
    ana = member()
    support_chat(ana, None)
    with db.atomic() as unit:
        with pytest.raises(Exception, match=r"(?i)unique"):
            support_chat(ana, agent())
        unit.rollback()
    support_chat(ana, agent(), status=CLOSED)
    assert Chat.select().where(Chat.user == ana.id).count() == 2
