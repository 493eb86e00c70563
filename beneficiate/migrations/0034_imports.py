"""What was imported: rows of the old service, and its password hashes that are left."""

from beneficiate.migrations.online import add_columns, create_indexes, schema_change

atomic = False

TABLE = """
CREATE TABLE IF NOT EXISTS imported_rows (
    kind VARCHAR(24) NOT NULL,
    old_id VARCHAR(64) NOT NULL,
    new_id VARCHAR(36) NOT NULL,
    parts INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, old_id)
)
"""
INDEXES = [
    "CREATE INDEX users_old_hashes ON users (SUBSTR(password_hash, 5, 2)) WHERE substr(password_hash, 1, 2) = '$2'",
]


def up(migrator, db):
    with schema_change(db):
        db.execute_sql(TABLE)
        add_columns(db, "professionals", {"imported_note": "TEXT NOT NULL DEFAULT ''"})
        create_indexes(db, INDEXES)
