"""The facts that metrics count, grouped for figures; `queries/fact_lists.py` has the lists behind them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from peewee import Expression, ModelSelect, Select, fn

from beneficiate.domain import facts
from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.folds import OF_MEASURES, count_facts
from beneficiate.domain.metrics.metric import Actors, Figure, Metric, Scope, Tally
from beneficiate.domain.metrics.rollups import NO_TOPIC, Rollup
from beneficiate.formatting import BOGOTA, bogota_date
from beneficiate.models.base import Row, database
from beneficiate.models.chats import CLOSED, SUPPORT, Chat
from beneficiate.models.facts import MEASURE, Fact
from beneficiate.queries.local_time import extract_hour_of_week
from beneficiate.views.facts import FactRow

_STEPS_OF_CHATS = (*facts.ENTERED_QUEUE, facts.ASSIGNED, facts.CLOSED)
"""Of these the last one says whether a chat waits, is with an agent or has ended."""
_ROW_COLUMNS = (
    Fact.at,
    Fact.kind,
    Fact.detail,
    Fact.chat_id,
    Fact.appointment_id,
    Fact.payment_id,
    Fact.agent_id,
    Fact.agent_name,
    Fact.agent_code,
    Fact.topic,
    Fact.duration_s,
    Fact.value,
    Fact.starts_at,
    Fact.id,
    Fact.span,
)


TalliesByKind = dict[tuple[Scope, str], list[Tally]]
"""Tallies by scope and kind."""


@dataclass(frozen=True, slots=True)
class FactSelection:
    """The facts from `starts_at` until `until`, both included, of one agent, some, or a topic if these are given.

    Appointments and payments have no topic: whichever is chosen, they stay. NO_TOPIC chooses chats without one. `as_of`
    is the instant at which the appointments of the period are where they are counted; without it, its end.
    """

    starts_at: datetime
    until: datetime
    agent_id: int | None = None
    topic: str = ""
    as_of: datetime | None = None
    agent_ids: tuple[int, ...] = ()


def select_day(until: datetime, topic: str = "", agent_ids: tuple[int, ...] = ()) -> FactSelection:
    """Return the facts of the day in Bogotá that `until` is in, until then."""
    return FactSelection(start_of_day(until), until, topic=topic, agent_ids=agent_ids)


def start_of_day(instant: datetime) -> datetime:
    """Return when the day of an instant begins in Bogotá."""
    return datetime.combine(bogota_date(instant), time(), BOGOTA)


def compute_figures(selection: FactSelection, codes: Iterable[str]) -> dict[str, Figure]:
    """Return the figures of these metrics by their codes."""
    metrics = [METRICS[code] for code in codes]
    tallies = load_tallies(selection, metrics)
    return {metric.code: compute_metric(metric, tallies) for metric in metrics}


def load_tallies_by_hour(selection: FactSelection, kinds: list[str]) -> dict[int, TalliesByKind]:
    """Return what there is of these kinds in a period by hour of the week in Bogotá; 0 is Monday at midnight."""
    found: dict[int, TalliesByKind] = defaultdict(lambda: defaultdict(list))
    for tally, hour in _group_tallies(selection, kinds, extract_hour_of_week(Fact.at)):
        found[hour][Scope.PERIOD, tally.kind].append(tally)
    return found


def compute_metric(metric: Metric, tallies: TalliesByKind) -> Figure:
    """Return the figure of a metric over those of these tallies that it counts."""
    of_kinds = [tally for kind in metric.kinds for tally in tallies.get((metric.scope, kind), ())]
    return metric.fold(of_kinds) if metric.counts_whole_kinds else metric.compute(of_kinds)


def count_listed(metric: Metric, tallies: TalliesByKind) -> int:
    """Return how many of these facts the list of a metric has; a rate is of two kinds, and counts only one."""
    if metric.fold in OF_MEASURES:
        return compute_metric(metric, tallies).count
    return compute_metric(replace(metric, fold=count_facts), tallies).count


def load_tallies(selection: FactSelection, metrics: list[Metric]) -> TalliesByKind:
    """Return what these metrics count: one query for the period, whatever the number of metrics."""
    kinds: dict[Scope, set[str]] = defaultdict(set)
    for metric in metrics:
        kinds[metric.scope].update(metric.kinds)
    found: TalliesByKind = defaultdict(list)
    for scope, wanted in kinds.items():
        for tally in _load_tallies_of(scope, selection, sorted(wanted)):
            found[scope, tally.kind].append(tally)
    return found


def _load_tallies_of(scope: Scope, selection: FactSelection, kinds: list[str]) -> list[Tally]:
    """Return tallies that do not say of which agent or topic they are, where the database has grouped them."""
    if scope is not Scope.PERIOD:
        return [row.tally for row in load_rows(scope, selection, [Fact.kind.in_(kinds)], None)]
    return [tally for (tally,) in _group_tallies(selection, kinds)]


def _group_tallies(selection: FactSelection, kinds: list[str], *apart: Expression) -> Iterator[Row]:
    """Yield a tally for each kind and detail of a period and for the values of what else tells them apart, with these.

    The database groups equal measures, of which a day has a thousand. The rows are as the driver has them: Peewee would
    take as long to convert them as everything else that is done with them.
    """
    groups = [Fact.kind, Fact.detail, *apart]
    is_counted = [Fact.kind.in_(kinds), *fact_conditions(Scope.PERIOD, selection)]
    query = Fact.select(*groups, MEASURE, fn.COUNT(Fact.id)).where(*is_counted).group_by(*groups, MEASURE)
    found: dict[Row, Rollup] = defaultdict(Rollup)
    for *group, measure, times in database.execute(query):
        rollup = found[tuple(group)]
        rollup.times += times
        rollup.measures.add(measure, times)
    for (kind, detail, *values), rollup in found.items():
        yield Tally(kind, detail, None, "", None, rollup.times, rollup.measures), *values


def load_rows(scope: Scope, selection: FactSelection, conditions: list[Expression], limit: int | None) -> list[FactRow]:
    """Return the facts of a selection for which these conditions are true, the newest first."""
    query = (
        Fact.select(*_ROW_COLUMNS)
        .where(*conditions, *fact_conditions(scope, selection))
        .order_by(Fact.at.desc(), Fact.id.desc())
    )
    rows = [FactRow(*row) for row in query.limit(limit).tuples()]
    if scope is not Scope.INSTANT:
        return rows
    return [replace(row, measure_s=_waited_s(row, selection.until)) for row in rows]


def _waited_s(row: FactRow, until: datetime) -> int:
    """Return for how long, in whole seconds, a chat has been where this step brought it.

    For one that waits, since its member waits: what they had waited before that step counts.
    """
    before = (row.measure_s or 0) if row.kind in facts.ENTERED_QUEUE else 0
    return max(0, round((until - row.at).total_seconds())) + before


def metric_condition(metric: Metric, kinds: str | tuple[str, ...]) -> Expression:
    """Return the condition of the facts of these kinds that a metric counts."""
    condition = Fact.kind == kinds if isinstance(kinds, str) else Fact.kind.in_(kinds)
    if metric.actors is not Actors.ANYONE:
        condition &= Fact.agent_id.is_null(metric.actors is Actors.OTHERS)
    # How long something lasts until an instant is no part of its fact.
    if metric.fold in OF_MEASURES and metric.scope is not Scope.INSTANT:
        condition &= MEASURE.is_null(False)
    return condition & Fact.detail.in_(metric.details) if metric.details else condition


def fact_conditions(scope: Scope, selection: FactSelection) -> list[Expression]:
    """Return the conditions of the facts of a selection, whatever their kinds."""
    conditions: list[Expression] = []
    if scope is Scope.PERIOD:
        conditions = [Fact.at >= selection.starts_at, Fact.at <= selection.until]
    elif scope is Scope.INSTANT:
        conditions = _are_last_steps_of_chats(selection.until)
    else:
        first, last = start_of_day(selection.starts_at), start_of_day(selection.until) + timedelta(days=1)
        is_in_days = (Fact.starts_at >= first) & (Fact.starts_at < last)
        conditions = [
            is_in_days,
            Fact.id.in_(_last_steps_of_appointments(selection.as_of or selection.until, is_in_days)),
        ]
    if selection.agent_id is not None:
        conditions.append(Fact.agent_id == selection.agent_id)
    if selection.agent_ids:
        conditions.append(Fact.agent_id.in_(selection.agent_ids))
    if selection.topic:
        topic = "" if selection.topic == NO_TOPIC else selection.topic
        conditions.append((Fact.topic == topic) | Fact.chat_id.is_null())
    return conditions


def _are_last_steps_of_chats(until: datetime) -> list[Expression]:
    """Return the conditions of the last step until then of each chat that was open then: is open, or has ended since.

    They name the time from which on these chats began, so that partitions before it are not looked into.
    """
    ended = Fact.alias()
    closed_since = ended.select(ended.chat_id).where(ended.kind == facts.CLOSED, ended.at > until)
    is_open = (Chat.kind == SUPPORT) & (Chat.status != CLOSED)
    first_began = [Chat.select(fn.MIN(Chat.created_at)).where(one) for one in (is_open, Chat.id.in_(closed_since))]
    (began,) = Select(None, first_began).bind(database).tuples().execute()
    since = min((Chat.created_at.python_value(one) for one in began if one is not None), default=until)
    chat_ids = Chat.select(Chat.id).where(is_open) | closed_since
    step = Fact.alias()
    steps = step.select(fn.MAX(step.id)).where(
        step.chat_id.in_(chat_ids), step.kind.in_(_STEPS_OF_CHATS), step.at >= since, step.at <= until
    )
    return [Fact.at >= since, Fact.at <= until, Fact.id.in_(steps.group_by(step.chat_id))]


def _last_steps_of_appointments(until: datetime, is_in_days: Expression) -> ModelSelect:
    """Return the ids of the last step until then of each appointment that was at some time in these days."""
    step = Fact.alias()
    appointment_ids = Fact.select(Fact.appointment_id).where(is_in_days)
    steps = step.select(fn.MAX(step.id)).where(step.appointment_id.in_(appointment_ids), step.at <= until)
    return steps.group_by(step.appointment_id)
