"""Finding: tags that read alike are one, notes that come twice are one, the lists of the desk."""

from peewee import CharField

TAG_CHARS = 64
NEW_COLUMNS = {
    "notes": {"client_id": CharField(null=True, max_length=64)},
    "tags": {"folded": CharField(max_length=TAG_CHARS, default="")},
}

STATEMENTS = [
    # Nobody could make a tag before this; one that was made by hand keeps its name.
    "UPDATE tags SET folded = lower(name)",
    "CREATE UNIQUE INDEX tags_folded ON tags (folded)",
    "CREATE UNIQUE INDEX notes_once ON notes (chat_id, author_id, client_id) WHERE client_id IS NOT NULL",
    "DROP INDEX chats_support",
    "CREATE INDEX chats_open ON chats (updated_at, id) WHERE kind = 'SUPPORT' AND status <> 'CLOSED'",
    "CREATE INDEX chats_closed ON chats (updated_at, id) WHERE kind = 'SUPPORT' AND status = 'CLOSED'",
]


def up(migrator, db):
    for table, columns in NEW_COLUMNS.items():
        migrator.migrate(*(migrator.add_column(table, name, field) for name, field in columns.items()))
    for statement in STATEMENTS:
        db.execute_sql(statement)
