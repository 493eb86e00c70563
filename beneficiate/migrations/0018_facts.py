"""Facts, which figures are counted over, the spans of chats, and a rating for each span.

Facts begin with this migration, apart from what figures of the days after it need: which chats are open, and how each
appointment came to its status. An older version writes none.
"""

from peewee import PostgresqlDatabase

from beneficiate.migrations.online import add_columns, create_indexes, drop_index, schema_change

atomic = False

TABLE = """
CREATE TABLE IF NOT EXISTS facts (id {serial} NOT NULL PRIMARY KEY, at TIMESTAMPTZ NOT NULL, kind VARCHAR(16) NOT NULL,
    detail VARCHAR(16) NOT NULL, chat_id INTEGER, span INTEGER, appointment_id INTEGER, payment_id VARCHAR(36),
    agent_id INTEGER, agent_name TEXT NOT NULL, agent_code VARCHAR(32) NOT NULL, actor_role VARCHAR(16) NOT NULL,
    topic VARCHAR(32) NOT NULL, duration_s INTEGER, value INTEGER, starts_at TIMESTAMPTZ)
"""
INDEXES = [
    "CREATE INDEX fact_kind_at ON facts (kind, at)",
    "CREATE INDEX facts_chat ON facts (chat_id, id) WHERE chat_id IS NOT NULL",
    "CREATE INDEX facts_appointment ON facts (appointment_id, id) WHERE appointment_id IS NOT NULL",
    "CREATE INDEX facts_starting ON facts (starts_at) WHERE starts_at IS NOT NULL",
    "CREATE UNIQUE INDEX rating_chat_id_span ON ratings (chat_id, span)",
]
# One more for each time that a chat was reopened: in all, and before it was rated.
COUNT_SPANS = [
    "UPDATE chats SET span = 1 + (SELECT COUNT(*) FROM chat_events WHERE chat_id = chats.id AND kind = 'reopened') "
    "WHERE span = 1 AND id IN (SELECT chat_id FROM chat_events WHERE kind = 'reopened')",
    "UPDATE ratings SET span = 1 + (SELECT COUNT(*) FROM chat_events WHERE chat_id = ratings.chat_id "
    "AND kind = 'reopened' AND at < ratings.created_at) "
    "WHERE span = 1 AND chat_id IN (SELECT chat_id FROM chat_events WHERE kind = 'reopened')",
]
# One statement, so that nothing is told twice when the migration is run again.
TELL_WHAT_IS = """
INSERT INTO facts (at, kind, detail, chat_id, span, appointment_id, agent_id, agent_name, agent_code, actor_role, topic,
    starts_at)
SELECT at, kind, detail, chat_id, span, appointment_id, agents.id,
    COALESCE(users.first_name || ' ' || users.last_name, ''), COALESCE(agents.agent_code, ''), actor_role, topic,
    starts_at
FROM (
    SELECT COALESCE(assigned_at, awaiting_since, chats.updated_at) AS at,
        CASE chats.status WHEN 'WAITING' THEN 'queued' ELSE 'assigned' END AS kind,
        CASE chats.status WHEN 'WAITING' THEN 'new' ELSE 'given' END AS detail,
        chats.id AS chat_id, span, {null} AS appointment_id, agent_id, {no_user} AS user_id, 'system' AS actor_role,
        COALESCE(topics.code, '') AS topic, {no_time} AS starts_at, 0 AS step
    FROM chats LEFT JOIN topics ON topics.id = chats.topic_id WHERE kind = 'SUPPORT' AND status <> 'CLOSED'
    UNION ALL
    SELECT at, 'appointment', to_status, NULL, NULL, appointment_id, NULL,
        CASE WHEN actor_role IN ('agent', 'supervisor') THEN actor_id END, actor_role, '', starts_at, id
    FROM appointment_changes
) AS known
LEFT JOIN agents ON agents.id = known.agent_id OR agents.user_id = known.user_id
LEFT JOIN users ON users.id = agents.user_id
WHERE NOT EXISTS (SELECT 1 FROM facts)
ORDER BY at, step
"""
POSTGRESQL_TRIGGERS = [
    """
CREATE OR REPLACE FUNCTION refuse_fact_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'facts are not changed' USING ERRCODE = 'restrict_violation';
END $$
""",
    """
CREATE OR REPLACE TRIGGER facts_kept BEFORE UPDATE OR DELETE ON facts
    FOR EACH ROW EXECUTE FUNCTION refuse_fact_changes()
""",
    """
CREATE OR REPLACE TRIGGER facts_not_emptied BEFORE TRUNCATE ON facts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_fact_changes()
""",
]
SQLITE_TRIGGERS = [
    f"CREATE TRIGGER IF NOT EXISTS facts_{name} BEFORE {event} ON facts BEGIN "
    "SELECT RAISE(ABORT, 'facts are not changed'); END"
    for name, event in (("kept", "UPDATE"), ("not_deleted", "DELETE"))
]


def up(migrator, db):
    is_postgresql = isinstance(db, PostgresqlDatabase)
    types = {
        "null": "NULL::integer" if is_postgresql else "NULL",
        "no_user": "NULL::integer" if is_postgresql else "NULL",
        "no_time": "NULL::timestamptz" if is_postgresql else "NULL",
    }
    with schema_change(db):
        db.execute_sql(TABLE.format(serial="SERIAL" if is_postgresql else "INTEGER"))
        for table in ("chats", "ratings"):
            add_columns(db, table, {"span": "INTEGER NOT NULL DEFAULT 1"})
        create_indexes(db, INDEXES)
        # That a chat is rated once is now said of each span.
        drop_index(db, "rating_chat_id")
        for statement in COUNT_SPANS:
            db.execute_sql(statement)
        db.execute_sql(TELL_WHAT_IS.format(**types))
        for statement in POSTGRESQL_TRIGGERS if is_postgresql else SQLITE_TRIGGERS:
            db.execute_sql(statement)
