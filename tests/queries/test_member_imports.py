"""Files of members as supervisors see them."""

from datetime import UTC, datetime

import pytest

from beneficiate.errors import NotFound
from beneficiate.models.imports import MemberImport, MemberImportRow
from beneficiate.queries import member_imports as queries
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.administration import ListFilters
from tests.factories import agent, supervisor

NOW = datetime(2026, 5, 4, 15, tzinfo=UTC)


def stored(who, state="PREVIEW", digest="d", rows=0, refused=0):
    columns = {"file_name": "a.csv", "digest": digest, "found_columns": "tipo,numero", "created_at": NOW}
    row = MemberImport.create(created_by=who.id, state=state, new_rows=rows, refused_rows=refused, **columns)
    person = {"document_type": "CC", "document_number": "52100200", "first_name": "José", "last_name": "Peña"}
    for number in range(rows):
        MemberImportRow.create(member_import=row.id, number=number + 2, email="jose@x.co", **person)
    for number in range(refused):
        MemberImportRow.create(member_import=row.id, number=number + 100, reason="No.")
    return row.id


def test_first_rows_are_masked_and_only_shown_before_the_import(db):
    marta = supervisor("Marta")
    uow = UnitOfWork(marta.actor, NOW)
    detail = queries.load_import_detail(uow, stored(marta, rows=9, refused=21))
    assert (len(detail.rows), detail.rows[0].document, detail.rows[0].email) == (8, "CC •••• 0200", "jo••••@x.co")
    assert (len(detail.refused), detail.refused[0].row, detail.summary.created_by) == (20, 100, marta.user.name)
    running = stored(marta, state="RUNNING", rows=3)
    assert queries.load_import_detail(uow, running).rows == []


def test_list_has_neither_what_is_being_stored_nor_what_was_discarded(db):
    marta = supervisor()
    ids = [stored(marta, state) for state in ("LOADING", "DISCARDED", "PREVIEW", "DONE")]
    shown = queries.list_member_imports(UnitOfWork(marta.actor, NOW), ListFilters()).rows
    assert [one.import_id for one in shown] == [ids[3], ids[2]]
    with pytest.raises(NotFound):
        queries.load_import_summary(UnitOfWork(marta.actor, NOW), ids[0])


def test_same_file_is_that_of_the_same_person_before_it_is_confirmed(db):
    marta, other = supervisor(), supervisor()
    wanted = stored(marta)
    stored(other)
    stored(marta, "DONE")
    assert queries.find_same_file(UnitOfWork(marta.actor, NOW), "d") == wanted
    assert queries.find_same_file(UnitOfWork(marta.actor, NOW), "e") is None


def test_only_supervisors_see_them(db):
    row, uow = stored(supervisor(), refused=1), UnitOfWork(agent().actor, NOW)
    for query in (queries.load_import_summary, queries.load_import_detail, queries.list_refused_rows):
        with pytest.raises(NotFound):
            query(uow, row)
    with pytest.raises(NotFound):
        queries.list_member_imports(uow, ListFilters())


def test_files_of_long_ago_are_on_later_pages_and_found_by_name(db, monkeypatch):
    monkeypatch.setattr(queries, "IMPORTS_PER_PAGE", 2)
    marta = supervisor()
    ids, uow = [stored(marta) for _ in range(3)], UnitOfWork(marta.actor, NOW)
    MemberImport.update(file_name="Enero 100%.csv").where(MemberImport.id == ids[0]).execute()
    first = queries.list_member_imports(uow, ListFilters())
    second = queries.list_member_imports(uow, ListFilters(after=first.next_id))
    assert [[one.import_id for one in page.rows] for page in (first, second)] == [[ids[2], ids[1]], [ids[0]]]
    assert (first.next_id, second.next_id) == (ids[1], 0)
    found = [queries.list_member_imports(uow, ListFilters(text=text)).rows for text in ("enero 100%", "100%%", "x_")]
    assert [[one.import_id for one in rows] for rows in found] == [[ids[0]], [], []]
