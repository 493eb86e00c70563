"""Who waits keeps one clock; the time for a first reply runs from delivery; who was set away is told so."""

from peewee import BooleanField

NEW_COLUMNS = {
    "chats": {"needs_first_reply": BooleanField(default=False)},
    "agents": {"is_automatic": BooleanField(default=False)},
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
    "DROP INDEX chats_waiting",
    "CREATE INDEX chats_waiting ON chats (is_front DESC, awaiting_since, id) "
    "WHERE kind = 'SUPPORT' AND status = 'WAITING'",
    "ALTER TABLE chats DROP COLUMN queued_at",
    "ALTER TABLE chats DROP COLUMN agent_was_here",
]


def up(migrator, db):
    for table, columns in NEW_COLUMNS.items():
        migrator.migrate(*(migrator.add_column(table, name, field) for name, field in columns.items()))
    for statement in STATEMENTS:
        db.execute_sql(statement)
