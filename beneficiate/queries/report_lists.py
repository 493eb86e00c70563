"""The facts behind a figure of a report, a hundred at a time, as of the cut of that report."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from peewee import Expression, fn

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Figure, Metric, Scope
from beneficiate.domain.metrics.rollups import HOURS_PER_DAY, NO_TOPIC
from beneficiate.domain.reports.periods import MAX_PERIOD_DAYS, Period
from beneficiate.errors import NotFound
from beneficiate.formatting import BOGOTA
from beneficiate.models.base import is_postgresql
from beneficiate.models.call_centre import Topic
from beneficiate.models.facts import Fact
from beneficiate.queries.metrics import list_facts
from beneficiate.queries.report_tallies import load_hours
from beneficiate.queries.reports import WITHOUT_TOPIC_NAME, compute_report_figures, load_report_names, select_facts
from beneficiate.text_limits import MAX_TOPIC_CODE_CHARS
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.avatars import describe_actor
from beneficiate.views.facts import FactRow
from beneficiate.views.report_figures import ReportFigure, ReportFilters
from beneficiate.views.report_lists import ReportListOverview

ROWS_PER_PAGE = 100
LIST_PARAMETERS = ("figura", "desde", "hasta", "corte", "fin", "agente", "tema", "hora", "antes")
HOURS_PER_WEEK = 7 * HOURS_PER_DAY
MAX_ID_DIGITS = 10


def load_report_list(uow: UnitOfWork, texts: Mapping[str, str]) -> ReportListOverview:
    """Return the facts behind a figure, by the parameters of its address. Raises NotFound for what no report gives."""
    metric, filters = METRICS.get(texts["figura"]), read_list_filters(texts, uow.now)
    if metric is None or metric.scope is Scope.INSTANT:
        raise NotFound
    after = [_is_before(texts["antes"])] if texts["antes"] else []
    of_hour = [] if filters.hour is None else [_is_in_hour(filters.hour)]
    rows = list_facts(metric, select_facts(filters), ROWS_PER_PAGE + 1, *of_hour, *after)
    shown = rows[:ROWS_PER_PAGE]
    names, topics = load_report_names(uow), dict(Topic.select(Topic.code, Topic.name).tuples())
    return ReportListOverview(
        me=describe_actor(uow.actor),
        shown=ReportFigure(metric, _compute_figure(metric, filters), filters.address_of(metric.code)),
        filters=filters,
        rows=shown,
        agent_name="" if filters.agent_id is None else names.agents.get(filters.agent_id, ("Agente", ""))[0],
        topic_name=WITHOUT_TOPIC_NAME if filters.topic == NO_TOPIC else topics.get(filters.topic, filters.topic),
        topic_names=topics,
        is_first=not after,
        next_position=_position_of(shown[-1]) if len(rows) > len(shown) else "",
    )


def read_list_filters(texts: Mapping[str, str], now: datetime) -> ReportFilters:
    """Return the filters of an address that a report gave. Raises NotFound for any other."""
    try:
        period = Period(date.fromisoformat(texts["desde"]), date.fromisoformat(texts["hasta"]))
        cut_at = datetime.fromisoformat(texts["corte"])
        ends_at = datetime.fromisoformat(texts["fin"]) if texts["fin"] else None
    except ValueError:
        raise NotFound from None
    instants = [cut_at, *([] if ends_at is None else [ends_at])]
    is_known = not any(one.tzinfo is None or not date(2020, 1, 1) <= one.date() for one in instants)
    if not (is_known and 1 <= period.days <= MAX_PERIOD_DAYS and date(2020, 1, 1) <= period.first and cut_at <= now):
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


def _compute_figure(metric: Metric, filters: ReportFilters) -> Figure:
    """Return the figure of the list; of one hour of the week, how many facts it has."""
    if filters.hour is None:
        return compute_report_figures(filters, [metric])[metric.code]
    count = load_hours(select_facts(filters), metric).get(filters.hour, 0)
    return Figure(count, count)


def _is_in_hour(hour: int) -> Expression:
    """Return the condition that a fact is of an hour of the week in Bogotá, 0 to 167."""
    weekday, hour_of_day = divmod(hour, HOURS_PER_DAY)
    if is_postgresql():
        local = fn.TIMEZONE(BOGOTA.key, Fact.at)
        return (fn.DATE_PART("isodow", local) == weekday + 1) & (fn.DATE_PART("hour", local) == hour_of_day)
    # SQLite begins with Sunday, and has no zones: Bogotá is five hours behind all year.
    local_text = fn.STRFTIME("%w %H", Fact.at, "-5 hours")
    return local_text == f"{(weekday + 1) % 7} {hour_of_day:02}"


def _position_of(row: FactRow) -> str:
    return f"{row.at.isoformat()}/{row.fact_id}"


def _is_before(position: str) -> Expression:
    """Return the condition that a fact comes after a row in the list. Raises NotFound."""
    text, _, number = position.partition("/")
    try:
        at, fact_id = datetime.fromisoformat(text), _read_number(number, 2**31)
    except ValueError:
        raise NotFound from None
    if at.tzinfo is None or fact_id is None or at > datetime.max.replace(tzinfo=at.tzinfo) - timedelta(days=1):
        raise NotFound
    return (Fact.at < at) | ((Fact.at == at) & (Fact.id < fact_id))
