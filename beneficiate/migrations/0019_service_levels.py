"""Service levels: what is promised, the deadlines of chats, and a number that counts changes of the business hours.

Without a service level that somebody saved no chat has a deadline. An older version stores messages without moving
deadlines: it knows none.
"""

from peewee import PostgresqlDatabase

from beneficiate.migrations.online import add_columns, create_indexes, schema_change

atomic = False

TABLE = """
CREATE TABLE IF NOT EXISTS service_levels (id {serial} NOT NULL PRIMARY KEY,
    topic_id INTEGER REFERENCES topics (id) ON DELETE CASCADE, version INTEGER NOT NULL,
    is_inherited {boolean} NOT NULL, first_response_s INTEGER, next_response_s INTEGER, resolution_s INTEGER,
    warn_s INTEGER NOT NULL, goal INTEGER NOT NULL, saved_at TIMESTAMPTZ NOT NULL,
    saved_by_id INTEGER REFERENCES users (id) ON DELETE SET NULL)
"""
NEW_COLUMNS = {
    "chats": {
        "replied_span": "INTEGER NOT NULL DEFAULT 0",
        "service_level_id": "INTEGER REFERENCES service_levels (id) ON DELETE SET NULL",
        "response_due_at": "TIMESTAMPTZ",
        "response_warn_at": "TIMESTAMPTZ",
        "resolution_due_at": "TIMESTAMPTZ",
        "resolution_warn_at": "TIMESTAMPTZ",
        "resolution_used_s": "INTEGER NOT NULL DEFAULT 0",
        "alarm_at": "TIMESTAMPTZ",
    },
    "routing": {"hours_revision": "INTEGER NOT NULL DEFAULT 0"},
}
INDEXES = [
    "CREATE UNIQUE INDEX service_levels_version ON service_levels (COALESCE(topic_id, 0), version)",
    "CREATE INDEX chats_alarm ON chats (alarm_at) WHERE alarm_at IS NOT NULL",
]
# Whom the staff has answered since the chat was opened is told by the facts.
COUNT_REPLIES = """
UPDATE chats SET replied_span = span WHERE replied_span <> span AND kind = 'SUPPORT' AND status <> 'CLOSED'
    AND EXISTS (SELECT 1 FROM facts WHERE facts.chat_id = chats.id AND facts.span = chats.span
        AND facts.kind = 'first_reply')
"""
HOURS_TABLES = ("opening_blocks", "opening_exceptions")
_COUNT_REVISION = "UPDATE routing SET hours_revision = hours_revision + 1 WHERE id = 1"
POSTGRESQL_TRIGGERS = [
    f"""
CREATE OR REPLACE FUNCTION count_hours_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {_COUNT_REVISION};
    RETURN NULL;
END $$
""",
    *(
        f"CREATE OR REPLACE TRIGGER {table}_counted AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION count_hours_revision()"
        for table in HOURS_TABLES
    ),
]
SQLITE_TRIGGERS = [
    f"CREATE TRIGGER IF NOT EXISTS {table}_{event.lower()}_counted AFTER {event} ON {table} "
    f"BEGIN {_COUNT_REVISION}; END"
    for table in HOURS_TABLES
    for event in ("INSERT", "UPDATE", "DELETE")
]


def up(migrator, db):
    is_postgresql = isinstance(db, PostgresqlDatabase)
    types = ("SERIAL", "BOOLEAN") if is_postgresql else ("INTEGER", "INTEGER")
    with schema_change(db):
        db.execute_sql(TABLE.format(serial=types[0], boolean=types[1]))
        for table, columns in NEW_COLUMNS.items():
            add_columns(db, table, columns)
        create_indexes(db, INDEXES)
        db.execute_sql(COUNT_REPLIES)
        for statement in POSTGRESQL_TRIGGERS if is_postgresql else SQLITE_TRIGGERS:
            db.execute_sql(statement)
