"""Downloads of reports: who took which is recorded before it is sent."""

from dataclasses import dataclass

from beneficiate.actions import audit
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.report_figures import ReportFilters


@dataclass(frozen=True, slots=True)
class ExportReport:
    """A download: its filters, what is in it, and how many rows it has, if that is known before."""

    filters: ReportFilters
    content: str
    rows: int | None


def record_report_export(uow: UnitOfWork, export: ExportReport) -> None:
    """Record that the actor takes a report with them. Raises RateLimited."""
    filters = export.filters
    columns = {
        "tab": export.content,
        "since": filters.period.first,
        "until": filters.period.last,
        "agent": filters.agent_id,
        "topic": filters.topic,
        "rows": export.rows,
    }
    audit.record_audit(uow, "reports.export", "reports", changes={name: (None, one) for name, one in columns.items()})
