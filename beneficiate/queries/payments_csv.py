"""Export of the payments for a spreadsheet."""

from dataclasses import dataclass

from beneficiate.queries.payments_admin import PaymentPosition, count_payments, list_payment_rows
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.csv_lines import CSV_BYTE_ORDER_MARK, format_csv_line, format_csv_time
from beneficiate.views.payment_rows import PaymentRow
from beneficiate.views.payments_admin import ALL_PAYMENTS_TAB, PAYMENT_TABS, PaymentListQuery

MAX_CSV_ROWS = 50_000
CSV_SLICE_ROWS = 250
"""Rows read at a time: between two slices others have their turn. Of 50,000 payments a slice takes 95 ms on SQLite."""
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


@dataclass(frozen=True)
class CsvSlice:
    """Which part of an export: what follows this position."""

    query: PaymentListQuery
    after: PaymentPosition | None


@dataclass(frozen=True)
class CsvText:
    """A part of an export as text, and the position of its last row; None when there are no more rows."""

    text: str
    last: PaymentPosition | None


def csv_header() -> str:
    """Return the first line, for Colombia: semicolons, a byte order mark."""
    return CSV_BYTE_ORDER_MARK + format_csv_line(_CSV_HEADER)


def export_payments_slice(uow: UnitOfWork, part: CsvSlice) -> CsvText:
    """Return a slice of the payments of a tab as lines, the newest first."""
    rows = list_payment_rows(part.query, export_tab(part.query), CSV_SLICE_ROWS, part.after)
    last = PaymentPosition(rows[-1].created_at, rows[-1].id) if len(rows) == CSV_SLICE_ROWS else None
    return CsvText("".join(format_csv_line(_csv_cells(row)) for row in rows), last)


def count_matching_payments(query: PaymentListQuery) -> int:
    """Return how many payments an export without a limit would have."""
    return count_payments(query, export_tab(query))


def describe_omission(found: int) -> str:
    """Return a last line that says how many of the payments found the export leaves out; "" when it has them all."""
    omitted = found - MAX_CSV_ROWS
    if omitted <= 0:
        return ""
    return format_csv_line(
        [f"Faltan {omitted} pagos más antiguos: descargue por fechas, hasta {MAX_CSV_ROWS} cada vez."]
    )


def export_tab(query: PaymentListQuery) -> str:
    """Return the tab whose payments are exported; an unknown one is that of all payments."""
    return query.tab if query.tab in PAYMENT_TABS else ALL_PAYMENTS_TAB


def _csv_cells(row: PaymentRow) -> tuple[str | int, ...]:
    return (
        row.reference,
        row.member,
        row.document,
        row.plan,
        row.amount,
        row.currency,
        row.badge.label,
        format_csv_time(row.created_at),
        format_csv_time(row.activated_at) if row.activated_at else "",
        row.link_id or "",
        row.paid_by or "",
    )
