"""Sessions that end everywhere: the sign-in of a connection, tokens of other issuers, attempts that are under way."""

from beneficiate.migrations.online import add_columns, create_indexes, schema_change

atomic = False

NEW_COLUMNS = {
    "connections": {"sign_in_id": "INTEGER REFERENCES sign_ins (id) ON DELETE SET NULL"},
    "users": {"tokens_valid_after": "TIMESTAMPTZ"},
    "throttles": {"pending": "INTEGER NOT NULL DEFAULT 0", "pending_at": "TIMESTAMPTZ"},
}


def up(migrator, db):
    with schema_change(db):
        for table, columns in NEW_COLUMNS.items():
            add_columns(db, table, columns)
        create_indexes(db, ["CREATE INDEX connections_sign_in_id ON connections (sign_in_id)"])
