"""Erasures of members' data, and what people wrote in the audit log, kept apart from its entries.

An older version writes such texts into the entries themselves, where they stay.
"""

from beneficiate.migrations.online import create_indexes, create_tables, schema_change

atomic = False

TABLES = [
    """
CREATE TABLE IF NOT EXISTS erasures (
    id {serial} NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    state VARCHAR(9) NOT NULL,
    code VARCHAR(24) NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    waits_for VARCHAR(8) NOT NULL DEFAULT '',
    closed_at TIMESTAMPTZ,
    erased_at TIMESTAMPTZ,
    counts TEXT NOT NULL DEFAULT '{{}}',
    owner_hash VARCHAR(64) NOT NULL DEFAULT '',
    kept_until TIMESTAMPTZ,
    email VARCHAR(255) NOT NULL DEFAULT ''
)
""",
    """
CREATE TABLE IF NOT EXISTS erasure_emails (
    id {serial} NOT NULL PRIMARY KEY,
    erasure_id INTEGER NOT NULL REFERENCES erasures (id) ON DELETE CASCADE,
    email VARCHAR(255) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    claimed_at TIMESTAMPTZ,
    sent_at TIMESTAMPTZ,
    tries INTEGER NOT NULL DEFAULT 0
)
""",
    """
CREATE TABLE IF NOT EXISTS audit_texts (
    position INTEGER NOT NULL PRIMARY KEY,
    person_id INTEGER NOT NULL,
    salt VARCHAR(64) NOT NULL,
    texts TEXT NOT NULL
)
""",
]
INDEXES = [
    "CREATE INDEX erasure_user_id ON erasures (user_id)",
    "CREATE UNIQUE INDEX erasure_code ON erasures (code)",
    "CREATE UNIQUE INDEX erasures_one_open ON erasures (user_id) WHERE state IN ('REQUESTED', 'ERASING')",
    "CREATE INDEX erasures_due ON erasures (due_at) WHERE state IN ('REQUESTED', 'ERASING')",
    "CREATE INDEX erasures_owner ON erasures (owner_hash) WHERE owner_hash <> ''",
    "CREATE UNIQUE INDEX erasure_email_erasure_id ON erasure_emails (erasure_id)",
    "CREATE INDEX audit_text_person_id ON audit_texts (person_id)",
]


def up(migrator, db):
    with schema_change(db):
        create_tables(db, TABLES)
        create_indexes(db, INDEXES)
