"""Messages keep the name of their author, and can be recalled; chats show the last message of a person.

Not one transaction: adding a column locks the whole table until its transaction ends, and filling it takes minutes on a
large one. It may be run again after it was interrupted.
"""

atomic = False

BATCH_SIZE = 5_000
COLUMNS = {"sender_name": "TEXT NOT NULL DEFAULT ''", "recalled_at": "TIMESTAMPTZ"}
FILL = {
    "chat_lines": """
        UPDATE chat_lines SET sender_name = COALESCE((
            SELECT first_name || ' ' || last_name FROM users WHERE id = CASE sender_type
                WHEN 'AGENT' THEN (SELECT user_id FROM agents WHERE agents.id = chat_lines.sender_id)
                ELSE chat_lines.sender_id END), '')
        WHERE sender_type IN ('USER', 'AGENT') AND sender_name = '' AND id BETWEEN {first} AND {last}
    """,
    "chats": """
        UPDATE chats SET last_line = COALESCE((
            SELECT message FROM chat_lines WHERE chat_id = chats.id AND sender_type <> 'SYSTEM'
            ORDER BY seq DESC LIMIT 1), '')
        WHERE id BETWEEN {first} AND {last}
    """,
}


def up(migrator, db):
    present = {column.name for column in db.get_columns("chat_lines")}
    for name, kind in COLUMNS.items():
        if name not in present:
            db.execute_sql(f"ALTER TABLE chat_lines ADD COLUMN {name} {kind}")
    for table, statement in FILL.items():
        (newest,) = db.execute_sql(f"SELECT COALESCE(MAX(id), 0) FROM {table}").fetchone()  # noqa: S608
        for first in range(1, newest + 1, BATCH_SIZE):
            db.execute_sql(statement.format(first=first, last=first + BATCH_SIZE - 1))
