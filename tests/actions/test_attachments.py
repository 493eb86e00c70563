"""Files are sent as messages: stored once, counted and emitted like any other, with a safe name."""

import unicodedata
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.actions import attachments, messages
from beneficiate.actions.attachments import MAX_FILE_NAME_CHARS, clean_file_name
from beneficiate.actions.messages import SendFile
from beneficiate.errors import ChatIsClosed, Conflict, NotFound
from beneficiate.models.base import is_postgresql
from beneficiate.models.chats import CLOSED, Attachment, Chat, Message
from beneficiate.protocol.channels import agent_channel as agent_topic
from beneficiate.protocol.channels import user_channel as user_topic
from beneficiate.protocol.channels import watched_chat_channel
from beneficiate.protocol.commands import SendMessage
from beneficiate.protocol.events import AgentMessageSent, MemberMessageSent, MessageSent
from beneficiate.protocol.payloads import AttachmentPayload
from beneficiate.queries import chats
from beneficiate.unit_of_work import UnitOfWork
from tests.factories import agent, direct_chat, member, supervisor, support_chat


def file(chat, name="foto.jpg", client_id=None, **fields):
    given = {"kind": "image/jpeg", "size": 1000, "width": 40, "height": 30, **fields}
    return SendFile(chat.id, name, AttachmentPayload(id=str(uuid4()), name=name, **given), client_id)


def test_file_of_each_side_is_a_message_with_its_name(act, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    said_to = (user_topic(ana.id), agent_topic(yuliana.agent_id), watched_chat_channel(chat.id))
    for who, word in ((ana, MemberMessageSent), (yuliana, AgentMessageSent)):
        sent = file(chat)
        message, outgoing = act(attachments.send_attachment, sent, who.actor)
        assert [(type(one.event), one.channels) for one in outgoing] == [(word, said_to)]
        assert outgoing[0].event.message == message
        assert (message.message, message.attachment) == ("foto.jpg", sent.attachment)
        assert outgoing[0].mark.message_id == message.id
        row = Attachment.get_by_id(sent.attachment.id)
        assert (row.line_id, row.chat_id, row.uploader_id) == (message.id, chat.id, who.id)
    after = Chat.get_by_id(chat.id)
    assert (after.last_seq, after.last_line, after.user_unread, after.other_unread) == (2, "foto.jpg", 1, 1)


def test_colleagues_send_files_too(act, db):
    yuliana, marta = agent(), supervisor()
    message, outgoing = act(attachments.send_attachment, file(direct_chat(yuliana, marta)), marta.actor)
    assert (type(outgoing[0].event), message.sender_id) == (MessageSent, marta.id)


def test_only_the_two_of_a_chat_send_files_in_it(act, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    for stranger in (member(), agent(), supervisor()):
        with pytest.raises(NotFound):
            act(attachments.send_attachment, file(chat), stranger.actor)
    with pytest.raises(ChatIsClosed):
        act(attachments.send_attachment, file(support_chat(member(), yuliana, status=CLOSED)), yuliana.actor)
    assert (Message.select().count(), Attachment.select().count()) == (0, 0)


def test_file_that_is_sent_again_is_stored_once(act, db):
    ana = member()
    chat = support_chat(ana, agent())
    first, _ = act(attachments.send_attachment, file(chat, client_id="c-1"), ana.actor)
    again, outgoing = act(attachments.send_attachment, file(chat, client_id="c-1", size=1001), ana.actor)
    assert (again, outgoing) == (first, [])
    assert (Message.select().count(), Attachment.select().count()) == (1, 1)
    with pytest.raises(Conflict):
        act(attachments.send_attachment, file(chat, "otra.jpg", client_id="c-1"), ana.actor)


def test_pages_and_what_was_missed_have_the_file(act, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    act(messages.send_messages, SendMessage(chat_id=chat.id, message="Mire"), ana.actor)
    sent, _ = act(attachments.send_attachment, file(chat), ana.actor)
    document, _ = act(
        attachments.send_attachment, file(chat, "a.pdf", kind="application/pdf", width=None, height=None), ana.actor
    )
    page, _ = act(chats.list_messages, chats.MessagePageQuery(chat.id), yuliana.actor)
    assert page[1:] == [sent, document]
    missed, _ = act(chats.list_missed_messages, chats.MissedMessagesQuery(chat.id, 0, 10), yuliana.actor)
    assert [event.message for event, _ in missed] == page


def test_ordinary_message_costs_no_statement_more(db, monkeypatch):
    ana = member()
    chat = support_chat(ana, agent())
    statements = []

    def record(name):
        run = getattr(db, name)
        monkeypatch.setattr(db, name, lambda sql, *rest: statements.append(sql) or run(sql, *rest))

    record("execute_sql")
    if is_postgresql():
        record("queue_prepared")

    def cost(do):
        statements.clear()
        do(UnitOfWork(ana.actor, datetime.now(UTC)))
        assert not [sql for sql in statements if "INSERT" in sql and "attachments" in sql]
        return len(statements)

    def send(client_id):
        command = SendMessage(chat_id=chat.id, message="Hola", client_id=client_id)
        return lambda uow: messages.send_messages.run_one(uow, command)

    for client_id in (None, "c-1"):
        assert cost(send(client_id)) == (4 if is_postgresql() else 3)
        assert not [sql for sql in statements if "attachments" in sql]
    assert cost(lambda uow: chats.list_messages(uow, chats.MessagePageQuery(chat.id))) == 2


@pytest.mark.parametrize(
    ("name", "kind", "clean"),
    [
        ("foto.jpg", "image/jpeg", "foto.jpg"),
        ("Foto.JPEG", "image/jpeg", "Foto.JPEG"),
        ("../../etc/passwd", "image/png", "passwd.png"),
        ("C:\\Users\\Ana\\orden médica.pdf", "application/pdf", "orden médica.pdf"),
        ("", "image/png", "archivo.png"),
        ("..", "image/png", "archivo.png"),
        (".pdf", "application/pdf", "pdf.pdf"),
        ("\u200b\u202e", "image/webp", "archivo.webp"),
        ("a\u202egpj.exe", "image/jpeg", "agpj.exe.jpg"),
        ("a\r\nSet-Cookie: x\0.png", "image/png", "aSet-Cookie: x.png"),
        ("página.html", "application/pdf", "página.html.pdf"),
        ("baile.gif", "image/png", "baile.png"),
        ("foto.png", "image/jpeg", "foto.jpg"),
        ("v1.2 final", "application/pdf", "v1.2 final.pdf"),
        ("  a   b .pdf", "application/pdf", "a b.pdf"),
        ("x" * 500 + ".pdf", "application/pdf", "x" * 156 + ".pdf"),
        ("n\u0303", "image/png", "ñ.png"),
    ],
)
def test_name_is_cleaned(name, kind, clean):
    assert clean_file_name(name, kind) == clean


@given(st.text(max_size=300), st.sampled_from(["image/jpeg", "image/png", "image/webp", "application/pdf"]))
def test_whatever_the_name_it_can_be_shown_and_saved(name, kind):
    clean = clean_file_name(name, kind)
    assert 0 < len(clean) <= MAX_FILE_NAME_CHARS
    assert not set(clean) & set("/\\\0\r\n")
    assert not [letter for letter in clean if unicodedata.category(letter)[0] == "C"]
    assert clean.lower().endswith((".jpg", ".jpeg", ".png", ".webp", ".pdf"))
    assert clean_file_name(clean, kind) == clean
