"""Messages are stored once, counted right and emitted to the right channels."""

import pytest

from beneficiate.actions import chats, messages
from beneficiate.errors import ChatIsClosed, Conflict, Invalid, NotFound
from beneficiate.models.chats import CLOSED, Chat, Message
from beneficiate.protocol.channels import agent_channel as agent_topic
from beneficiate.protocol.channels import user_channel as user_topic
from beneficiate.protocol.channels import watched_chat_channel
from beneficiate.protocol.commands import CloseChat, MarkRead, SendMessage, SendSupportMessage
from beneficiate.protocol.events import AgentMessageSent, MemberMessageSent, MessageDelivered, MessageRead, MessageSent
from beneficiate.unit_of_work import BatchItem, UnitOfWork
from tests.factories import agent, direct_chat, member, support_chat


def send_command(chat, text="Hola", client_id=None):
    return SendMessage(chat_id=chat.id, message=text, client_id=client_id)


def row(chat):
    return Chat.get_by_id(chat.id)


@pytest.fixture
def send(act):
    """Send messages one after another and return the stored ones."""
    return lambda chat, who, *texts: [
        act(messages.send_messages, send_command(chat, text), who.actor)[0] for text in texts
    ]


def test_each_side_sends_its_own_message_type(act, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    said_to = (user_topic(ana.id), agent_topic(yuliana.agent_id), watched_chat_channel(chat.id))
    sides = (ana, MemberMessageSent, "USER", ana.id), (yuliana, AgentMessageSent, "AGENT", yuliana.agent_id)
    for who, word, sender_type, sender_id in sides:
        message, outgoing = act(messages.send_messages, send_command(chat), who.actor)
        assert [(type(one.event), one.channels) for one in outgoing] == [(word, said_to)]
        assert outgoing[0].event.message == message
        assert (message.sender_type, message.sender_id, message.status) == (sender_type, sender_id, "SENT")


def test_direct_message_has_the_plain_message_type(act, db):
    ana, beto = member(), member()
    message, outgoing = act(messages.send_messages, send_command(direct_chat(ana, beto)), beto.actor)
    assert [(type(one.event), one.channels) for one in outgoing] == [
        (MessageSent, (user_topic(ana.id), user_topic(beto.id)))
    ]
    assert (message.sender_type, message.sender_id) == ("USER", beto.id)


def test_message_marks_its_author_so_that_only_others_deliver_it(act, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    message, outgoing = act(messages.send_messages, send_command(chat), yuliana.actor)
    assert [one.mark for one in outgoing] == [(chat.id, 1, message.id, agent_topic(yuliana.agent_id))]


def test_messages_count_from_one_without_gaps_and_move_the_chat(send, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    assert [message.seq for message in send(chat, ana, "uno", "dos") + send(chat, yuliana, "tres")] == [1, 2, 3]
    after = row(chat)
    assert (after.last_seq, after.last_line, after.user_unread, after.other_unread) == (3, "tres", 1, 2)
    assert after.updated_at > chat.updated_at


def test_batch_of_several_people_and_chats_is_stored_in_order(db):
    ana, beto, yuliana = member(), member(), agent()
    one, two = support_chat(ana, yuliana), support_chat(beto, yuliana)
    given = [
        (ana, one, "a"),
        (beto, two, "b"),
        (yuliana, one, "c"),
        (beto, one, "no"),
        (ana, one, " "),
        (yuliana, two, "d"),
    ]
    items = [BatchItem(who.actor, send_command(chat, text)) for who, chat, text in given]
    uow = UnitOfWork(ana.actor, one.created_at)
    results = messages.send_messages.function(uow, items)
    assert [type(result) for result in results[3:5]] == [NotFound, Invalid]
    assert [(r.chat_id, r.seq, r.message) for r in (*results[:3], results[5])] == [
        (one.id, 1, "a"),
        (two.id, 1, "b"),
        (one.id, 2, "c"),
        (two.id, 2, "d"),
    ]
    assert [outgoing_event.event.message.message for outgoing_event in uow.outgoing] == ["a", "b", "c", "d"]
    assert (row(one).user_unread, row(one).other_unread, row(two).last_line) == (1, 1, "d")


def test_same_client_id_stores_one_message(act, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    first, _ = act(messages.send_messages, send_command(chat, client_id="c-1"), ana.actor)
    again, outgoing = act(messages.send_messages, send_command(chat, client_id="c-1"), ana.actor)
    assert (again, outgoing) == (first, [])
    with pytest.raises(Conflict):
        act(messages.send_messages, send_command(chat, "Otra", client_id="c-1"), ana.actor)
    assert Message.select().count() == 1


def test_client_id_is_of_one_sender_and_one_chat(act, db):
    ana, beto, yuliana = member(), member(), agent()
    one, two = support_chat(ana, yuliana), direct_chat(ana, beto)
    for chat, who in ((one, ana), (one, yuliana), (two, ana), (two, beto)):
        act(messages.send_messages, send_command(chat, f"de {who.id}", client_id="c-1"), who.actor)
    assert Message.select().count() == 4


def test_resend_within_one_batch_is_one_message(db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    items = [BatchItem(ana.actor, send_command(chat, text, "c-1")) for text in ("a", "a", "b")]
    results = messages.send_messages.function(UnitOfWork(ana.actor, chat.created_at), items)
    assert results[0] == results[1]
    assert isinstance(results[2], Conflict)
    assert row(chat).other_unread == 1


def test_resend_is_answered_even_after_the_chat_was_closed(act, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    first, _ = act(messages.send_messages, send_command(chat, client_id="c-1"), ana.actor)
    act(chats.close_chat, CloseChat(chat_id=chat.id), yuliana.actor)
    assert act(messages.send_messages, send_command(chat, client_id="c-1"), ana.actor)[0].id == first.id
    with pytest.raises(ChatIsClosed):
        act(messages.send_messages, send_command(chat, client_id="c-2"), ana.actor)


def test_support_message_is_for_support_chats_only(act, db):
    ana, beto = member(), member()
    with pytest.raises(NotFound):
        act(messages.send_messages, SendSupportMessage(chat_id=direct_chat(ana, beto).id, message="Hola"), ana.actor)


def test_former_agent_has_no_access_to_the_chat(act, db):
    ana, yuliana, omar = member(), agent(), agent()
    chat = support_chat(ana, yuliana)
    Chat.update(agent=omar.agent_id).where(Chat.id == chat.id).execute()
    with pytest.raises(NotFound):
        act(messages.send_messages, send_command(chat), yuliana.actor)


@pytest.mark.parametrize("text", [" ", "\u200b", "\u034f", "\u3164", "\ufe0f"])
def test_message_that_nobody_would_see_is_invalid(act, send, db, text):
    ana = member()
    with pytest.raises(Invalid):
        act(messages.send_messages, SendMessage(chat_id=support_chat(ana, agent()).id, message=text), ana.actor)


def test_reading_is_emitted_to_both_sides_and_never_goes_back(act, send, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    first, second, third = send(chat, yuliana, "uno", "dos", "tres")
    _, outgoing = act(messages.mark_read, MarkRead(chat_id=chat.id, message_id=second.id), ana.actor)
    emitted = MessageRead(chat_id=chat.id, user_id=ana.id, message_id=second.id, seq=2)
    said_to = (user_topic(ana.id), agent_topic(yuliana.agent_id), watched_chat_channel(chat.id))
    assert [(one.event, one.channels) for one in outgoing] == [(emitted, said_to)]
    assert (row(chat).user_read_seq, row(chat).user_delivered_seq, row(chat).user_unread) == (2, 2, 1)
    for message in (first, second):
        assert act(messages.mark_read, MarkRead(chat_id=chat.id, message_id=message.id), ana.actor) == (None, [])
    act(messages.mark_read, MarkRead(chat_id=chat.id, message_id=third.id), ana.actor)
    assert (row(chat).user_read_seq, row(chat).user_unread) == (3, 0)


def test_unread_counts_only_what_the_other_side_wrote_after_the_mark(act, send, db):
    ana, beto = member(), member()
    chat = direct_chat(ana, beto)
    theirs = send(chat, beto, "uno")[0]
    send(chat, ana, "dos", "tres")
    send(chat, beto, "cuatro")
    act(messages.mark_read, MarkRead(chat_id=chat.id, message_id=theirs.id), ana.actor)
    assert (row(chat).user_unread, row(chat).other_unread) == (1, 2)


def test_closing_message_is_nobodys_unread(act, send, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    theirs = send(chat, yuliana, "uno")[0]
    act(chats.close_chat, CloseChat(chat_id=chat.id), yuliana.actor)
    assert (row(chat).status, row(chat).user_unread) == (CLOSED, 1)
    act(messages.mark_read, MarkRead(chat_id=chat.id, message_id=theirs.id), ana.actor)
    assert row(chat).user_unread == 0


def test_reading_a_message_of_another_chat_is_not_found(act, send, db):
    ana, beto, yuliana = member(), member(), agent()
    chat, other = support_chat(ana, yuliana), support_chat(beto, yuliana)
    theirs = send(other, beto, "uno")[0]
    for message_id in (theirs.id, 2_000_000_000):
        with pytest.raises(NotFound):
            act(messages.mark_read, MarkRead(chat_id=chat.id, message_id=message_id), yuliana.actor)


def test_furthest_of_several_marks_in_a_batch_is_emitted_once(send, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    stored = send(chat, yuliana, "uno", "dos", "tres")
    uow = UnitOfWork(ana.actor, chat.created_at)
    items = [BatchItem(ana.actor, MarkRead(chat_id=chat.id, message_id=stored[i].id)) for i in (0, 2, 1)]
    assert messages.mark_read.function(uow, items) == [None] * 3
    assert [one.event.seq for one in uow.outgoing] == [3]


def test_delivery_is_emitted_to_the_other_side_and_never_goes_back(act, send, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    first, second = send(chat, ana, "uno", "dos")
    _, outgoing = act(messages.mark_delivered, messages.MarkDelivered(chat.id, 2, second.id), yuliana.actor)
    assert [(one.event, one.channels) for one in outgoing] == [
        (MessageDelivered(chat_id=chat.id, message_id=second.id, seq=2), (user_topic(ana.id),))
    ]
    assert act(messages.mark_delivered, messages.MarkDelivered(chat.id, 1, first.id), yuliana.actor) == (None, [])
    assert (row(chat).other_delivered_seq, row(chat).user_delivered_seq, row(chat).other_read_seq) == (2, 0, 0)


def test_reading_takes_back_no_delivery(act, send, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    first, _, third = send(chat, ana, "uno", "dos", "tres")
    act(messages.mark_delivered, messages.MarkDelivered(chat.id, 3, third.id), yuliana.actor)
    act(messages.mark_read, MarkRead(chat_id=chat.id, message_id=first.id), yuliana.actor)
    assert (row(chat).other_delivered_seq, row(chat).other_read_seq) == (3, 1)


def test_delivery_to_a_stranger_is_not_found(act, db):
    chat = support_chat(member(), agent())
    with pytest.raises(NotFound):
        act(messages.mark_delivered, messages.MarkDelivered(chat.id, 1, 1), agent().actor)
