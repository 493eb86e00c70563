"""Files of members on their page: stored row by row as they were understood, confirmed, imported in parts by a job."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from beneficiate.actions import audit, quotas
from beneficiate.actions.member_imports import ImportMembers, create_members, plan_member_import
from beneficiate.domain.member_files import FileMember, RefusedRow
from beneficiate.errors import Gone
from beneficiate.models.base import lock_rows
from beneficiate.models.imports import (
    DISCARDED_IMPORT,
    DONE_IMPORT,
    LOADING_IMPORT,
    PREVIEW_IMPORT,
    RUNNING_IMPORT,
    MemberImport,
    MemberImportRow,
)
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.member_imports import find_member_import, read_member
from beneficiate.unit_of_work import UnitOfWork

ROWS_PER_PART = 200
"""Rows of a unit of work: 40 ms of the one writer."""
PREVIEW_LIFETIME = timedelta(days=1)
LOADING_LIFETIME = timedelta(minutes=10)
DISCARDED = "Ese archivo se descartó, y sus filas se borraron. Súbalo otra vez."


@dataclass(frozen=True, slots=True)
class BeginImport:
    """A file as it was read; `found_columns` are joined by commas."""

    file_name: str
    digest: str
    encoding: str
    delimiter: str
    found_columns: str


@dataclass(frozen=True, slots=True)
class StoreImportRows:
    """Rows of a file that is being stored."""

    import_id: int
    members: Sequence[FileMember]
    refused: Sequence[RefusedRow]


@dataclass(frozen=True, slots=True)
class ConfirmImport:
    """That a file is to be imported as its preview says; `sends_links` as for `ImportMembers`."""

    import_id: int
    sends_links: bool


def begin_import(uow: UnitOfWork, command: BeginImport) -> int:
    """Begin to store a file, and return the id of its import. Raises NotFound, RateLimited."""
    require_supervisor(uow.actor)
    quotas.consume_quota(uow, uow.rules.quotas.member_imports)
    return int(MemberImport.create(created_by=uow.actor.user_id, created_at=uow.now, **asdict(command)).id)


def store_import_rows(uow: UnitOfWork, command: StoreImportRows) -> None:
    """Store some rows of a file, each with what would become of it now."""
    plan = plan_member_import(uow, command.members)
    refused = [*command.refused, *plan.refused]
    rows = [asdict(one) for one in plan.new]
    for columns in rows:
        columns["number"] = columns.pop("row")
    _insert_rows(command.import_id, rows)
    _insert_rows(command.import_id, [{"number": one.row, "reason": one.reason} for one in refused])
    MemberImport.update(
        new_rows=MemberImport.new_rows + len(plan.new),
        present_rows=MemberImport.present_rows + plan.present,
        refused_rows=MemberImport.refused_rows + len(refused),
    ).where(MemberImport.id == command.import_id).execute()


def finish_preview(uow: UnitOfWork, import_id: int) -> None:
    """Let the file, of which every row is stored, be confirmed."""
    row = MemberImport.get_by_id(import_id)
    count = row.new_rows + row.present_rows + row.refused_rows
    MemberImport.update(state=PREVIEW_IMPORT, total_rows=count).where(MemberImport.id == import_id).execute()
    audit.record_act(uow, "members.preview", f"member_import:{import_id}", changes={"rows": (None, count)})


def confirm_import(uow: UnitOfWork, command: ConfirmImport) -> None:
    """Let a job import the file. Once it is confirmed, that changes nothing. Raises NotFound, Gone."""
    row = _lock_import(uow, command.import_id)
    if row.state == DISCARDED_IMPORT:
        raise Gone(DISCARDED)
    if row.state != PREVIEW_IMPORT:
        return
    columns = {"state": RUNNING_IMPORT, "sends_links": command.sends_links, "confirmed_at": uow.now}
    MemberImport.update(columns).where(MemberImport.id == row.id).execute()
    changes = {"rows": (None, row.new_rows), "sends_links": (None, command.sends_links)}
    audit.record_act(uow, "members.confirm", f"member_import:{row.id}", changes=changes)


def discard_import(uow: UnitOfWork, import_id: int) -> None:
    """Delete the rows of a file that nobody has confirmed; of another one that changes nothing. Raises NotFound."""
    row = _lock_import(uow, import_id)
    if row.state == PREVIEW_IMPORT:
        _discard(uow, [row.id])
        audit.record_act(uow, "members.discard", f"member_import:{row.id}")


def discard_old_imports(uow: UnitOfWork) -> None:
    """Delete the rows of files that nobody confirmed within a day, or whose reading was interrupted."""
    is_old = (MemberImport.state == PREVIEW_IMPORT) & (MemberImport.created_at < uow.now - PREVIEW_LIFETIME)
    is_old |= (MemberImport.state == LOADING_IMPORT) & (MemberImport.created_at < uow.now - LOADING_LIFETIME)
    rows = lock_rows(MemberImport.select(MemberImport.id).where(is_old).order_by(MemberImport.id).limit(20))
    _discard(uow, [row.id for row in rows])


def import_next_part(uow: UnitOfWork) -> bool:
    """Import some rows of the oldest file that is confirmed; return whether anything was left to do.

    Who got an account since the preview is counted as one who was there already, or refused.
    """
    running = MemberImport.select().where(MemberImport.state == RUNNING_IMPORT)
    row: MemberImport | None = lock_rows(running.order_by(MemberImport.confirmed_at, MemberImport.id).limit(1)).first()
    if row is None:
        return False
    waiting = MemberImportRow.select().where(MemberImportRow.member_import == row.id, MemberImportRow.reason == "")
    part = list(waiting.order_by(MemberImportRow.number).limit(ROWS_PER_PART))
    if not part:
        MemberImport.update(state=DONE_IMPORT, finished_at=uow.now).where(MemberImport.id == row.id).execute()
        changes = {"rows": (None, row.imported_rows)}
        audit.record_act(uow, "members.import", f"member_import:{row.id}", changes=changes)
        return True
    plan = create_members(uow, ImportMembers([read_member(one) for one in part], row.sends_links))
    MemberImportRow.delete().where(MemberImportRow.id.in_([one.id for one in part])).execute()
    _insert_rows(row.id, [{"number": one.row, "reason": one.reason} for one in plan.refused])
    MemberImport.update(
        imported_rows=MemberImport.imported_rows + len(plan.new),
        present_rows=MemberImport.present_rows + plan.present,
        refused_rows=MemberImport.refused_rows + len(plan.refused),
    ).where(MemberImport.id == row.id).execute()
    return True


def _lock_import(uow: UnitOfWork, import_id: int) -> MemberImport:
    require_supervisor(uow.actor)
    return find_member_import(import_id, lock_rows(MemberImport.select()))


def _discard(uow: UnitOfWork, ids: list[int]) -> None:
    MemberImportRow.delete().where(MemberImportRow.member_import.in_(ids)).execute()
    columns = {"state": DISCARDED_IMPORT, "finished_at": uow.now}
    MemberImport.update(columns).where(MemberImport.id.in_(ids)).execute()


def _insert_rows(import_id: int, rows: list[dict[str, object]]) -> None:
    if rows:
        MemberImportRow.insert_many([{**columns, "member_import": import_id} for columns in rows]).execute()
