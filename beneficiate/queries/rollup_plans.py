"""What a report reads: which rows of the roll-ups, and which facts beside them.

A year touches few rows: whole months are read as one row each, and agents and topics are named, since an index
finds each of them at once, but would be read from end to end for "any but all together".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import cached_property

from peewee import Expression

from beneficiate.domain.dates import add_months
from beneficiate.domain.facts import WITHOUT_TOPIC
from beneficiate.domain.metrics.rollups import EVERY_AGENT, EVERY_TOPIC, NO_TOPIC, NOBODY, Grain
from beneficiate.formatting import bogota_date
from beneficiate.models.base import database
from beneficiate.models.facts import Fact
from beneficiate.models.rollups import FactAgent, FactRollup
from beneficiate.queries.metrics import FactSelection
from beneficiate.queries.rollups import RolledFacts, day_of_bogota

MICROSECOND = timedelta(microseconds=1)
# Each topic is found by one step in the index, where DISTINCT would read all rows.
_TOPICS = """
WITH RECURSIVE topics(topic) AS (
    SELECT MIN(topic) FROM fact_rollups WHERE grain = '{grain}'
    UNION ALL
    SELECT (SELECT MIN(topic) FROM fact_rollups WHERE grain = '{grain}' AND topic > topics.topic)
    FROM topics WHERE topic IS NOT NULL
) SELECT topic FROM topics WHERE topic IS NOT NULL
"""


class Group(Enum):
    """By what tallies are told apart."""

    NOTHING = "nothing"
    AGENT = "agent"
    TOPIC = "topic"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


TIMES = (Group.DAY, Group.WEEK, Group.MONTH)
GroupKey = int | str | date
"""An agent id, a topic, or the first day of a time; "" where nothing is told apart."""


@dataclass(frozen=True)
class ReadingPlan:
    """What to read: of which period, told apart by what, and how far roll-ups have it."""

    selection: FactSelection
    group: Group
    rolled: RolledFacts

    @property
    def first_day(self) -> date:
        """The first day of the period."""
        return bogota_date(self.selection.starts_at)

    @property
    def last_day(self) -> date:
        """Its last day, of which facts may be missing."""
        return bogota_date(self.selection.until)

    @cached_property
    def rolled_until(self) -> date:
        """The day after the last one that is read from roll-ups: of which no rolled fact comes after the end."""
        is_whole = self.selection.until + MICROSECOND >= day_of_bogota(self.last_day)[1]
        return self.last_day + timedelta(days=1 if is_whole or self._has_all_rolled else 0)

    @property
    def _has_all_rolled(self) -> bool:
        """Whether no fact in the roll-ups comes after the end."""
        return self.rolled.newest_at is None or self.rolled.newest_at <= self.selection.until

    def key_of(self, value: GroupKey) -> GroupKey:
        """Return the group of a row by the value of its column."""
        if self.group is Group.NOTHING:
            return ""
        if self.group not in TIMES:
            return value
        # SQLite has days as text, of which only the models know.
        day = date.fromisoformat(value) if isinstance(value, str) else value
        return start_of(day, self.group) if isinstance(day, date) else day

    def covered_times(self) -> Iterator[Expression]:
        """Yield the conditions of the rows that have the days of the roll-ups once: whole months, and days around."""
        table, start, end = FactRollup, self.first_day, self.rolled_until
        first_month = start if start.day == 1 else add_months(start, 1)
        # Nothing comes after the end: then its month has no more than what is asked for.
        last_month = add_months(end, 1) if self._has_all_rolled and end.day > 1 else end.replace(day=1)
        if self.group in (Group.DAY, Group.WEEK) or first_month >= last_month:
            yield (table.grain == Grain.DAY.value) & (table.day >= start) & (table.day < end)
            return
        yield (table.grain == Grain.MONTH.value) & (table.day >= first_month) & (table.day < last_month)
        for first, following in ((start, first_month), (last_month, end)):
            if first < following:
                yield (table.grain == Grain.DAY.value) & (table.day >= first) & (table.day < following)

    def conditions_of(self, kinds: list[str]) -> Expression:
        """Return the condition of the rows of these kinds, of the agents and topics that are asked for."""
        series = self._series_of(kinds)
        found: Expression = None
        for times in self.covered_times():
            # All of it in each alternative, so that each is found by the index.
            one = times & series
            found = one if found is None else found | one
        return found

    def _series_of(self, kinds: list[str]) -> Expression:
        """Return the condition of the rows of the agents and topics, each alone or all together."""
        table, agent_id, chosen = FactRollup, self.selection.agent_id, self.selection.topic
        topic = "" if chosen == NO_TOPIC else chosen or EVERY_TOPIC
        of_agents = table.agent_id == (EVERY_AGENT if agent_id is None else agent_id)
        if self.group is Group.AGENT and agent_id is None:
            of_agents = table.agent_id.in_(self._agent_ids)
        with_topic = [kind for kind in kinds if kind not in WITHOUT_TOPIC]
        if self.group is Group.TOPIC:
            # What is about no chat has no topic.
            topics = self._topics if topic == EVERY_TOPIC else [topic]
            return table.topic.in_(topics) & of_agents & table.kind.in_(with_topic)
        if topic == EVERY_TOPIC or len(with_topic) == len(kinds):
            return (table.topic == topic) & of_agents & table.kind.in_(kinds)
        without_topic = [kind for kind in kinds if kind in WITHOUT_TOPIC]
        of_chats = (table.topic == topic) & table.kind.in_(with_topic)
        return of_agents & (of_chats | ((table.topic == EVERY_TOPIC) & table.kind.in_(without_topic)))

    @cached_property
    def _agent_ids(self) -> list[int]:
        return [NOBODY, *(id_ for (id_,) in FactAgent.select(FactAgent.id).tuples())]

    @cached_property
    def _topics(self) -> list[str]:
        return [topic for topic in list_topics() if topic != EVERY_TOPIC]

    def unrolled_conditions(self) -> Iterator[Expression]:
        """Yield the conditions of the facts that the roll-ups of the days do not have: newer ones, and of a cut day.

        Facts before the first day or after the end are left to other conditions.
        """
        cut_at = day_of_bogota(self.rolled_until)[0]
        if self.rolled.has_newer:
            yield self.rolled.are_newer & (Fact.at < cut_at)
        if self.rolled_until <= self.last_day:
            yield Fact.at >= cut_at


def start_of(day: date, group: Group) -> date:
    """Return the first day of the week or month of a day; the day itself for any other group."""
    if group is Group.MONTH:
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if group is Group.WEEK else day


def list_topics(grain: Grain = Grain.MONTH) -> list[str]:
    """Return the topics that the rows of days or months have, with that of all together."""
    return [topic for (topic,) in database.execute_sql(_TOPICS.format(grain=grain.value)).fetchall()]
