"""What the database itself refuses and deletes, whatever the application does."""

import pytest
from peewee import IntegrityError

from beneficiate.models.base import database


def refuse_insert(row, **changes):
    """Check that a copy of a row, with these columns changed, is refused by a constraint."""
    columns = {name: value for name, value in row.__data__.items() if name != "id"}
    with pytest.raises(IntegrityError), database.atomic():
        type(row).create(**{**columns, **changes})


def insert_copy(row, **changes):
    """Insert a copy of a row with these columns changed."""
    columns = {name: value for name, value in row.__data__.items() if name != "id"}
    return type(row).create(**{**columns, **changes})


def delete_row(row):
    """Delete a row by its primary key."""
    type(row).delete().where(row._pk_expr()).execute()


def refuse_delete(row):
    """Check that a row is kept because others refer to it."""
    with pytest.raises(IntegrityError), database.atomic():
        delete_row(row)


def is_there(row):
    """Return whether a row still exists."""
    return type(row).select().where(row._pk_expr()).exists()


def reload(row):
    """Return the row as it is now."""
    return type(row).select().where(row._pk_expr()).get()
