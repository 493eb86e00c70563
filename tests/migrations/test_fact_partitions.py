"""Migration 0038 makes the table of facts the first partition, while an older version goes on inserting them."""

from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module

import psycopg2
import pytest
from playhouse.migrations import Runner

from beneficiate.migrations import MIGRATIONS_DIR
from tests.migrations.test_online import empty, old_writer, postgresql  # noqa: F401
from tests.migrations.watched import INSERT, Interrupted, run_watched

migration = import_module("beneficiate.migrations.0038_fact_partitions")
BEFORE = "0035_notices"
INDEXES = {
    "facts_pkey": "UNIQUE INDEX facts_pkey ON ONLY public.facts USING btree (id, at)",
    "fact_kind_at": "INDEX fact_kind_at ON ONLY public.facts USING btree (kind, at)",
    "facts_chat": "INDEX facts_chat ON ONLY public.facts USING btree (chat_id, id) WHERE (chat_id IS NOT NULL)",
    "facts_appointment": "INDEX facts_appointment ON ONLY public.facts USING btree (appointment_id, id) "
    "WHERE (appointment_id IS NOT NULL)",
    "facts_starting": "INDEX facts_starting ON ONLY public.facts USING btree (starts_at) WHERE (starts_at IS NOT NULL)",
}


@pytest.fixture
def populated(postgresql):  # noqa: F811
    """A database of the older version with facts."""
    _, opened = postgresql
    opened.connect()
    Runner(opened, str(MIGRATIONS_DIR)).up(BEFORE)
    for _ in range(5):
        opened.execute_sql(INSERT)
    return opened


def fetch(opened, sql):
    return opened.execute_sql(sql).fetchall()


def check_result(opened, count):
    assert [row[0] for row in fetch(opened, "SELECT id FROM facts ORDER BY id")] == list(range(1, count + 1))
    found = fetch(opened, "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'facts'")
    assert {name: text.removeprefix("CREATE ") for name, text in found} == INDEXES
    parts = fetch(opened, "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
                          "WHERE inhparent = 'facts'::regclass ORDER BY relname")  # fmt: skip
    assert len(parts) == 2 + migration.MONTHS_AHEAD
    # Nothing was moved: the rows are in the table that they were in, and no index was built again beside its own.
    (old,) = (name for (name,) in parts if "until" in name)
    assert fetch(opened, f"SELECT count(*) FROM ONLY {old}") == [(count,)]  # noqa: S608
    assert len(fetch(opened, f"SELECT 1 FROM pg_indexes WHERE tablename = '{old}'")) == len(INDEXES)  # noqa: S608
    assert fetch(opened, f"SELECT 1 FROM pg_constraint WHERE conrelid = '{old}'::regclass AND contype = 'c'") == []  # noqa: S608
    for (table,) in [*parts, ("facts",)]:
        statements = [f"TRUNCATE {table}"]
        if table in (old, "facts"):
            statements += [f"UPDATE {table} SET kind = 'x'", f"DELETE FROM {table}"]  # noqa: S608
        for statement in statements:
            with pytest.raises(Exception, match="facts are not changed"):
                opened.execute_sql(statement)
    assert fetch(opened, INSERT) == [(count + 1,)]
    year = datetime.now(UTC).year
    for at in (f"{year + 9}-01-01", f"{year - 9}-01-01"):
        opened.execute_sql(INSERT.replace("now()", f"'{at}'"))
    assert fetch(opened, "SELECT count(*) FROM facts_default") == [(1,)]


def test_older_version_inserts_facts_after_each_statement(populated, old_writer, monkeypatch):  # noqa: F811
    inserted = []

    def insert(_):
        old_writer.execute(INSERT)
        inserted.append(old_writer.fetchone()[0])
        with pytest.raises(psycopg2.Error, match="facts are not changed"):
            old_writer.execute("UPDATE facts SET chat_id = 8 WHERE id = %s", (inserted[-1],))

    old_writer.execute(f"PREPARE old AS {INSERT}")
    run_watched(migration, populated, monkeypatch, insert)
    assert len(inserted) >= 4
    # A plan that the older version has kept writes into the new table.
    old_writer.execute("EXECUTE old")
    check_result(populated, 5 + len(inserted) + 1)


def test_migration_that_was_interrupted_anywhere_goes_on(populated, monkeypatch):
    interruptions = 0

    def fail(*_):
        raise Interrupted

    def interrupt(number):
        nonlocal interruptions
        if number == interruptions:
            interruptions += 1
            raise Interrupted

    # Before the last step, when the new table is there.
    with monkeypatch.context() as patch, suppress(Interrupted):
        patch.setattr(migration, "_swap", fail)
        migration.up(None, populated)
    # Each time a statement later, until there are no more.
    for _ in range(20):
        with suppress(Interrupted):
            run_watched(migration, populated, monkeypatch, interrupt)
            break
    assert interruptions >= 2
    migration.up(None, populated)
    check_result(populated, 5)


def test_migration_that_goes_on_much_later_refuses_no_fact(populated):
    populated.execute_sql(
        "ALTER TABLE facts ADD CONSTRAINT facts_before_2026_08_01 CHECK (at < '2026-08-01') NOT VALID"
    )
    migration.up(None, populated)
    check_result(populated, 5)


def test_whoever_could_read_facts_still_can(populated):
    for statement in (
        "DROP ROLE IF EXISTS accountant_38",
        "CREATE ROLE accountant_38",
        "GRANT SELECT ON facts TO accountant_38",
    ):
        populated.execute_sql(statement)
    migration.up(None, populated)
    assert fetch(populated, "SELECT has_table_privilege('accountant_38', 'facts', 'SELECT')") == [(True,)]
    for statement in ("DROP OWNED BY accountant_38", "DROP ROLE accountant_38"):
        populated.execute_sql(statement)
