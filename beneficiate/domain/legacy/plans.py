"""What is known while rows are imported, and what becomes of each."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from beneficiate.domain.legacy.values import Refused

OldRow = Mapping[str, Any]
"""A row of the old service by column. Any, since its columns have all types, and may be missing (None)."""

NEW, PRESENT, MERGED, REFUSED = "new", "present", "merged", "refused"
"""What becomes of a row: it is imported, it was here, it belongs to one that is, it cannot be imported."""

ERASED = 0
"""Stands for the id of an account that was erased here: it is known, and nothing belongs to it any more."""


class NewRows(NamedTuple):
    """Rows to insert into a table of ours."""

    table: str
    columns: tuple[str, ...]
    rows: list[tuple[object, ...]]


class ChangedRow(NamedTuple):
    """Columns to change of a chat of ours, by its id, or of the row of `imported_rows` with a kind and an old id."""

    row_id: int | tuple[str, str]
    columns: dict[str, object]


@dataclass(slots=True)
class ImportOutcome:
    """What becomes of a row of an old table, and why if something is lost.

    Several rows, or none, are `old_ids`. `holder` is the key by which the index knows the record of ours that has them,
    where it is not the one that they became themselves.
    """

    table: str
    old_id: str
    result: str
    reason: str = ""
    inserts: list[NewRows] = field(default_factory=list)
    changes: list[ChangedRow] = field(default_factory=list)
    old_ids: Sequence[str] | None = None
    holder: tuple[str, str] | None = None

    @property
    def each_id(self) -> Sequence[str]:
        """The ids of all rows."""
        return (self.old_id,) if self.old_ids is None else self.old_ids

    def insert(self, table: str, **columns: object) -> None:
        """Insert a row of ours."""
        self.inserts.append(NewRows(table, tuple(columns), [tuple(columns.values())]))

    def lose(self, reason: str) -> None:
        """Say that a part of the row is not imported."""
        self.reason = f"{self.reason} {reason}".strip()


class ImportIndex:
    """What is known of both databases, by what it is and a key: `("email", "ana@x.co")` is the id of an account.

    What a batch adds counts from then on, and for ever once the batch is stored; otherwise `begin` forgets it.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, Hashable], object] = {}
        self._added: dict[tuple[str, Hashable], object] = {}

    # Any, here and below: each kind of key has values of its own type.
    def get(self, kind: str, key: Hashable) -> Any:
        """Return what is known, None if nothing is."""
        found = self._added.get((kind, key))
        return self._known.get((kind, key)) if found is None else found

    def put(self, kind: str, key: Hashable, value: object) -> None:
        """Know from now on."""
        self._added[kind, key] = value

    def begin(self) -> None:
        """Forget what was added and not kept."""
        self._added.clear()

    def keep(self) -> None:
        """Keep what was added."""
        self._known |= self._added
        self._added.clear()


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What plans need: what is known, ids of new rows by table, the zone of old times, the time, and chats of ours.

    `is_erased` says of a document (type, number) whether its owner was erased here.
    """

    index: ImportIndex
    take_id: Callable[[str], int]
    zone: tzinfo
    now: datetime
    # Any: the state of a chat, which `conversations` defines.
    load_chat: Callable[[int], Any] = lambda chat_id: None
    is_erased: Callable[[tuple[str, str]], bool] = lambda document: False

    def find_new_id(self, kind: str, old_id: object) -> int | None:
        """Return the id of ours that an old row became; None also for an account that was erased since."""
        found = None if old_id is None else self.index.get(kind, str(old_id))
        return None if found in (None, ERASED) else int(found)

    def note_import(self, outcome: ImportOutcome, new_id: int | str, parts: int = 0) -> None:
        """Note what an old row became, for what refers to it and for the next run."""
        self.index.put(outcome.table, outcome.old_id, new_id)
        columns = {"kind": outcome.table, "old_id": outcome.old_id, "new_id": str(new_id), "parts": parts}
        outcome.insert("imported_rows", **columns)


Plan = Callable[[Sequence[OldRow], ImportContext], Iterable[ImportOutcome]]
"""What becomes of rows that belong together: of one, or of all of a member or a chat."""


def plan_each(table: str, plan: Callable[[OldRow, ImportContext], ImportOutcome]) -> Plan:
    """Return the plan of a table whose rows are imported one by one, each once, by their `id`."""

    def run(rows: Sequence[OldRow], context: ImportContext) -> Iterable[ImportOutcome]:
        for row in rows:
            old_id = str(row["id"])
            if context.index.get(table, old_id) is not None:
                yield ImportOutcome(table, old_id, PRESENT)
                continue
            try:
                yield plan(row, context)
            except Refused as problem:
                yield ImportOutcome(table, old_id, REFUSED, problem.reason)

    return run
