"""Sessions that end everywhere: the sign-in of a connection, tokens of other issuers, attempts that are under way."""

STATEMENTS = [
    "ALTER TABLE connections ADD COLUMN sign_in_id INTEGER REFERENCES sign_ins (id) ON DELETE SET NULL",
    "CREATE INDEX connections_sign_in_id ON connections (sign_in_id)",
    "ALTER TABLE users ADD COLUMN tokens_valid_after TIMESTAMPTZ",
    "ALTER TABLE throttles ADD COLUMN pending INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE throttles ADD COLUMN pending_at TIMESTAMPTZ",
]


def up(migrator, db):
    for statement in STATEMENTS:
        db.execute_sql(statement)
