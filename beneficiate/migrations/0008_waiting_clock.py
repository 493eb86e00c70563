"""Who waits keeps one clock; the time for a first reply runs from delivery; who was set away is told so."""

from beneficiate.migrations.online import add_columns, create_indexes, drop_columns, drop_index, schema_change

atomic = False

NEW_COLUMNS = {
    "chats": {"needs_first_reply": "BOOLEAN NOT NULL DEFAULT FALSE"},
    "agents": {"is_automatic": "BOOLEAN NOT NULL DEFAULT FALSE"},
}

STATEMENTS = [
    # The earlier of when the member wrote and when the chat was queued.
    """
    UPDATE chats SET awaiting_since = CASE
        WHEN awaiting_since < queued_at OR queued_at IS NULL THEN COALESCE(awaiting_since, created_at)
        ELSE queued_at END
    WHERE kind = 'SUPPORT' AND status = 'WAITING'
    """,
    "UPDATE chats SET needs_first_reply = true WHERE reply_due_at IS NOT NULL",
]

INDEXES = [
    "CREATE INDEX chats_waiting ON chats (is_front DESC, awaiting_since, id) "
    "WHERE kind = 'SUPPORT' AND status = 'WAITING'",
]


def up(migrator, db):
    with schema_change(db):
        for table, columns in NEW_COLUMNS.items():
            add_columns(db, table, columns)
        if any(column.name == "queued_at" for column in db.get_columns("chats")):
            for statement in STATEMENTS:
                db.execute_sql(statement)
        drop_index(db, "chats_waiting")
        create_indexes(db, INDEXES)
        drop_columns(db, "chats", ["queued_at", "agent_was_here"])
