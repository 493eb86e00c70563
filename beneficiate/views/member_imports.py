"""Files of members on the supervisors' pages: how each was understood, and how far its import is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar

from beneficiate.domain.identity_documents import write_document
from beneficiate.domain.member_files import FileMember, RefusedRow
from beneficiate.domain.status_badge import StatusBadge
from beneficiate.views.administration import NewestRows
from beneficiate.views.csv_lines import CSV_BYTE_ORDER_MARK, format_csv_line
from beneficiate.views.masking import mask_email, mask_number
from beneficiate.views.pages import PageView, StaffPage

COLUMN_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "tipo": "Tipo de documento",
        "numero": "Documento",
        "nombres": "Nombres",
        "apellidos": "Apellidos",
        "nacimiento": "Nacimiento",
        "celular": "Celular",
        "correo": "Correo",
    }
)
DELIMITER_NAMES: Mapping[str, str] = MappingProxyType({";": "punto y coma", ",": "coma", "\t": "tabulador"})
IMPORT_BADGES: Mapping[str, StatusBadge] = MappingProxyType(
    {
        "PREVIEW": StatusBadge("Por confirmar", "hourglass", "warn"),
        "RUNNING": StatusBadge("Importando", "loader-circle", "accent"),
        "DONE": StatusBadge("Terminada", "check", "ok"),
        "DISCARDED": StatusBadge("Descartada", "x"),
    }
)


@dataclass(frozen=True)
class ImportSummary:
    """A file, and how many of its `rows` were new, are there already, are refused, and are imported so far."""

    import_id: int
    state: str
    file_name: str
    created_at: datetime
    created_by: str
    encoding: str
    delimiter: str
    found_columns: tuple[str, ...]
    rows: int
    new: int
    present: int
    refused: int
    imported: int
    sends_links: bool
    finished_at: datetime | None

    @property
    def badge(self) -> StatusBadge:
        """Its state as people see it."""
        return IMPORT_BADGES[self.state]

    @property
    def format_text(self) -> str:
        """`Excel (.xlsx)`, `Texto con punto y coma, UTF-8`."""
        if not self.delimiter:
            return "Excel (.xlsx)"
        return f"Texto con {DELIMITER_NAMES[self.delimiter]}, {self.encoding}"

    @property
    def columns_text(self) -> str:
        """The columns that were found, in the order of the rules."""
        return ", ".join(name for key, name in COLUMN_NAMES.items() if key in self.found_columns)

    @property
    def missing_text(self) -> str:
        """The columns that are not needed and were not found; empty when all are there."""
        missing = [name for key, name in COLUMN_NAMES.items() if key not in self.found_columns]
        return ", ".join(missing)


@dataclass(frozen=True)
class PreviewRow:
    """A member of a file as it was understood, masked."""

    number: int
    name: str
    document: str
    email: str
    phone: str
    has_birth_date: bool


@dataclass(frozen=True)
class ImportDetail:
    """A file with its first rows, and the first of those that are refused."""

    summary: ImportSummary
    rows: list[PreviewRow]
    refused: list[RefusedRow]


@dataclass(frozen=True)
class ImportListPage(StaffPage):
    """`/supervisor/ajustes/importar`: `wrong` is why the last file was not taken."""

    template: ClassVar[str] = "administration/member_imports.html"

    imports: NewestRows[ImportSummary]
    wrong: str
    done: str
    max_megabytes: int
    max_rows: int


@dataclass(frozen=True)
class ImportPage(StaffPage):
    """`/supervisor/ajustes/importar/:id`."""

    template: ClassVar[str] = "administration/member_import.html"

    detail: ImportDetail
    one: ImportSummary


@dataclass(frozen=True)
class ImportProgress(PageView):
    """The part of that page that changes while the file is imported."""

    template: ClassVar[str] = "administration/_member_import_state.html"

    one: ImportSummary


def preview_member(member: FileMember) -> PreviewRow:
    """Return a member of a file as supervisors see one: document, address and telephone are masked."""
    return PreviewRow(
        member.row,
        f"{member.first_name} {member.last_name}",
        write_document(member.document_type, mask_number(member.document_number)),
        mask_email(member.email),
        mask_number(member.phone),
        member.birth_date is not None,
    )


def refused_csv(refused: list[RefusedRow]) -> str:
    """Return the refused rows as a file for a spreadsheet, which names nobody."""
    lines = [format_csv_line(("fila", "motivo")), *(format_csv_line((one.row, one.reason)) for one in refused)]
    return CSV_BYTE_ORDER_MARK + "".join(lines)
