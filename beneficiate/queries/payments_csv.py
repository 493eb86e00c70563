"""The supervisors' payments for a spreadsheet."""

import csv
import io
from datetime import datetime
from typing import Any

from beneficiate.formatting import BOGOTA
from beneficiate.queries.payments_admin import ALL_PAYMENTS_TAB, PAYMENT_TABS, PaymentListQuery, list_payment_rows
from beneficiate.unit_of_work import UnitOfWork

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


def export_payments_csv(uow: UnitOfWork, filters: PaymentListQuery) -> str:
    """The payments of a tab, the newest 50,000, for a spreadsheet in Colombia: semicolons, a byte order mark."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(_CSV_HEADER)
    for one in list_payment_rows(
        filters, filters.tab if filters.tab in PAYMENT_TABS else ALL_PAYMENTS_TAB, MAX_CSV_ROWS
    ):
        cells = (
            one.reference,
            one.member,
            one.document,
            one.plan,
            one.amount,
            one.currency,
            one.status_name,
            _format_bogota_time(one.created_at),
            _format_bogota_time(one.activated_at) if one.activated_at else "",
            one.link_id or "",
            one.paid_by or "",
        )
        writer.writerow([_escape_formula(cell) for cell in cells])
    return "\ufeff" + text.getvalue()


def _format_bogota_time(instant: datetime) -> str:
    """The time in Bogotá, as the days that one asks for."""
    return instant.astimezone(BOGOTA).isoformat(sep=" ", timespec="minutes")[:16]


def _escape_formula(cell: Any) -> Any:
    """A spreadsheet must not take what somebody wrote for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_PREFIXES) else cell
