"""The TypeScript declarations say of every command and event what its frame has."""

import re

import pytest

from beneficiate.protocol.envelope import message_type
from beneficiate.protocol.reference import list_commands, list_events
from beneficiate.protocol.typescript import render_typescript


@pytest.fixture(scope="module")
def text():
    return render_typescript(["not_found"])


def fields_of(text, interface, name):
    """Return the members of a message type as lines."""
    block = re.search(rf"^export interface {interface} \{{\n(.*?)^\}}$", text, re.MULTILINE | re.DOTALL)[1]
    one = re.search(rf"^  {name}: \{{(?:\}}|\n(.*?)^  \}});$", block, re.MULTILINE | re.DOTALL)
    assert one, f"{name} is missing"
    return [line.strip().rstrip(";") for line in (one[1] or "").splitlines()]


@pytest.mark.parametrize("struct", list_events(), ids=message_type)
def test_the_example_of_an_event_has_the_declared_fields(text, struct):
    declared = fields_of(text, "EventFields", message_type(struct))
    required = {name for name, _, _ in (line.partition(": ") for line in declared) if not name.endswith("?")}
    example = set(struct.example) - {"event"}
    assert required <= example
    assert example <= {line.partition(": ")[0].rstrip("?") for line in declared}


@pytest.mark.parametrize("struct", list_commands(), ids=message_type)
def test_the_example_of_a_command_has_the_declared_fields(text, struct):
    declared = {line.partition(": ")[0].rstrip("?") for line in fields_of(text, "CommandFields", message_type(struct))}
    assert set(struct.example) - {"event"} <= declared
    assert not {"event", "sender_type", "closed_by"} & declared


def test_types_are_those_of_the_json_text(text):
    assert fields_of(text, "CommandFields", "add_note") == [
        "id?: string | null",
        "chat_id: number",
        "text: string",
        "mentions?: Array<number>",
        "client_id?: string | null",
    ]
    assert "chats: Record<string, number>" in fields_of(text, "EventFields", "resumed")
    assert '  status: "ACTIVE" | "CLOSED" | "WAITING";\n' in text
    assert "  sent_at: string;\n" in text


def test_constants_are_literals(text):
    assert '  NOT_FOUND: "not_found";\n' in text
    assert "  TOKEN_EXPIRED: 4401;\n" in text
