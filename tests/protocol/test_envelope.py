"""What all frames have in common."""

import json

import msgspec
import pytest

from beneficiate.protocol.commands import Ping
from beneficiate.protocol.envelope import Envelope, contains_nul, message_type


def test_message_type_is_the_tag():
    assert message_type(Ping) == "ping"


@pytest.mark.parametrize("value", ["a\0", ["a", {"b": "\0"}], {"\0": 1}, [[["\0"]]]])
def test_nul_is_found_wherever_it_is(value):
    assert contains_nul(value)


@pytest.mark.parametrize("value", ["a", "\\u0000", 0, None, ["a", {"b": 1}], {}])
def test_other_values_have_no_nul(value):
    assert not contains_nul(value)


def test_nesting_deeper_than_the_recursion_limit_is_searched():
    value = ["\0"]
    for _ in range(5000):
        value = [value]
    assert contains_nul(value)


def test_envelope_of_an_otherwise_invalid_frame_is_read():
    envelope = msgspec.json.decode(json.dumps({"event": 5, "id": "7", "chat_id": "x"}), type=Envelope)
    assert (envelope.event, envelope.id) == (5, "7")
