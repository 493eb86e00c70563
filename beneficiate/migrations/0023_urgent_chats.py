"""In which span of a chat its member wrote words of an emergency while nobody had answered."""

from beneficiate.migrations.online import add_columns, schema_change

atomic = False


def up(migrator, db):
    with schema_change(db):
        add_columns(db, "chats", {"urgent_span": "INTEGER NOT NULL DEFAULT 0"})
