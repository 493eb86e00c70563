"""What the server says of a session, and what is known of it here, at the instants that matter."""

import threading
from contextlib import closing

import psycopg2
import pytest
from peewee import OperationalError, SqliteDatabase

from beneficiate.models.base import open_database
from beneficiate.models.silent_connections import (
    ServerSession,
    ask_sessions,
    end_session,
    find_awaited_session,
    has_own_sessions,
)


@pytest.fixture
def backend():
    return "postgresql"


@pytest.fixture
def connection(db, database_url):
    with closing(psycopg2.connect(database_url)) as opened:
        yield opened


def execute(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def ask(db, connection):
    pid = connection.get_backend_pid()
    return ask_sessions(db, [pid])[pid]


def ask_once_it_waits(db, connection):
    """The answer may be here before the session waits for the next statement."""
    while not (seen := ask(db, connection)).waits_for_us:
        pass
    return seen


def test_a_session_without_a_statement_waits_for_us_and_nobody_for_it(db, connection):
    execute(connection, "SELECT 1")
    seen = ask_once_it_waits(db, connection)
    assert find_awaited_session(connection) is None
    assert ask(db, connection) == seen
    execute(connection, "SELECT 1")
    later = ask_once_it_waits(db, connection)
    assert (later.started_at, later.changed_at != seen.changed_at) == (seen.started_at, True)


def test_a_session_that_works_does_not_wait_for_us(db, connection):
    pid = connection.get_backend_pid()
    with closing(psycopg2.connect(connection.dsn)) as holder:
        execute(holder, "SELECT pg_advisory_lock(56)")
        thread = threading.Thread(target=execute, args=(connection, "SELECT pg_advisory_xact_lock(56)"))
        thread.start()
        while ask(db, connection).waits_for_us:
            assert thread.is_alive()
        assert find_awaited_session(connection) == pid
    thread.join()
    assert find_awaited_session(connection) is None


def test_a_session_that_is_ended_is_gone_and_another_one_with_its_number_is_not_ended(db, connection):
    seen = ask(db, connection)
    end_session(db, ServerSession(seen.pid, started_at=seen.changed_at))
    execute(connection, "SELECT 1")
    end_session(db, ask(db, connection))
    while ask(db, connection) != ServerSession(seen.pid):
        pass
    assert ask(db, connection) == ServerSession(seen.pid)
    end_session(db, ServerSession(seen.pid))
    with pytest.raises(psycopg2.OperationalError):
        execute(connection, "SELECT 1")
    connection.close()
    assert find_awaited_session(connection) is None


def test_only_sessions_of_our_own_can_be_asked_for(db):
    assert has_own_sessions(db)
    assert not has_own_sessions(open_database("postgresql://127.0.0.1:1/nobody", pooler="transaction"))
    assert not has_own_sessions(SqliteDatabase(":memory:"))


def test_a_server_that_is_not_there_is_a_failure_of_the_database():
    with pytest.raises(OperationalError):
        ask_sessions(open_database("postgresql://127.0.0.1:1/nobody"), [1])
