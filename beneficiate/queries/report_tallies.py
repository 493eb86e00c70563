"""Tallies over long periods: from roll-ups, and from the facts that are not in them yet or of a day that is cut.

They fold to the same figures as the tallies of `queries/metrics.py`, which are those of the facts alone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from peewee import Expression, Field, fn

from beneficiate.domain.facts import APPOINTMENT, WITHOUT_TOPIC
from beneficiate.domain.metrics.folds import average_measure, count_facts, maximum_measure, sum_measures
from beneficiate.domain.metrics.metric import Metric, Scope, Tally
from beneficiate.domain.metrics.rollups import EVERY_AGENT, EVERY_TOPIC, HOURS_PER_DAY, NO_TOPIC, NOBODY, Grain, Rollup
from beneficiate.formatting import BOGOTA, bogota_date
from beneficiate.models.facts import Fact
from beneficiate.models.rollups import FactRollup, RollupState
from beneficiate.queries.appointment_tallies import count_appointments
from beneficiate.queries.metrics import FactSelection, TalliesByKind, fact_conditions
from beneficiate.queries.rollups import (
    day_of_bogota,
    decode_counts,
    load_rollup_state,
    read_rollup,
    select_rolled_facts,
)

_WITHOUT_BUCKETS = (count_facts, sum_measures, average_measure, maximum_measure)
"""Folds that need no buckets, which take longest to read."""
MICROSECOND = timedelta(microseconds=1)


class Group(Enum):
    """By what tallies are told apart."""

    NOTHING = "nothing"
    AGENT = "agent"
    TOPIC = "topic"
    DAY = "day"
    MONTH = "month"


GroupKey = int | str | date
"""An agent id, a topic, or the first day of a time; "" where nothing is told apart."""
TalliesByGroup = dict[GroupKey, TalliesByKind]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to read: of which period, told apart by what, and how far roll-ups have it."""

    selection: FactSelection
    group: Group
    state: RollupState

    @property
    def first_day(self) -> date:
        """The first day of the period."""
        return bogota_date(self.selection.starts_at)

    @property
    def last_day(self) -> date:
        """Its last day, of which facts may be missing."""
        return bogota_date(self.selection.until)

    @property
    def rolled_until(self) -> date:
        """The day after the last one that is read from roll-ups: of which no rolled fact comes after the end."""
        newest_at, until = self.state.newest_at, self.selection.until
        is_whole = until + MICROSECOND >= day_of_bogota(self.last_day)[1]
        is_rolled = newest_at is None or newest_at <= until
        return self.last_day + timedelta(days=1 if is_whole or is_rolled else 0)


def load_rolled_tallies(
    selection: FactSelection, metrics: Iterable[Metric], group: Group = Group.NOTHING
) -> TalliesByGroup:
    """Return the tallies that these metrics count, by group. Those of an instant are not rolled up."""
    plan, wanted = _Plan(selection, group, load_rollup_state()), list(metrics)
    found: TalliesByGroup = defaultdict(lambda: defaultdict(list))
    if any(metric.scope is Scope.PERIOD for metric in wanted):
        for (key, kind, detail), rollup in _load_period(plan, wanted).items():
            agent_id = key if group is Group.AGENT and isinstance(key, int) else None
            tally = Tally(kind, detail, agent_id, "", None, rollup.times, rollup.measures)
            found[key][Scope.PERIOD, kind].append(tally)
    if any(metric.scope is Scope.APPOINTMENT_DAY for metric in wanted):
        for (key, status, agent_id), times in _count_appointments(plan).items():
            tally = Tally(APPOINTMENT, status, agent_id or None, "", None, times)
            found[key][Scope.APPOINTMENT_DAY, APPOINTMENT].append(tally)
    return found


def load_hours(selection: FactSelection, metric: Metric) -> dict[int, int]:
    """Return how many facts a metric counts in each hour of the week; 0 is Monday at midnight."""
    plan, hours = _Plan(selection, Group.NOTHING, load_rollup_state()), defaultdict[int, int](int)
    kinds = list(metric.kinds)
    for condition in _covered_times(plan):
        query = FactRollup.select(FactRollup.kind, FactRollup.detail, FactRollup.hours)
        for kind, detail, text in query.where(condition, *_rollup_conditions(plan, kinds)).tuples():
            if metric.counts(Tally(kind, detail, None, "", None)):
                for hour, times in decode_counts(text).items():
                    hours[hour] += times
    for condition in _unrolled_conditions(plan):
        facts = select_rolled_facts(condition, Fact.kind.in_(kinds), *fact_conditions(Scope.PERIOD, selection))
        for at, kind, detail, *_ in facts.tuples().iterator():
            if metric.counts(Tally(kind, detail, None, "", None)):
                local = at.astimezone(BOGOTA)
                hours[local.weekday() * HOURS_PER_DAY + local.hour] += 1
    return dict(hours)


def _count_appointments(plan: _Plan) -> Counter[tuple[GroupKey, str, int]]:
    """Return how many appointments of the days have each status, by group, status and agent."""
    counts: Counter[tuple[GroupKey, str, int]] = Counter()
    if plan.group is Group.TOPIC:
        return counts
    for (day, status, agent_id), times in count_appointments(plan.selection, plan.state.folded_id).items():
        key = agent_id if plan.group is Group.AGENT else _group_key(plan, day)
        counts[key, status, agent_id] += times
    return counts


Rolled = dict[tuple[GroupKey, str, str], Rollup]
"""Roll-ups by group, kind and detail."""


def _load_period(plan: _Plan, metrics: list[Metric]) -> Rolled:
    of_period = [metric for metric in metrics if metric.scope is Scope.PERIOD]
    kinds = {kind for metric in of_period for kind in metric.kinds}
    spread = {kind for metric in of_period if metric.fold not in _WITHOUT_BUCKETS for kind in metric.kinds}
    found: Rolled = defaultdict(Rollup)
    for some, has_buckets in ((spread, True), (kinds - spread, False)):
        if some:
            for key, rollup in _read_rollups(plan, sorted(some), has_buckets=has_buckets):
                found[key].merge(rollup)
    for key, measure, times in _read_facts(plan, sorted(kinds)):
        found[key].times += times
        found[key].measures.add(measure, times)
    return found


def _read_rollups(
    plan: _Plan, kinds: list[str], *, has_buckets: bool
) -> Iterator[tuple[tuple[GroupKey, str, str], Rollup]]:
    table = FactRollup
    group: Field = {Group.AGENT: table.agent_id, Group.TOPIC: table.topic, Group.NOTHING: table.agent_id}.get(
        plan.group, table.day
    )
    columns = [group, table.kind, table.detail]
    counts = [table.times, table.measured, table.total]
    query = table.select(*columns, *counts, table.greatest, table.buckets)
    if not has_buckets:
        # Summed by the database: by agent these are most rows.
        sums = [fn.SUM(count).cast("BIGINT") for count in counts]
        query = table.select(*columns, *sums, fn.MAX(table.greatest)).group_by(*columns)
    for condition in _covered_times(plan):
        for key, kind, detail, *values in query.where(condition, *_rollup_conditions(plan, kinds)).tuples():
            yield (_group_key(plan, key), kind, detail), read_rollup(*values)


def _group_key(plan: _Plan, value: GroupKey) -> GroupKey:
    if plan.group is Group.MONTH and isinstance(value, date):
        return value.replace(day=1)
    return "" if plan.group is Group.NOTHING else value


def _covered_times(plan: _Plan) -> Iterator[Expression]:
    """Yield the conditions of the rows that have the days of the roll-ups once: whole months, and the days around."""
    table, start, end = FactRollup, plan.first_day, plan.rolled_until
    first_month = start if start.day == 1 else _next_month(start)
    last_month = end.replace(day=1)
    if plan.group is Group.DAY or first_month >= last_month:
        yield (table.grain == Grain.DAY.value) & (table.day >= start) & (table.day < end)
        return
    yield (table.grain == Grain.MONTH.value) & (table.day >= first_month) & (table.day < last_month)
    for first, following in ((start, first_month), (last_month, end)):
        if first < following:
            yield (table.grain == Grain.DAY.value) & (table.day >= first) & (table.day < following)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _rollup_conditions(plan: _Plan, kinds: list[str]) -> list[Expression]:
    """Return the conditions of the rows of the agents and topics that are asked for, each alone or all together."""
    table, agent_id, chosen = FactRollup, plan.selection.agent_id, plan.selection.topic
    topic = "" if chosen == NO_TOPIC else chosen or EVERY_TOPIC
    of_agents = table.agent_id == (EVERY_AGENT if agent_id is None else agent_id)
    if plan.group is Group.AGENT and agent_id is None:
        of_agents = table.agent_id != EVERY_AGENT
    if plan.group is Group.TOPIC:
        # What is about no chat has no topic.
        is_chat = table.kind.in_([kind for kind in kinds if kind not in WITHOUT_TOPIC])
        of_topics = is_chat & (table.topic != EVERY_TOPIC if topic == EVERY_TOPIC else table.topic == topic)
        return [of_agents, of_topics]
    with_topic = [kind for kind in kinds if kind not in WITHOUT_TOPIC]
    without_topic = [kind for kind in kinds if kind in WITHOUT_TOPIC]
    if topic == EVERY_TOPIC or not without_topic:
        return [of_agents, table.topic == topic, table.kind.in_(kinds)]
    of_chats = (table.topic == topic) & table.kind.in_(with_topic)
    return [of_agents, of_chats | ((table.topic == EVERY_TOPIC) & table.kind.in_(without_topic))]


def _unrolled_conditions(plan: _Plan) -> Iterator[Expression]:
    """Yield the conditions of the facts that the roll-ups of the days do not have: newer ones, and those of a cut day.

    Facts before the first day or after the end are left to other conditions.
    """
    cut_at = day_of_bogota(plan.rolled_until)[0]
    yield (Fact.id > plan.state.folded_id) & (Fact.at < cut_at)
    if plan.rolled_until <= plan.last_day:
        yield Fact.at >= cut_at


def _read_facts(plan: _Plan, kinds: list[str]) -> Iterator[tuple[tuple[GroupKey, str, str], int | None, int]]:
    """Yield group, kind and detail, measure and how many, of facts that are in no roll-up."""
    by_time = plan.group in (Group.DAY, Group.MONTH)
    of_period = [Fact.kind.in_(kinds), *fact_conditions(Scope.PERIOD, plan.selection)]
    if plan.group is Group.TOPIC:
        of_period.append(Fact.kind.not_in(WITHOUT_TOPIC))
    for condition in _unrolled_conditions(plan):
        if not by_time:
            yield from _group_facts(plan, "", condition, *of_period)
            continue
        for day in _days_with_facts(condition, *of_period):
            start, end = day_of_bogota(day)
            yield from _group_facts(plan, day, condition, *of_period, Fact.at >= start, Fact.at < end)


def _days_with_facts(*conditions: Expression) -> list[date]:
    first, last = Fact.select(fn.MIN(Fact.at), fn.MAX(Fact.at)).where(*conditions).tuples().get()
    if first is None:
        return []
    start, end = bogota_date(first), bogota_date(last)
    return [start + timedelta(days=number) for number in range((end - start).days + 1)]


def _group_facts(
    plan: _Plan, day: date | str, *conditions: Expression
) -> Iterator[tuple[tuple[GroupKey, str, str], int | None, int]]:
    group = {Group.AGENT: [fn.COALESCE(Fact.agent_id, NOBODY)], Group.TOPIC: [Fact.topic]}.get(plan.group, [])
    columns = [Fact.kind, Fact.detail, fn.COALESCE(Fact.duration_s, Fact.value), *group]
    query = Fact.select(*columns, fn.COUNT(Fact.id)).where(*conditions).group_by(*columns)
    for kind, detail, measure, *key, times in query.tuples():
        yield (key[0] if key else _group_key(plan, day), kind, detail), measure, times
