"""The AsyncAPI document is valid, and says of each role what its connections may send."""

import json
from pathlib import Path

import pytest

from beneficiate.cli.main import websocket_channels
from beneficiate.protocol.asyncapi import render_asyncapi

PUBLISHED_SCHEMA = Path(__file__).parent / "vendor" / "asyncapi" / "3.0.0.json"


@pytest.fixture(scope="module")
def document():
    return json.loads(render_asyncapi(websocket_channels()))


def commands_of(document, operation):
    return {one["$ref"].rpartition("/Command_")[2] for one in document["operations"][operation]["messages"]}


def references(value):
    if isinstance(value, dict):
        yield from [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def follow(document, reference):
    found = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


@pytest.fixture(scope="module")
def validator():
    """Return the class of the validators. To import it takes 1.5 s of a core, which every worker would spend."""
    from jsonschema import Draft7Validator

    return Draft7Validator


def test_document_is_valid_by_the_published_schema(document, validator):
    schema = json.loads(PUBLISHED_SCHEMA.read_text(encoding="utf-8"))
    assert [error.json_path for error in validator(schema).iter_errors(document)] == []


def test_published_schema_finds_a_fault(document, validator):
    schema = json.loads(PUBLISHED_SCHEMA.read_text(encoding="utf-8"))
    assert not validator(schema).is_valid(document | {"operations": {"ws_send": {"action": "shout"}}})


def test_every_reference_leads_somewhere(document):
    for reference in set(references(document)):
        assert follow(document, reference)


def test_every_example_fits_its_payload(document, validator):
    for name, message in document["components"]["messages"].items():
        payload = validator(message["payload"] | {"components": document["components"]})
        for example in message["examples"]:
            assert [error.message for error in payload.iter_errors(example["payload"])] == [], name


def test_channels_are_the_websocket_urls(document):
    addresses = {channel["address"] for channel in document["channels"].values()}
    assert addresses == {"/ws", "/ws/agent", "/ws/supervisor"}


def test_every_command_is_received_from_somebody(document):
    received = {
        command
        for name, operation in document["operations"].items()
        if operation["action"] == "receive"
        for command in commands_of(document, name)
    }
    assert {f"Command_{command}" for command in received} == {
        name for name in document["components"]["messages"] if name.startswith("Command_")
    }


def test_only_a_supervisor_assigns_and_only_a_member_rates(document):
    member, agent, supervisor = (
        commands_of(document, f"ws_receive_from_{role}") for role in ("member", "agent", "supervisor")
    )
    assert supervisor - agent == {"assign_chat", "set_agent_away", "watch_board"}
    assert "rate_chat" in member - supervisor
    assert {"ping", "resume", "authenticate"} <= member & agent & supervisor
    assert commands_of(document, "ws_agent_receive_from_agent") == agent
