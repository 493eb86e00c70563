"""The manual, the schema and the constants name every message type."""

import json
import re

import msgspec
import pytest

from beneficiate.protocol import reference
from beneficiate.protocol.envelope import message_type

STRUCTS = [*reference.list_commands(), *reference.list_events()]


def test_every_command_and_event_has_its_own_type():
    for structs in (reference.list_commands(), reference.list_events()):
        names = [message_type(struct) for struct in structs]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("struct", STRUCTS, ids=message_type)
def test_example_is_valid(struct):
    if not hasattr(struct, "frame_schema"):
        assert msgspec.json.decode(json.dumps(struct.example), type=struct)


def test_manual_has_a_section_for_every_type_and_error():
    manual = reference.render_markdown([("chat_closed", "The chat is closed.")])
    assert re.findall(r"^### `(\w+)`$", manual, re.MULTILINE) == [message_type(struct) for struct in STRUCTS]
    assert "| `chat_closed` | The chat is closed. |" in manual


def test_schema_resolves_all_its_references():
    text = reference.render_json_schema()
    names = set(json.loads(text)["$defs"])
    assert set(re.findall(r'"#/\$defs/(\w+)"', text)) <= names


def test_constants_are_frozen_objects():
    script = reference.render_js_constants(["chat_closed"])
    assert script.count("Object.freeze({") == 5
    assert '  CHAT_CLOSED: "chat_closed",' in script
