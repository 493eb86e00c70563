"""A report of the supervisors as of an instant: all figures of a period, and those of the period before."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from beneficiate.domain.booking.holidays import holiday_name
from beneficiate.domain.booking.slots import OpenDays
from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import NO_DATA, Figure, Metric
from beneficiate.domain.metrics.rollups import HOURS_PER_DAY, NO_TOPIC, NOBODY
from beneficiate.domain.reports.groups import group_metrics
from beneficiate.domain.reports.periods import Period, TimeStep, cut_before, is_unfinished
from beneficiate.formatting import WEEKDAYS
from beneficiate.models.accounts import Agent, User
from beneficiate.models.base import read_snapshot
from beneficiate.models.call_centre import Topic
from beneficiate.models.rollups import FactAgent
from beneficiate.queries.business_hours import load_business_hours
from beneficiate.queries.metrics import FactSelection, TalliesByKind, compute_metric
from beneficiate.queries.report_tallies import load_hours, load_rolled_tallies
from beneficiate.queries.rollup_plans import Group, start_of
from beneficiate.queries.rollups import RolledFacts, find_first_day, load_rolled_facts
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.report_figures import ReportFigure, ReportFilters
from beneficiate.views.report_parts import build_heat, has_other_year, label_part, label_part_shortly
from beneficiate.views.reports import FigureGroup, FilterChoice, GroupRow, Heat, Report, TimeRow

_WORK_CODES = (
    "resolved",
    "missed",
    "transferred",
    "queue_wait",
    "first_response_median",
    "first_response_p90",
    "next_response",
    "chat_length",
    "resolution_time",
    "service_level",
    "satisfaction",
    "ratings",
    "rated_share",
)
TIME_CODES = ("opened", *_WORK_CODES)
AGENT_CODES = ("assigned", *_WORK_CODES)
"""Nobody opens a chat for an agent: theirs begin when they get them."""
MAX_CHOICES = 500
WITHOUT_TOPIC_NAME = "Sin tema"
_GROUPS = {TimeStep.DAY: Group.DAY, TimeStep.WEEK: Group.WEEK, TimeStep.MONTH: Group.MONTH}


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """A period, told by days, weeks or months, of one agent or topic or of all; `hour_code` is the figure by hour."""

    period: Period
    step: TimeStep
    agent_id: int | None = None
    topic: str = ""
    is_compared: bool = True
    hour_code: str = ""


@dataclass(frozen=True, slots=True)
class ReportNames:
    """The names of agents and topics: those that there are, and those that facts have."""

    agents: dict[int, tuple[str, str]]
    topics: dict[str, str]
    inactive_topics: frozenset[str] = frozenset()

    @property
    def agent_choices(self) -> list[FilterChoice]:
        """The agents to choose from."""
        shown = sorted(self.agents.items(), key=lambda one: one[1])[:MAX_CHOICES]
        return [FilterChoice(str(agent_id), f"{name} · {code}" if code else name) for agent_id, (name, code) in shown]

    @property
    def topic_choices(self) -> list[FilterChoice]:
        """The topics to choose from; those that members can no longer choose say so."""
        shown = sorted(self.topics.items(), key=lambda one: one[1])[:MAX_CHOICES]
        notes = dict.fromkeys(self.inactive_topics, " (inactivo)")
        choices = [FilterChoice(code, f"{name}{notes.get(code, '')}") for code, name in shown]
        return [*choices, FilterChoice(NO_TOPIC, WITHOUT_TOPIC_NAME)]


def load_report_names(uow: UnitOfWork) -> ReportNames:
    """Return the names of all agents and topics."""
    columns = (Agent.id, User.first_name, User.last_name, Agent.agent_code)
    now = {id_: (f"{first} {last}", code) for id_, first, last, code in Agent.select(*columns).join(User).tuples()}
    as_they_were = {id_: (name, code) for id_, name, code in FactAgent.select().tuples()}
    topics = list(Topic.select(Topic.code, Topic.name, Topic.is_active).tuples())
    inactive = frozenset(code for code, _, is_active in topics if not is_active)
    return ReportNames(now | as_they_were, {code: name for code, name, _ in topics}, inactive)


def load_report(cut_at: datetime, query: ReportQuery, names: ReportNames) -> Report:
    """Return a report as of an instant, with the names of its agents and topics."""
    filters = ReportFilters(query.period, cut_at, agent_id=query.agent_id, topic=query.topic)
    before = _before(filters) if query.is_compared else None
    with read_snapshot():
        return _load_report(query, filters, before, names)


def _load_report(
    query: ReportQuery, filters: ReportFilters, before: ReportFilters | None, names: ReportNames
) -> Report:
    rolled, first_day = load_rolled_facts(), find_first_day()
    return Report(
        filters=filters,
        before=before,
        step=query.step,
        agent_name="" if query.agent_id is None else names.agents[query.agent_id][0],
        topic_name=WITHOUT_TOPIC_NAME if query.topic == NO_TOPIC else names.topics.get(query.topic, ""),
        business_days=_count_business_days(query.period),
        first_day=first_day,
        groups=_load_figures(filters, before, rolled, first_day),
        time_codes=TIME_CODES,
        times=_load_times(filters, query.step, rolled, first_day),
        agent_codes=AGENT_CODES,
        agents=_load_agents(filters, names, rolled),
        topics=_load_topics(filters, names, rolled),
        heat=_load_heat(filters, rolled, query.hour_code, first_day),
    )


def select_facts(filters: ReportFilters) -> FactSelection:
    """Return the facts that filters are about."""
    return FactSelection(*filters.bounds, filters.agent_id, filters.topic, as_of=filters.cut_at)


def compute_report_figures(filters: ReportFilters, metrics: Iterable[Metric], rolled: RolledFacts) -> dict[str, Figure]:
    """Return the figures of these metrics by their codes. In the `read_snapshot` that told what is rolled up."""
    wanted = list(metrics)
    tallies = load_rolled_tallies(select_facts(filters), wanted, rolled=rolled).get("", {})
    return {metric.code: compute_metric(metric, tallies) for metric in wanted}


def _before(filters: ReportFilters) -> ReportFilters:
    """Return the period before; where a period is not over, its last day ends at the same time of day."""
    is_cut = is_unfinished(filters.period, filters.cut_at)
    ends_at = cut_before(filters.cut_at, filters.period) if is_cut else None
    return replace(filters, period=filters.period.previous(), ends_at=ends_at)


def _load_figures(
    filters: ReportFilters, before: ReportFilters | None, rolled: RolledFacts, first_day: date | None
) -> list[FigureGroup]:
    """Return all figures by group; those of a period before that has days without figures are not compared."""
    groups = group_metrics()
    metrics = [metric for group in groups.values() for metric in group]
    without = dict.fromkeys((metric.code for metric in metrics), NO_DATA)
    found = without if filters.period.ends_before(first_day) else compute_report_figures(filters, metrics, rolled)
    known = before if before is not None and before.period.begins_by(first_day) else None
    earlier = without if known is None else compute_report_figures(known, metrics, rolled)
    return [
        FigureGroup(
            title,
            [
                ReportFigure(
                    metric,
                    found[metric.code],
                    filters.address_of(metric.code),
                    None if before is None else earlier[metric.code],
                    "" if known is None else known.address_of(metric.code),
                )
                for metric in group
            ],
        )
        for title, group in groups.items()
    ]


def _load_times(filters: ReportFilters, step: TimeStep, rolled: RolledFacts, first_day: date | None) -> list[TimeRow]:
    group = _GROUPS[step]
    found = load_rolled_tallies(select_facts(filters), [METRICS[code] for code in TIME_CODES], group, rolled)
    has_year = has_other_year(filters.period, filters.cut_at)
    rows = []
    for part in filters.period.split(step):
        own = replace(filters, period=part)
        tallies = None if part.ends_before(first_day) else found.get(start_of(part.first, group), {})
        rows.append(
            TimeRow(
                period=part,
                name=label_part(part, step, has_year=has_year),
                short_name=label_part_shortly(part, step, has_year=has_year),
                holiday=(holiday_name(part.first) or "") if step is TimeStep.DAY else "",
                is_unfinished=is_unfinished(part, filters.cut_at),
                figures=_shown(TIME_CODES, own, tallies),
            )
        )
    return rows


def _shown(codes: Iterable[str], filters: ReportFilters, tallies: TalliesByKind | None) -> dict[str, ReportFigure]:
    """Return figures by their codes; None instead of tallies where nothing was counted yet."""
    return {
        code: ReportFigure(
            METRICS[code],
            NO_DATA if tallies is None else compute_metric(METRICS[code], tallies),
            filters.address_of(code),
        )
        for code in codes
    }


def _load_agents(filters: ReportFilters, names: ReportNames, rolled: RolledFacts) -> list[GroupRow]:
    found = load_rolled_tallies(select_facts(filters), [METRICS[code] for code in AGENT_CODES], Group.AGENT, rolled)
    rows = []
    for key, tallies in found.items():
        if isinstance(key, int) and key != NOBODY:
            name, code = names.agents.get(key, ("Agente", ""))
            rows.append(GroupRow(str(key), name, code, _shown(AGENT_CODES, replace(filters, agent_id=key), tallies)))
    return sorted(rows, key=lambda row: (-row.figures[AGENT_CODES[0]].figure.count, row.name))


def _load_topics(filters: ReportFilters, names: ReportNames, rolled: RolledFacts) -> list[GroupRow]:
    found = load_rolled_tallies(select_facts(filters), [METRICS[code] for code in TIME_CODES], Group.TOPIC, rolled)
    rows = [
        GroupRow(
            str(key), names.topics.get(str(key), str(key)) or WITHOUT_TOPIC_NAME, "", _shown(TIME_CODES, own, tallies)
        )
        for key, tallies in found.items()
        for own in [replace(filters, topic=str(key) or NO_TOPIC)]
    ]
    return sorted(rows, key=lambda row: (-row.figures[TIME_CODES[0]].figure.count, row.name))


def _load_heat(filters: ReportFilters, rolled: RolledFacts, code: str, first_day: date | None) -> Heat:
    """Return a figure by hour of the week; without a code when members come, or when an agent gets chats."""
    metric = METRICS[code or ("opened" if filters.agent_id is None else "assigned")]
    if filters.period.ends_before(first_day):
        return build_heat(metric, {}, [NO_DATA] * len(WEEKDAYS), filters, NO_DATA)
    by_hour = load_hours(select_facts(filters), metric, rolled)
    of_days: list[TalliesByKind] = [defaultdict(list) for _ in WEEKDAYS]
    for hour, tallies in by_hour.items():
        for key, own in tallies.items():
            of_days[hour // HOURS_PER_DAY][key] += own
    figures = {hour: compute_metric(metric, tallies) for hour, tallies in by_hour.items()}
    totals = [compute_metric(metric, tallies) for tallies in of_days]
    return build_heat(metric, figures, totals, filters, metric.compute([]))


def _count_business_days(period: Period) -> int:
    """Return on how many days of a period the call centre opens, by the hours of now."""
    hours = load_business_hours()
    days = OpenDays(hours.blocks, hours.exceptions)
    return sum(bool(days.open_intervals(period.first + timedelta(days=number))) for number in range(period.days))
