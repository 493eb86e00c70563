"""What the changes of supervisors have in common: versions, so that nobody overwrites what somebody else has saved."""

from collections.abc import Mapping

from beneficiate.errors import OutdatedForm
from beneficiate.models.base import BaseModel

Changes = dict[str, tuple[object, object]]
"""What was before and what is now, by the name of the column."""


def require_version(row: BaseModel, version: int) -> None:
    """Raise OutdatedForm unless the row, which is locked, has this version."""
    if row.version != version:
        raise OutdatedForm


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
