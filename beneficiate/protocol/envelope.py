"""What all frames have in common: the envelope and the bases of commands and events."""

from typing import Annotated, Any, ClassVar, TypeAlias

import msgspec

# JSON of any shape. msgspec has no narrower type for what is not validated.
JsonValue: TypeAlias = Any
JsonObject = dict[str, JsonValue]

MAX_ID = 2**31 - 1
NUL_ESCAPE = "\\u0000"
"""The only way to write a NUL in JSON text. No string may contain one, since PostgreSQL refuses it."""

Id = Annotated[int, msgspec.Meta(ge=1, le=MAX_ID, description="A whole number, neither a boolean nor a float.")]
Seq = Annotated[
    int, msgspec.Meta(ge=0, le=MAX_ID, description="The number of a message in its chat, from 1 without gaps.")
]
CorrelationId = Annotated[str, msgspec.Meta(max_length=64, description="Chosen by the client; the answer carries it.")]


class Envelope(msgspec.Struct):
    """The outer fields of a frame, read leniently: an otherwise invalid frame is still answered under its `id`."""

    event: JsonValue = None
    id: JsonValue = None
    source: JsonValue = None


class Command(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag_field="event"):
    """A request of a client. It may fail."""

    example: ClassVar[JsonObject]

    id: CorrelationId | None = None


class Event(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="event"):
    """A fact that clients are notified of, or an answer to a command."""

    example: ClassVar[JsonObject]


def message_type(struct: type[msgspec.Struct]) -> str:
    """Return the message type of a command or event: the value of `event` in its frame."""
    return str(struct.__struct_config__.tag)


def contains_nul(value: JsonValue) -> bool:
    """Return whether any string in decoded JSON contains a NUL.

    Not recursive: JSON may be nested deeper than the recursion limit of Python.
    """
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if "\0" in one:
                return True
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
    return False
