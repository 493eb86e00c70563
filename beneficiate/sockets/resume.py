"""Sending again what was missed, at the pace of the socket."""

import msgspec

from beneficiate.errors import Unavailable
from beneficiate.house import House
from beneficiate.protocol.commands import Resume
from beneficiate.protocol.events import Resumed
from beneficiate.queries import chats
from beneficiate.realtime.hub import text_frame
from beneficiate.realtime.publisher import encode
from beneficiate.realtime.session import Session

PER_CHAT = 500
IN_ALL = 1000
AT_ONCE = 50
"""Lines read and written at a time: 50 of the longest stay under the default of the outbox."""


async def resume(house: House, session: Session, command: Resume) -> Resumed:
    """Send the lines after the last known `seq` of each chat, in order; what did not fit is in `more`.

    A chat that is not one's own (any more) is left out of the answer. Raises NotFound when none is,
    Unavailable when the session is over.
    """
    last = await house.store.read(chats.last_seqs, set(command.chats), session.actor)
    reached = {chat_id: min(seq, last[chat_id]) for chat_id, seq in command.chats.items() if chat_id in last}
    left = IN_ALL
    for chat_id in reached:
        quota = min(PER_CHAT, left)
        while reached[chat_id] < last[chat_id] and quota:
            wanted = chats.Missed(chat_id, reached[chat_id], min(AT_ONCE, quota))
            missed = await house.store.read(chats.missed, wanted, session.actor)
            for event, mark in missed:
                session.send(text_frame(encode(event)), mark)
            quota -= len(missed)
            left -= len(missed)
            reached[chat_id] = missed[-1][0].message.seq if missed else last[chat_id]
            if not await session.drain():
                raise Unavailable
    return Resumed(
        chats=reached,
        more=[chat_id for chat_id in reached if reached[chat_id] < last[chat_id]],
        id=msgspec.UNSET if command.id is None else command.id,
    )
