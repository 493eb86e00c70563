"""What every frame has in common, before its word is known and after."""

from typing import Annotated, Any, ClassVar

import msgspec

MAX_ID = 2**31 - 1
MAX_MESSAGE_CHARS = 4000
NUL_ESCAPE = "\\u0000"
"""The only way to write a NUL in JSON text; no string may have one, since PostgreSQL refuses it."""

Id = Annotated[int, msgspec.Meta(ge=1, le=MAX_ID, description="A whole number, neither a boolean nor a float.")]
Seq = Annotated[
    int, msgspec.Meta(ge=0, le=MAX_ID, description="The number of a line in its chat, from 1 without gaps.")
]
CorrelationId = Annotated[str, msgspec.Meta(max_length=64, description="Chosen by the client; the answer carries it.")]


class Envelope(msgspec.Struct):
    """Read first and leniently: a frame may be wrong in every other way and still be answered with its `id`."""

    event: Any = None
    id: Any = None
    source: Any = None


class Command(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag_field="event"):
    """Something that a client asks for. It may fail."""

    example: ClassVar[dict[str, Any]]

    id: CorrelationId | None = None


class Event(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="event"):
    """Something that became true, or an answer. It never fails the one who said it."""

    example: ClassVar[dict[str, Any]]


def message_type(struct: type[msgspec.Struct]) -> str:
    """The word of a command or event: what its frame has under `event`."""
    return str(struct.__struct_config__.tag)


def contains_nul(value: Any) -> bool:
    """Whether any string in decoded JSON has a NUL. Not recursive: JSON may be nested deeper than Python may call."""
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
