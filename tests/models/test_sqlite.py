"""What SQLite ends itself is told as what it was."""

from contextlib import nullcontext

import pytest
from peewee import IntegrityError, OperationalError

from beneficiate.models.base import database, write_transaction
from beneficiate.models.failures import Failure, classify_failure
from beneficiate.models.professionals import Specialty


@pytest.fixture
def backend():
    return "sqlite"


def write(names, *, in_savepoint=False):
    with write_transaction():
        Specialty.create(name="first")
        with database.atomic() if in_savepoint else nullcontext():
            for name in names:
                Specialty.create(name=name)


def is_stored(name):
    return Specialty.select().where(Specialty.name == name).exists()


@pytest.mark.parametrize("in_savepoint", [False, True])
def test_full_database_is_told_as_such_and_takes_writes_once_there_is_room(db, in_savepoint):
    pages = database.execute_sql("PRAGMA page_count").fetchone()[0]
    database.execute_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(OperationalError) as caught:
        write([f"{number} " + 2000 * "x" for number in range(1000)], in_savepoint=in_savepoint)
    assert classify_failure(caught.value) is Failure.RESOURCES
    assert not is_stored("first")
    database.execute_sql("PRAGMA max_page_count = 1000000")
    write(["second"], in_savepoint=in_savepoint)
    assert is_stored("second")


@pytest.mark.parametrize("in_savepoint", [False, True])
def test_any_other_failure_is_rolled_back(db, in_savepoint):
    with pytest.raises(IntegrityError):
        write(["a", "a"], in_savepoint=in_savepoint)
    assert not database.in_transaction()
    assert not is_stored("first")
