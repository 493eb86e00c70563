"""How a file of members is described."""

from datetime import UTC, datetime

from beneficiate.domain.member_files import FileMember, RefusedRow
from beneficiate.views.member_imports import ImportSummary, preview_member, refused_csv

AT = datetime(2026, 5, 4, 15, tzinfo=UTC)


def summary(**fields):
    known = {"import_id": 1, "state": "PREVIEW", "file_name": "a.csv", "created_at": AT, "created_by": "Marta"}
    how = {"encoding": "UTF-8", "delimiter": "\t", "found_columns": ("correo", "tipo", "numero")}
    counts = {"rows": 6, "new": 3, "present": 1, "refused": 2, "imported": 0, "sends_links": False, "finished_at": None}
    return ImportSummary(**{**known, **how, **counts, **fields})


def test_file_says_how_it_was_read():
    assert summary().format_text == "Texto con tabulador, UTF-8"
    assert summary(encoding="", delimiter="").format_text == "Excel (.xlsx)"
    assert summary().columns_text == "Tipo de documento, Documento, Correo"
    assert summary().missing_text == "Nombres, Apellidos, Nacimiento, Celular"


def test_state_is_told():
    assert [summary(state=state).badge.label for state in ("PREVIEW", "RUNNING", "DONE", "DISCARDED")] == [
        "Por confirmar",
        "Importando",
        "Terminada",
        "Descartada",
    ]


def test_member_is_masked():
    row = preview_member(FileMember(2, "CC", "52100200", "José", "Peña", "jose@x.co", "", None))
    assert (row.document, row.email, row.phone, row.has_birth_date) == ("CC •••• 0200", "jo••••@x.co", "", False)


def test_refused_rows_are_numbers_and_reasons():
    assert (
        refused_csv([RefusedRow(3, "El correo no es válido.")]) == "\ufefffila;motivo\r\n3;El correo no es válido.\r\n"
    )
