"""A unit runs again only when it had no effect; connections that are broken or read-only are replaced."""

import asyncio
import sqlite3
import threading

import psycopg2
import pytest
from peewee import OperationalError, PeeweeException

from beneficiate.errors import Unavailable
from beneficiate.models.base import database, open_database
from beneficiate.models.failures import Failure, classify_failure
from beneficiate.models.professionals import Specialty
from beneficiate.unit_of_work import SYSTEM
from beneficiate.unit_runner import SILENT_ANSWERS, UnitRunner
from tests.silent_proxy import SilentProxy

SESSIONS = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND "
IS_HELD = SESSIONS + "state = 'idle in transaction'"
IS_UNDER_WAY = SESSIONS + "wait_event IN ('PgSleep', 'advisory')"


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
    results, may_go_on = [], threading.Event()

    def run_in_thread():
        try:
            runner.run(lambda uow: write("a")(uow), SYSTEM, writes=True)
        except PeeweeException as problem:
            results.append(classify_failure(problem))
        superuser("ROLLBACK")
        may_go_on.wait(20)
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
    may_go_on.set()
    thread.join(20)
    assert (results, stored()) == ([Failure.LOST, "free"], {"b"})


@pytest.fixture
def silent_proxy(database_url, postgresql, io_loop):
    """The models bound to PostgreSQL behind a proxy, which runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    proxy = asyncio.run_coroutine_threadsafe(SilentProxy(database_url).start(), loop).result(10)
    database.initialize(open_database(proxy.url))
    yield proxy
    database.obj.close_all()
    asyncio.run_coroutine_threadsafe(proxy.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


class RunningUnit:
    """A unit that runs in a thread of its own, on a connection that has been used before."""

    def __init__(self, runner, run, writes=True):
        self._runner, self._run, self._writes = runner, run, writes
        self.may_go_on, self.has_connected, self.results = threading.Event(), threading.Event(), []
        self._thread = threading.Thread(target=self._run_in_thread, daemon=True)
        self._thread.start()
        self.has_connected.wait(10)

    def drop_silent(self):
        """Ask again and again, as the store does, until its connection is dropped."""
        while not self._runner.drop_silent_connections():
            assert self._thread.is_alive()

    def end(self):
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.results

    def _run_in_thread(self):
        self._runner.run(lambda uow: None, SYSTEM, writes=False)
        self.has_connected.set()
        self.may_go_on.wait(10)
        try:
            self.results.append(self._runner.run(self._run, SYSTEM, writes=self._writes)[0])
        except PeeweeException as problem:
            self.results.append(classify_failure(problem))
        database.obj.close()


@pytest.mark.parametrize("writes", [False, True])
def test_a_connection_that_fell_silent_is_dropped_and_the_unit_runs_again(silent_proxy, superuser, writes):
    runner, tries = UnitRunner(database.obj), []

    def run(uow):
        tries.append(1)
        return Specialty.create(name="a").name if writes else Specialty.select().exists()

    unit = RunningUnit(runner, run, writes)
    silent_proxy.silence()
    unit.may_go_on.set()
    unit.drop_silent()
    assert unit.end() == ["a" if writes else True]
    assert (len(tries), runner.last_outage_at) == (2, float("-inf"))


def test_a_connection_that_fell_silent_within_a_transaction_frees_its_rows_and_writes_nothing(silent_proxy, superuser):
    runner, tries = UnitRunner(database.obj), []

    def run(uow):
        write("a", tries)(uow)
        silent_proxy.silence()
        write("b", tries)(uow)

    unit = RunningUnit(runner, run)
    unit.may_go_on.set()
    unit.drop_silent()
    assert (unit.end(), tries) == ([Failure.LOST], ["a", "b"])
    # Before PostgreSQL would have ended the transaction itself.
    while superuser(IS_HELD):
        pass
    assert stored() == set()
    runner.run(write("c"), SYSTEM, writes=True)
    assert stored() == {"c"}


def test_a_unit_whose_commit_was_sent_is_not_run_again(silent_proxy, superuser):
    runner, tries = UnitRunner(database.obj), []

    def run(uow):
        tries.append(1)
        # It travels with the commit: no statement has been answered by then.
        Specialty.queue_insert(("id", "name"), [(9001, "a")])
        silent_proxy.silence()

    unit = RunningUnit(runner, run)
    unit.may_go_on.set()
    unit.drop_silent()
    assert (unit.end(), tries) == ([Failure.LOST], [1])


@pytest.mark.parametrize("statement", ["SELECT pg_sleep(1)", "SELECT pg_advisory_xact_lock(7)"])
def test_a_statement_that_is_only_slow_is_not_given_up(runner, db, superuser, statement):
    superuser("SELECT pg_advisory_lock(7)")
    unit = RunningUnit(runner, lambda uow: db.execute_sql(statement) and "done")
    unit.may_go_on.set()
    while not superuser(IS_UNDER_WAY):
        pass
    assert [runner.drop_silent_connections() for _ in range(2 * SILENT_ANSWERS)] == [0] * 6
    superuser("SELECT pg_advisory_unlock(7)")
    assert unit.end() == ["done"]


def test_a_session_that_the_server_never_knew_is_not_given_up(runner, db, superuser, monkeypatch):
    """The number is that of a pooler, or the question went to another server of the same name."""
    monkeypatch.setattr("beneficiate.unit_runner.find_awaited_session", lambda connection: 2**31 - 1)
    unit = RunningUnit(runner, lambda uow: db.execute_sql("SELECT pg_advisory_xact_lock(7)") and "done")
    superuser("SELECT pg_advisory_lock(7)")
    unit.may_go_on.set()
    while not superuser(IS_UNDER_WAY):
        pass
    assert [runner.drop_silent_connections() for _ in range(2 * SILENT_ANSWERS)] == [0] * 6
    superuser("SELECT pg_advisory_unlock(7)")
    assert unit.end() == ["done"]


def test_a_unit_that_takes_its_time_between_two_statements_is_not_given_up(runner, db, superuser):
    may_end, has_written = threading.Event(), threading.Event()

    def run(uow):
        write("a")(uow)
        has_written.set()
        may_end.wait(10)
        write("b")(uow)
        return "done"

    unit = RunningUnit(runner, run)
    unit.may_go_on.set()
    has_written.wait(10)
    assert [runner.drop_silent_connections() for _ in range(2 * SILENT_ANSWERS)] == [0] * 6
    may_end.set()
    assert (unit.end(), stored()) == (["done"], {"a", "b"})


def test_nothing_is_asked_of_a_database_that_does_not_answer(silent_proxy, superuser):
    runner = UnitRunner(database.obj)
    unit = RunningUnit(runner, lambda uow: Specialty.select().count(), writes=False)
    silent_proxy.silence()
    silent_proxy.is_silent_for_new = True
    unit.may_go_on.set()
    while not runner.has_running_units():
        pass
    assert runner.drop_silent_connections() == 0
    runner.cut_units()
    assert unit.end() == [Failure.LOST]


def test_a_closed_runner_refuses_units(runner):
    runner.close()
    with pytest.raises(Unavailable):
        runner.run(write("a"), SYSTEM, writes=True)
    assert stored() == set()
