"""Writers of one SQLite file take turns, in one process and between processes."""

import subprocess
import sys
import threading

import pytest
from peewee import OperationalError

from beneficiate.models.base import database, open_database, write_transaction
from beneficiate.models.write_lock import write_lock
from tests.server_process import ROOT

HOLDER = """
import sys
from beneficiate.models.write_lock import write_lock
with write_lock(sys.argv[1]):
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "test.db")


@pytest.fixture
def holder(path):
    """Start another process that holds the lock until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "locked\n"
    yield process
    process.communicate()


def test_lock_is_free_again_after_each_use(path):
    for _ in range(3):
        with write_lock(path, 0):
            pass


def test_lock_is_taken_between_processes(path, holder):
    with pytest.raises(OperationalError, match="locked"), write_lock(path, 0.05):
        pytest.fail("two hold the lock")


def test_lock_is_passed_on_when_its_process_ends(path, holder):
    threading.Timer(0.1, holder.kill).start()
    with write_lock(path):
        assert holder.wait(10) != 0


def test_lock_that_was_given_up_is_not_kept(path):
    with write_lock(path), pytest.raises(OperationalError), write_lock(path, 0.01):
        pytest.fail("two hold the lock")
    with write_lock(path, 10):
        pass


@pytest.fixture
def sqlite(path):
    database.initialize(open_database(f"sqlite:///{path}"))
    yield database.obj
    database.obj.close_all()


def test_transaction_within_a_transaction_needs_no_second_turn(sqlite):
    with sqlite.connection_context(), write_transaction(), write_transaction():
        assert sqlite.in_transaction()


def test_many_threads_write_and_none_is_refused(sqlite):
    with sqlite.connection_context():
        sqlite.execute_sql("CREATE TABLE counter (value INTEGER)")
        sqlite.execute_sql("INSERT INTO counter VALUES (0)")

    def count():
        with sqlite.connection_context():
            for _ in range(20):
                with write_transaction():
                    ((value,),) = sqlite.execute_sql("SELECT value FROM counter").fetchall()
                    sqlite.execute_sql("UPDATE counter SET value = ?", (value + 1,))

    threads = [threading.Thread(target=count) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sqlite.connection_context():
        assert sqlite.execute_sql("SELECT value FROM counter").fetchone() == (12 * 20,)
