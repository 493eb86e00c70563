"""Who takes a report with them is recorded."""

import json
from datetime import date

from beneficiate.actions.report_exports import ExportReport, record_report_export
from beneficiate.domain.reports.periods import Period
from beneficiate.models.audit import AuditEntry
from beneficiate.views.report_figures import ReportFilters
from tests.domain.booking.moments import at
from tests.factories import supervisor


def test_download_is_recorded(act):
    filters = ReportFilters(Period(date(2026, 11, 1), date(2026, 11, 25)), at("2026-11-25 10:00"), topic="pagos")
    act(record_report_export, ExportReport(filters, "atenciones.csv", 12), supervisor().actor)
    entry = AuditEntry.get()
    assert (entry.what, entry.subject) == ("reports.export", "reports")
    assert json.loads(entry.after) == {
        "tab": "atenciones.csv",
        "since": "2026-11-01",
        "until": "2026-11-25",
        "agent": None,
        "topic": "pagos",
        "rows": 12,
    }
