"""Columns that were added get their default in the database too, so that an older version can insert rows.

Databases made since then have these defaults from the start. In SQLite a default cannot be changed, and there one
process of one version uses the file.
"""

from peewee import PostgresqlDatabase

atomic = False

DEFAULTS = {
    "agents": {"capacity": "5", "availability": "'available'", "reason": "''", "is_automatic": "FALSE"},
    "chats": {"is_front": "FALSE", "bot_muted": "FALSE", "needs_first_reply": "FALSE"},
    "professionals": {
        "schedule_type": "'MANUAL'",
        "duration_minutes": "30",
        "buffer_minutes": "0",
        "confirms_itself": "FALSE",
    },
    "subscriptions": {"part": "0"},
    "tags": {"folded": "''"},
}


def up(migrator, db):
    if not isinstance(db, PostgresqlDatabase):
        return
    for table, columns in DEFAULTS.items():
        changes = ", ".join(f"ALTER COLUMN {name} SET DEFAULT {value}" for name, value in columns.items())
        db.execute_sql(f"ALTER TABLE {table} {changes}")
