"""The export of payments: who took which rows is recorded before they are sent."""

from dataclasses import dataclass

from beneficiate.actions import audit
from beneficiate.queries import payments_csv
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.masking import is_reference, lookup_kind
from beneficiate.views.payments_admin import PaymentListQuery


@dataclass(frozen=True, slots=True)
class ExportPayments:
    """An export of the payments that match a query."""

    query: PaymentListQuery


def record_payments_export(uow: UnitOfWork, command: ExportPayments) -> int:
    """Record an export in the audit, of what was searched for only its kind; return how many payments match."""
    query, found = command.query, payments_csv.count_matching_payments(command.query)
    searched = "reference" if is_reference(query.text) else lookup_kind(query.text)
    filters = {"tab": payments_csv.export_tab(query), "search": searched, "since": query.since, "until": query.until}
    rows = min(found, payments_csv.MAX_CSV_ROWS)
    changes = {name: (None, value) for name, value in {**filters, "rows": rows}.items()}
    audit.record_audit(uow, "payments.export", "payments", changes=changes)
    return found
