"""Bitmaps of the words of messages, in segments of consecutive ids, which a periodic job fills.

Two new tables that refer to no other, and a trigger of the index of words, which only the periodic job and deletions
write: no command waits for a lock. Until the job has come to the newest messages they are searched as before.

`changes` counts what was deleted or written anew since the bitmaps of a segment were built: the job builds them again.
"""

from peewee import PostgresqlDatabase

from beneficiate.migrations.online import schema_change

atomic = False

SEGMENTS = """
CREATE TABLE IF NOT EXISTS line_segments (
    first_id INTEGER NOT NULL PRIMARY KEY, end_id INTEGER NOT NULL, changes INTEGER NOT NULL DEFAULT 0
)
"""
WORDS = """
CREATE TABLE IF NOT EXISTS line_segment_words (
    first_id INTEGER NOT NULL REFERENCES line_segments (first_id) ON DELETE CASCADE,
    word {text} NOT NULL,
    lines {bytes} NOT NULL,
    PRIMARY KEY (first_id, word)
){ending}
"""
COUNT_CHANGE = "UPDATE line_segments SET changes = changes + 1 WHERE first_id <= OLD.{id} AND end_id > OLD.{id}"
POSTGRESQL_TRIGGERS = [
    "CREATE OR REPLACE FUNCTION count_segment_change() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN {COUNT_CHANGE.format(id='line_id')}; RETURN NULL; END $$",
    "CREATE OR REPLACE TRIGGER line_words_segment_changed AFTER DELETE ON line_words "
    "FOR EACH ROW EXECUTE FUNCTION count_segment_change()",
]
# The table of words is a virtual one, which has no triggers.
SQLITE_TRIGGERS = [
    f"CREATE TRIGGER IF NOT EXISTS line_segments_{name} AFTER {event} ON chat_lines "
    f"BEGIN {COUNT_CHANGE.format(id='id')}; END"
    for name, event in (("deleted", "DELETE"), ("rewritten", "UPDATE OF message"))
]


def up(migrator, db):
    is_postgresql = isinstance(db, PostgresqlDatabase)
    types = (
        {"text": 'TEXT COLLATE "C"', "bytes": "BYTEA", "ending": ""}
        if is_postgresql
        else {"text": "TEXT", "bytes": "BLOB", "ending": " WITHOUT ROWID"}
    )
    with schema_change(db):
        db.execute_sql(SEGMENTS)
        db.execute_sql(WORDS.format(**types))
        for statement in POSTGRESQL_TRIGGERS if is_postgresql else SQLITE_TRIGGERS:
            db.execute_sql(statement)
