"""Rows that any released schema had come through all later migrations, each column with its value or its default."""

from playhouse.migrations import Runner

from beneficiate.migrations import MIGRATIONS_DIR, run_migrations
from beneficiate.models.base import database
from tests.migrations.populated import add_row_to_each_table, read_catalogue, read_rows
from tests.migrations.test_online import NAMES, empty  # noqa: F401

CHANGED = {
    ("0004_desk", "chats", "queued_at"),
    ("0005_search", "tags", "folded"),
    ("0008_waiting_clock", "chats", "awaiting_since"),
    ("0008_waiting_clock", "chats", "needs_first_reply"),
    ("0008_waiting_clock", "chats", "without agent_was_here"),
    ("0008_waiting_clock", "chats", "without queued_at"),
    ("0009_document_numbers", "users", "document_number"),
    ("0009_document_numbers", "beneficiaries", "document_number"),
    ("0010_message_authors", "chat_lines", "sender_name"),
    ("0018_facts", "chats", "span"),
    ("0028_covered_people", "payments", "max_beneficiaries"),
    ("0028_covered_people", "subscriptions", "max_beneficiaries"),
}
"""What migrations are there to change, for these rows; whatever else they changed would be a loss."""


def list_changes(opened, before, after, tables):
    """Yield (table, column) of what old rows have otherwise than before, or otherwise than by default."""
    for table, rows in before.items():
        known = {column for row in rows.values() for column in row}
        added = {name: one.default for name, one in tables[table].columns.items() if name not in known}
        sql = ", ".join(f"{default or 'NULL'} AS {name}" for name, default in added.items())
        values = opened.execute_sql(f"SELECT {sql}").fetchone() if added else ()
        defaults = dict(zip(added, values, strict=True))
        for key, row in rows.items():
            found = after[table][key]
            expected = {column: value for column, value in row.items() if column in found} | defaults
            yield from ((table, column) for column, value in expected.items() if found[column] != value)
            yield from ((table, f"without {column}") for column in row.keys() - found.keys())
        if new := len(after[table]) - len(rows):
            yield table, f"{new:+d} rows"


def test_rows_of_every_schema_come_through_all_later_migrations(empty):  # noqa: F811
    _, opened = empty
    opened.connect()
    runner, changed = Runner(opened, str(MIGRATIONS_DIR)), set()
    runner.up(NAMES[0])
    tables = read_catalogue(opened)
    for number, name in enumerate(NAMES[1:]):
        add_row_to_each_table(opened, tables, number)
        before = read_rows(opened, tables)
        assert all(before.values())
        runner.up(name)
        later = read_catalogue(opened)
        # By the keys that the rows had.
        for table in tables:
            later[table].key = tables[table].key
        changed |= {(name, *change) for change in list_changes(opened, before, read_rows(opened, later), later)}
        tables = read_catalogue(opened)
    assert changed == CHANGED
    opened.close()
    database.initialize(opened)
    assert run_migrations(database) == []
    opened.connect()
    before = read_rows(opened, tables)
    opened.close()
    assert run_migrations(database) == []
    opened.connect()
    assert read_rows(opened, tables) == before
