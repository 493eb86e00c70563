"""Prints the manual, the JSON Schema and the client's constants from the Structs of the protocol."""

import json
from collections.abc import Iterable
from inspect import cleandoc
from types import ModuleType

import msgspec

from beneficiate.protocol import board, booking, commands, desk_tools, events, payments, queue
from beneficiate.protocol.close_codes import CLOSE_CODES
from beneficiate.protocol.envelope import Command, Event, JsonObject, message_type
from beneficiate.protocol.initial_state import EVENTS_PARAMETER, INITIAL_EVENTS, VERSION_PARAMETER
from beneficiate.text_limits import MAX_MESSAGE_CHARS

LIMITS = {"LINE_CHARS": MAX_MESSAGE_CHARS, "FRAME_BYTES": 64 * 1024, "TYPING_TTL_S": 8}


_ORDER = (
    "## Order",
    "",
    "A client may send commands without waiting for answers; beyond 1,000 that wait on a connection they are",
    "`rate_limited`. They are carried out in the order in which they came, except `ping`, `authenticate` and `resume`,",
    "which wait for none. One that is refused stops none behind it: what is sent again comes after those, so where",
    "order matters, wait for each `ack`. What a command causes may arrive before its `ack`. A message may arrive twice",
    "or, between processes, out of order: `seq` decides, and a gap in it means `resume`.",
    "",
)


def list_commands() -> list[type[Command]]:
    """Return every command, in the order of the modules."""
    return [
        struct
        for module in (commands, booking, queue, desk_tools, board)
        for struct in vars(module).values()
        if _is_message_type(struct, module, Command)
    ]


def list_events() -> list[type[Event]]:
    """Return every event that clients can receive."""
    return [
        struct
        for module in (events, booking, payments, queue, desk_tools, board)
        for struct in vars(module).values()
        if _is_message_type(struct, module, Event) and struct.example
    ]


def build_schemas(
    structs: Iterable[type[msgspec.Struct]], ref_template: str
) -> tuple[tuple[JsonObject, ...], dict[str, JsonObject]]:
    """Return a reference for each type, and the schemas by name.

    Descriptions are docstrings without their indentation, as Python 3.13 itself keeps them.
    """
    references, components = msgspec.json.schema_components(structs, ref_template=ref_template)
    for schema in components.values():
        if "description" in schema:
            schema["description"] = cleandoc(schema["description"])
    return references, components


def render_json_schema() -> str:
    """Return a JSON Schema (2020-12) with a definition for each command and each event."""
    structs = [*list_commands(), *list_events()]
    names = [f"{'Command' if issubclass(struct, Command) else 'Event'}_{message_type(struct)}" for struct in structs]
    found, components = build_schemas(structs, "#/$defs/{name}")
    definitions = dict(zip(names, found, strict=True))
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Beneficiate over WebSocket",
        "commands": [f"#/$defs/{name}" for name in names if name.startswith("Command_")],
        "events": [f"#/$defs/{name}" for name in names if name.startswith("Event_")],
        "$defs": {**definitions, **components},
    }
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def render_js_constants(codes: list[str]) -> str:
    """Return the client's constants: message types, error codes, close codes, limits."""
    parts: dict[str, JsonObject] = {
        "COMMANDS": {message_type(struct).upper(): message_type(struct) for struct in list_commands()},
        "EVENTS": {message_type(struct).upper(): message_type(struct) for struct in list_events()},
        "CODES": {code.upper(): code for code in codes},
        "CLOSE": {name: code for name, (code, _) in CLOSE_CODES.items()},
        "LIMITS": LIMITS,
    }
    head = "// Printed by `make protocol` from beneficiate/protocol: message types and limits. Do not edit.\n"
    return head + "".join(
        f"export const {name} = Object.freeze({_render_js_object(values)});\n" for name, values in parts.items()
    )


def render_markdown(errors: list[tuple[str, str]]) -> str:
    """Return docs/protocol.md: each message type with its fields and an example, error codes and close codes."""
    text = [
        "# The WebSocket protocol",
        "",
        "Printed by `make protocol` from `beneficiate/protocol`; `docs/protocol.schema.json` has it as a JSON Schema.",
        "Frames are JSON text with the message type under `event`. A command may have an `id` (at most 64 characters);",
        "its `ack` or `error` repeats it. Times are ISO 8601, UTC. Old clients may add `sender_id`, `sender_type`,",
        "`user_id`, `status`, `sent_at`, `closed_by` to most commands: ids must be their own, the rest is ignored.",
        "",
        *_render_initial_state(),
        *_ORDER,
        "## Commands of the client",
        "",
    ]
    for command in list_commands():
        text += _render_message_type(command)
    text += ["## Events of the server", ""]
    for event in list_events():
        text += _render_message_type(event)
    text += [
        "## Error codes",
        "",
        "| code | when |",
        "| --- | --- |",
        *(f"| `{code}` | {when} |" for code, when in errors),
        "",
    ]
    text += [
        "## Close codes",
        "",
        "| code | meaning |",
        "| --- | --- |",
        *(f"| {code} | {meaning} |" for code, meaning in CLOSE_CODES.values()),
        "",
    ]
    return "\n".join(text)


def _render_initial_state() -> list[str]:
    names = ", ".join(f"`{name}`" for name in INITIAL_EVENTS)
    return [
        "## Initial state",
        "",
        f"A new connection is first sent what its role needs, of {names}.",
        "A client that does not read all of them names those that it does in the URL of the handshake, such as",
        f"`/ws?{EVENTS_PARAMETER}=agent_chats,online_users`; with an empty value it is sent none. Another name is",
        "refused with 400. `/agente` prints the version of the chats that it shows: with it as",
        f"`{VERSION_PARAMETER}` they are not sent again, unless they have changed.",
        "",
    ]


def _render_message_type(struct: type[Command | Event]) -> list[str]:
    hidden = _LEGACY_FIELDS - set(struct.__annotations__) if issubclass(struct, Command) else set()
    own = [field for field in msgspec.structs.fields(struct) if field.name not in hidden]
    rows = [
        f"| `{field.encode_name}` | {'yes' if field.required else 'no'} | {_describe_type(field.type)} |"
        for field in own
    ]
    table = ["| field | required | type |", "| --- | --- | --- |", *rows, ""] if rows else []
    return [
        f"### `{message_type(struct)}`",
        "",
        _unwrap_docstring(struct),
        "",
        *table,
        "```json",
        json.dumps(struct.example, ensure_ascii=False),
        "```",
        "",
    ]


def _unwrap_docstring(struct: type[msgspec.Struct]) -> str:
    return " ".join((struct.__doc__ or "").split())


_LEGACY_FIELDS = {"sender_id", "sender_type", "user_id", "status", "sent_at", "closed_by"}
"""Fields that old clients add to their commands; left out of `docs/protocol.md`, which explains them once."""


def _describe_type(annotation: object) -> str:
    return _describe_schema(msgspec.json.schema(annotation))


def _describe_schema(kind: JsonObject) -> str:
    """Return a JSON Schema as the short text of a table cell."""
    if "anyOf" in kind:
        return " or ".join(_describe_schema(one) for one in kind["anyOf"] if one != {"type": "null"})
    if "enum" in kind:
        return ", ".join(f"`{value}`" for value in kind["enum"])
    if "$ref" in kind:
        return f"`{kind['$ref'].rsplit('/', 1)[1]}`"
    name = kind.get("format") or kind.get("type") or "anything"
    if "items" in kind:
        name = f"array of {_describe_schema(kind['items'])}"
    if isinstance(kind.get("additionalProperties"), dict):
        name = f"object of {_describe_schema(kind['additionalProperties'])} by chat id"
    low, high = kind.get("minimum", kind.get("minLength", "")), kind.get("maximum", kind.get("maxLength", ""))
    bounds = f" {low}…{high}" if high != "" else ""
    return f"{name}{bounds}" + (f" ({kind['description']})" if "description" in kind else "")


def _render_js_object(values: JsonObject) -> str:
    return "{\n" + "".join(f"  {name}: {json.dumps(value)},\n" for name, value in values.items()) + "}"


def _is_message_type(struct: object, module: ModuleType, kind: type) -> bool:
    """Return whether it is a message type of this kind and module. One without an example is never sent."""
    is_own = isinstance(struct, type) and issubclass(struct, kind) and struct.__module__ == module.__name__
    return is_own and "example" in vars(struct)
