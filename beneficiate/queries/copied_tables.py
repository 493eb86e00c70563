"""Reading what is stored about a member, table by table and part by part, for the copy that they asked for."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Any

from peewee import BooleanField, DateField, Expression, Field, ModelSelect

from beneficiate.formatting import format_iso
from beneficiate.models.base import BaseModel, InstantField, NamedRow, Row
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.data_copies import CODE, DAY, FILE, INSTANT, TEXT, YES_NO, CopiedColumn

ROWS_PER_PART = 500
MAX_ENTRY_NAME_CHARS = 100
NO_NAMES: Mapping[str, str] = MappingProxyType({})
OF_TEAM = "Es de quien atiende, no suyo."
INTERNAL_NOTE = "Es una nota interna del equipo."
TECHNICAL = "Es un dato técnico: no dice nada de usted."
SENDING = "Solo dice cómo se envió el correo."
SENDING_FIELDS = {"claimed_at": SENDING, "tries": SENDING}
"""Why fields are left out."""
_KINDS = ((InstantField, INSTANT), (DateField, DAY), (BooleanField, YES_NO))
_STRIPPED_CATEGORIES = ("C", "Zl", "Zp")
_RESERVED = '/\\:*?"<>|'

RowValue = str | int | float | bool | None
CopiedRow = dict[str, RowValue]
"""A row of a copy by the keys of its columns; instants are ISO 8601 in UTC, days are ISO 8601."""


@dataclass(frozen=True, slots=True)
class ColumnSource:
    """A column of a copied table and where it comes from.

    `covers` names the field of the table's model of which it tells, if it is not read from that field itself.
    """

    column: CopiedColumn
    source: Any  # a field or an expression of Peewee
    covers: str = ""


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A table of the copy: `select` returns the rows of a member, in the order of `order`, which no two share.

    `left_out` has the fields of the model that are not copied, each with the reason, which the member reads. `derive`
    adds to a row what follows from it, and takes out what was read only for that.
    """

    code: str
    title: str
    model: type[BaseModel]
    select: Callable[[int], ModelSelect]
    order: tuple[Field, ...]
    sources: tuple[ColumnSource, ...]
    left_out: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)
    derive: Callable[[CopiedRow], CopiedRow] | None = None
    derived: tuple[CopiedColumn, ...] = ()
    hidden: tuple[str, ...] = ()
    is_conversation: bool = False

    @property
    def columns(self) -> tuple[CopiedColumn, ...]:
        """The columns that a row has in the end, in their order."""
        read = (one.column for one in self.sources if one.column.key not in self.hidden)
        return (*read, *self.derived)


@dataclass(frozen=True, slots=True)
class CopiedSlice:
    """The part of a table that follows a position, of one member."""

    table: CopiedTable
    user_id: int
    after: Row | None = None  # values of the fields of `order`


@dataclass(frozen=True, slots=True)
class CopiedPart:
    """Rows of a table, and the position behind which there are more; None at the end."""

    rows: list[CopiedRow]
    last: Row | None


def read_column(
    key: str,
    label: str,
    source: Any,  # a field or an expression of Peewee
    covers: str = "",
    names: Mapping[str, str] = NO_NAMES,
    kind: str = "",
) -> ColumnSource:
    """Return a column; its kind is that of its field unless another one is given."""
    found = kind or (CODE if names else next((one for type_, one in _KINDS if isinstance(source, type_)), TEXT))
    return ColumnSource(CopiedColumn(key, label, found, names), source, covers)


def load_copied_part(_: UnitOfWork, part: CopiedSlice) -> CopiedPart:
    """Return at most 500 rows of a table of a member that follow a position."""
    table = part.table
    positions = [one.alias(f"position_{number}") for number, one in enumerate(table.order)]
    columns = [one.source.alias(one.column.key) for one in table.sources]
    query = table.select(part.user_id).select(*columns, *positions).order_by(*table.order)
    if part.after is not None:
        query = query.where(_is_after(table.order, part.after))
    found = list(query.limit(ROWS_PER_PART + 1).dicts())
    shown = found[:ROWS_PER_PART]
    names = [f"position_{number}" for number in range(len(table.order))]
    last = tuple(shown[-1][name] for name in names) if len(found) > len(shown) else None
    return CopiedPart([_to_row(table, row) for row in shown], last)


def build_file_path(file_id: str, name: str) -> str:
    """Return where a file of a chat is in the copy; whatever its name is, it stays in its own folder."""
    whole = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    kept = (letter for letter in whole if not unicodedata.category(letter).startswith(_STRIPPED_CATEGORIES))
    safe = "".join("_" if letter in _RESERVED else letter for letter in kept).strip(" .")
    return f"archivos/{file_id}/{safe[-MAX_ENTRY_NAME_CHARS:].lstrip(' .') or 'archivo'}"


def add_file_path(key: str) -> Callable[[CopiedRow], CopiedRow]:
    """Return a function that gives a row the path of its file, from its `file_id` and `file_name`."""

    def derive(row: CopiedRow) -> CopiedRow:
        file_id, name = row.pop("file_id"), row.pop("file_name")
        return {**row, key: build_file_path(str(file_id), str(name)) if file_id else None}

    return derive


def file_column(key: str) -> CopiedColumn:
    """Return the column of the path of a file within the copy."""
    return CopiedColumn(key, "Archivo", FILE, NO_NAMES)


def _is_after(order: tuple[Field, ...], values: Row) -> Expression:
    """Return the condition for rows behind these values: the first field that differs is greater."""
    later = []
    for number, one in enumerate(order):
        condition = one > values[number]
        for earlier, value in zip(order[:number], values[:number], strict=True):
            condition &= earlier == value
        later.append(condition)
    found: Expression = reduce(or_, later)
    return found


def _to_row(table: CopiedTable, values: NamedRow) -> CopiedRow:
    row = {one.column.key: _to_plain(values[one.column.key]) for one in table.sources}
    return row if table.derive is None else table.derive(row)


def _to_plain(value: Any) -> RowValue:  # of any type that a field has
    if isinstance(value, datetime):
        return format_iso(value, "microseconds")
    return value.isoformat() if isinstance(value, date) else value
