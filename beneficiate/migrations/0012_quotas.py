"""What people have used of their quotas."""

from peewee import PostgresqlDatabase

from beneficiate.migrations.online import create_indexes, schema_change

atomic = False

INDEXES = [
    "CREATE UNIQUE INDEX quota_uses_user_id_quota ON quota_uses (user_id, quota)",
    "CREATE INDEX quota_uses_user_id ON quota_uses (user_id)",
    "CREATE INDEX quota_uses_began_at ON quota_uses (began_at)",
]


def up(migrator, db):
    key = "SERIAL PRIMARY KEY" if isinstance(db, PostgresqlDatabase) else "INTEGER NOT NULL PRIMARY KEY"
    with schema_change(db):
        db.execute_sql(
            f"CREATE TABLE IF NOT EXISTS quota_uses (id {key}, "
            "user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE, "
            "quota VARCHAR(16) NOT NULL, used INTEGER NOT NULL, began_at TIMESTAMPTZ NOT NULL)"
        )
        create_indexes(db, INDEXES)
