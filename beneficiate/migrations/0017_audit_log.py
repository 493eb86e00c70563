"""The supervisors' page of the audit log: indexes for its filters, how far the chain of hashes was verified, and since
when it is recorded who opens the data of members."""

from datetime import UTC, datetime

from peewee import PostgresqlDatabase

from beneficiate.migrations.online import create_indexes, schema_change

atomic = False

TABLE = """
CREATE TABLE IF NOT EXISTS audit_state (
    id INTEGER NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL DEFAULT 0,
    hash VARCHAR(64) NOT NULL DEFAULT '',
    verified_at TIMESTAMPTZ,
    broken_position INTEGER,
    broken_reason VARCHAR(16) NOT NULL DEFAULT '',
    again_position INTEGER NOT NULL DEFAULT 0,
    again_hash VARCHAR(64) NOT NULL DEFAULT '',
    views_since TIMESTAMPTZ
)
"""
INDEXES = [
    "CREATE INDEX audit_entries_actor ON audit_entries (actor_id, id) WHERE actor_id IS NOT NULL",
    "CREATE INDEX audit_entries_actor_name ON audit_entries (actor_id, actor_name) WHERE actor_id IS NOT NULL",
    "CREATE INDEX audit_entries_what ON audit_entries (what, id)",
    "CREATE INDEX audit_entries_person_what ON audit_entries (person_id, what, id) WHERE person_id IS NOT NULL",
]


def up(migrator, db):
    with schema_change(db):
        db.execute_sql(TABLE)
        create_indexes(db, INDEXES)
        mark = "%s" if isinstance(db, PostgresqlDatabase) else "?"
        now = datetime.now(UTC).isoformat(sep=" ", timespec="microseconds")
        db.execute_sql(f"INSERT INTO audit_state (id, views_since) VALUES (1, {mark}) ON CONFLICT DO NOTHING", (now,))  # noqa: S608
