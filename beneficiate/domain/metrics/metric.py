"""What a figure is: its name, the question that it answers, which facts it counts and how.

The board, the reports, the downloads and the page of definitions all use these objects. Figures are folded from
tallies: so many equal facts, one by one or as the database has grouped them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from beneficiate.domain.metrics.measures import Measures


class Unit(StrEnum):
    """What a figure is in."""

    CHATS = "chats"
    APPOINTMENTS = "citas"
    PAYMENTS = "pagos"
    RATINGS = "calificaciones"
    TIMES = "veces"
    SECONDS = "segundos"
    PESOS = "pesos"
    SCORE = "puntos de 1 a 5"
    SHARE = "%"


class Actors(StrEnum):
    """Whose acts a figure counts."""

    ANYONE = "anyone"
    AGENTS = "agents"
    OTHERS = "others"
    """Those of members, the bot and the system."""


class Scope(StrEnum):
    """Of when the facts are that a figure counts."""

    PERIOD = "period"
    """Those that happened in the period."""
    INSTANT = "instant"
    """The last fact of each chat that was open at the end of the period, if it is of these kinds."""
    APPOINTMENT_DAY = "appointment_day"
    """The last fact of each appointment that is in the period."""


class Tally(NamedTuple):
    """Facts that are equal in this; there are so many `times`. `measure` is a duration in seconds, or the value.

    Those of a roll-up differ in what they measure, which `spread` has instead.
    """

    kind: str
    detail: str
    agent_id: int | None
    topic: str
    measure: int | None
    times: int = 1
    spread: Measures | None = None

    @property
    def measures(self) -> Measures:
        """What these facts measure, all together."""
        if self.spread is not None:
            return self.spread
        measures = Measures()
        measures.add(self.measure, self.times)
        return measures


@dataclass(frozen=True, slots=True)
class Figure:
    """A value over `count` facts; None without any that it could be told from.

    A share is between 0 and 1; `low` and `high` are the bounds of the 95 % interval of a share or a score.
    """

    value: float | None
    count: int
    low: float | None = None
    high: float | None = None


NO_DATA = Figure(None, 0)
"""That of days before the first fact: nothing was counted then, which is not none."""

Fold = Callable[[Sequence[Tally]], Figure]


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure: `question` is what it answers and `rule` what it counts, both in Spanish.

    It counts the facts of `kinds`, and of these only `details` if there are any, and those of `actors`.
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
    actors: Actors = Actors.ANYONE

    @property
    def counts_whole_kinds(self) -> bool:
        """Whether it counts all facts of its kinds."""
        return not self.details and self.actors is Actors.ANYONE

    def counts(self, tally: Tally) -> bool:
        """Return whether the facts of this tally are counted."""
        if self.actors is not Actors.ANYONE and (tally.agent_id is not None) is not (self.actors is Actors.AGENTS):
            return False
        return tally.kind in self.kinds and (not self.details or tally.detail in self.details)

    def compute(self, tallies: Iterable[Tally]) -> Figure:
        """Return the figure over those of these facts that it counts."""
        return self.fold([tally for tally in tallies if self.counts(tally)])
