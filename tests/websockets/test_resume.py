"""Missed messages are sent in order, within limits, at the pace of the network."""

import asyncio
from types import SimpleNamespace

import pytest

from beneficiate.errors import Unavailable
from beneficiate.protocol.commands import Resume
from beneficiate.queries import chats
from beneficiate.websockets import resume
from beneficiate.websockets.resume import MAX_MESSAGES_PER_CHAT, MAX_MESSAGES_PER_RESUME, send_missed_messages


class FakeStore:
    """Chats whose messages are their numbers."""

    def __init__(self, **last_seqs):
        self.last = {int(name[1:]): seq for name, seq in last_seqs.items()}

    async def read(self, query, command, actor):
        if query is chats.load_last_seqs:
            return {chat_id: self.last[chat_id] for chat_id in command if chat_id in self.last}
        after, end = command.seq, self.last[command.chat_id]
        seqs = range(after + 1, min(end, after + command.limit) + 1)
        return [(SimpleNamespace(message=SimpleNamespace(seq=seq)), None) for seq in seqs]


class FakeConnection:
    actor = None

    def __init__(self, *, is_open=True):
        self.sent, self.batches, self.is_open = [], [], is_open

    def send_event(self, event, mark=None):
        self.sent.append(event.message.seq)

    async def drain(self):
        self.batches.append(len(self.sent))
        return self.is_open


def run(store, connection, known):
    return asyncio.run(send_missed_messages(SimpleNamespace(store=store), connection, Resume(chats=known, id="1")))


def test_all_missed_messages_are_sent_in_batches():
    connection = FakeConnection()
    answer = run(FakeStore(c12=120), connection, {12: 10, 99: 4})
    assert connection.sent == list(range(11, 121))
    assert connection.batches == [50, 100, 110]
    assert (answer.id, answer.chats, answer.more) == ("1", {12: 120}, [])


def test_limits_of_a_chat_and_of_a_resume_leave_the_rest_in_more():
    connection = FakeConnection()
    answer = run(FakeStore(c1=2000, c2=2000, c3=2000), connection, {1: 0, 2: 0, 3: 0})
    assert len(connection.sent) == MAX_MESSAGES_PER_RESUME
    assert answer.chats == {1: MAX_MESSAGES_PER_CHAT, 2: MAX_MESSAGES_PER_CHAT, 3: 0}
    assert answer.more == [1, 2, 3]


def test_known_seq_beyond_the_last_is_answered_with_the_last():
    assert run(FakeStore(c12=5), FakeConnection(), {12: 9}).chats == {12: 5}


def test_closed_connection_ends_the_resume():
    connection = FakeConnection(is_open=False)
    with pytest.raises(Unavailable):
        run(FakeStore(c12=120), connection, {12: 0})
    assert len(connection.sent) == resume.RESUME_BATCH_SIZE
