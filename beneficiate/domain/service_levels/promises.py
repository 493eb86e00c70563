"""What is promised to members: how soon they are answered, and how much working time we take until a chat ends."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Promise(StrEnum):
    """A promise; the first two are never counted at once."""

    FIRST_RESPONSE = "first"
    NEXT_RESPONSE = "next"
    RESOLUTION = "resolve"


PROMISE_NAMES = {
    Promise.FIRST_RESPONSE: "Primera respuesta",
    Promise.NEXT_RESPONSE: "Respuesta siguiente",
    Promise.RESOLUTION: "Resolución",
}


class PromisedTimes(NamedTuple):
    """What a chat was promised, in working seconds; None promises nothing. `warn_s` before a deadline we warn."""

    first_response_s: int | None = None
    next_response_s: int | None = None
    resolution_s: int | None = None
    warn_s: int = 0

    def seconds(self, promise: Promise) -> int | None:
        """Return the working seconds of one promise."""
        return {
            Promise.FIRST_RESPONSE: self.first_response_s,
            Promise.NEXT_RESPONSE: self.next_response_s,
            Promise.RESOLUTION: self.resolution_s,
        }[promise]

    def seconds_until_warning(self, promise_s: int) -> int:
        """Return how much working time passes before we warn; at the earliest, half of what was promised."""
        return promise_s - min(self.warn_s, promise_s // 2)


NO_PROMISES = PromisedTimes()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A promise that was met or broken, after so many working seconds."""

    promise: Promise
    is_met: bool
    seconds: int

    @property
    def detail(self) -> str:
        """The detail of its fact."""
        return outcome_detail(self.promise, is_met=self.is_met)


def outcome_detail(promise: Promise, *, is_met: bool) -> str:
    """Return the detail of the fact that a promise was met or broken: `first.met`, `first.late`."""
    return f"{promise}.{'met' if is_met else 'late'}"
