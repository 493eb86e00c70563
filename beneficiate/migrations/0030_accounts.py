"""E-mails about accounts, registrations and how many were asked for; addresses of accounts in one normal form."""

import unicodedata

import idna
from peewee import PostgresqlDatabase

from beneficiate.migrations.online import create_indexes, schema_change

atomic = False

PART_ROWS = 1000
TABLES = [
    """
CREATE TABLE IF NOT EXISTS registrations (
    id {serial} NOT NULL PRIMARY KEY,
    email VARCHAR(255) NOT NULL,
    password_hash TEXT NOT NULL,
    first_name VARCHAR(255) NOT NULL,
    last_name VARCHAR(255) NOT NULL,
    document_type VARCHAR(16) NOT NULL,
    document_number VARCHAR(32) NOT NULL,
    phone VARCHAR(32) NOT NULL,
    birth_date DATE NOT NULL,
    township_id INTEGER REFERENCES townships (id) ON DELETE SET NULL,
    consent_version VARCHAR(16) NOT NULL,
    has_health_consent {boolean} NOT NULL DEFAULT FALSE,
    address VARCHAR(64) NOT NULL,
    secret_hash VARCHAR(64) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    confirmed_at TIMESTAMPTZ
)
""",
    """
CREATE TABLE IF NOT EXISTS account_emails (
    id {serial} NOT NULL PRIMARY KEY,
    kind VARCHAR(16) NOT NULL,
    email VARCHAR(255) NOT NULL,
    user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
    registration_id INTEGER REFERENCES registrations (id) ON DELETE CASCADE,
    token_hash VARCHAR(64) NOT NULL DEFAULT '',
    account_version VARCHAR(64) NOT NULL DEFAULT '',
    expires_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    claimed_at TIMESTAMPTZ,
    sent_at TIMESTAMPTZ,
    tries INTEGER NOT NULL DEFAULT 0
)
""",
    """
CREATE TABLE IF NOT EXISTS email_request_counts (
    id {serial} NOT NULL PRIMARY KEY,
    key VARCHAR(64) NOT NULL,
    used INTEGER NOT NULL DEFAULT 0,
    began_at TIMESTAMPTZ NOT NULL
)
""",
]
INDEXES = [
    "CREATE INDEX registration_email ON registrations (email)",
    "CREATE INDEX registration_township_id ON registrations (township_id)",
    "CREATE INDEX registration_secret_hash ON registrations (secret_hash)",
    "CREATE INDEX registration_created_at ON registrations (created_at)",
    "CREATE INDEX account_email_user_id ON account_emails (user_id)",
    "CREATE INDEX account_email_registration_id ON account_emails (registration_id)",
    "CREATE INDEX account_email_created_at ON account_emails (created_at)",
    "CREATE INDEX account_emails_token ON account_emails (token_hash) WHERE token_hash <> ''",
    "CREATE INDEX account_emails_unsent ON account_emails (id) WHERE sent_at IS NULL",
    "CREATE UNIQUE INDEX email_request_count_key ON email_request_counts (key)",
    "CREATE INDEX email_request_count_began_at ON email_request_counts (began_at)",
]


def up(migrator, db):
    is_postgresql = isinstance(db, PostgresqlDatabase)
    types = {"serial": "SERIAL" if is_postgresql else "INTEGER", "boolean": "BOOLEAN" if is_postgresql else "INTEGER"}
    with schema_change(db):
        for table in TABLES:
            db.execute_sql(table.format(**types))
        create_indexes(db, INDEXES)
        normalize_addresses(db, "%s" if is_postgresql else "?")


def normalize_addresses(db, parameter):
    """Bring addresses to their normal form, in parts.

    One whose normal form another account has stays: nobody could sign in with it, since what is typed was folded.
    """
    people = f"SELECT id, email FROM users WHERE id > {parameter} ORDER BY id LIMIT {PART_ROWS}"  # noqa: S608
    is_taken = f"SELECT 1 FROM users AS other WHERE other.email = {parameter}"  # noqa: S608
    is_it = f"id = {parameter} AND email = {parameter} AND NOT EXISTS ({is_taken})"
    rename = f"UPDATE users SET email = {parameter} WHERE {is_it}"  # noqa: S608
    last_id = 0
    while rows := db.execute_sql(people, (last_id,)).fetchall():
        last_id = rows[-1][0]
        for user_id, email in rows:
            normal = normal_form(email)
            if normal != email:
                db.execute_sql(rename, (normal, user_id, email, normal))


def normal_form(text):
    """As `domain.email_addresses.normalize_email_address`, of this day."""
    plain = unicodedata.normalize("NFKC", text).strip()
    local, at, domain = plain.rpartition("@")
    try:
        ascii_domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except UnicodeError:
        return plain.casefold()
    return f"{local}{at}{ascii_domain}".casefold()
