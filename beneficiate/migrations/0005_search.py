"""Finding: words of lines, the lists of the desk; tags that read alike are one, notes that come twice are one.

The words of lines are a table of their own, which a clock fills: PostgreSQL's full-text search with words that were
folded before, SQLite's FTS5. What is deleted or written anew leaves it at once.
"""

from peewee import PostgresqlDatabase

from beneficiate.migrations.online import add_columns, create_indexes, drop_index, schema_change

atomic = False

NEW_COLUMNS = {
    "notes": {"client_id": "VARCHAR(64)"},
    "tags": {"folded": "VARCHAR(64) NOT NULL DEFAULT ''"},
}

INDEXES = [
    "CREATE UNIQUE INDEX tags_folded ON tags (folded)",
    "CREATE UNIQUE INDEX notes_once ON notes (chat_id, author_id, client_id) WHERE client_id IS NOT NULL",
    "CREATE INDEX chats_open ON chats (updated_at, id) WHERE kind = 'SUPPORT' AND status <> 'CLOSED'",
    "CREATE INDEX chats_closed ON chats (updated_at, id) WHERE kind = 'SUPPORT' AND status = 'CLOSED'",
]

POSTGRESQL = [
    "CREATE TABLE IF NOT EXISTS line_words ("
    "line_id INTEGER PRIMARY KEY REFERENCES chat_lines (id) ON DELETE CASCADE, words TSVECTOR NOT NULL)",
    "CREATE INDEX IF NOT EXISTS line_words_words ON line_words USING gin (words)",
    "CREATE OR REPLACE FUNCTION forget_line_words() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN DELETE FROM line_words WHERE line_id = old.id; RETURN NULL; END $$",
    "CREATE OR REPLACE TRIGGER line_words_rewritten AFTER UPDATE OF message ON chat_lines "
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
    with schema_change(db):
        for table, columns in NEW_COLUMNS.items():
            add_columns(db, table, columns)
        # Nobody could make a tag before this; one that was made by hand keeps its name.
        db.execute_sql("UPDATE tags SET folded = lower(name) WHERE folded = ''")
        drop_index(db, "chats_support")
        create_indexes(db, INDEXES)
        for statement in POSTGRESQL if isinstance(db, PostgresqlDatabase) else SQLITE:
            db.execute_sql(statement)
