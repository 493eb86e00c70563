"""A unit runs again only when it had no effect; connections that are broken or read-only are replaced."""

import sqlite3
import threading

import psycopg2
import pytest
from peewee import OperationalError, PeeweeException

from beneficiate.errors import Unavailable
from beneficiate.models.failures import Failure, classify_failure
from beneficiate.models.professionals import Specialty
from beneficiate.unit_of_work import SYSTEM
from beneficiate.unit_runner import UnitRunner


@pytest.fixture
def runner(db):
    return UnitRunner(db)


@pytest.fixture
def postgresql(backend):
    if backend == "sqlite":
        pytest.skip("PostgreSQL only")


@pytest.fixture
def superuser(postgresql, database_url):
    """Run statements in a session of its own."""
    connection = psycopg2.connect(database_url)
    connection.autocommit = True

    def execute(statement):
        cursor = connection.cursor()
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []

    yield execute
    connection.close()


@pytest.fixture
def switch_read_only(superuser, db):
    """Switch whether new sessions of the test's database may write, and end those that are open."""
    (name,) = superuser("SELECT current_database()")[0]

    def switch(state):
        superuser(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {state}')

    yield switch
    superuser("SET default_transaction_read_only = off")
    superuser(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')


def write(name, tries=None):
    def run(uow):
        if tries is not None:
            tries.append(name)
        Specialty.create(name=name)

    return run


def end_own_sessions(superuser):
    superuser(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def stored():
    return {row.name for row in Specialty if len(row.name) == 1}


def test_a_connection_that_broke_before_the_unit_is_replaced(runner, superuser):
    runner.run(write("a"), SYSTEM, writes=True)
    for writes in (True, False):
        end_own_sessions(superuser)
        runner.run(write("b" if writes else "c"), SYSTEM, writes=writes)
    assert stored() == {"a", "b", "c"}


def test_a_connection_that_breaks_in_a_write_is_no_reason_to_write_again(runner, superuser):
    tries = []

    def run(uow):
        write("a", tries)(uow)
        end_own_sessions(superuser)
        write("b")(uow)

    with pytest.raises(PeeweeException):
        runner.run(run, SYSTEM, writes=True)
    assert runner.last_outage_at > 0
    runner.run(write("c"), SYSTEM, writes=True)
    assert (tries, stored()) == (["a"], {"c"})


def test_a_read_only_connection_is_replaced_by_one_that_writes(runner, db, superuser, switch_read_only):
    switch_read_only("on")
    db.manual_close()
    tries = []
    with pytest.raises(PeeweeException) as caught:
        runner.run(write("a", tries), SYSTEM, writes=True)
    assert (classify_failure(caught.value), tries) == (Failure.READ_ONLY, ["a"])

    db.connect()  # still a session that may not write
    switch_read_only("off")
    _, outgoing = runner.run(write("b", tries), SYSTEM, writes=True)
    assert (tries, outgoing, stored()) == (["a", "b", "b"], [], {"b"})


def test_a_refused_connection_is_tried_once(db):
    attempts = []

    class Nobody:
        def is_closed(self):
            return True

        def connect(self, reuse_if_open):
            attempts.append(1)
            raise OperationalError("connection refused")

        def manual_close(self):
            pass

    with pytest.raises(OperationalError):
        UnitRunner(Nobody()).run(write("a"), SYSTEM, writes=True)
    assert len(attempts) == 1


def test_a_busy_database_is_waited_for_once(db, backend):
    if backend == "postgresql":
        pytest.skip("SQLite only")
    db.execute_sql("PRAGMA busy_timeout = 1")
    begins = []
    db.connection().set_trace_callback(lambda sql: begins.append(sql) if "BEGIN" in sql else None)
    runner, holder = UnitRunner(db), sqlite3.connect(db.database)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(PeeweeException):
        runner.run(write("a"), SYSTEM, writes=True)
    holder.close()
    assert begins == ["BEGIN IMMEDIATE"]
    runner.run(write("b"), SYSTEM, writes=True)
    assert stored() == {"b"}


def test_a_unit_that_takes_too_long_is_cut_and_its_thread_runs_the_next_one(runner, db, superuser):
    superuser("BEGIN")
    superuser("LOCK TABLE specialties")
    results = []

    def run_in_thread():
        try:
            runner.run(lambda uow: write("a")(uow), SYSTEM, writes=True)
        except PeeweeException as problem:
            results.append(classify_failure(problem))
        superuser("ROLLBACK")
        runner.run(write("b"), SYSTEM, writes=True)
        results.append("free")
        db.close()

    thread = threading.Thread(target=run_in_thread)
    thread.start()
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    while not db.execute_sql(waiting).fetchall():
        assert thread.is_alive()
    assert (runner.cut_units(60), runner.has_running_units()) == (0, True)
    assert (runner.cut_units(), runner.cut_units(), runner.has_running_units()) == (1, 0, False)
    thread.join(20)
    assert (results, stored()) == ([Failure.LOST, "free"], {"b"})


def test_a_closed_runner_refuses_units(runner):
    runner.close()
    with pytest.raises(Unavailable):
        runner.run(write("a"), SYSTEM, writes=True)
    assert stored() == set()
