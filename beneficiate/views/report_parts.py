"""Parts of a report: the hours of the week, and the names of days, weeks and months."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from beneficiate.domain.metrics.metric import Figure, Metric, Unit
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
from beneficiate.views.report_figures import ReportFigure, ReportFilters
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


def build_heat(
    metric: Metric, figures: Mapping[int, Figure], totals: Sequence[Figure], filters: ReportFilters, nothing: Figure
) -> Heat:
    """Return a figure by hour of the week: those of the day, and others that have any; `totals` is by weekday.

    `nothing` is the figure of an hour that has none.
    """
    used = {hour % HOURS_PER_DAY for hour, figure in figures.items() if figure.count}
    shown = range(min(used | {FIRST_SHOWN_HOUR}), max(used | {LAST_SHOWN_HOUR}) + 1)
    values = [figure.value for figure in figures.values() if figure.value is not None]
    # Scores and shares differ little, and hardly ever come near to nothing.
    least = min(values, default=0) if metric.unit in (Unit.SCORE, Unit.SHARE) else 0
    most = max(values, default=0)
    rows = []
    for hour in shown:
        hours = [weekday * HOURS_PER_DAY + hour for weekday in range(len(WEEKDAYS))]
        cells = [
            HeatCell(ReportFigure(metric, figure, replace(filters, hour=one).address_of(metric.code)), level)
            for one in hours
            for figure in [figures.get(one, nothing)]
            for level in [_level_of(figure.value, least, most)]
        ]
        rows.append(HeatRow(hour, format_minute_of_day(hour * 60), cells))
    return Heat(metric, rows, [ReportFigure(metric, figure, "") for figure in totals])


def _level_of(value: float | None, least: float, most: float) -> int:
    return 1 if value is None or value <= least else math.ceil((value - least) * LEVELS / (most - least))
