"""Files of members that supervisors uploaded: how each was understood, and how far it is imported."""

from peewee import ModelSelect

from beneficiate.domain.member_files import FileMember, RefusedRow
from beneficiate.errors import NotFound
from beneficiate.models.accounts import User
from beneficiate.models.imports import (
    DISCARDED_IMPORT,
    LOADING_IMPORT,
    PREVIEW_IMPORT,
    MemberImport,
    MemberImportRow,
)
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.administration import page_newest
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.administration import ListFilters, NewestRows
from beneficiate.views.member_imports import ImportDetail, ImportSummary, preview_member

SHOWN_ROWS = 8
SHOWN_REFUSED = 20
IMPORTS_PER_PAGE = 20


def find_member_import(import_id: int, rows: ModelSelect | None = None) -> MemberImport:
    """Return a file whose rows are stored, as `rows` select it. Raises NotFound."""
    is_it = (MemberImport.id == import_id) & (MemberImport.state != LOADING_IMPORT)
    row: MemberImport | None = (MemberImport.select() if rows is None else rows).where(is_it).first()
    if row is None:
        raise NotFound("No encontramos esa importación.")
    return row


def list_member_imports(uow: UnitOfWork, filters: ListFilters) -> NewestRows[ImportSummary]:
    """Return 20 files whose name has this text, the newest first, those apart that were discarded."""
    require_supervisor(uow.actor)
    is_shown = MemberImport.state.not_in([LOADING_IMPORT, DISCARDED_IMPORT])
    is_named = MemberImport.file_name.contains(filters.text.strip())
    query = _with_people(MemberImport.select()).where(is_shown, is_named)
    rows, next_id = page_newest(query, MemberImport.id, filters, IMPORTS_PER_PAGE)
    return NewestRows(filters, [_summarize(row) for row in rows], next_id)


def load_import_summary(uow: UnitOfWork, import_id: int) -> ImportSummary:
    """Return how far a file is. Raises NotFound."""
    require_supervisor(uow.actor)
    return _summarize(find_member_import(import_id, _with_people(MemberImport.select())))


def load_import_detail(uow: UnitOfWork, import_id: int) -> ImportDetail:
    """Return a file with its first rows, masked, and the first that are refused. Raises NotFound."""
    summary = load_import_summary(uow, import_id)
    rows = _rows_of(import_id).where(MemberImportRow.reason == "").limit(SHOWN_ROWS)
    shown = list(rows) if summary.state == PREVIEW_IMPORT else []
    return ImportDetail(
        summary, [preview_member(read_member(row)) for row in shown], _list_refused(import_id, SHOWN_REFUSED)
    )


def list_refused_rows(uow: UnitOfWork, import_id: int) -> list[RefusedRow]:
    """Return every refused row of a file, at most 5,000. Raises NotFound."""
    require_supervisor(uow.actor)
    find_member_import(import_id)
    return _list_refused(import_id, None)


def find_same_file(uow: UnitOfWork, digest: str) -> int | None:
    """Return the import that shows this very file to the actor and is not confirmed yet."""
    is_same = (MemberImport.digest == digest) & (MemberImport.created_by == uow.actor.user_id)
    rows = MemberImport.select(MemberImport.id).where(is_same, MemberImport.state == PREVIEW_IMPORT)
    found: int | None = rows.order_by(MemberImport.id.desc()).scalar()
    return found


def read_member(row: MemberImportRow) -> FileMember:
    """Return the member of a row that is not refused."""
    return FileMember(
        row=row.number,
        document_type=row.document_type,
        document_number=row.document_number,
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.email,
        phone=row.phone,
        birth_date=row.birth_date,
    )


def _rows_of(import_id: int) -> ModelSelect:
    rows = MemberImportRow.select().where(MemberImportRow.member_import == import_id)
    return rows.order_by(MemberImportRow.number)


def _list_refused(import_id: int, limit: int | None) -> list[RefusedRow]:
    rows = _rows_of(import_id).where(MemberImportRow.reason != "").limit(limit)
    return [RefusedRow(row.number, row.reason) for row in rows]


def _with_people(rows: ModelSelect) -> ModelSelect:
    return rows.select_extend(User.first_name, User.last_name).join_from(MemberImport, User)


def _summarize(row: MemberImport) -> ImportSummary:
    return ImportSummary(
        import_id=row.id,
        state=row.state,
        file_name=row.file_name,
        created_at=row.created_at,
        created_by=row.created_by.name,
        encoding=row.encoding,
        delimiter=row.delimiter,
        found_columns=tuple(row.found_columns.split(",")),
        rows=row.total_rows,
        new=row.new_rows,
        present=row.present_rows,
        refused=row.refused_rows,
        imported=row.imported_rows,
        sends_links=row.sends_links,
        finished_at=row.finished_at,
    )
