"""The audit log: who acted as they were then, a chain of hashes, and triggers that refuse changes.

An older version writes entries without a position, which a job adds to the chain.
"""

from peewee import PostgresqlDatabase

from beneficiate.migrations.online import add_columns, create_indexes, schema_change

atomic = False

COLUMNS = {
    "actor_name": "TEXT NOT NULL DEFAULT ''",
    "request_id": "VARCHAR(32) NOT NULL DEFAULT ''",
    "person_id": "INTEGER",
    "position": "INTEGER",
    "previous_hash": "VARCHAR(64) NOT NULL DEFAULT ''",
    "hash": "VARCHAR(64) NOT NULL DEFAULT ''",
}
INDEXES = [
    "CREATE UNIQUE INDEX auditentry_position ON audit_entries (position)",
    "CREATE INDEX audit_entries_person ON audit_entries (person_id, id) WHERE person_id IS NOT NULL",
    "CREATE INDEX audit_entries_unchained ON audit_entries (id) WHERE position IS NULL",
]
NAME_ACTORS = (
    "UPDATE audit_entries SET actor_name = (SELECT first_name || ' ' || last_name FROM users WHERE id = actor_id) "
    "WHERE actor_name = '' AND position IS NULL AND actor_id IN (SELECT id FROM users)"
)
# SQLite cannot drop a reference: the table is made again. Nothing refers to it.
SQLITE_TABLE = [
    """
CREATE TABLE audit_entries_new (id INTEGER NOT NULL PRIMARY KEY, at TIMESTAMPTZ NOT NULL, actor_id INTEGER,
    actor_role VARCHAR(16) NOT NULL, address VARCHAR(64) NOT NULL, what VARCHAR(48) NOT NULL,
    subject VARCHAR(64) NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, reason TEXT NOT NULL)
""",
    "INSERT INTO audit_entries_new SELECT id, at, actor_id, actor_role, address, what, subject, before, after, reason "
    "FROM audit_entries",
    "DROP TABLE audit_entries",
    "ALTER TABLE audit_entries_new RENAME TO audit_entries",
    "CREATE INDEX auditentry_at ON audit_entries (at)",
    "CREATE INDEX auditentry_actor_id ON audit_entries (actor_id)",
    "CREATE INDEX auditentry_subject ON audit_entries (subject)",
]
POSTGRESQL_TRIGGERS = [
    """
CREATE OR REPLACE FUNCTION refuse_audit_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.position IS NULL AND to_jsonb(NEW) - ARRAY['position', 'previous_hash', 'hash']
            = to_jsonb(OLD) - ARRAY['position', 'previous_hash', 'hash'] THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'entries of the audit log are not changed' USING ERRCODE = 'restrict_violation';
END $$
""",
    """
CREATE OR REPLACE TRIGGER audit_entries_kept BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_changes()
""",
    """
CREATE OR REPLACE TRIGGER audit_entries_not_emptied BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_changes()
""",
]
KEPT = ("at", "actor_id", "actor_name", "actor_role", "address", "request_id", "what", "subject", "person_id")
SQLITE_TRIGGERS = [
    """
CREATE TRIGGER IF NOT EXISTS audit_entries_kept BEFORE UPDATE ON audit_entries
    WHEN OLD.position IS NOT NULL OR {changed} BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log are not changed');
END
""".format(changed=" OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in ("id", *KEPT, "before", "after", "reason"))),
    """
CREATE TRIGGER IF NOT EXISTS audit_entries_not_deleted BEFORE DELETE ON audit_entries BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log are not changed');
END
""",
]


def up(migrator, db):
    is_postgresql = isinstance(db, PostgresqlDatabase)
    with schema_change(db):
        if is_postgresql:
            db.execute_sql("ALTER TABLE audit_entries DROP CONSTRAINT IF EXISTS audit_entries_actor_id_fkey")
        else:
            for statement in SQLITE_TABLE:
                db.execute_sql(statement)
        add_columns(db, "audit_entries", COLUMNS)
        create_indexes(db, INDEXES)
        db.execute_sql(NAME_ACTORS)
        for statement in POSTGRESQL_TRIGGERS if is_postgresql else SQLITE_TRIGGERS:
            db.execute_sql(statement)
