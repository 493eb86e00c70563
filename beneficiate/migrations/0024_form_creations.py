"""What forms of the administration have created."""

from peewee import PostgresqlDatabase

from beneficiate.migrations.online import create_indexes, schema_change

atomic = False

INDEXES = [
    "CREATE UNIQUE INDEX formcreation_user_id_key ON form_creations (user_id, key)",
    "CREATE INDEX formcreation_created_at ON form_creations (created_at)",
]


def up(migrator, db):
    key = "SERIAL PRIMARY KEY" if isinstance(db, PostgresqlDatabase) else "INTEGER NOT NULL PRIMARY KEY"
    with schema_change(db):
        db.execute_sql(
            f"CREATE TABLE IF NOT EXISTS form_creations (id {key}, "
            "user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE, "
            "key VARCHAR(64) NOT NULL, row_id INTEGER NOT NULL DEFAULT 0, created_at TIMESTAMPTZ NOT NULL)"
        )
        create_indexes(db, INDEXES)
