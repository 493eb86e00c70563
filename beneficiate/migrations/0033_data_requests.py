"""Requests of people about their personal data, and what happened to each."""

from beneficiate.migrations.online import create_indexes, create_tables, schema_change

atomic = False

TABLES = [
    """
CREATE TABLE IF NOT EXISTS data_requests (
    id {serial} NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    filed_by_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    assignee_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    kind VARCHAR(16) NOT NULL,
    subject VARCHAR(16) NOT NULL DEFAULT '',
    text TEXT NOT NULL,
    state VARCHAR(20) NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    counted_from DATE NOT NULL,
    due_on DATE NOT NULL,
    first_due_on DATE,
    asked_at TIMESTAMPTZ,
    decision VARCHAR(16) NOT NULL DEFAULT '',
    answer TEXT NOT NULL DEFAULT '',
    closed_at TIMESTAMPTZ,
    warned_at TIMESTAMPTZ,
    breached_at TIMESTAMPTZ,
    version INTEGER NOT NULL DEFAULT 1
)
""",
    """
CREATE TABLE IF NOT EXISTS data_request_events (
    id {serial} NOT NULL PRIMARY KEY,
    request_id INTEGER NOT NULL REFERENCES data_requests (id) ON DELETE CASCADE,
    kind VARCHAR(16) NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    actor_name VARCHAR(255) NOT NULL DEFAULT '',
    actor_role VARCHAR(16) NOT NULL,
    text TEXT NOT NULL DEFAULT ''
)
""",
]
INDEXES = [
    "CREATE INDEX data_request_user_id_id ON data_requests (user_id, id)",
    "CREATE INDEX data_request_filed_by_id_id ON data_requests (filed_by_id, id)",
    "CREATE INDEX data_request_due_on_id ON data_requests (due_on, id)",
    "CREATE INDEX data_requests_open ON data_requests (due_on, id) WHERE closed_at IS NULL",
    "CREATE INDEX data_request_event_request_id ON data_request_events (request_id)",
]


def up(migrator, db):
    with schema_change(db):
        create_tables(db, TABLES)
        create_indexes(db, INDEXES)
