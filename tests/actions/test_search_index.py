"""Filling the search index."""

from beneficiate.actions.search_index import MAX_INDEXED_WORD_CHARS, index_messages
from beneficiate.models.chats import Message
from beneficiate.queries.search import find_unindexed_messages
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.payment_steps import NOW
from tests.factories import agent, direct_chat, member, support_chat


def add_message(chat, seq, text, sender_type="USER"):
    return Message.create(chat=chat, seq=seq, sender_type=sender_type, message=text, sent_at=NOW).id


def test_messages_of_people_in_support_chats_are_indexed_once(db):
    chat = support_chat(member(), agent())
    ids = [add_message(chat, 1, "hola"), add_message(chat, 2, "x" * 2 * MAX_INDEXED_WORD_CHARS)]
    add_message(chat, 3, "Chat cerrado", "SYSTEM")
    add_message(direct_chat(agent(), agent()), 1, "entre colegas")
    uow = UnitOfWork(SYSTEM, NOW)
    assert [id_ for id_, _ in find_unindexed_messages(10)] == ids
    assert [id_ for id_, _ in find_unindexed_messages(1)] == ids[:1]
    assert (index_messages(uow), index_messages(uow)) == (2, 0)
    assert find_unindexed_messages(10) == []
