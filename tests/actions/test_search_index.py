"""Filling the search index."""

import pytest

from beneficiate.actions import search_index
from beneficiate.actions.search_index import MAX_INDEXED_WORD_CHARS, index_messages
from beneficiate.models.base import is_postgresql
from beneficiate.models.chats import Message
from beneficiate.queries.message_index import find_unindexed_messages
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


@pytest.mark.parametrize("failing", ["its words", "the database"])
def test_message_that_cannot_be_indexed_holds_up_no_other(db, failing, monkeypatch):
    chat = support_chat(member(), agent())
    ids = [add_message(chat, seq, text) for seq, text in enumerate(("primero", "malo", "tercero"), 1)]
    fold_words = search_index.fold

    def spoil(text):
        if text == "malo" and failing == "its words":
            raise ValueError
        # Neither database takes a NUL or half a character as text.
        return "\0\ud800" if text == "malo" else fold_words(text)

    monkeypatch.setattr(search_index, "fold", spoil)
    assert index_messages(UnitOfWork(SYSTEM, NOW)) == len(ids)
    assert find_unindexed_messages(10) == []
    condition = "words @@ 'tercero'" if is_postgresql() else "line_words MATCH 'tercero'"
    found = db.execute_sql(f"SELECT {'line_id' if is_postgresql() else 'rowid'} FROM line_words WHERE {condition}")  # noqa: S608
    assert found.fetchall() == [(ids[2],)]
