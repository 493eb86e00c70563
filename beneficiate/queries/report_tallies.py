"""Tallies over long periods: from roll-ups, and from the facts that are not in them yet or of a day that is cut.

They fold to the same figures as the tallies of `queries/metrics.py`, which are those of the facts alone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from peewee import Case, Expression, Value, fn

from beneficiate.domain.facts import APPOINTMENT, WITHOUT_TOPIC
from beneficiate.domain.metrics.folds import WITHOUT_BUCKETS
from beneficiate.domain.metrics.measures import Measures
from beneficiate.domain.metrics.metric import Metric, Scope, Tally
from beneficiate.domain.metrics.rollups import MEASURED_BY_HOUR, NOBODY, Rollup, hour_of_week, is_known_by_hour
from beneficiate.formatting import bogota_date
from beneficiate.models.base import Row, database
from beneficiate.models.facts import MEASURE, Fact
from beneficiate.models.rollups import FactRollup
from beneficiate.queries.appointment_tallies import count_appointments
from beneficiate.queries.local_time import extract_monday
from beneficiate.queries.metrics import FactSelection, TalliesByKind, fact_conditions, load_tallies_by_hour
from beneficiate.queries.rollup_plans import TIMES, Group, GroupKey, ReadingPlan
from beneficiate.queries.rollups import (
    NO_COUNTS,
    RolledFacts,
    day_of_bogota,
    decode_counts,
    decode_hour_measures,
    load_rolled_facts,
    read_facts,
    read_rollup,
    select_rolled_facts,
)

TalliesByGroup = dict[GroupKey, TalliesByKind]


def load_rolled_tallies(
    selection: FactSelection,
    metrics: Iterable[Metric],
    group: Group = Group.NOTHING,
    rolled: RolledFacts | None = None,
) -> TalliesByGroup:
    """Return the tallies that these metrics count, by group. Those of an instant are not rolled up.

    Who asks more than once, in a `read_snapshot`, gives what is rolled up.
    """
    plan, wanted = ReadingPlan(selection, group, rolled or load_rolled_facts()), list(metrics)
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


def load_hours(selection: FactSelection, metric: Metric, rolled: RolledFacts | None = None) -> dict[int, TalliesByKind]:
    """Return what a metric of a period counts in each hour of the week; 0 is Monday at midnight.

    Where roll-ups do not have it, it is counted over the facts, which takes seconds for a long period.
    """
    kinds = sorted(metric.kinds)
    if not is_known_by_hour(metric):
        return load_tallies_by_hour(selection, kinds)
    plan = ReadingPlan(selection, Group.NOTHING, rolled or load_rolled_facts())
    found: dict[int, TalliesByKind] = defaultdict(lambda: defaultdict(list))
    columns = (FactRollup.kind, FactRollup.detail, FactRollup.measured, FactRollup.hours, FactRollup.hour_measures)
    for kind, detail, measured, hours, text in database.execute(
        FactRollup.select(*columns).where(plan.conditions_of(kinds))
    ):
        measures = decode_hour_measures(text)
        if kind in MEASURED_BY_HOUR and measured != sum(one.count for one in measures.values()):
            # Made by a version that did not tell it by hour.
            return load_tallies_by_hour(selection, kinds)
        for hour, times in decode_counts(hours).items():
            tally = Tally(kind, detail, None, "", None, times, measures.get(hour) or Measures())
            found[hour][Scope.PERIOD, kind].append(tally)
    for condition in plan.unrolled_conditions():
        facts = select_rolled_facts(condition, Fact.kind.in_(kinds), *fact_conditions(Scope.PERIOD, selection))
        for fact, _ in read_facts(facts):
            tally = Tally(fact.kind, fact.detail, None, "", fact.measure)
            found[hour_of_week(fact.at)][Scope.PERIOD, fact.kind].append(tally)
    return found


def _count_appointments(plan: ReadingPlan) -> Counter[tuple[GroupKey, str, int]]:
    """Return how many appointments of the days have each status, by group, status and agent."""
    counts: Counter[tuple[GroupKey, str, int]] = Counter()
    if plan.group is Group.TOPIC:
        return counts
    found = count_appointments(plan.selection, plan.rolled, by_day=plan.group in TIMES)
    for (day, status, agent_id), times in found.items():
        key = agent_id if plan.group is Group.AGENT else plan.key_of(day)
        counts[key, status, agent_id] += times
    return counts


Rolled = dict[tuple[GroupKey, str, str], Rollup]
"""Roll-ups by group, kind and detail."""


def _load_period(plan: ReadingPlan, metrics: list[Metric]) -> Rolled:
    of_period = [metric for metric in metrics if metric.scope is Scope.PERIOD]
    kinds = {kind for metric in of_period for kind in metric.kinds}
    spread = {kind for metric in of_period if metric.fold not in WITHOUT_BUCKETS for kind in metric.kinds}
    found: Rolled = defaultdict(Rollup)
    for key, kind, detail, *values in _read_rollups(plan, sorted(kinds), sorted(spread)):
        place, rollup = (plan.key_of(key), kind, detail), read_rollup(*values)
        # By day, each row is the only one of its place.
        if place in found:
            found[place].merge(rollup)
        else:
            found[place] = rollup
    for group, measure, times in _read_facts(plan, sorted(kinds)):
        found[group].times += times
        found[group].measures.add(measure, times)
    return found


def _read_rollups(plan: ReadingPlan, kinds: list[str], spread: list[str]) -> Iterator[Row]:
    """Yield rows of roll-ups: group, kind, detail, then what they have of their facts; buckets of `spread` only."""
    table, shared = FactRollup, _find_shared_column(plan.group)
    group = Value("") if plan.group is Group.NOTHING else table.day if shared is None else shared
    columns, counts = [group, table.kind, table.detail], [table.times, table.measured, table.total]
    summed = [kind for kind in kinds if kind not in spread] if shared is not None else []
    if summed:
        # Summed by the database: by agent, and by week of a year, these are most rows.
        sums = [fn.SUM(count).cast("BIGINT") for count in counts]
        query = table.select(*columns, *sums, fn.MAX(table.greatest)).group_by(*columns)
        yield from database.execute(query.where(plan.conditions_of(summed)))
    read = [kind for kind in kinds if kind not in summed]
    if read:
        buckets = Case(None, [(table.kind.in_(spread), table.buckets)], NO_COUNTS) if spread else Value(NO_COUNTS)
        query = table.select(*columns, *counts, table.greatest, buckets)
        # Rows as the driver has them: Peewee would take as long as all the rest to convert what needs no conversion.
        yield from database.execute(query.where(plan.conditions_of(read)))


def _find_shared_column(group: Group) -> Expression | None:
    """Return what many rows of a group have alike; None where few rows are of one group."""
    table = FactRollup
    if group is Group.WEEK:
        return extract_monday(table.day)
    return {Group.AGENT: table.agent_id, Group.TOPIC: table.topic}.get(group)


def _read_facts(plan: ReadingPlan, kinds: list[str]) -> Iterator[tuple[tuple[GroupKey, str, str], int | None, int]]:
    """Yield group, kind and detail, measure and how many, of facts that are in no roll-up."""
    by_time = plan.group in TIMES
    of_period = [Fact.kind.in_(kinds), *fact_conditions(Scope.PERIOD, plan.selection)]
    if plan.group is Group.TOPIC:
        of_period.append(Fact.kind.not_in(WITHOUT_TOPIC))
    for condition in plan.unrolled_conditions():
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
    plan: ReadingPlan, day: date | str, *conditions: Expression
) -> Iterator[tuple[tuple[GroupKey, str, str], int | None, int]]:
    group = {Group.AGENT: [fn.COALESCE(Fact.agent_id, NOBODY)], Group.TOPIC: [Fact.topic]}.get(plan.group, [])
    columns = [Fact.kind, Fact.detail, MEASURE, *group]
    query = Fact.select(*columns, fn.COUNT(Fact.id)).where(*conditions).group_by(*columns)
    for kind, detail, measure, *key, times in query.tuples():
        yield (key[0] if key else plan.key_of(day), kind, detail), measure, times
