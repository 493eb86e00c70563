"""The end of the audit log's chain is known of entries from before it was kept, and of those of an older version."""

from playhouse.migrations import Runner

from beneficiate.migrations import MIGRATIONS_DIR
from tests.migrations.test_online import NAMES, empty  # noqa: F401

MIGRATION = "0040_audit_head"
INSERT = (
    "INSERT INTO audit_entries (at, actor_role, address, what, subject, before, after, reason, position, hash)"
    " VALUES ('2026-11-30 00:00:00+00:00', 'agent', '', 'a', 's', '{{}}', '{{}}', '', {}, '{}')"
)


def test_end_is_that_of_the_entries_and_moves_on_with_them(empty):  # noqa: F811
    _, opened = empty
    opened.connect()
    runner = Runner(opened, str(MIGRATIONS_DIR))
    runner.up(NAMES[NAMES.index(MIGRATION) - 1])
    for position, digest in ((1, "a"), (3, "c"), (2, "b"), ("NULL", "")):
        opened.execute_sql(INSERT.format(position, digest))
    runner.up(MIGRATION)
    found = [opened.execute_sql("SELECT id, position, hash FROM audit_head").fetchall()]
    opened.execute_sql(INSERT.format(4, "d"))
    opened.execute_sql("UPDATE audit_entries SET position = 5, hash = 'e' WHERE position IS NULL")
    found.append(opened.execute_sql("SELECT id, position, hash FROM audit_head").fetchall())
    assert found == [[(1, 3, "c")], [(1, 5, "e")]]
