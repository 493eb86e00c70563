"""Finding: words of lines, the lists of the desk; tags that read alike are one, notes that come twice are one.

The words of lines are a table of their own, which a clock fills: PostgreSQL's full-text search with words that were
folded before, SQLite's FTS5. What is deleted or written anew leaves it at once.
"""

from peewee import CharField, PostgresqlDatabase

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

POSTGRESQL = [
    "CREATE TABLE line_words ("
    "line_id INTEGER PRIMARY KEY REFERENCES chat_lines (id) ON DELETE CASCADE, words TSVECTOR NOT NULL)",
    "CREATE INDEX line_words_words ON line_words USING gin (words)",
    "CREATE FUNCTION forget_line_words() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN DELETE FROM line_words WHERE line_id = old.id; RETURN NULL; END $$",
    "CREATE TRIGGER line_words_rewritten AFTER UPDATE OF message ON chat_lines "
    "FOR EACH ROW EXECUTE FUNCTION forget_line_words()",
]
SQLITE = [
    "CREATE VIRTUAL TABLE line_words USING fts5 (said, tokenize = 'unicode61')",
    "CREATE TRIGGER line_words_deleted AFTER DELETE ON chat_lines "
    "BEGIN DELETE FROM line_words WHERE rowid = old.id; END",
    "CREATE TRIGGER line_words_rewritten AFTER UPDATE OF message ON chat_lines "
    "BEGIN DELETE FROM line_words WHERE rowid = old.id; END",
]


def up(migrator, db):
    for table, columns in NEW_COLUMNS.items():
        migrator.migrate(*(migrator.add_column(table, name, field) for name, field in columns.items()))
    for statement in [*STATEMENTS, *(POSTGRESQL if isinstance(db, PostgresqlDatabase) else SQLITE)]:
        db.execute_sql(statement)
