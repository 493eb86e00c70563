"""The pages of the copy of a member's data, which they read without us: no script, no file of ours."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from urllib.parse import quote

from beneficiate.formatting import format_long_date, format_number, format_short_date, format_time
from beneficiate.views.pages import PageView

TEXT, CODE, INSTANT, DAY, YES_NO, PESOS, FILE = "text", "code", "instant", "day", "yes_no", "pesos", "file"
"""The kinds of columns: how a value is shown."""


@dataclass(frozen=True)
class CopiedColumn:
    """A column of a table of the copy: its key in the JSON, its name for people, and the names of its codes."""

    key: str
    label: str
    kind: str
    names: Mapping[str, str]


@dataclass(frozen=True)
class CopiedCell:
    """A value on a page: `raw` is the text of what the JSON has, `href` where a file is."""

    column: CopiedColumn
    raw: str
    text: str
    href: str = ""


@dataclass(frozen=True)
class CopiedSection:
    """A table on a page. Its rows are read as they are drawn; empty values have no cell."""

    code: str
    title: str
    count: int
    rows: Iterator[list[CopiedCell]]


@dataclass(frozen=True)
class NotCopied:
    """Something that is stored and not in the copy, and why."""

    what: str
    why: str


@dataclass(frozen=True)
class CopyIndex(PageView):
    """`index.html` of a copy: everything but the conversations."""

    template: ClassVar[str] = "data_copy/index.html"

    name: str
    written_at: datetime
    sections: Sequence[CopiedSection]
    not_copied: Sequence[NotCopied]
    texts: Sequence[str]


@dataclass(frozen=True)
class CopyConversations(PageView):
    """`conversaciones.html` of a copy."""

    template: ClassVar[str] = "data_copy/conversations.html"

    written_at: datetime
    sections: Sequence[CopiedSection]


def build_cells(columns: Sequence[CopiedColumn], row: Mapping[str, object]) -> list[CopiedCell]:
    """Return the cells of a row, without those that are empty."""
    return [_build_cell(one, row[one.key]) for one in columns if row.get(one.key) not in (None, "")]


def _build_cell(column: CopiedColumn, value: object) -> CopiedCell:
    raw = str(value).lower() if isinstance(value, bool) else str(value)
    if column.kind == INSTANT:
        instant = datetime.fromisoformat(raw)
        return CopiedCell(column, raw, f"{format_short_date(instant)}, {format_time(instant)}")
    if column.kind == DAY:
        return CopiedCell(column, raw, format_long_date(date.fromisoformat(raw)))
    if column.kind == YES_NO:
        return CopiedCell(column, raw, "Sí" if value else "No")
    if column.kind == PESOS and isinstance(value, int):
        return CopiedCell(column, raw, f"$ {format_number(value)}")
    if column.kind == FILE:
        return CopiedCell(column, raw, raw.rpartition("/")[2], quote(raw))
    return CopiedCell(column, raw, column.names.get(raw, raw))
