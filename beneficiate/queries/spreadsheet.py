"""The supervisors' payments for a spreadsheet."""

import csv
import io
from datetime import datetime
from typing import Any

from beneficiate.queries.ledger import ALL, TABS, Asked, rows_of
from beneficiate.spanish import BOGOTA
from beneficiate.store import Work

MOST_IN_CSV = 50_000
_CSV_HEAD = (
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
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(work: Work, asked: Asked) -> str:
    """The payments of a tab, the newest 50,000, for a spreadsheet in Colombia: semicolons, a byte order mark."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(_CSV_HEAD)
    for one in rows_of(asked, asked.tab if asked.tab in TABS else ALL, MOST_IN_CSV):
        cells = (
            one.reference,
            one.member,
            one.document,
            one.plan,
            one.amount,
            one.currency,
            one.status_name,
            _local(one.created_at),
            _local(one.activated_at) if one.activated_at else "",
            one.link_id or "",
            one.paid_by or "",
        )
        writer.writerow([_harmless(cell) for cell in cells])
    return "\ufeff" + text.getvalue()


def _local(instant: datetime) -> str:
    """The time in Bogotá, as the days that one asks for."""
    return instant.astimezone(BOGOTA).isoformat(sep=" ", timespec="minutes")[:16]


def _harmless(cell: Any) -> Any:
    """A spreadsheet must not take what somebody wrote for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
