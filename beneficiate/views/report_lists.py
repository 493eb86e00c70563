"""The page with the facts behind a figure of a report."""

from dataclasses import dataclass
from typing import ClassVar

from beneficiate.views.facts import FactRow
from beneficiate.views.pages import StaffPage
from beneficiate.views.report_figures import ReportFigure, ReportFilters


@dataclass(frozen=True)
class ReportListOverview(StaffPage):
    """`/supervisor/reportes/lista`: a figure and its `listed` facts; `next_position` begins the next part."""

    template: ClassVar[str] = "reports/list.html"

    shown: ReportFigure
    filters: ReportFilters
    listed: int
    rows: list[FactRow]
    agent_name: str
    topic_name: str
    topic_names: dict[str, str]
    is_first: bool
    next_position: str
