"""What a batch of messages needs comes in one round trip, with the rows of its chats locked."""

from datetime import UTC, datetime

from beneficiate.actions import messages
from beneficiate.models.accounts import User
from beneficiate.models.chats import Message
from beneficiate.protocol.commands import SendMessage
from beneficiate.queries.message_batches import load_message_batch, reserve_message_ids
from beneficiate.unit_of_work import BatchItem, UnitOfWork
from tests.factories import agent, member, support_chat

LEFT_AT = datetime(2026, 9, 4, 15, 0, tzinfo=UTC)


def send(chat, who, text="Hola", client_id="c-1"):
    command = SendMessage(chat_id=chat.id, message=text, client_id=client_id)
    return messages.send_messages.run_one(UnitOfWork(who.actor, chat.created_at), command)


def test_chats_that_exist_come_with_as_many_ids_as_messages(db):
    one, two = support_chat(member(), agent()), support_chat(member(), None)
    batch = load_message_batch({two.id, one.id, 2_000_000_000}, [], 3, reads_presence=False)
    assert list(batch.access_by_chat) == [one.id, two.id]
    assert batch.access_by_chat[two.id].status == "WAITING"
    assert len(set(batch.ids)) == 3
    assert list(batch.ids) == sorted(batch.ids)
    assert batch.stored_messages == {}


def test_no_chat_needs_no_ids(db):
    batch = load_message_batch({2_000_000_000}, [(2_000_000_000, "c-1")], 1, reads_presence=False)
    assert (batch.access_by_chat, list(batch.ids), batch.stored_messages) == ({}, [], {})


def test_members_who_are_away_come_where_that_is_asked_for(db):
    ana, beto = member(), member()
    chats = {support_chat(who, agent()).id for who in (ana, beto)}
    User.update(online_status=True).where(User.id == beto.id).execute()
    User.update(last_seen=LEFT_AT).where(User.id == ana.id).execute()
    with_presence, without = (load_message_batch(chats, [], 2, reads_presence=reads) for reads in (True, False))
    assert {id_: user.last_seen for id_, user in with_presence.away.items()} == {ana.id: LEFT_AT}
    assert with_presence.access_by_chat == without.access_by_chat
    assert with_presence.promises == without.promises
    assert without.away == {}


def test_message_with_the_same_client_id_in_the_same_chat_is_stored_already(db):
    ana, beto, yuliana = member(), member(), agent()
    one, two = support_chat(ana, yuliana), support_chat(beto, yuliana)
    stored = send(one, ana)
    assert load_message_batch({one.id, two.id}, [(one.id, "c-1")], 1, reads_presence=False).stored_messages == {
        (one.id, "USER", ana.id, "c-1"): stored
    }
    for sent in ([(two.id, "c-1")], [(one.id, "c-2")], []):
        assert load_message_batch({one.id, two.id}, sent, 1, reads_presence=False).stored_messages == {}


def test_reserved_ids_are_free_and_after_those_of_earlier_messages(db):
    ana = member()
    chat = support_chat(ana, agent())
    first = send(chat, ana)
    ids = list(reserve_message_ids(2))
    assert ids == sorted(ids)
    assert first.id < ids[0]
    assert not Message.select().where(Message.id.in_(ids)).exists()


def test_ids_follow_the_order_of_the_batch(db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    items = [BatchItem(ana.actor, SendMessage(chat_id=chat.id, message=text)) for text in "abc"]
    results = messages.send_messages.function(UnitOfWork(ana.actor, chat.created_at), items)
    assert [message.id for message in results] == sorted(message.id for message in results)
    stored = Message.select(Message.id, Message.message).order_by(Message.seq)
    assert [(row.id, row.message) for row in stored] == [(message.id, message.message) for message in results]
