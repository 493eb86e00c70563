"""Reads files of members, never on the event loop, and stores what they say part by part."""

import asyncio
import hashlib
import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import IO, TypeVar

from beneficiate.actions import member_import_files as actions
from beneficiate.clients.spreadsheets import MAX_FILE_BYTES, Spreadsheet, UnreadableFile, read_spreadsheet
from beneficiate.domain.legacy.values import Refused
from beneficiate.domain.member_files import FileMember, RefusedRow, find_columns, has_member_columns, parse_members
from beneficiate.errors import Invalid
from beneficiate.formatting import bogota_date
from beneficiate.queries.member_imports import find_same_file
from beneficiate.store import Store
from beneficiate.unit_of_work import Actor

MAX_NAME_CHARS = 160
NO_ROWS = "El archivo no tiene ninguna fila debajo de los nombres de las columnas."
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _ReadFile:
    """What a file says, and the SHA-256 of its bytes."""

    sheet: Spreadsheet
    members: list[FileMember]
    refused: list[RefusedRow]
    digest: str


async def store_preview(store: Store, pool: ThreadPoolExecutor, content: IO[bytes], name: str, actor: Actor) -> int:
    """Read a file and store what would become of its rows; return the id of the import that a supervisor confirms.

    The very same file, uploaded again before it was confirmed, is the import that there is. Raises Invalid with a
    sentence for a file that is no list of members, RateLimited, NotFound.
    """
    now = await store.read(lambda uow: uow.now)
    try:
        file = await asyncio.get_running_loop().run_in_executor(pool, _read, content, bogota_date(now))
    except (UnreadableFile, Refused) as problem:
        raise Invalid(str(problem)) from problem
    if same := await store.read(find_same_file, file.digest, actor=actor):
        return same
    columns = ",".join(find_columns(file.sheet.rows[0]))
    begin = actions.BeginImport(clean_shown_name(name), file.digest, file.sheet.encoding, file.sheet.delimiter, columns)
    import_id = await store.run(actions.begin_import, begin, actor)
    for members in _parts(file.members):
        await store.run(actions.store_import_rows, actions.StoreImportRows(import_id, members, ()), actor)
    for refused in _parts(file.refused):
        await store.run(actions.store_import_rows, actions.StoreImportRows(import_id, (), refused), actor)
    await store.run(actions.finish_preview, import_id, actor)
    return import_id


def clean_shown_name(name: str) -> str:
    """Return the name of a file as it is shown: no folders, nothing invisible, at most 160 characters."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    visible = "".join(letter for letter in base if not unicodedata.category(letter).startswith("C"))
    return " ".join(visible.split())[:MAX_NAME_CHARS] or "archivo"


def _read(content: IO[bytes], today: date) -> _ReadFile:
    content.seek(0)
    data = content.read(MAX_FILE_BYTES + 1)
    sheet = read_spreadsheet(data, has_member_columns)
    members, refused = parse_members(sheet.rows, today)
    if not members and not refused:
        raise UnreadableFile(NO_ROWS)
    return _ReadFile(sheet, members, refused, hashlib.sha256(data).hexdigest())


def _parts(rows: Sequence[T]) -> list[Sequence[T]]:
    return [rows[start : start + actions.ROWS_PER_PART] for start in range(0, len(rows), actions.ROWS_PER_PART)]
