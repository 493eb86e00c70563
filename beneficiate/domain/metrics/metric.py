"""What a figure is: its name, the question that it answers, which facts it counts and how.

The board, the reports, the downloads and the page of definitions all use these objects. Figures are folded from
tallies: so many equal facts, one by one or as the database has grouped them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Unit(StrEnum):
    """What a figure is in."""

    CHATS = "chats"
    APPOINTMENTS = "citas"
    PAYMENTS = "pagos"
    RATINGS = "calificaciones"
    SECONDS = "segundos"
    PESOS = "pesos"
    SCORE = "puntos de 1 a 5"
    SHARE = "%"


class Scope(StrEnum):
    """Of when the facts are that a figure counts."""

    PERIOD = "period"
    """Those that happened in the period."""
    INSTANT = "instant"
    """The last fact of each chat that was open at the end of the period, if it is of these kinds."""
    APPOINTMENT_DAY = "appointment_day"
    """The last fact of each appointment that is in the period."""


class Tally(NamedTuple):
    """Facts that are equal in this; there are so many `times`. `measure` is a duration in seconds, or the value."""

    kind: str
    detail: str
    agent_id: int | None
    topic: str
    measure: int | None
    times: int = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """A value over `count` facts; None without any that it could be told from.

    A share is between 0 and 1; `low` and `high` are the bounds of its 95 % interval.
    """

    value: float | None
    count: int
    low: float | None = None
    high: float | None = None


Fold = Callable[[Sequence[Tally]], Figure]


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure: `question` is what it answers and `rule` what it counts, both in Spanish.

    It counts the facts of `kinds`, and of these only `details` if there are any.
    """

    code: str
    name: str
    unit: Unit
    question: str
    rule: str
    kinds: tuple[str, ...]
    fold: Fold
    details: tuple[str, ...] = ()
    scope: Scope = Scope.PERIOD

    def counts(self, tally: Tally) -> bool:
        """Return whether the facts of this tally are counted."""
        return tally.kind in self.kinds and (not self.details or tally.detail in self.details)

    def compute(self, tallies: Iterable[Tally]) -> Figure:
        """Return the figure over those of these facts that it counts."""
        return self.fold([tally for tally in tallies if self.counts(tally)])
