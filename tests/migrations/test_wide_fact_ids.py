"""Migration 0026 gives facts ids of 64 bits while an older version goes on inserting them, and keeps every one."""

from contextlib import suppress
from importlib import import_module

import psycopg2
import pytest
from playhouse.migrations import Runner

from beneficiate.migrations import MIGRATIONS_DIR
from tests.migrations.test_online import empty, old_writer, postgresql  # noqa: F401
from tests.migrations.watched import INSERT, Interrupted, run_watched

migration = import_module("beneficiate.migrations.0027_wide_fact_ids")
BEFORE = "0025_one_actor_index"
UNCHANGED = "SELECT id, chat_id, kind FROM facts ORDER BY id"


@pytest.fixture
def populated(postgresql, monkeypatch):  # noqa: F811
    """A database of the older version with facts, of which two parts are filled."""
    _, opened = postgresql
    opened.connect()
    Runner(opened, str(MIGRATIONS_DIR)).up(BEFORE)
    for _ in range(5):
        opened.execute_sql(INSERT)
    monkeypatch.setattr(migration, "ROWS_PER_PART", 3)
    return opened


def check_result(opened, count):
    assert [column.data_type for column in opened.get_columns("facts") if column.name == "id"] == ["bigint"]
    ids = [row[0] for row in opened.execute_sql(UNCHANGED).fetchall()]
    assert ids == list(range(1, count + 1))
    opened.execute_sql("SELECT setval('facts_id_seq', 3000000000)")
    assert opened.execute_sql(INSERT).fetchone() == (3_000_000_001,)
    for statement in ("UPDATE facts SET kind = 'x'", "DELETE FROM facts", "TRUNCATE facts"):
        with pytest.raises(Exception, match="facts are not changed"):
            opened.execute_sql(statement)
    assert {index.name for index in opened.get_indexes("facts")} == {
        "facts_pkey", "fact_kind_at", "facts_chat", "facts_appointment", "facts_starting"
    }  # fmt: skip
    assert "wide_id" not in str(opened.get_columns("facts"))


def test_older_version_inserts_facts_after_each_statement(populated, old_writer, monkeypatch):  # noqa: F811
    inserted = []

    def insert(_):
        old_writer.execute(INSERT)
        inserted.append(old_writer.fetchone()[0])
        with pytest.raises(psycopg2.Error, match="facts are not changed"):
            old_writer.execute("UPDATE facts SET chat_id = 8 WHERE id = %s", (inserted[-1],))

    run_watched(migration, populated, monkeypatch, insert, ("ALTER", "CREATE", "UPDATE"))
    assert len(inserted) > 10
    old_writer.execute(INSERT)
    check_result(populated, 5 + len(inserted) + 1)


def test_migration_that_was_interrupted_anywhere_goes_on(populated, monkeypatch):
    interruptions = 0

    def interrupt(number):
        nonlocal interruptions
        if number == interruptions:
            interruptions += 1
            raise Interrupted

    # Each time a statement later, until there are no more.
    for _ in range(20):
        with suppress(Interrupted):
            run_watched(migration, populated, monkeypatch, interrupt, ("ALTER", "CREATE", "UPDATE"))
            break
    assert interruptions > 8
    migration.up(None, populated)
    check_result(populated, 5)
