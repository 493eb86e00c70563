"""Figures of a report as people read them: the value, what became of it, and the address of what it counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from urllib.parse import urlencode

from beneficiate.domain.metrics.metric import Figure, Metric, Unit
from beneficiate.domain.metrics.rollups import HOURS_PER_DAY
from beneficiate.domain.reports.comparisons import Change, Comparison, compare_figures
from beneficiate.domain.reports.groups import is_more_better
from beneficiate.domain.reports.periods import Period, is_unfinished
from beneficiate.formatting import (
    NBSP,
    WEEKDAYS,
    format_iso,
    format_minute_of_day,
    format_number,
    format_to_second,
)
from beneficiate.views.metrics import NO_VALUE, format_value

REPORT_PATH = "/supervisor/reportes"
LIST_PATH = f"{REPORT_PATH}/lista"


@dataclass(frozen=True)
class ReportFilters:
    """What figures and lists of facts are about: days, agent and topic, as of the cut; `hour` is one of the week.

    `ends_at` is when the last day ends, if that is before its end and the cut.
    """

    period: Period
    cut_at: datetime
    ends_at: datetime | None = None
    agent_id: int | None = None
    topic: str = ""
    hour: int | None = None

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The first and the last instant."""
        return self.period.bounds(self.ends_at or self.cut_at)

    @property
    def period_text(self) -> str:
        """The days in words, and the time at which the last one ends, if that is before its end."""
        ends_at = self.ends_at or (self.cut_at if is_unfinished(self.period, self.cut_at) else None)
        return self.period.text if ends_at is None else f"{self.period.text}, hasta {format_to_second(ends_at)}"

    @property
    def hour_text(self) -> str:
        """The hour of the week in words: `lunes, la hora que empieza a las 8:00 a. m.`; empty without one."""
        if self.hour is None:
            return ""
        weekday, hour = divmod(self.hour, HOURS_PER_DAY)
        article = "la" if hour in (1, 13) else "las"
        return f"{WEEKDAYS[weekday]}, la hora que empieza a {article} {format_minute_of_day(hour * 60)}"

    def parameters(self) -> dict[str, str]:
        """Return them as parameters of an address."""
        days = {"desde": self.period.first.isoformat(), "hasta": self.period.last.isoformat()}
        return days | _shared_parameters(self.cut_at, self.ends_at, self.agent_id, self.topic, self.hour)

    @property
    def report_address(self) -> str:
        """The address of the report of these days, agent and topic, as of now."""
        days = {"periodo": "rango", "desde": self.period.first.isoformat(), "hasta": self.period.last.isoformat()}
        agent_id = "" if self.agent_id is None else str(self.agent_id)
        chosen = {name: value for name, value in (("agente", agent_id), ("tema", self.topic)) if value}
        return f"{REPORT_PATH}?{urlencode({**days, **chosen})}"

    def address_of(self, code: str) -> str:
        """Return the address of what a figure counts."""
        return f"{LIST_PATH}?figura={code}&{self._query}"

    @cached_property
    def _query(self) -> str:
        shared = _encode_shared(self.cut_at, self.ends_at, self.agent_id, self.topic, self.hour)
        return f"desde={self.period.first}&hasta={self.period.last}&{shared}"


def _shared_parameters(
    cut_at: datetime, ends_at: datetime | None, agent_id: int | None, topic: str, hour: int | None
) -> dict[str, str]:
    """Return the parameters that all parts of a period have alike."""
    return {
        "corte": format_iso(cut_at, "microseconds"),
        **({} if ends_at is None else {"fin": format_iso(ends_at, "microseconds")}),
        **({} if agent_id is None else {"agente": str(agent_id)}),
        **({"tema": topic} if topic else {}),
        **({} if hour is None else {"hora": str(hour)}),
    }


@lru_cache(maxsize=1)
def _encode_shared(
    cut_at: datetime, ends_at: datetime | None, agent_id: int | None, topic: str, hour: int | None
) -> str:
    """Return those parameters encoded: once for the days of a year, which come one after another."""
    return urlencode(_shared_parameters(cut_at, ends_at, agent_id, topic, hour))


@dataclass(frozen=True)
class ShownChange:
    """A change in words, with the arrow beside them; `verdict` is `better`, `worse` or nothing."""

    text: str
    icon: str
    verdict: str = ""


@dataclass(frozen=True)
class ReportFigure:
    """A figure of a period, that of the period before if they are compared, and the addresses of what they count."""

    metric: Metric
    figure: Figure
    address: str
    before: Figure | None = None
    before_address: str = ""

    @property
    def text(self) -> str:
        """The value in its unit, without an interval."""
        return format_value(self.metric.unit, self.figure.value)

    @property
    def before_text(self) -> str:
        """The value of the period before."""
        return NO_VALUE if self.before is None else format_value(self.metric.unit, self.before.value)

    @property
    def interval_text(self) -> str:
        """The interval of a share or a score; empty without one."""
        low, high = self.figure.low, self.figure.high
        if low is None or high is None:
            return ""
        return f"entre {format_value(self.metric.unit, low)} y {format_value(self.metric.unit, high)}"

    @property
    def comparison(self) -> Comparison | None:
        """What became of it; None without a period before."""
        return None if self.before is None else compare_figures(self.figure, self.before)

    @property
    def change(self) -> ShownChange | None:
        """What became of it in words; None without a period before."""
        return None if self.comparison is None else _describe_change(self, self.comparison)


_SAID: Mapping[Change, ShownChange] = {
    Change.NO_DATA: ShownChange("Sin datos para comparar", "circle-dashed"),
    Change.UNCLEAR: ShownChange("Sin cambio claro", "equal"),
    Change.SAME: ShownChange("Igual que antes", "equal"),
}


def _describe_change(shown: ReportFigure, comparison: Comparison) -> ShownChange:
    if comparison.change in _SAID or comparison.difference is None:
        return _SAID[comparison.change]
    is_more = comparison.change is Change.MORE
    is_better = is_more_better(shown.metric)
    verdict = "" if is_better is None else "better" if is_better is is_more else "worse"
    size = abs(comparison.difference)
    unit = shown.metric.unit
    amount = f"{format_number(size * 100, 1)} puntos" if unit is Unit.SHARE else format_value(unit, size)
    relative = _relative_change(shown, size)
    text = f"{amount} {'más' if is_more else 'menos'}{relative}"
    words = {"": text, "better": f"{text}, mejor", "worse": f"{text}, peor"}
    return ShownChange(words[verdict], "arrow-up" if is_more else "arrow-down", verdict)


def _relative_change(shown: ReportFigure, size: float) -> str:
    """Return by how many percent a number of things changed; nothing for what is a share, a score or a time."""
    if shown.metric.unit in (Unit.SHARE, Unit.SCORE, Unit.SECONDS) or not shown.before or not shown.before.value:
        return ""
    return f", {format_number(size / shown.before.value * 100, 1)}{NBSP}%"
