"""How the gateway misbehaves, to test what depends on it."""

from dataclasses import dataclass, fields
from typing import Annotated

import msgspec

from beneficiate.sandbox.errors import InvalidInput

Count = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
Status = Annotated[int, msgspec.Meta(ge=0, le=599)]


@dataclass(slots=True)
class Behaviour:
    """The faults of the gateway; none by default. Four are of the API, the next three of events, the rest of payments.

    With `fail_after` the request is carried out before `fail_status` is answered or `hang` begins: the caller does not
    know that it was.
    """

    delay_s: Seconds = 0.0
    fail_status: Status = 0
    fail_after: bool = False
    hang: bool = False
    lose_events: bool = False
    repeat_events: Count = 1
    reorder_events: bool = False
    allow_second: bool = False
    amount_offset_in_cents: int = 0
    null_link: bool = False


BEHAVIOUR_FIELDS = frozenset(field.name for field in fields(Behaviour))


def parse_behaviour(body: dict[str, object]) -> Behaviour:
    """Return a behaviour from JSON; missing fields have their default. Raises InvalidInput."""
    unknown = sorted(body.keys() - BEHAVIOUR_FIELDS)
    if unknown:
        raise InvalidInput({name: ["No se reconoce"] for name in unknown})
    try:
        return msgspec.convert(body, Behaviour)
    except msgspec.ValidationError as problem:
        raise InvalidInput({"behaviour": [str(problem)]}) from problem
