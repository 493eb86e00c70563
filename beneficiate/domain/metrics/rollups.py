"""How facts become the rows of roll-ups: by day and month in Bogotá, agent and topic, and each of the two alone."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from beneficiate.domain import facts
from beneficiate.domain.metrics.folds import WITHOUT_BUCKETS
from beneficiate.domain.metrics.measures import Measures
from beneficiate.domain.metrics.metric import Metric, Scope
from beneficiate.formatting import BOGOTA

EVERY_AGENT = -1
"""Stands for all agents together, and for nobody."""
NOBODY = 0
EVERY_TOPIC = "*"
"""Stands for all topics together, and for none; no topic has this code."""
NO_TOPIC = "-"
"""Chooses the chats without a topic, where "" chooses all."""
HOURS_PER_DAY = 24
MEASURED_BY_HOUR = frozenset({
    facts.ASSIGNED,
    facts.FIRST_REPLY,
    facts.REPLY,
    facts.CLOSED,
    facts.RESOLUTION,
    facts.RATED,
    facts.PAYMENT,
})  # fmt: skip
"""The kinds of which a metric needs what they measure."""
BUCKETED_BY_HOUR = frozenset({facts.RATED})
"""The kinds with buckets by hour: scores have five. Those of waits would be 200,000 bytes in the row of a month, which
is written again with each part of facts."""


class Grain(StrEnum):
    """How long the time is that a row is about."""

    DAY = "day"
    MONTH = "month"


DAY, MONTH = Grain.DAY.value, Grain.MONTH.value


class RollupKey(NamedTuple):
    """What a row is about. `day` is the first one of the time, `agent_id` and `topic` may stand for all."""

    grain: str
    topic: str
    agent_id: int
    kind: str
    day: date
    detail: str


class RolledFact(NamedTuple):
    """What roll-ups have of a fact."""

    at: datetime
    kind: str
    detail: str
    agent_id: int | None
    topic: str
    measure: int | None


@dataclass(slots=True)
class Rollup:
    """So many facts and what they measure, all together and in each hour of the week (0 is Monday at midnight).

    `hour_measures` has hours in which something is measured, of the kinds in MEASURED_BY_HOUR.
    """

    times: int = 0
    measures: Measures = field(default_factory=Measures)
    hours: dict[int, int] = field(default_factory=dict)
    hour_measures: dict[int, Measures] = field(default_factory=dict)

    def add(self, kind: str, measure: int | None, hour: int) -> None:
        """Add a fact."""
        self.times += 1
        self.measures.add(measure)
        self.hours[hour] = self.hours.get(hour, 0) + 1
        if measure is not None and kind in MEASURED_BY_HOUR:
            if hour not in self.hour_measures:
                self.hour_measures[hour] = Measures()
            self.hour_measures[hour].add(measure, has_bucket=kind in BUCKETED_BY_HOUR)

    def merge(self, other: "Rollup") -> None:
        """Add those of another row."""
        self.times += other.times
        self.measures.merge(other.measures)
        for hour, times in other.hours.items():
            self.hours[hour] = self.hours.get(hour, 0) + times
        for hour, measures in other.hour_measures.items():
            own = self.hour_measures.get(hour)
            if own is None:
                self.hour_measures[hour] = measures.copy()
            else:
                own.merge(measures)


Rollups = dict[RollupKey, Rollup]


def is_known_by_hour(metric: Metric) -> bool:
    """Return whether roll-ups have what a metric counts in each hour of the week; of medians and percentiles not."""
    return metric.scope is Scope.PERIOD and (
        metric.fold in WITHOUT_BUCKETS or BUCKETED_BY_HOUR.issuperset(metric.kinds)
    )


def hour_of_week(instant: datetime) -> int:
    """Return the hour of the week in Bogotá: 0 is Monday at midnight, 167 the last one of Sunday."""
    local = instant.astimezone(BOGOTA)
    return local.weekday() * HOURS_PER_DAY + local.hour


def roll_up(rolled: Iterable[RolledFact]) -> Rollups:
    """Return the rows of facts: each is in eight of them. Those of appointments are counted in another way."""
    apart: Rollups = defaultdict(Rollup)
    for fact in rolled:
        if fact.kind != facts.APPOINTMENT:
            local = fact.at.astimezone(BOGOTA)
            key = RollupKey(DAY, fact.topic, fact.agent_id or NOBODY, fact.kind, local.date(), fact.detail)
            apart[key].add(fact.kind, fact.measure, hour_of_week(local))
    rollups: Rollups = defaultdict(Rollup)
    for key, rollup in apart.items():
        for grain, first in ((DAY, key.day), (MONTH, key.day.replace(day=1))):
            for topic in (key.topic, EVERY_TOPIC):
                for agent_id in (key.agent_id, EVERY_AGENT):
                    rollups[RollupKey(grain, topic, agent_id, key.kind, first, key.detail)].merge(rollup)
    return dict(rollups)


def merge_days(rollups: Rollups) -> Rollups:
    """Return the rows of months by those of their days."""
    months: Rollups = defaultdict(Rollup)
    for key, rollup in rollups.items():
        months[key._replace(grain=MONTH, day=key.day.replace(day=1))].merge(rollup)
    return dict(months)
