"""Versions of what supervisors edit, so that nobody overwrites what somebody else has just saved; specialties that are
no longer offered; invitations of the staff."""

from peewee import PostgresqlDatabase

from beneficiate.migrations.online import add_columns, create_indexes, schema_change

atomic = False

EDITED_TABLES = ("agents", "topics", "canned_replies", "plans", "specialties", "professionals")
TABLE = """
CREATE TABLE IF NOT EXISTS invitations (
    id {serial} NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    email VARCHAR(255) NOT NULL,
    token_hash VARCHAR(64) NOT NULL DEFAULT '',
    expires_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    claimed_at TIMESTAMPTZ,
    sent_at TIMESTAMPTZ,
    tries INTEGER NOT NULL DEFAULT 0
)
"""
INDEXES = [
    "CREATE UNIQUE INDEX staff_invitation_user_id ON invitations (user_id)",
    "CREATE INDEX invitations_token ON invitations (token_hash) WHERE token_hash <> ''",
]


def up(migrator, db):
    with schema_change(db):
        for table in EDITED_TABLES:
            add_columns(db, table, {"version": "INTEGER NOT NULL DEFAULT 1"})
        # True is 1 in SQLite too, from 3.23 on.
        add_columns(db, "specialties", {"is_active": "BOOLEAN NOT NULL DEFAULT TRUE"})
        db.execute_sql(TABLE.format(serial="SERIAL" if isinstance(db, PostgresqlDatabase) else "INTEGER"))
        create_indexes(db, INDEXES)
