"""Parts of a report: the hours of the week, and the names of days, weeks and months."""

from collections.abc import Mapping
from dataclasses import replace

from beneficiate.domain.metrics.metric import Metric
from beneficiate.domain.metrics.rollups import HOURS_PER_DAY
from beneficiate.domain.reports.periods import Period, TimeStep
from beneficiate.formatting import MONTHS, SHORT_MONTHS, WEEKDAYS, format_minute_of_day, format_weekday_date
from beneficiate.views.report_figures import ReportFilters
from beneficiate.views.reports import Heat, HeatCell, HeatRow

FIRST_SHOWN_HOUR, LAST_SHOWN_HOUR = 8, 17
LEVELS = 5


def label_part(part: Period, step: TimeStep, *, is_short: bool = False) -> str:
    """Return the name of a day, week or month: `martes 25 de agosto`, or short, as under a chart, `25`."""
    if step is TimeStep.MONTH:
        month = (SHORT_MONTHS if is_short else MONTHS)[part.first.month - 1]
        return f"{month} {part.first.year % 100:02}" if is_short else f"{month.capitalize()} de {part.first.year}"
    if is_short:
        is_first = step is TimeStep.WEEK or part.first.day == 1
        return f"{part.first.day} {SHORT_MONTHS[part.first.month - 1]}" if is_first else str(part.first.day)
    return format_weekday_date(part.first).capitalize() if step is TimeStep.DAY else part.text


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
