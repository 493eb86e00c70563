"""The second factor of the staff, and sign-ins that wait for it; throttles that are kept for longer."""

from peewee import PostgresqlDatabase

from beneficiate.migrations.online import add_columns, create_indexes, schema_change

atomic = False

TABLES = [
    """
CREATE TABLE IF NOT EXISTS second_factors (
    id {serial} NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    secret TEXT NOT NULL,
    last_step INTEGER NOT NULL DEFAULT 0,
    recovered_by_id INTEGER REFERENCES sign_ins (id) ON DELETE SET NULL,
    created_at TIMESTAMPTZ NOT NULL
)
""",
    """
CREATE TABLE IF NOT EXISTS recovery_codes (
    id {serial} NOT NULL PRIMARY KEY,
    factor_id INTEGER NOT NULL REFERENCES second_factors (id) ON DELETE CASCADE,
    code_hash VARCHAR(64) NOT NULL,
    used_at TIMESTAMPTZ
)
""",
    """
CREATE TABLE IF NOT EXISTS sign_in_challenges (
    id {serial} NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash VARCHAR(64) NOT NULL,
    kind VARCHAR(8) NOT NULL,
    is_remembered {boolean} NOT NULL,
    password_digest VARCHAR(64) NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
)
""",
]
INDEXES = [
    "CREATE UNIQUE INDEX second_factor_user_id ON second_factors (user_id)",
    "CREATE INDEX second_factor_recovered_by_id ON second_factors (recovered_by_id)",
    "CREATE INDEX recovery_code_factor_id ON recovery_codes (factor_id)",
    "CREATE UNIQUE INDEX recovery_code_factor_id_code_hash ON recovery_codes (factor_id, code_hash)",
    "CREATE INDEX sign_in_challenge_user_id ON sign_in_challenges (user_id)",
    "CREATE UNIQUE INDEX sign_in_challenge_token_hash ON sign_in_challenges (token_hash)",
    "CREATE INDEX sign_in_challenge_expires_at ON sign_in_challenges (expires_at)",
]


def up(migrator, db):
    is_postgresql = isinstance(db, PostgresqlDatabase)
    types = {"serial": "SERIAL", "boolean": "BOOLEAN"} if is_postgresql else {"serial": "INTEGER", "boolean": "INTEGER"}
    with schema_change(db):
        # What older versions write is forgotten after a quarter of an hour, as before.
        add_columns(db, "throttles", {"kept_s": "INTEGER NOT NULL DEFAULT 900"})
        for table in TABLES:
            db.execute_sql(table.format(**types))
        create_indexes(db, INDEXES)
