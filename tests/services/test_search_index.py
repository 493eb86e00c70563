"""The index is filled in parts, and SQLite's forgets the words of messages that were erased."""

import asyncio

import pytest

from beneficiate.models.base import database, is_postgresql
from beneficiate.models.chats import Message
from beneficiate.services.search_index import fill_search_index, merge_deleted_words
from tests.actions.queue_steps import seconds_after_now
from tests.factories import agent, member, support_chat

WORD = "zaguan"


def index_blocks():
    rows = database.execute_sql("SELECT block FROM line_words_data").fetchall()
    return b"".join(bytes(block) for (block,) in rows).decode("latin-1")


@pytest.mark.gen_test
async def test_words_of_an_erased_message_are_in_no_part_of_the_index(server):
    for job in server._jobs:
        job.stop()
    store = server.context.store
    ana = member()
    chat = support_chat(ana, agent())
    for seq in range(1, 4):
        text = f"{WORD} {seq}"
        row = {"chat": chat.id, "seq": seq, "sender_type": "USER", "sender_id": ana.id, "message": text}
        Message.create(**row, sent_at=seconds_after_now(0))
        await fill_search_index(store, lambda: False)
    Message.update(message="Texto borrado.").execute()
    await fill_search_index(store, lambda: False)
    if is_postgresql():
        found = database.execute_sql("SELECT COUNT(*) FROM line_words WHERE words::text LIKE %s", (f"%{WORD}%",))
        assert found.fetchone() == (0,)
    else:
        assert WORD in index_blocks()
    await asyncio.wait_for(merge_deleted_words(store, lambda: False), 20)
    assert is_postgresql() or WORD not in index_blocks()


@pytest.mark.gen_test
async def test_process_that_stops_leaves_the_rest(server):
    await fill_search_index(server.context.store, lambda: True)
    await merge_deleted_words(server.context.store, lambda: True)
