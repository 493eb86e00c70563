"""Export of the payments for a spreadsheet."""

import csv
import io
from datetime import datetime

from beneficiate.formatting import BOGOTA
from beneficiate.queries.payments_admin import list_payment_rows
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.payment_rows import PaymentRow
from beneficiate.views.payments_admin import ALL_PAYMENTS_TAB, PAYMENT_TABS, PaymentListQuery

MAX_CSV_ROWS = 50_000
_CSV_HEADER = (
    "Referencia",
    "Afiliado",
    "Documento",
    "Plan",
    "Valor",
    "Moneda",
    "Estado",
    "Creado",
    "Activado",
    "Enlace",
    "Transacción",
)
_FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")


def export_payments_csv(uow: UnitOfWork, query: PaymentListQuery) -> str:
    """Return the newest 50,000 payments of a tab as CSV for Colombia: semicolons, a byte order mark."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(_CSV_HEADER)
    tab = query.tab if query.tab in PAYMENT_TABS else ALL_PAYMENTS_TAB
    for row in list_payment_rows(query, tab, MAX_CSV_ROWS):
        writer.writerow([_escape_formula(cell) for cell in _csv_cells(row)])
    return "\ufeff" + text.getvalue()


def _csv_cells(row: PaymentRow) -> tuple[str | int, ...]:
    return (
        row.reference,
        row.member,
        row.document,
        row.plan,
        row.amount,
        row.currency,
        row.badge.label,
        _format_bogota_time(row.created_at),
        _format_bogota_time(row.activated_at) if row.activated_at else "",
        row.link_id or "",
        row.paid_by or "",
    )


def _format_bogota_time(instant: datetime) -> str:
    """Return the time in Bogotá, as the days of the query: `2026-08-25 18:05`."""
    return instant.astimezone(BOGOTA).isoformat(sep=" ", timespec="minutes")[:16]


def _escape_formula(cell: str | int) -> str | int:
    """Return the cell so that a spreadsheet does not read text as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_PREFIXES) else cell
