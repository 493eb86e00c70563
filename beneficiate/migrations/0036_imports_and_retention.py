"""Files of members that supervisors upload, and more kinds of data that jobs delete, none of them before it is chosen.

An older version knows neither the tables nor the columns, which have constant defaults.
"""

from beneficiate.migrations.online import add_columns, create_indexes, create_tables, schema_change

atomic = False

IMPORTS = """
CREATE TABLE IF NOT EXISTS member_imports (
    id {serial} NOT NULL PRIMARY KEY,
    created_by_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL,
    state VARCHAR(9) NOT NULL,
    file_name VARCHAR(160) NOT NULL,
    digest VARCHAR(64) NOT NULL,
    encoding VARCHAR(12) NOT NULL,
    delimiter VARCHAR(8) NOT NULL,
    found_columns VARCHAR(80) NOT NULL,
    total_rows INTEGER NOT NULL,
    new_rows INTEGER NOT NULL,
    present_rows INTEGER NOT NULL,
    refused_rows INTEGER NOT NULL,
    imported_rows INTEGER NOT NULL,
    sends_links {boolean} NOT NULL,
    confirmed_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ
)
"""
ROWS = """
CREATE TABLE IF NOT EXISTS member_import_rows (
    id {serial} NOT NULL PRIMARY KEY,
    member_import_id INTEGER NOT NULL REFERENCES member_imports (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    reason VARCHAR(200) NOT NULL,
    document_type VARCHAR(16) NOT NULL,
    document_number VARCHAR(32) NOT NULL,
    first_name VARCHAR(60) NOT NULL,
    last_name VARCHAR(60) NOT NULL,
    email VARCHAR(254) NOT NULL,
    phone VARCHAR(32) NOT NULL,
    birth_date DATE
)
"""
PERIODS = {
    "chat_days": "INTEGER NOT NULL DEFAULT 0",
    "failed_event_days": "INTEGER NOT NULL DEFAULT 0",
    "copy_days": "INTEGER NOT NULL DEFAULT 0",
    "import_days": "INTEGER NOT NULL DEFAULT 0",
    "notice_days": "INTEGER NOT NULL DEFAULT 7",
}
INDEXES = [
    "CREATE INDEX chats_uncleared ON chats (closed_at) WHERE status = 'CLOSED' AND cleared_at IS NULL",
    "CREATE INDEX memberimport_created_by_id ON member_imports (created_by_id)",
    "CREATE INDEX member_imports_state ON member_imports (state, created_at)",
    "CREATE UNIQUE INDEX member_import_rows_number ON member_import_rows (member_import_id, number)",
    "CREATE INDEX member_import_rows_email ON member_import_rows (email)",
    "CREATE INDEX member_import_rows_document ON member_import_rows (document_type, document_number)",
]


def up(migrator, db):
    with schema_change(db):
        create_tables(db, [IMPORTS, ROWS])
        add_columns(db, "retention", PERIODS)
        add_columns(db, "chats", {"cleared_at": "TIMESTAMPTZ"})
        create_indexes(db, INDEXES)
