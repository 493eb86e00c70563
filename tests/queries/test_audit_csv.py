"""The export of the audit log for a spreadsheet."""

import csv
import io

from beneficiate.models.audit import AuditEntry
from beneficiate.queries import audit_csv
from beneficiate.queries.audit_csv import (
    audit_csv_header,
    count_audit_export,
    describe_audit_omission,
    export_audit_slice,
    next_audit_slice,
)
from beneficiate.queries.audit_filters import find_audit_filters, parse_audit_filters
from beneficiate.unit_of_work import SYSTEM, Actor, UnitOfWork
from beneficiate.views.audit_log import TypedFilters
from tests.audit import write_audit
from tests.factories import supervisor
from tests.queries.appointment_rows import NOW

UOW = UnitOfWork(SYSTEM, NOW)


def test_slices_have_every_entry_with_its_hash(db, monkeypatch):
    monkeypatch.setattr(audit_csv, "AUDIT_SLICE_ROWS", 2)
    who = Actor(supervisor().id, "supervisor", name="Marta; Gil", address="10.0.0.1", request_id="r1")
    for number in range(3):
        write_audit(UnitOfWork(who, NOW), "chats.give", f"chat:{number}", "uno\ndos", {"tries": (1, 2)})
    write_audit(UOW, "chats.give", "chat:3")
    found = find_audit_filters(UOW, parse_audit_filters(TypedFilters()))
    assert count_audit_export(UOW, found) == 4
    text, place = audit_csv_header(), found
    while place is not None:
        part = export_audit_slice(UOW, place)
        text += part.text
        place = part.before and next_audit_slice(found, part.before)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";"))
    assert [row["Huella"] for row in rows] == [one.hash for one in AuditEntry.select().order_by(AuditEntry.id.desc())]
    assert {(row["Quién"], row["Persona"], row["Rol"]) for row in rows} == {
        ("Sistema", "", "Tarea programada"),
        ("Marta; Gil", str(who.user_id), "Supervisor"),
    }
    first = rows[-1]
    assert (first["Asunto"], first["Motivo"], first["Cambios"]) == ("Chat 0", "uno dos", "Intentos: 1 > 2")
    assert (first["Dirección"], first["Solicitud"], first["Fecha y hora"]) == ("10.0.0.1", "r1", "2026-11-23 08:00:00")


def test_export_without_everything_says_so(monkeypatch):
    monkeypatch.setattr(audit_csv, "MAX_AUDIT_CSV_ROWS", 2)
    assert [bool(describe_audit_omission(count)) for count in (0, 2, 3)] == [False, False, True]
