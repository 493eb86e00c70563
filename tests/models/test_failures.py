"""Failures of real databases are told apart by their codes; bugs of ours are none."""

import sqlite3

import psycopg2
import pytest
from peewee import OperationalError, PeeweeException

from beneficiate.errors import NotFound
from beneficiate.models.base import database, open_database
from beneficiate.models.failures import Failure, LockTurnTimeout, classify_failure, first_line, sqlstate_of
from beneficiate.models.professionals import Specialty
from tests import servers

SQLSTATES = {
    "25006": Failure.READ_ONLY,
    "25P03": Failure.LOST,
    "55P03": Failure.LOCKED,
    "57014": Failure.TIMED_OUT,
    "40001": Failure.CONFLICT,
    "40P01": Failure.CONFLICT,
    "08006": Failure.LOST,
    "57P01": Failure.LOST,
    "57P03": Failure.LOST,
    "53100": Failure.RESOURCES,
    "53300": Failure.RESOURCES,
    "58030": Failure.RESOURCES,
    "22012": None,
    "23505": None,
    "42P01": None,
    "XX000": None,
    "25001": None,
}


def failure_of(run):
    with pytest.raises(PeeweeException) as caught:
        run()
    return classify_failure(caught.value)


@pytest.fixture
def only(backend):
    """Skip the test on the other database."""

    def check(wanted):
        if backend != wanted:
            pytest.skip(f"{wanted} only")

    return check


def test_sqlstates_of_postgresql(only, db):
    only("postgresql")
    for sqlstate, failure in SQLSTATES.items():
        statement = f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{sqlstate}'; END $$"
        assert failure_of(lambda sql=statement: database.execute_sql(sql)) is failure, sqlstate


def test_ended_and_refused_connections_are_lost(only, db, database_url):
    only("postgresql")
    (pid,) = db.execute_sql("SELECT pg_backend_pid()").fetchone()
    other = psycopg2.connect(database_url)
    other.autocommit = True
    other.cursor().execute("SELECT pg_terminate_backend(%s)", (pid,))
    other.close()
    assert failure_of(lambda: db.execute_sql("SELECT 1")) is Failure.LOST
    db.manual_close()
    nobody = open_database(f"postgresql://x@127.0.0.1:{servers.free_port()}/x")
    assert failure_of(nobody.connect) is Failure.LOST


def test_text_of_a_failure_does_not_quote_rows(only, db):
    only("postgresql")
    with pytest.raises(PeeweeException) as caught:
        db.execute_sql("DO $$ BEGIN RAISE EXCEPTION 'a' USING ERRCODE = '55P03', DETAIL = 'Key (ana@x.co)'; END $$")
    assert (first_line(caught.value), sqlstate_of(caught.value)) == ("a", "55P03")
    assert "ana@x.co" in str(caught.value)


def test_codes_of_sqlite(only, db, tmp_path):
    only("sqlite")
    assert failure_of(lambda: db.execute_sql("SELECT * FROM nothing")) is None
    db.execute_sql("PRAGMA query_only = 1")
    assert failure_of(lambda: Specialty.create(name="a")) is Failure.READ_ONLY
    db.execute_sql("PRAGMA query_only = 0")
    (pages,) = db.execute_sql("PRAGMA page_count").fetchone()
    db.execute_sql(f"PRAGMA max_page_count = {pages}")
    assert failure_of(lambda: [Specialty.create(name=f"{n}" * 5000) for n in range(99)]) is Failure.RESOURCES
    db.execute_sql("PRAGMA busy_timeout = 1")
    holder = sqlite3.connect(db.database)
    holder.execute("BEGIN IMMEDIATE")
    assert failure_of(lambda: db.execute_sql("BEGIN IMMEDIATE")) is Failure.BUSY
    holder.close()
    assert failure_of(lambda: open_database(f"sqlite:///{tmp_path}").connect()) is Failure.RESOURCES


def test_what_is_no_failure_of_the_database():
    assert classify_failure(LockTurnTimeout("database is locked")) is Failure.BUSY
    assert [classify_failure(one) for one in (NotFound(), ZeroDivisionError(), ConnectionResetError())] == [None] * 3
    assert classify_failure(OperationalError("the unit took too long")) is Failure.LOST
