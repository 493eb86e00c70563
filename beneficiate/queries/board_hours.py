"""The hours of the day on the supervisors' board: how many chats came, and how soon they were answered."""

from datetime import datetime

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Figure
from beneficiate.domain.metrics.rollups import HOURS_PER_DAY
from beneficiate.domain.reports.periods import Period
from beneficiate.formatting import BOGOTA
from beneficiate.queries.metrics import compute_figures_by_hour, select_day
from beneficiate.views.board_hours import BoardHours, HourFigure
from beneficiate.views.report_figures import ReportFigure, ReportFilters

HOUR_CODES = ("opened", "first_response_median", "first_response_p90")
FIRST_SHOWN_HOUR = 8
"""Earlier hours are shown when something happened in them."""


def load_board_hours(now: datetime) -> BoardHours:
    """Return the figures of today by hour, until this one."""
    local, found = now.astimezone(BOGOTA), compute_figures_by_hour(select_day(now), HOUR_CODES)
    first = min([FIRST_SHOWN_HOUR, local.hour, *found])
    return BoardHours([
        HourFigure(hour, _shown(local, hour, found.get(hour, {})), is_unfinished=hour == local.hour)
        for hour in range(first, local.hour + 1)
    ])  # fmt: skip


def _shown(local: datetime, hour: int, figures: dict[str, Figure]) -> dict[str, ReportFigure]:
    today = local.date()
    filters = ReportFilters(Period(today, today), local, hour=local.weekday() * HOURS_PER_DAY + hour)
    return {
        code: ReportFigure(METRICS[code], figures.get(code) or METRICS[code].compute([]), filters.address_of(code))
        for code in HOUR_CODES
    }
