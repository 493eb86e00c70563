"""How the gateway misbehaves, so that what depends on it can be seen to cope."""

from dataclasses import dataclass, fields
from typing import Annotated

import msgspec

from beneficiate.sandbox.errors import InvalidInput

Count = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
Status = Annotated[int, msgspec.Meta(ge=0, le=599)]


@dataclass(slots=True)
class Behaviour:
    """By default it behaves. The first four are about the API, the next three about events, the rest about payments.

    `fail_after` lets the work be done before `fail_status` is answered or `hang` begins: what was asked for exists, and
    the caller does not know it.
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
    """A behaviour from JSON; what is not named is as by default. Raises Invalid."""
    unknown = sorted(body.keys() - BEHAVIOUR_FIELDS)
    if unknown:
        raise InvalidInput({name: ["No se reconoce"] for name in unknown})
    try:
        return msgspec.convert(body, Behaviour)
    except msgspec.ValidationError as problem:
        raise InvalidInput({"behaviour": [str(problem)]}) from problem
