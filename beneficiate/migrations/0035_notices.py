"""Notices to people who are away: what they want, their browsers, what is due, pushes and e-mails."""

from beneficiate.migrations.online import create_indexes, create_tables, schema_change

atomic = False

TABLES = [
    """
CREATE TABLE IF NOT EXISTS notice_preferences (
    id {serial} NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    switched_off TEXT NOT NULL DEFAULT '',
    quiet_from INTEGER NOT NULL,
    quiet_until INTEGER NOT NULL
)
""",
    """
CREATE TABLE IF NOT EXISTS push_subscriptions (
    id {serial} NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    sign_in_id INTEGER NOT NULL REFERENCES sign_ins (id) ON DELETE CASCADE,
    endpoint TEXT NOT NULL,
    endpoint_hash VARCHAR(64) NOT NULL,
    p256dh VARCHAR(96) NOT NULL,
    auth VARCHAR(32) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
)
""",
    """
CREATE TABLE IF NOT EXISTS away_notices (
    id {serial} NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind VARCHAR(16) NOT NULL,
    key VARCHAR(128) NOT NULL,
    subject_id INTEGER,
    version INTEGER,
    created_at TIMESTAMPTZ NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    done_at TIMESTAMPTZ
)
""",
    """
CREATE TABLE IF NOT EXISTS push_messages (
    id {serial} NOT NULL PRIMARY KEY,
    notice_id INTEGER NOT NULL REFERENCES away_notices (id) ON DELETE CASCADE,
    subscription_id INTEGER NOT NULL REFERENCES push_subscriptions (id) ON DELETE CASCADE,
    due_at TIMESTAMPTZ NOT NULL,
    done_at TIMESTAMPTZ,
    tries INTEGER NOT NULL DEFAULT 0
)
""",
    """
CREATE TABLE IF NOT EXISTS notice_emails (
    id {serial} NOT NULL PRIMARY KEY,
    notice_id INTEGER NOT NULL REFERENCES away_notices (id) ON DELETE CASCADE,
    count INTEGER NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL,
    claimed_at TIMESTAMPTZ,
    sent_at TIMESTAMPTZ,
    tries INTEGER NOT NULL DEFAULT 0
)
""",
]
INDEXES = [
    "CREATE UNIQUE INDEX notice_preferences_user_id ON notice_preferences (user_id)",
    "CREATE INDEX push_subscription_user_id ON push_subscriptions (user_id)",
    "CREATE INDEX push_subscription_sign_in_id ON push_subscriptions (sign_in_id)",
    "CREATE UNIQUE INDEX push_subscription_endpoint_hash ON push_subscriptions (endpoint_hash)",
    "CREATE INDEX away_notice_user_id ON away_notices (user_id)",
    "CREATE UNIQUE INDEX away_notice_key ON away_notices (key)",
    "CREATE INDEX away_notice_created_at ON away_notices (created_at)",
    "CREATE INDEX away_notices_due ON away_notices (due_at) WHERE done_at IS NULL",
    "CREATE UNIQUE INDEX push_message_notice_id_subscription_id ON push_messages (notice_id, subscription_id)",
    "CREATE INDEX push_message_notice_id ON push_messages (notice_id)",
    "CREATE INDEX push_message_subscription_id ON push_messages (subscription_id)",
    "CREATE INDEX push_messages_due ON push_messages (due_at) WHERE done_at IS NULL",
    "CREATE UNIQUE INDEX notice_email_notice_id ON notice_emails (notice_id)",
    "CREATE INDEX notice_emails_unsent ON notice_emails (id) WHERE sent_at IS NULL",
]


def up(migrator, db):
    with schema_change(db):
        create_tables(db, TABLES)
        create_indexes(db, INDEXES)
