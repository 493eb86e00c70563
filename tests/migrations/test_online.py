"""Migrations beside an older version that goes on writing."""

import os
from pathlib import Path

import psycopg2
import pytest
from playhouse.migrations import Runner

from beneficiate import migrations
from beneficiate.migrations import MIGRATIONS_DIR, online, run_migrations
from beneficiate.models.base import database, open_database
from tests.databases import empty_postgresql

FIRST, BEFORE_THE_DESK = "0001_first_tables", "0003_payments"
NAMES = sorted(path.stem for path in Path(MIGRATIONS_DIR).glob("[0-9]*.py"))
OLD_WRITES = [
    "UPDATE users SET last_seen = now() WHERE id = 1",
    "INSERT INTO users (email, password_hash, first_name, last_name, document_type, document_number, phone, is_active,"
    " online_status, created_at) SELECT count(*)::text, '!', 'Ana', 'Uribe', 'CC', (1000 + count(*))::text, '', true,"
    " false, now() FROM users",
    "INSERT INTO agents (user_id, agent_code, status, created_at) SELECT max(id), max(id), 'ACTIVE', now() FROM users",
    "INSERT INTO chats (kind, status, user_id, last_seq, last_line, user_delivered_seq, user_read_seq, user_unread,"
    " other_delivered_seq, other_read_seq, other_unread, created_at, updated_at)"
    " SELECT 'SUPPORT', 'WAITING', max(id), 1, 'hola', 0, 0, 0, 0, 0, 1, now(), now() FROM users",
    "INSERT INTO chat_lines (chat_id, seq, sender_type, sender_id, message, sent_at)"
    " SELECT max(id), 1, 'USER', max(user_id), 'hola', now() FROM chats",
]


@pytest.fixture
def empty(backend, request, tmp_path):
    """An empty database, as its URL and opened."""
    if backend == "sqlite":
        url = f"sqlite:///{tmp_path}/empty.db"
        opened = open_database(url)
        yield url, opened
        opened.close_all()
        return
    with empty_postgresql(request.getfixturevalue("postgresql_url"), f"beneficiate_online_{os.getpid()}") as url:
        opened = open_database(url)
        yield url, opened
        opened.close_all()


@pytest.fixture
def postgresql(backend, empty):
    if backend == "sqlite":
        pytest.skip("SQLite has one writer, and no other version beside it.")
    return empty


@pytest.fixture
def old_writer(postgresql):
    """A connection of the older version, which never waits for a lock: whatever is locked fails at once."""
    connection = psycopg2.connect(postgresql[0], options="-c lock_timeout=1")
    connection.autocommit = True
    yield connection.cursor()
    connection.close()


def columns_of(opened):
    return {table: {column.name: column for column in opened.get_columns(table)} for table in opened.get_tables()}


def test_columns_that_are_added_have_their_default_in_the_database(empty):
    _, opened = empty
    opened.connect()
    runner = Runner(opened, str(MIGRATIONS_DIR))
    runner.up(FIRST)
    before = columns_of(opened)
    for name in NAMES[1:]:
        runner.up(name)
        after = columns_of(opened)
        for table in before:
            added = [column for key, column in after.get(table, {}).items() if key not in before[table]]
            lacking = [column.name for column in added if not column.null and column.default is None]
            assert lacking == [], f"{name}: {table}"
        before = after


def test_older_version_writes_after_each_statement_of_a_migration(postgresql, old_writer, monkeypatch):
    _, opened = postgresql
    opened.connect()
    Runner(opened, str(MIGRATIONS_DIR)).up(BEFORE_THE_DESK)
    executed, original = [], opened.execute_sql

    def execute_sql(sql, params=None, *rest):
        cursor = original(sql, params, *rest)
        if sql.startswith(("ALTER", "CREATE", "DROP")):
            executed.append(sql)
            for statement in OLD_WRITES:
                old_writer.execute(statement)
        return cursor

    monkeypatch.setattr(opened, "execute_sql", execute_sql)
    Runner(opened, str(MIGRATIONS_DIR)).up()
    assert len(executed) > 30
    old_writer.execute("SELECT count(*), bool_or(bot_muted), min(capacity) FROM chats, agents")
    assert old_writer.fetchone() == (len(executed) ** 2, False, 5)


def test_migration_makes_room_while_it_waits_for_a_lock(postgresql, monkeypatch):
    url, opened = postgresql
    opened.connect()
    Runner(opened, str(MIGRATIONS_DIR)).up(BEFORE_THE_DESK)
    opened.execute_sql("SET lock_timeout = 20")
    opened.close()
    reader = psycopg2.connect(url)
    reader.cursor().execute("SELECT count(*) FROM chats")
    pauses = []

    def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 2:
            reader.close()

    monkeypatch.setattr(migrations.time, "sleep", pause)
    database.initialize(opened)
    assert run_migrations(database) == [name for name in NAMES if name > BEFORE_THE_DESK]
    assert pauses == [migrations.LOCK_RETRY_S] * 2


def test_index_whose_building_was_interrupted_is_built_again(postgresql):
    _, opened = postgresql
    opened.connect()
    opened.execute_sql("CREATE TABLE words (word TEXT)")
    opened.execute_sql("INSERT INTO words VALUES ('a'), ('a')")
    statement = "CREATE UNIQUE INDEX words_once ON words (word)"
    with pytest.raises(Exception, match="could not create unique index"):
        online.create_indexes(opened, [statement])
    opened.execute_sql("DELETE FROM words")
    online.create_indexes(opened, [statement])
    online.create_indexes(opened, [statement])
    assert opened.execute_sql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'words_once'::regclass").fetchone()[0]
