"""Statements travel together and are prepared once per connection; what a transaction does stays the same."""

import socket
import threading
from contextlib import suppress

import pytest
from peewee import DataError, IntegrityError, OperationalError

from beneficiate.actions.messages import mark_read, send_messages
from beneficiate.models.accounts import User
from beneficiate.models.base import database, open_database, write_transaction
from beneficiate.models.notices import AwayNotice
from beneficiate.models.postgresql import ConnectionGate
from beneficiate.models.professionals import Specialty
from beneficiate.protocol.commands import MarkRead, SendMessage
from beneficiate.unit_of_work import SYSTEM, BatchItem
from beneficiate.unit_runner import UnitRunner
from tests.databases import IS_WAITED_FOR
from tests.factories import agent, member, support_chat

INSERT = "INSERT INTO specialties (name) VALUES (%s::text) RETURNING id"
RENAME = "UPDATE specialties SET name = %s::text WHERE name = %s::text"
DIVIDE = "SELECT 12 / %s::integer"


@pytest.fixture
def backend():
    return "postgresql"


@pytest.fixture(autouse=True)
def _database(db):
    """The models are bound to the database of the test."""


class RecordingCursor:
    """A cursor of the driver that keeps what it sends."""

    def __init__(self, cursor, sent):
        self._cursor, self._sent = cursor, sent

    def execute(self, sql, params=None):
        self._sent.append(sql if isinstance(sql, bytes) else self._cursor.mogrify(sql, params))
        self._cursor.execute(sql, params)

    def __getattr__(self, name):
        return getattr(self._cursor, name)


@pytest.fixture
def sent(monkeypatch):
    """What is sent from now on: an entry is a round trip."""
    texts, cursor = [], database.obj.cursor
    monkeypatch.setattr(database.obj, "cursor", lambda **options: RecordingCursor(cursor(**options), texts))
    return texts


def insert(name):
    return database.execute_prepared(INSERT, (name,)).fetchone()[0]


def rename(old, new):
    database.queue_prepared(RENAME, (new, old))


def fail():
    raise KeyError


def commit(*steps):
    with write_transaction():
        for step, *args in steps:
            step(*args)


def names(*wanted):
    return {row.name for row in Specialty.select().where(Specialty.name.in_(wanted))}


def test_begin_travels_with_the_first_statement_and_the_last_one_with_the_commit(sent):
    with write_transaction():
        insert("una")
        rename("una", "otra")
    assert [text.split(b" ")[0] for text in sent] == [b"BEGIN;PREPARE", b"PREPARE"]
    assert sent[1].endswith(b";COMMIT")
    assert names("una", "otra") == {"otra"}


def test_statement_is_prepared_once_per_connection(sent):
    for name in ("una", "dos"):
        insert(name)
    assert [b"PREPARE" in text for text in sent] == [True, False]
    database.close()
    database.obj.close_idle()
    insert("tres")
    assert b"PREPARE" in sent[-1]


def test_queued_statement_is_seen_by_the_next_one():
    with write_transaction():
        insert("una")
        rename("una", "otra")
        assert names("una", "otra") == {"otra"}


def test_queued_statement_is_executed_at_once_outside_of_a_transaction(sent):
    insert("una")
    rename("una", "otra")
    assert len(sent) == 2
    assert names("una", "otra") == {"otra"}


def test_transaction_without_a_statement_sends_nothing(sent):
    with write_transaction():
        pass
    with pytest.raises(KeyError):
        commit((fail,))
    assert sent == []
    assert not database.has_begun


def test_failed_transaction_leaves_nothing_queued(sent):
    insert("una")
    with pytest.raises(KeyError):
        commit((insert, "dos"), (rename, "una", "otra"), (fail,))
    assert sent[-1] == b"ROLLBACK"
    assert names("una", "dos", "otra") == {"una"}
    assert database.has_begun


@pytest.mark.parametrize("is_first", [True, False])
def test_error_of_a_queued_statement_is_raised_by_the_commit_and_nothing_is_stored(is_first):
    if not is_first:
        commit((insert, "tres"), (rename, "tres", "cuatro"))
    with pytest.raises(IntegrityError):
        commit((insert, "una"), (insert, "dos"), (rename, "dos", "una"))
    assert names("una", "dos") == set()
    assert insert("una")


def test_statement_that_failed_when_it_was_prepared_is_prepared_anew():
    with pytest.raises(DataError):
        database.execute_prepared(DIVIDE, (0,))
    assert [database.execute_prepared(DIVIDE, (by,)).fetchone()[0] for by in (3, 4)] == [4, 3]


def test_savepoint_undoes_what_was_queued_in_it():
    with write_transaction():
        insert("una")
        with database.atomic() as savepoint:
            rename("una", "otra")
            savepoint.rollback()
        assert names("una", "otra") == {"una"}


def test_values_that_the_driver_refuses_leave_the_transaction_as_it_is():
    with write_transaction():
        with pytest.raises(ValueError, match="NUL"):
            insert("a\0b")
        insert("una")
        rename("una", "otra")
        with pytest.raises(ValueError, match="NUL"):
            insert("a\0b")
    assert names("una", "otra") == {"otra"}


def test_each_thread_has_its_own_transaction():
    def rename_elsewhere():
        with write_transaction():
            rename("una", "dos")
        database.close()

    insert("una")
    with write_transaction():
        rename("dos", "tres")
        thread = threading.Thread(target=rename_elsewhere)
        thread.start()
        thread.join()
    assert names("una", "dos", "tres") == {"tres"}


def test_transaction_has_the_isolation_level_of_the_session():
    with pytest.raises(ValueError, match="isolation"), database.atomic("SERIALIZABLE"):
        pass


def test_percent_signs_are_text():
    commit((insert, "50 %"), (rename, "50 %", "100 % %s"))
    assert names("100 % %s") == {"100 % %s"}


def test_statement_after_a_queued_lock_sees_what_was_committed_while_it_waited():
    """One that locked and read at once would see other rows as they were before it waited."""
    una, seen = insert("una"), set()

    def lock_and_read():
        with write_transaction():
            Specialty.queue_lock([una])
            seen.update(names("una", "dos"))
        database.close()

    thread = threading.Thread(target=lock_and_read)
    with write_transaction():
        Specialty.queue_lock([una])
        insert("dos")
        thread.start()
        while not database.execute_sql(IS_WAITED_FOR).fetchone()[0]:
            assert thread.is_alive()
    thread.join()
    assert seen == {"una", "dos"}


def test_rows_are_inserted_with_their_ids_by_the_commit(sent):
    with write_transaction():
        Specialty.queue_insert(("id", "name"), [(901, "una"), (902, "dos")])
        assert sent == []
    assert len(sent) == 1
    assert {row.id for row in Specialty.select().where(Specialty.name.in_(["una", "dos"]))} == {901, 902}


def test_plans_of_prepared_statements_are_kept():
    insert("una")
    for name in "abcdefgh":
        rename("una", name)
    kept = database.execute_sql("SELECT SUM(generic_plans), SUM(custom_plans) FROM pg_prepared_statements").fetchone()
    assert kept == (9, 0)


# ---- A server that takes no connections -----------------------------------------------------------


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_server_that_refuses_is_asked_again_after_a_pause_by_one_thread():
    clock = Clock()
    gate = ConnectionGate(pause_s=0.25, monotonic=clock)
    with pytest.raises(ConnectionError), gate.attempt():
        raise ConnectionError
    clock.now += 0.24
    with pytest.raises(OperationalError, match="a moment ago"), gate.attempt():
        pytest.fail("nobody tries yet")
    clock.now += 0.02
    with gate.attempt(), pytest.raises(OperationalError, match="a moment ago"), gate.attempt():
        pytest.fail("one attempt is enough")
    with gate.attempt(), gate.attempt():
        """The server takes connections: as many as come."""


def test_server_that_starts_again_is_not_flooded_with_connections():
    accepted = 0
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse():
            nonlocal accepted
            with suppress(OSError):
                while True:
                    listener.accept()[0].close()
                    accepted += 1

        refusing = threading.Thread(target=refuse)
        refusing.start()
        starting = open_database(f"postgresql://nobody@127.0.0.1:{listener.getsockname()[1]}/none")
        for _ in range(50):
            with pytest.raises(OperationalError):
                starting.connect()
        listener.shutdown(socket.SHUT_RDWR)
        refusing.join()
    assert 1 <= accepted <= 4  # one attempt of the driver, with and without TLS; a second one on a very slow machine


@pytest.mark.parametrize("is_away", [True, False])
def test_message_of_either_side_takes_two_round_trips_and_reading_it_three(sent, is_away):
    ana, yuliana = member(), agent()
    chat, runner = support_chat(ana, yuliana), UnitRunner(database.obj)
    User.update(online_status=not is_away).where(User.id == ana.id).execute()

    def count(action, who, command):
        sent.clear()
        (result,), _ = runner.run(
            lambda uow: action.function(uow, [BatchItem(who.actor, command)]), SYSTEM, writes=True
        )
        return len(sent), result

    # Statements are prepared and the clock of the database is read the first time.
    for number in range(2):
        trips = [
            count(send_messages, who, SendMessage(chat_id=chat.id, message="Hola", client_id=f"{who.id}-{number}"))
            for who in (ana, yuliana)
        ]
    assert [count for count, _ in trips] == [2, 2]
    assert AwayNotice.select().count() == is_away
    assert count(mark_read, ana, MarkRead(chat_id=chat.id, message_id=trips[1][1].id))[0] == 3
