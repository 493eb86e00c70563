"""Prints every word: the manual, a JSON Schema and the client's constants. Written once, in the Structs."""

import json
from types import ModuleType
from typing import Any

import msgspec

from beneficiate.protocol import booking, commands, desk_tools, events, payments, queue
from beneficiate.protocol.close_codes import CLOSE_CODES
from beneficiate.protocol.envelope import MAX_MESSAGE_CHARS, Command, Event, message_type

LIMITS = {"LINE_CHARS": MAX_MESSAGE_CHARS, "FRAME_BYTES": 16 * 1024, "TYPING_TTL_S": 8}


def list_commands() -> list[type[Command]]:
    """Every command, in the order in which the module tells them."""
    return [
        struct
        for module in (commands, booking, queue, desk_tools)
        for struct in vars(module).values()
        if _is_message_type(struct, module, Command)
    ]


def list_events() -> list[type[Event]]:
    """Every event that can be on the wire."""
    return [
        struct
        for module in (events, booking, payments, queue, desk_tools)
        for struct in vars(module).values()
        if _is_message_type(struct, module, Event) and struct.example
    ]


def render_json_schema() -> str:
    """A JSON Schema (2020-12) with a definition for each command and each event."""
    structs = [*list_commands(), *list_events()]
    names = [f"{'Command' if issubclass(struct, Command) else 'Event'}_{message_type(struct)}" for struct in structs]
    found, components = msgspec.json.schema_components(structs, ref_template="#/$defs/{name}")
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
    """The client's constants: words, error codes, close codes, limits."""
    parts: dict[str, dict[str, Any]] = {
        "COMMANDS": {message_type(struct).upper(): message_type(struct) for struct in list_commands()},
        "EVENTS": {message_type(struct).upper(): message_type(struct) for struct in list_events()},
        "CODES": {code.upper(): code for code in codes},
        "CLOSE": {name: code for name, (code, _) in CLOSE_CODES.items()},
        "LIMITS": LIMITS,
    }
    head = "// Printed by `make protocol` from beneficiate/protocol: the words of the wire. Do not edit.\n"
    return head + "".join(
        f"export const {name} = Object.freeze({_render_js_object(values)});\n" for name, values in parts.items()
    )


def render_markdown(errors: list[tuple[str, str]]) -> str:
    """`docs/protocol.md`: each word with its fields and an example, the error codes and the close codes."""
    text = [
        "# The words on the wire",
        "",
        "Printed by `make protocol` from `beneficiate/protocol`; `docs/protocol.schema.json` says it to programs.",
        "Frames are JSON text with the word under `event`. A command may carry `id` (at most 64 characters); its",
        "`ack` or `error` carries it back. Times are ISO 8601, UTC. Old clients may add `sender_id`, `sender_type`,",
        "`user_id`, `status`, `sent_at`, `closed_by` to most words: identities must be theirs, the rest is ignored.",
        "",
        "## From the client",
        "",
    ]
    for command in list_commands():
        text += _render_message_type(command)
    text += ["## From the server", ""]
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


def _render_message_type(struct: type[msgspec.Struct]) -> list[str]:
    example: dict[str, Any] = struct.example  # type: ignore[attr-defined]
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
        json.dumps(example, ensure_ascii=False),
        "```",
        "",
    ]


def _unwrap_docstring(struct: type[msgspec.Struct]) -> str:
    return " ".join((struct.__doc__ or "").split())


_LEGACY_FIELDS = {"sender_id", "sender_type", "user_id", "status", "sent_at", "closed_by"}
"""What old clients add to their words; `docs/protocol.md` would repeat it on each of them."""


def _describe_type(annotation: Any) -> str:
    return _describe_schema(msgspec.json.schema(annotation))


def _describe_schema(kind: dict[str, Any]) -> str:
    """A JSON Schema in the few words that a reader of the manual needs."""
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


def _render_js_object(values: dict[str, Any]) -> str:
    return "{\n" + "".join(f"  {name}: {json.dumps(value)},\n" for name, value in values.items()) + "}"


def _is_message_type(struct: Any, module: ModuleType, kind: type) -> bool:
    """Whether it is a word of this kind that this module tells; one without an example never leaves the house."""
    is_own = isinstance(struct, type) and issubclass(struct, kind) and struct.__module__ == module.__name__
    return is_own and "example" in vars(struct)
