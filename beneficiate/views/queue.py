"""Positions in the queue."""

from dataclasses import dataclass

from beneficiate.protocol.queue import QueuePositionChanged


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """A waiting member: their chat, its position from 1, and the estimated wait in seconds where one is known."""

    user_id: int
    chat_id: int
    position: int
    estimated_wait_s: int | None


def serialize_queue_position(position: QueuePosition) -> QueuePositionChanged:
    """Return the position as its member is sent it."""
    return QueuePositionChanged(
        chat_id=position.chat_id, position=position.position, estimated_wait_s=position.estimated_wait_s
    )
