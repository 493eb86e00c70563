"""Export of the audit log for a spreadsheet, with the hash of each entry, so that it can be verified elsewhere."""

from dataclasses import dataclass, replace

from beneficiate.queries.audit_filters import FoundFilters
from beneficiate.queries.audit_log import count_audit_rows, describe_entries, list_audit_rows
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.audit_log import AuditEntryView
from beneficiate.views.csv_lines import CSV_BYTE_ORDER_MARK, format_csv_line, format_csv_time

MAX_AUDIT_CSV_ROWS = 50_000
AUDIT_SLICE_ROWS = 250
"""Entries read at a time: between two slices others have their turn."""
_HEADER = (
    "Registro",
    "Fecha y hora",
    "Quién",
    "Persona",
    "Rol",
    "Qué",
    "Código",
    "Asunto",
    "Afiliado",
    "Documento",
    "Cambios",
    "Motivo",
    "Dirección",
    "Solicitud",
    "Huella",
)


@dataclass(frozen=True)
class AuditCsvText:
    """A part of an export as text, its entries, and the id from which the next goes on; None when there are no more."""

    text: str
    entries: list[AuditEntryView]
    before: int | None


def audit_csv_header() -> str:
    """Return the first line, for Colombia: semicolons, a byte order mark."""
    return CSV_BYTE_ORDER_MARK + format_csv_line(_HEADER)


def export_audit_slice(uow: UnitOfWork, found: FoundFilters) -> AuditCsvText:
    """Return a slice of the entries that match as lines, the newest first."""
    rows = list_audit_rows(found, AUDIT_SLICE_ROWS)
    before = rows[-1].id if len(rows) == AUDIT_SLICE_ROWS else None
    entries = describe_entries(rows)
    return AuditCsvText("".join(format_csv_line(_cells(entry)) for entry in entries), entries, before)


def count_audit_export(uow: UnitOfWork, found: FoundFilters) -> int:
    """Return how many entries match, at most one more than an export has."""
    return count_audit_rows(found, MAX_AUDIT_CSV_ROWS + 1)


def describe_audit_omission(found: int) -> str:
    """Return a last line that says that the export leaves out entries; "" when it has them all."""
    if found <= MAX_AUDIT_CSV_ROWS:
        return ""
    return format_csv_line([f"Faltan registros más antiguos: descargue por días, hasta {MAX_AUDIT_CSV_ROWS} cada vez."])


def next_audit_slice(found: FoundFilters, before: int) -> FoundFilters:
    """Return the filters of the slice that goes on from an entry."""
    return replace(found, before=before)


def _cells(entry: AuditEntryView) -> tuple[str | int, ...]:
    changes = "; ".join(f"{one.name}: {one.before} > {one.after}" for one in entry.changes)
    return (
        entry.position or "",
        format_csv_time(entry.at, "seconds"),
        entry.actor.name,
        entry.actor.user_id or "",
        entry.actor.role,
        entry.kind.label,
        entry.code,
        entry.subject,
        entry.person.name if entry.person else "",
        entry.person.document if entry.person else "",
        changes,
        entry.reason,
        entry.address,
        entry.request_id,
        entry.hash,
    )
