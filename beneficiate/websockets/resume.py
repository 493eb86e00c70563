"""Sends missed messages again, at the pace of the network."""

import msgspec

from beneficiate.context import AppContext
from beneficiate.errors import Unavailable
from beneficiate.protocol.commands import Resume
from beneficiate.protocol.events import Resumed
from beneficiate.queries import chats
from beneficiate.realtime.connection import Connection

MAX_MESSAGES_PER_CHAT = 500
MAX_MESSAGES_PER_RESUME = 1000
RESUME_BATCH_SIZE = 50
"""Messages read and written at a time: 50 of the longest fit into the default outbox."""


async def send_missed_messages(context: AppContext, connection: Connection, command: Resume) -> Resumed:
    """Send the messages after the last known `seq` of each chat, in order; chats with more to send are in `more`.

    A chat that the user may not see (any more) is left out of the answer. Raises NotFound when none is left,
    Unavailable when the connection is closed.
    """
    last = await context.store.read(chats.load_last_seqs, set(command.chats), connection.actor)
    reached = {chat_id: min(seq, last[chat_id]) for chat_id, seq in command.chats.items() if chat_id in last}
    remaining = MAX_MESSAGES_PER_RESUME
    for chat_id in reached:
        quota = min(MAX_MESSAGES_PER_CHAT, remaining)
        while reached[chat_id] < last[chat_id] and quota:
            query = chats.MissedMessagesQuery(chat_id, reached[chat_id], min(RESUME_BATCH_SIZE, quota))
            missed = await context.store.read(chats.list_missed_messages, query, connection.actor)
            for event, mark in missed:
                connection.send_event(event, mark)
            quota -= len(missed)
            remaining -= len(missed)
            reached[chat_id] = missed[-1][0].message.seq if missed else last[chat_id]
            if not await connection.drain():
                raise Unavailable
    return Resumed(
        chats=reached,
        more=[chat_id for chat_id in reached if reached[chat_id] < last[chat_id]],
        id=msgspec.UNSET if command.id is None else command.id,
    )
