"""What people have used of their quotas."""

from peewee import PostgresqlDatabase

STATEMENTS = [
    "CREATE UNIQUE INDEX quota_uses_user_id_quota ON quota_uses (user_id, quota)",
    "CREATE INDEX quota_uses_user_id ON quota_uses (user_id)",
    "CREATE INDEX quota_uses_began_at ON quota_uses (began_at)",
]


def up(migrator, db):
    key = "SERIAL PRIMARY KEY" if isinstance(db, PostgresqlDatabase) else "INTEGER NOT NULL PRIMARY KEY"
    db.execute_sql(
        f"CREATE TABLE quota_uses (id {key}, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE, "
        "quota VARCHAR(16) NOT NULL, used INTEGER NOT NULL, began_at TIMESTAMPTZ NOT NULL)"
    )
    for statement in STATEMENTS:
        db.execute_sql(statement)
