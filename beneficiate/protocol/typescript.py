"""Prints the TypeScript declarations of the client's constants and of every command and event.

The types come from the JSON Schema that msgspec derives from the Structs, so they describe the JSON text: a time is a
string, and a field with a default is optional.
"""

import json
from collections.abc import Collection, Mapping

import msgspec

from beneficiate.protocol.close_codes import CLOSE_CODES
from beneficiate.protocol.commands import LegacyCommand
from beneficiate.protocol.envelope import Command, JsonValue, message_type
from beneficiate.protocol.reference import LIMITS, list_commands, list_events

Schema = Mapping[str, JsonValue]

_HEAD = "// Printed by `make protocol` from beneficiate/protocol: the types of protocol.js. Do not edit.\n\n"
_TYPES = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def render_typescript(codes: list[str]) -> str:
    """Return protocol.d.ts: the constants, `CommandFields` and `EventFields` by message type, and the payloads."""
    structs = [*list_commands(), *list_events()]
    references, components = msgspec.json.schema_components(structs, ref_template="{name}")
    top_level = [reference["$ref"] for reference in references]
    payloads = [
        f"export interface {name} {_render_object(schema)}\n"
        for name, schema in sorted(components.items())
        if name not in top_level
    ]
    schemas = {struct: components[name] for struct, name in zip(structs, top_level, strict=True)}
    return _HEAD + "\n".join(
        [
            _render_constant(
                "COMMANDS", {message_type(struct).upper(): message_type(struct) for struct in list_commands()}
            ),
            _render_constant(
                "EVENTS", {message_type(struct).upper(): message_type(struct) for struct in list_events()}
            ),
            _render_constant("CODES", {code.upper(): code for code in codes}),
            _render_constant("CLOSE", {name: code for name, (code, _) in CLOSE_CODES.items()}),
            _render_constant("LIMITS", LIMITS),
            *payloads,
            _render_fields("CommandFields", {struct: schemas[struct] for struct in list_commands()}),
            _render_fields("EventFields", {struct: schemas[struct] for struct in list_events()}),
        ]
    )


def _render_constant(name: str, values: Mapping[str, str | int]) -> str:
    members = "".join(f"  {key}: {json.dumps(value)};\n" for key, value in values.items())
    return f"export declare const {name}: Readonly<{{\n{members}}}>;\n"


def _render_fields(name: str, schemas: Mapping[type[msgspec.Struct], Schema]) -> str:
    members = "".join(
        f"  {message_type(struct)}: {_render_object(_sent_schema(struct, schema), _hidden_fields(struct), '  ')};\n"
        for struct, schema in schemas.items()
    )
    return f"export interface {name} {{\n{members}}}\n"


def _sent_schema(struct: type[msgspec.Struct], schema: Schema) -> Schema:
    """Return the schema of the frame as it is sent; it differs from the fields when a frame is read leniently."""
    return getattr(struct, "frame_schema", schema)


def _hidden_fields(struct: type[msgspec.Struct]) -> Collection[str]:
    """Return the fields that a client does not set: the message type, and what only old clients add."""
    if not issubclass(struct, Command):
        return {"event"}
    return {"event", *(set(LegacyCommand.__annotations__) - set(struct.__annotations__))}


def _render_object(schema: Schema, hidden: Collection[str] = (), indent: str = "") -> str:
    required = set(schema.get("required", ()))
    members = "".join(
        f"{indent}  {name}{'' if name in required else '?'}: {_render_type(field)};\n"
        for name, field in schema.get("properties", {}).items()
        if name not in hidden
    )
    return f"{{\n{members}{indent}}}" if members else "{}"


def _render_type(schema: Schema) -> str:
    if "$ref" in schema:
        return str(schema["$ref"])
    if "anyOf" in schema:
        return " | ".join(_render_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    if "const" in schema:
        return json.dumps(schema["const"], ensure_ascii=False)
    return _render_plain_type(schema)


def _render_plain_type(schema: Schema) -> str:
    kind = schema.get("type")
    if kind == "array":
        return f"Array<{_render_type(schema.get('items', {}))}>"
    if kind == "object":
        return f"Record<string, {_render_type(schema.get('additionalProperties', {}))}>"
    return _TYPES.get(str(kind), "unknown")
