"""Deadlines of open chats that are still to be moved; an older version moves all at once, and leaves none."""

from beneficiate.migrations.online import create_tables, schema_change

atomic = False

TABLES = [
    """
CREATE TABLE IF NOT EXISTS deadline_moves (
    id {serial} NOT NULL PRIMARY KEY,
    service_level_id INTEGER REFERENCES service_levels (id) ON DELETE CASCADE,
    last_chat_id INTEGER NOT NULL DEFAULT 0,
    until_chat_id INTEGER NOT NULL
)
"""
]


def up(migrator, db):
    with schema_change(db):
        create_tables(db, TABLES)
