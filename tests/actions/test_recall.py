"""Recalling a message that was just sent."""

import json
from datetime import timedelta

import pytest

from beneficiate.actions import chats, messages, queue
from beneficiate.actions.recall import REWRITE_TIME, TRAVEL_TIME, recall_message
from beneficiate.errors import Conflict, NotFound
from beneficiate.models.audit import AuditEntry
from beneficiate.models.chats import RECALLED_TEXT, Attachment, Chat, Message
from beneficiate.protocol import channels
from beneficiate.protocol.commands import CloseChat, SendMessage
from beneficiate.protocol.desk_tools import RecallMessage
from beneficiate.protocol.events import MessageRecalled
from beneficiate.protocol.queue import ReopenChat, RequestAgent
from beneficiate.queries.attachments import load_attachment
from beneficiate.queries.audit_texts import open_entries
from beneficiate.queries.chats import MessagePageQuery, list_messages
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.queue_steps import available_agent
from tests.factories import agent, direct_chat, member, supervisor, support_chat


@pytest.fixture
def say(act):
    def send(chat, who, text):
        return act(messages.send_messages, SendMessage(chat_id=chat.id, message=text), who.actor)[0]

    return send


def recall(act, chat, message, who):
    return act(recall_message, RecallMessage(chat_id=chat.id, message_id=message.id), who.actor)[1]


def test_text_is_replaced_where_it_is_stored_and_kept_in_the_audit(act, say, db):
    ana, yuliana = member("Ana"), agent("Yuliana")
    chat = support_chat(ana, yuliana)
    say(chat, ana, "Hola")
    wrong = say(chat, yuliana, "Dolor en el pecho")
    (event,) = recall(act, chat, wrong, yuliana)
    assert event.event == MessageRecalled(chat_id=chat.id, message_id=wrong.id, seq=2, text=RECALLED_TEXT)
    assert event.channels == (
        channels.user_channel(ana.id),
        channels.agent_channel(yuliana.agent_id),
        channels.watched_chat_channel(chat.id),
    )
    (row,) = Message.select().where(Message.chat == chat.id, Message.seq == 2)
    assert (row.message, row.recalled_at is not None) == (RECALLED_TEXT, True)
    for who in (ana, yuliana):
        shown = list_messages(UnitOfWork(who.actor, wrong.sent_at), MessagePageQuery(chat.id))
        assert [(one.message, one.is_recalled) for one in shown] == [("Hola", False), (RECALLED_TEXT, True)]
    entry = AuditEntry.get()
    assert (entry.what, entry.subject, entry.actor_id) == ("message.recall", f"message:{wrong.id}", yuliana.id)
    assert open_entries([entry])[entry.id][0] == {"message": "Dolor en el pecho"}


def test_chat_is_as_if_it_had_not_been_sent(act, say, db):
    ana, yuliana = member("Ana"), agent("Yuliana")
    chat = support_chat(ana, yuliana)
    question = say(chat, ana, "¿Hay citas?")
    wrong = say(chat, yuliana, "Para otra persona")
    assert (Chat.get_by_id(chat.id).awaiting_since, Chat.get_by_id(chat.id).user_unread) == (None, 1)
    recall(act, chat, wrong, yuliana)
    row = Chat.get_by_id(chat.id)
    assert (row.last_line, row.last_seq, row.user_unread) == ("¿Hay citas?", 2, 0)
    assert row.awaiting_since == question.sent_at


def test_first_reply_that_was_recalled_is_due_again(act, say, db):
    ana, yuliana = member("Ana"), agent("Yuliana")
    chat = support_chat(ana, yuliana)
    first = say(chat, ana, "Hola")
    Chat.update(assigned_at=first.sent_at, reply_due_at=first.sent_at + timedelta(seconds=60)).where(
        Chat.id == chat.id
    ).execute()
    wrong = say(chat, yuliana, "Buenas")
    assert Chat.get_by_id(chat.id).reply_due_at is None
    recall(act, chat, wrong, yuliana)
    assert Chat.get_by_id(chat.id).reply_due_at >= first.sent_at + REWRITE_TIME


def test_wait_of_one_who_only_asked_for_a_person_goes_on(act, say, db):
    ana = member("Ana")
    yuliana = available_agent("Yuliana")
    payload, _ = act(queue.join_queue, RequestAgent(), ana.actor)
    chat = Chat.get_by_id(payload.id)
    wrong = say(chat, yuliana, "Buenas")
    recall(act, chat, wrong, yuliana)
    row = Chat.get_by_id(chat.id)
    assert (row.awaiting_since, row.needs_first_reply) == (chat.awaiting_since, True)
    assert row.reply_due_at >= wrong.sent_at + REWRITE_TIME


def test_wait_from_before_a_chat_was_reopened_is_over(act, say, db):
    ana, yuliana = member("Ana"), available_agent("Yuliana")
    payload, _ = act(queue.join_queue, RequestAgent(), ana.actor)
    act(chats.close_chat, CloseChat(chat_id=payload.id), yuliana.actor)
    act(queue.reopen_chat, ReopenChat(chat_id=payload.id), yuliana.actor)
    chat = Chat.get_by_id(payload.id)
    wrong = say(chat, yuliana, "Una cosa más")
    recall(act, chat, wrong, yuliana)
    row = Chat.get_by_id(chat.id)
    assert (row.awaiting_since, row.needs_first_reply, row.reply_due_at) == (None, False, None)


def test_recalling_twice_changes_nothing(act, say, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    wrong = say(chat, yuliana, "Uno")
    recall(act, chat, wrong, yuliana)
    assert recall(act, chat, wrong, yuliana) == []
    assert AuditEntry.select().count() == 1


def test_it_is_too_late_after_some_seconds(act, say, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    late = say(chat, yuliana, "Uno")
    at = late.sent_at - timedelta(seconds=6) - TRAVEL_TIME
    Message.update(sent_at=at).where(Message.id == late.id).execute()
    with pytest.raises(Conflict):
        recall(act, chat, late, yuliana)
    assert Message.get_by_id(late.id).message == "Uno"


def test_only_the_author_recalls(act, say, db):
    ana, yuliana, omar, marta = member(), agent(), agent(), supervisor()
    chat = support_chat(ana, yuliana)
    theirs, hers = say(chat, ana, "De Ana"), say(chat, yuliana, "De Yuliana")
    for message, who in ((theirs, yuliana), (hers, omar), (hers, marta)):
        with pytest.raises(NotFound):
            recall(act, chat, message, who)
    with pytest.raises(NotFound):
        recall(act, support_chat(member(), yuliana), hers, yuliana)
    assert not Message.select().where(Message.recalled_at.is_null(False)).exists()


def test_colleagues_recall_in_a_direct_chat(act, say, db):
    yuliana, marta = agent(), supervisor()
    chat = direct_chat(yuliana, marta)
    for who, other in ((yuliana, marta), (marta, yuliana)):
        message = say(chat, who, "Uno")
        with pytest.raises(NotFound):
            recall(act, chat, message, other)
        recall(act, chat, message, who)
        assert Message.get_by_id(message.id).message == RECALLED_TEXT


def test_file_of_a_recalled_message_cannot_be_read(act, say, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    message = say(chat, yuliana, "orden.pdf")
    Attachment.create(
        id="a1", chat=chat, line=message.id, uploader=yuliana.id, name="orden.pdf", kind="application/pdf", size=9,
        created_at=message.sent_at,
    )  # fmt: skip
    load_attachment(UnitOfWork(ana.actor, message.sent_at), "a1")
    recall(act, chat, message, yuliana)
    for who in (ana, yuliana):
        with pytest.raises(NotFound):
            load_attachment(UnitOfWork(who.actor, message.sent_at), "a1")
    assert json.loads(AuditEntry.get().before)["attachment"] == "a1"
