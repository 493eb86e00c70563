"""The hours of the day on the supervisors' board: how many chats came, and how soon they were answered."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Figure
from beneficiate.domain.metrics.rollups import HOURS_PER_DAY
from beneficiate.domain.reports.periods import Period
from beneficiate.formatting import BOGOTA
from beneficiate.queries.metrics import compute_metric, select_day
from beneficiate.queries.report_tallies import load_hours
from beneficiate.queries.rollups import RolledFacts
from beneficiate.views.board_hours import BoardHours, HourFigure
from beneficiate.views.report_figures import ReportFigure, ReportFilters

OPENED_CODE, RESPONSE_CODES = "opened", ("first_response_median", "first_response_p90")
HOUR_CODES = (OPENED_CODE, *RESPONSE_CODES)
FIRST_SHOWN_HOUR = 8
"""Earlier hours are shown when something happened in them."""


def load_board_hours(now: datetime, topic_code: str = "", rolled: RolledFacts | None = None) -> BoardHours:
    """Return the figures of a topic today by hour, until this one."""
    local, selection = now.astimezone(BOGOTA), select_day(now, topic=topic_code)
    found: dict[int, dict[str, Figure]] = defaultdict(dict)
    for code in HOUR_CODES:
        for hour, tallies in load_hours(selection, METRICS[code], rolled).items():
            found[hour % HOURS_PER_DAY][code] = compute_metric(METRICS[code], tallies)
    filters = ReportFilters(Period(local.date(), local.date()), local, topic=topic_code)
    first = min([FIRST_SHOWN_HOUR, local.hour, *found])
    return BoardHours([
        HourFigure(hour, _shown(filters, hour, found.get(hour, {})), is_unfinished=hour == local.hour)
        for hour in range(first, local.hour + 1)
    ])  # fmt: skip


def _shown(filters: ReportFilters, hour: int, figures: dict[str, Figure]) -> dict[str, ReportFigure]:
    own = replace(filters, hour=filters.cut_at.weekday() * HOURS_PER_DAY + hour)
    return {
        code: ReportFigure(METRICS[code], figures.get(code) or METRICS[code].compute([]), own.address_of(code))
        for code in HOUR_CODES
    }
