"""The facts behind a figure of a report, a hundred at a time, as of the cut of that report."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from beneficiate.domain.dates import FIRST_DAY, LAST_DAY, parse_typed_instant
from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import NO_DATA, Metric, Scope
from beneficiate.domain.metrics.rollups import HOURS_PER_DAY, NO_TOPIC
from beneficiate.domain.reports.periods import MAX_PERIOD_DAYS, Period
from beneficiate.errors import NotFound
from beneficiate.models.base import read_snapshot
from beneficiate.models.facts import Fact
from beneficiate.queries.fact_lists import MAX_ID_DIGITS, load_fact_part
from beneficiate.queries.local_time import extract_hour_of_week
from beneficiate.queries.metrics import (
    TalliesByKind,
    compute_metric,
    count_listed,
)
from beneficiate.queries.report_tallies import load_hours, load_rolled_tallies
from beneficiate.queries.reports import WITHOUT_TOPIC_NAME, load_report_names, select_facts
from beneficiate.queries.rollups import find_first_day
from beneficiate.text_limits import MAX_TOPIC_CODE_CHARS
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.avatars import describe_actor
from beneficiate.views.report_figures import ReportFigure, ReportFilters
from beneficiate.views.report_lists import ReportListOverview

LIST_PARAMETERS = ("figura", "desde", "hasta", "corte", "fin", "agente", "tema", "hora", "antes")
HOURS_PER_WEEK = 7 * HOURS_PER_DAY


def load_report_list(uow: UnitOfWork, texts: Mapping[str, str]) -> ReportListOverview:
    """Return the facts behind a figure, by the parameters of its address. Raises NotFound for what no report gives."""
    metric, filters = METRICS.get(texts["figura"]), read_list_filters(texts, uow.now)
    if metric is None or metric.scope is Scope.INSTANT:
        raise NotFound
    if filters.hour is not None and metric.scope is not Scope.PERIOD:
        raise NotFound
    of_hour = [] if filters.hour is None else [extract_hour_of_week(Fact.at) == filters.hour]
    part = load_fact_part(metric, select_facts(filters), texts["antes"], *of_hour)
    names, tallies = load_report_names(uow), _load_tallies(metric, filters)
    has_data = not filters.period.ends_before(find_first_day())
    figure = compute_metric(metric, tallies) if has_data else NO_DATA
    return ReportListOverview(
        me=describe_actor(uow.actor),
        shown=ReportFigure(metric, figure, filters.address_of(metric.code)),
        filters=filters,
        listed=count_listed(metric, tallies),
        rows=part.rows,
        agent_name="" if filters.agent_id is None else names.agents.get(filters.agent_id, ("Agente", ""))[0],
        topic_name=WITHOUT_TOPIC_NAME if filters.topic == NO_TOPIC else names.topics.get(filters.topic, filters.topic),
        topic_names=names.topics,
        is_first=not texts["antes"],
        next_position=part.next_position,
    )


def read_list_filters(texts: Mapping[str, str], now: datetime) -> ReportFilters:
    """Return the filters of an address that a report gave. Raises NotFound for any other."""
    try:
        period = Period(date.fromisoformat(texts["desde"]), date.fromisoformat(texts["hasta"]))
    except ValueError:
        raise NotFound from None
    cut_at, ends_at = _read_instant(texts["corte"]), _read_instant(texts["fin"]) if texts["fin"] else None
    # A report from the first day on is compared with the days before it.
    is_known = period.first >= FIRST_DAY - timedelta(days=MAX_PERIOD_DAYS) and period.last <= LAST_DAY
    if not (is_known and 1 <= period.days <= MAX_PERIOD_DAYS and cut_at <= now):
        raise NotFound
    return ReportFilters(
        period,
        cut_at,
        ends_at,
        _read_number(texts["agente"], 2**31),
        texts["tema"][:MAX_TOPIC_CODE_CHARS],
        _read_number(texts["hora"], HOURS_PER_WEEK),
    )


def _read_number(text: str, end: int) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= MAX_ID_DIGITS and int(text) < end):
        raise NotFound
    return int(text)


def _read_instant(text: str) -> datetime:
    instant = parse_typed_instant(text)
    if instant is None:
        raise NotFound
    return instant


def _load_tallies(metric: Metric, filters: ReportFilters) -> TalliesByKind:
    """Return what the list counts."""
    selection = select_facts(filters)
    with read_snapshot():
        if filters.hour is None:
            return load_rolled_tallies(selection, [metric]).get("", {})
        return load_hours(selection, metric).get(filters.hour, {})
