"""The staff reads notes, and nothing that a member may ask for has one."""

from datetime import UTC, datetime

import msgspec
import pytest

from beneficiate.actions import messages, notes
from beneficiate.errors import NotFound
from beneficiate.protocol.commands import SendMessage
from beneficiate.protocol.desk_tools import AddNote, MarkMentionSeen
from beneficiate.queries import account_page, chats, connection_state
from beneficiate.queries.notes import list_notes, list_unseen_mentions
from beneficiate.unit_of_work import BatchItem, UnitOfWork
from tests.factories import agent, direct_chat, member, supervisor, support_chat

SECRET = "el afiliado miente"


def work(who, now=None):
    return UnitOfWork(who.actor, now)


def add(act, who, chat, text=SECRET, mentions=()):
    return act(notes.add_note, AddNote(chat_id=chat.id, text=text, mentions=mentions), who.actor)[0]


def test_notes_come_in_order_each_after_its_message(act, db):
    ana, yuliana, marta = member(), agent("Yuliana"), supervisor("Marta")
    chat = support_chat(ana, yuliana)
    first = add(act, marta, chat)
    act(messages.send_messages, SendMessage(chat_id=chat.id, message="Hola"), ana.actor)
    second = add(act, yuliana, chat, "Otra", (marta.id,))
    assert list_notes(work(yuliana), chat.id) == list_notes(work(marta), chat.id) == [first, second]
    assert [note.after_seq for note in (first, second)] == [0, 1]
    assert [person.first_name for person in second.mentions] == ["Marta"]


def test_notes_are_read_by_staff_of_support_chats_only(act, db):
    ana, yuliana, omar, marta = member(), agent(), agent(), supervisor()
    own, desk = support_chat(ana, yuliana), direct_chat(yuliana, marta)
    add(act, yuliana, own)
    assert len(list_notes(work(omar), own.id)) == len(list_notes(work(marta), own.id)) == 1
    for who, chat_id in ((ana, own.id), (member(), own.id), (yuliana, desk.id), (yuliana, 999_999)):
        with pytest.raises(NotFound):
            list_notes(work(who), chat_id)


def test_mentions_that_one_has_not_seen(act, db):
    ana, yuliana, omar, marta = member("Ana"), agent(), agent(), supervisor()
    chat = support_chat(ana, yuliana)
    older, newer = add(act, marta, chat, "Uno", (yuliana.id, omar.id)), add(act, omar, chat, "Dos", (yuliana.id,))
    add(act, omar, chat, "Tres")
    assert [(one.note, one.user_id, one.first_name) for one in list_unseen_mentions(work(yuliana))] == [
        (newer, ana.id, "Ana"),
        (older, ana.id, "Ana"),
    ]
    act(notes.mark_mention_seen, MarkMentionSeen(note_id=older.id), yuliana.actor)
    assert [one.note.id for one in list_unseen_mentions(work(yuliana))] == [newer.id]
    assert [one.note.id for one in list_unseen_mentions(work(omar))] == [older.id]
    assert list_unseen_mentions(work(ana)) == []


def test_members_never_receive_notes(act, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    act(messages.send_messages, SendMessage(chat_id=chat.id, message="Hola"), ana.actor)
    add(act, yuliana, chat)
    act(messages.send_messages, SendMessage(chat_id=chat.id, message="Chao"), ana.actor)
    here = work(ana, datetime.now(UTC))
    got = [
        chats.list_user_chats(here, chats.OwnedChatsQuery(ana.id)),
        chats.list_messages(here, chats.MessagePageQuery(chat.id)),
        [event for event, _ in chats.list_missed_messages(here, chats.MissedMessagesQuery(chat.id, 0, 500))],
        connection_state.load_initial_state.function(
            here, [BatchItem(ana.actor, connection_state.InitialStateQuery())]
        ),
        account_page.load_transcript(here, account_page.TranscriptQuery(chat.id, None)),
    ]
    text = msgspec.json.encode(got, enc_hook=str).decode()
    assert "Hola" in text
    assert SECRET not in text
