"""Events are encoded without what they do not have."""

import msgspec

from beneficiate.protocol.events import Ack, CommandFailed, ConnectionsEnded, UserConnected
from beneficiate.protocol.reference import list_events


def test_ack_without_a_result_is_its_id():
    assert msgspec.json.encode(Ack(id="7")) == b'{"event":"ack","id":"7"}'


def test_error_without_a_reference_or_a_wait_has_neither():
    failed = msgspec.to_builtins(CommandFailed(code="invalid", message="No.", error="No."))
    assert set(failed) == {"event", "code", "message", "error"}


def test_presence_states_its_default():
    assert msgspec.to_builtins(UserConnected(user_id=31)) == {
        "event": "user_connected",
        "user_id": 31,
        "status": "online",
    }


def test_internal_events_are_not_part_of_the_protocol():
    assert ConnectionsEnded not in list_events()
