"""A report of the supervisors: its figures, how they went over time, by agent, by topic and by hour of the week."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import ClassVar
from urllib.parse import urlencode

from beneficiate.domain.metrics.metric import Metric
from beneficiate.domain.reports.periods import Period, Preset, TimeStep
from beneficiate.formatting import format_iso
from beneficiate.views.charts import BarChart, ChartPoint, LineChart, ShortLabel, build_bars, build_lines
from beneficiate.views.pages import StaffPage
from beneficiate.views.report_figures import ReportFigure, ReportFilters

FILTER_NAMES = ("periodo", "en", "desde", "hasta", "por", "agente", "tema", "comparar", "cifra")
FILE_FILTER_NAMES = (*FILTER_NAMES, "corte")
"""Those of what is made of a page: files are as of the same instant as the page that leads to them."""
STEP_NAMES = {TimeStep.DAY: "día", TimeStep.WEEK: "semana", TimeStep.MONTH: "mes"}
MAX_CELL_CHARS = 7
MAIN_CODES = ("opened", "first_response_median", "resolved", "satisfaction", "missed")


@dataclass(frozen=True)
class TypedReport:
    """The filters of a report as they were typed, by the names of the address; without `corte`, it is as of now."""

    periodo: str = ""
    en: str = ""
    desde: str = ""
    hasta: str = ""
    por: str = ""
    agente: str = ""
    tema: str = ""
    comparar: str = ""
    cifra: str = ""
    corte: str = ""

    def query(self, **changes: str) -> str:
        """Return them as a query string, some of them changed."""
        values = {name: getattr(self, name) for name in FILTER_NAMES} | changes
        return urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True)
class FilterChoice:
    """Something to choose in a filter."""

    value: str
    label: str


@dataclass(frozen=True)
class FigureGroup:
    """Figures that belong together."""

    title: str
    figures: list[ReportFigure]


@dataclass(frozen=True)
class TimeRow:
    """The figures of a part of the period, by code; `holiday` names one if the part is that day."""

    period: Period
    name: str
    short_name: ShortLabel
    holiday: str
    is_unfinished: bool
    figures: dict[str, ReportFigure]

    @property
    def key(self) -> str:
        """Its first day: `2026-08-25`."""
        return self.period.first.isoformat()

    @property
    def note(self) -> str:
        """What is special about it."""
        parts = [f"Festivo: {self.holiday}" if self.holiday else "", "Sin terminar" if self.is_unfinished else ""]
        return ", ".join(part for part in parts if part)


def chart_point(row: TimeRow, code: str) -> ChartPoint:
    """Return a figure of a part of the period as a chart shows it."""
    shown = row.figures[code]
    said = f"{row.name}: {shown.text} {shown.metric.name.lower()}"
    return ChartPoint(shown.figure.value, row.short_name, said, shown.address, bool(row.holiday), row.is_unfinished)


@dataclass(frozen=True)
class GroupRow:
    """The figures of an agent or a topic, by code; `note` is the code of an agent."""

    key: str
    name: str
    note: str
    figures: dict[str, ReportFigure]


@dataclass(frozen=True)
class HeatCell:
    """The figure of an hour of the week, and how dark that is (1 to 5)."""

    shown: ReportFigure
    level: int


@dataclass(frozen=True)
class HeatRow:
    """An hour of the day, Monday to Sunday."""

    hour: int
    label: str
    cells: list[HeatCell]


@dataclass(frozen=True)
class Heat:
    """A figure by hour and weekday; `totals` has it for each weekday."""

    metric: Metric
    rows: list[HeatRow]
    totals: list[ReportFigure]

    @property
    def is_wide(self) -> bool:
        """Whether a value needs more than a seventh of a phone."""
        return any(len(shown.text) > MAX_CELL_CHARS for shown in self.totals)


@dataclass(frozen=True)
class Report:
    """A report as of its cut; `before` is what it is compared with. Topics have the figures of `time_codes` too."""

    filters: ReportFilters
    before: ReportFilters | None
    step: TimeStep
    agent_name: str
    topic_name: str
    business_days: int
    first_day: date | None
    groups: list[FigureGroup]
    time_codes: tuple[str, ...]
    times: list[TimeRow]
    agent_codes: tuple[str, ...]
    agents: list[GroupRow]
    topics: list[GroupRow]
    heat: Heat

    @property
    def figures(self) -> dict[str, ReportFigure]:
        """Every figure of the period by its code."""
        return {shown.metric.code: shown for group in self.groups for shown in group.figures}

    @property
    def cut_text(self) -> str:
        """Its cut as addresses have it."""
        return format_iso(self.filters.cut_at, "microseconds")

    @property
    def step_name(self) -> str:
        """By what its time is told, in a word: `día`."""
        return STEP_NAMES[self.step]

    @cached_property
    def arrivals(self) -> BarChart:
        """The chats that began, by part of the period."""
        return build_bars([chart_point(row, "opened") for row in self.times])

    @cached_property
    def responses(self) -> LineChart:
        """How soon members had a first response: the median, and nine of ten."""
        codes = ("first_response_p90", "first_response_median")
        return build_lines([[chart_point(row, code) for row in self.times] for code in codes])

    @property
    def main_figures(self) -> list[ReportFigure]:
        """The figures that come first."""
        return [self.figures[code] for code in MAIN_CODES]

    @property
    def rows(self) -> int | None:
        """How many parts of chats began in the period: the rows of the download.

        None for an agent, whose rows are those that were theirs last: nobody knows before they are read.
        """
        if self.filters.agent_id is not None:
            return None
        return sum(self.figures[code].figure.count for code in ("opened", "reopened"))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to report."""
        return self.filters.period.ends_before(self.first_day)

    @property
    def before_text(self) -> str:
        """The days before in words, and whether they are compared: a part of them alone would say another thing."""
        if self.before is None:
            return "Sin comparar"
        text = self.before.period_text
        if self.before.period.begins_by(self.first_day):
            return text
        return f"{text}; no se compara, porque no todos esos días tienen cifras"


@dataclass(frozen=True)
class ReportOverview(StaffPage):
    """`/supervisor/reportes`; `wrong` has a sentence by filter. Without a report the filters are wrong.

    `hour_figures` has those that may be told by hour and weekday, by the title of their group. `ends_today` says that
    later days were asked for.
    """

    template: ClassVar[str] = "reports/reports.html"

    typed: TypedReport
    wrong: dict[str, str]
    preset: Preset
    period_name: str
    earlier: date | None
    later: date | None
    agents: list[FilterChoice]
    topics: list[FilterChoice]
    hour_figures: dict[str, list[FilterChoice]]
    ends_today: bool
    report: Report | None
