"""Who writes words of an emergency while nobody has answered is told at once whom to call, once in each span."""

import pytest

from beneficiate.actions import queue
from beneficiate.actions.emergency_notices import NOTICE
from beneficiate.actions.messages import send_messages
from beneficiate.models.chats import Message
from beneficiate.protocol import channels
from beneficiate.protocol.commands import SendMessage
from beneficiate.protocol.events import MessageSent
from beneficiate.protocol.queue import ReopenChat
from beneficiate.unit_of_work import BatchItem, UnitOfWork
from tests.actions.queue_steps import QueueActions, available_agent, load_chat, seconds_after_now
from tests.factories import direct_chat, member

PAIN = "me duele mucho el pecho"


@pytest.fixture
def desk(act):
    return QueueActions(act)


def texts(chat):
    return [
        text
        for (text,) in Message.select(Message.message).where(Message.chat == chat.id).order_by(Message.seq).tuples()
    ]


def test_member_who_waits_is_told_the_number_once(desk):
    ana = member()
    chat = desk.join(ana)
    desk.send(chat, ana, 1)
    assert texts(chat) == ["Hola"]
    message, outgoing = desk.send(chat, ana, 2, PAIN)
    told = [one for one in outgoing if isinstance(one.event, MessageSent) and one.event.message.message == NOTICE]
    assert [channels.user_channel(ana.id) in one.channels for one in told] == [True]
    desk.send(chat, ana, 3, "no puedo respirar")
    assert texts(chat) == ["Hola", PAIN, NOTICE, "no puedo respirar"]
    now = load_chat(chat)
    assert (message.seq, now.last_seq, now.last_line, now.other_unread) == (2, 4, "no puedo respirar", 3)
    assert "123" in NOTICE


def test_messages_of_one_batch_bring_one_notice(desk):
    ana = member()
    chat = desk.join(ana)
    commands = [SendMessage(chat_id=chat.id, message=text) for text in (PAIN, "auxilio")]
    results = send_messages.function(
        UnitOfWork(ana.actor, seconds_after_now(1)), [BatchItem(ana.actor, one) for one in commands]
    )
    assert [one.seq for one in results] == [1, 2]
    assert texts(chat) == [PAIN, "auxilio", NOTICE]


def test_member_whose_agent_has_not_answered_yet_is_told_too(desk):
    available_agent()
    ana = member()
    chat = desk.join(ana)
    assert load_chat(chat).agent_id is not None
    desk.send(chat, ana, 1, PAIN)
    assert texts(chat)[-1] == NOTICE


def test_words_to_a_person_who_has_answered_are_left_to_that_person(desk):
    yuliana, ana = available_agent(), member()
    chat = desk.join(ana)
    desk.send(chat, yuliana, 1, "Buenos días")
    desk.send(chat, ana, 2, PAIN)
    desk.send(chat, ana, 3, PAIN)
    assert NOTICE not in texts(chat)


def test_words_of_the_staff_and_of_colleagues_are_no_emergency(desk):
    yuliana, ana, luis = available_agent(), member(), member()
    chat, direct = desk.join(ana), direct_chat(ana, luis)
    desk.send(chat, yuliana, 1, "¿Es una urgencia?")
    desk.send(direct, ana, 2, PAIN)
    assert NOTICE not in texts(chat) + texts(direct)


def test_each_span_has_its_own_notice(desk):
    ana = member()
    chat = desk.join(ana)
    available = available_agent(is_online=False)
    desk.send(chat, ana, 1, PAIN)
    desk.take(chat, available, 2)
    desk.close(chat, ana, 3)
    desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), ana, 4)
    desk.send(chat, ana, 5, PAIN)
    assert texts(chat).count(NOTICE) == 2
