"""Copies of their data that members asked for; an older version does not know the table."""

from beneficiate.migrations.online import create_indexes, create_tables, schema_change

atomic = False

TABLE = """
CREATE TABLE IF NOT EXISTS data_copies (
    id {serial} NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    status VARCHAR(8) NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    claim VARCHAR(36) NOT NULL,
    claimed_at TIMESTAMPTZ,
    tries INTEGER NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    file_id VARCHAR(36) NOT NULL,
    size {big},
    ready_at TIMESTAMPTZ,
    expires_at TIMESTAMPTZ,
    downloads INTEGER NOT NULL
)
"""
INDEXES = [
    "CREATE INDEX data_copy_user_id ON data_copies (user_id)",
    "CREATE UNIQUE INDEX data_copies_one ON data_copies (user_id) WHERE status = 'PENDING'",
    "CREATE INDEX data_copies_pending ON data_copies (id) WHERE status = 'PENDING'",
    "CREATE INDEX data_copies_file ON data_copies (file_id) WHERE file_id <> ''",
]


def up(migrator, db):
    with schema_change(db):
        create_tables(db, [TABLE])
        create_indexes(db, INDEXES)
