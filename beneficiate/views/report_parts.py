"""Parts of a report: the hours of the week, and the names of days, weeks and months."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from beneficiate.domain.metrics.metric import Metric
from beneficiate.domain.metrics.rollups import HOURS_PER_DAY
from beneficiate.domain.reports.periods import Period, TimeStep
from beneficiate.formatting import (
    MONTHS,
    SHORT_MONTHS,
    WEEKDAYS,
    bogota_date,
    format_minute_of_day,
    format_weekday_date,
)
from beneficiate.views.charts import ShortLabel
from beneficiate.views.report_figures import ReportFilters
from beneficiate.views.reports import Heat, HeatCell, HeatRow

FIRST_SHOWN_HOUR, LAST_SHOWN_HOUR = 8, 17
LEVELS = 5


def label_part(part: Period, step: TimeStep, *, has_year: bool) -> str:
    """Return the name of a day, week or month: `Martes 25 de agosto`; of a day with its year if that is asked for."""
    if step is TimeStep.MONTH:
        return f"{MONTHS[part.first.month - 1].capitalize()} de {part.first.year}"
    if step is TimeStep.WEEK:
        return part.text
    day = format_weekday_date(part.first).capitalize()
    return f"{day} de {part.first.year}" if has_year else day


def label_part_shortly(part: Period, step: TimeStep, *, has_year: bool) -> ShortLabel:
    """Return the name of a part as it is under a chart; a month always has its year."""
    month, year = SHORT_MONTHS[part.first.month - 1], f" {part.first.year % 100:02}"
    if step is TimeStep.MONTH:
        return ShortLabel(f"{month}{year}", "")
    shown_year = year if has_year else ""
    if step is TimeStep.WEEK:
        return ShortLabel(f"{part.first.day} {month}", shown_year)
    return ShortLabel(str(part.first.day), f" {month}{shown_year}")


def has_other_year(period: Period, cut_at: datetime) -> bool:
    """Return whether a day of the period is of another year than the report, so that its name needs the year."""
    return {period.first.year, period.last.year} != {bogota_date(cut_at).year}


def build_heat(metric: Metric, hours: Mapping[int, int], filters: ReportFilters) -> Heat:
    """Return how many there are in each hour of the week: those of the day, and others that have any."""
    used = {hour % HOURS_PER_DAY for hour, times in hours.items() if times}
    shown = range(min(used | {FIRST_SHOWN_HOUR}), max(used | {LAST_SHOWN_HOUR}) + 1)
    most = max(hours.values(), default=0)
    rows = [
        HeatRow(hour, format_minute_of_day(hour * 60), [
            _build_cell(metric, filters, weekday * HOURS_PER_DAY + hour, hours, most)
            for weekday in range(len(WEEKDAYS))
        ])
        for hour in shown
    ]  # fmt: skip
    totals = [sum(row.cells[weekday].count for row in rows) for weekday in range(len(WEEKDAYS))]
    return Heat(metric.name, metric.code, rows, totals)


def _build_cell(metric: Metric, filters: ReportFilters, hour: int, hours: Mapping[int, int], most: int) -> HeatCell:
    count = hours.get(hour, 0)
    level = 1 if not count else min(LEVELS, 1 + (count * LEVELS - 1) // most)
    return HeatCell(count, level, replace(filters, hour=hour).address_of(metric.code))
