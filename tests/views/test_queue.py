"""A position in the queue as its member is sent it."""

from beneficiate.views.queue import QueuePosition, serialize_queue_position


def test_member_is_sent_chat_position_and_wait():
    event = serialize_queue_position(QueuePosition(user_id=1, chat_id=7, position=2, estimated_wait_s=None))
    assert (event.chat_id, event.position, event.estimated_wait_s) == (7, 2, None)
