"""The AsyncAPI 3.0 document of the WebSocket channels, printed from the Structs and from the commands of each role."""

import json
from collections.abc import Collection, Mapping
from typing import NamedTuple

import msgspec

from beneficiate import __version__
from beneficiate.protocol.close_codes import CLOSE_CODES
from beneficiate.protocol.envelope import Command, Event, JsonObject, message_type
from beneficiate.protocol.reference import build_schemas, list_commands, list_events

_SCHEMA = "#/components/schemas/{name}"
_ANSWERS = ("Event_ack", "Event_error")


class Channel(NamedTuple):
    """A WebSocket URL: its path, what it is for, and the commands that each role may send there."""

    path: str
    description: str
    commands_by_role: Mapping[str, Collection[type[Command]]]


def render_asyncapi(channels: Collection[Channel]) -> str:
    """Return the document as JSON text. The server receives commands and sends events."""
    structs: list[type[Command | Event]] = [*list_commands(), *list_events()]
    plain = [struct for struct in structs if not hasattr(struct, "frame_schema")]
    payloads, schemas = build_schemas(plain, _SCHEMA)
    by_struct = dict(zip(plain, payloads, strict=True))
    messages = {
        _message_name(struct): _message(struct, getattr(struct, "frame_schema", None) or by_struct[struct])
        for struct in structs
    }
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Beneficiate over WebSocket",
            "version": __version__,
            "description": "Frames are JSON text with the message type under `event`. docs/protocol.md is the same "
            "for people.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "development": {"host": "localhost:8888", "protocol": "ws", "security": [_TOKEN]},
            "production": {
                "host": "{host}",
                "protocol": "wss",
                "variables": {"host": {"description": "The host of `BENEFICIATE_PUBLIC_URL`."}},
                "security": [_TOKEN],
            },
        },
        "channels": {_channel_name(channel): _channel(channel) for channel in channels},
        "operations": {name: operation for channel in channels for name, operation in _operations(channel).items()},
        "components": {
            "messages": messages,
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "httpApiKey",
                    "in": "header",
                    "name": "Sec-WebSocket-Protocol",
                    "description": "An access token (JWT) as the last of the offered subprotocols; never in the URL.",
                }
            },
        },
        "x-close-codes": {str(code): meaning for code, meaning in CLOSE_CODES.values()},
    }
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


_TOKEN = {"$ref": "#/components/securitySchemes/token"}


def _channel(channel: Channel) -> JsonObject:
    commands = {struct for commands in channel.commands_by_role.values() for struct in commands}
    names = [
        _message_name(struct)
        for struct in (*list_commands(), *list_events())
        if struct in commands or _is_event(struct)
    ]
    return {
        "address": channel.path,
        "description": channel.description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
    }


def _operations(channel: Channel) -> dict[str, JsonObject]:
    """One operation for the commands of each role, one for all events."""
    name = _channel_name(channel)
    target = {"$ref": f"#/channels/{name}"}

    def refer(names: Collection[str]) -> list[dict[str, str]]:
        return [{"$ref": f"#/channels/{name}/messages/{one}"} for one in names]

    operations = {
        f"{name}_receive_from_{role}": {
            "action": "receive",
            "channel": target,
            "summary": f"What a connection of the role `{role}` may send.",
            "messages": refer([_message_name(struct) for struct in list_commands() if struct in commands]),
            "reply": {"channel": target, "messages": refer(_ANSWERS)},
            "x-role": role,
        }
        for role, commands in channel.commands_by_role.items()
    }
    return operations | {
        f"{name}_send": {
            "action": "send",
            "channel": target,
            "summary": "What the server sends to the connections concerned.",
            "messages": refer([_message_name(struct) for struct in list_events()]),
        }
    }


def _message(struct: type[Command | Event], payload: JsonObject) -> JsonObject:
    return {
        "name": message_type(struct),
        "summary": " ".join((struct.__doc__ or "").split()),
        "payload": payload,
        "examples": [{"payload": struct.example}],
    }


def _message_name(struct: type[msgspec.Struct]) -> str:
    return f"{'Event' if _is_event(struct) else 'Command'}_{message_type(struct)}"


def _is_event(struct: type[msgspec.Struct]) -> bool:
    return issubclass(struct, Event)


def _channel_name(channel: Channel) -> str:
    return channel.path.strip("/").replace("/", "_")
