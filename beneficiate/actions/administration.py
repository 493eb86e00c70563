"""What the changes of supervisors have in common: versions, so that nobody overwrites what somebody else has saved."""

from collections.abc import Mapping

from beneficiate.errors import OutdatedForm
from beneficiate.models.base import BaseModel, lock_number

NAMES_LOCK = 7_120_250_039
"""The number of the advisory lock of whoever takes a name that nobody else may have."""
Changes = dict[str, tuple[object, object]]
"""What was before and what is now, by the name of the column."""


def lock_names() -> None:
    """Let nobody else take a name until this unit of work ends: call it before looking who has one.

    Locked rows do not do: the row that somebody else is about to insert is not among them.
    """
    lock_number(NAMES_LOCK)


def require_version(row: BaseModel, version: int, changes: Changes | None = None) -> None:
    """Raise OutdatedForm, with what the row has and what was to be saved, unless it has this version. It is locked.

    To be called once there are changes: the same form sent twice has none the second time, and is saved.
    """
    if row.version != version:
        problem = OutdatedForm()
        differences = {name: {"saved": saved, "sent": sent} for name, (saved, sent) in (changes or {}).items()}
        problem.details = {"version": row.version, "changes": differences}
        raise problem


def change_columns(row: BaseModel, columns: Mapping[str, object]) -> Changes:
    """Save the columns that have another value, and return them."""
    changes = {name: (getattr(row, name), value) for name, value in columns.items() if getattr(row, name) != value}
    if changes:
        for name, (_, value) in changes.items():
            setattr(row, name, value)
        row.save(only=list(changes))
    return changes


def count_version(row: BaseModel) -> None:
    """Give the row its next version: a form that shows it as it was is outdated."""
    row.version += 1
    row.save(only=["version"])
