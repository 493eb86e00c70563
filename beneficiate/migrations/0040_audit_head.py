"""The end of the audit log's chain is kept apart from its entries, so that those taken from its end are missed.

A trigger moves it in the transaction of each entry, also of what an older version writes.
"""

from peewee import PostgresqlDatabase

from beneficiate.migrations.online import create_tables, schema_change

atomic = False

TABLE = """
CREATE TABLE IF NOT EXISTS audit_head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL DEFAULT 0,
    hash VARCHAR(64) NOT NULL DEFAULT ''
)
"""
FIRST_ROW = "INSERT INTO audit_head (id) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM audit_head)"
# The trigger is there already: whoever writes meanwhile moves the end themselves, and further than this.
CATCH_UP = """
UPDATE audit_head SET position = newest.position, hash = newest.hash
FROM (SELECT position, hash FROM audit_entries WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1) AS newest
WHERE audit_head.position < newest.position
"""
POSTGRESQL_TRIGGERS = [
    """
CREATE OR REPLACE FUNCTION move_audit_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE audit_head SET position = NEW.position, hash = NEW.hash WHERE position < NEW.position;
    RETURN NULL;
END $$
""",
    """
CREATE OR REPLACE TRIGGER audit_entries_move_head AFTER INSERT OR UPDATE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION move_audit_head()
""",
    """
CREATE OR REPLACE FUNCTION keep_audit_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.id = OLD.id AND NEW.position > OLD.position THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the head of the audit log only moves on' USING ERRCODE = 'restrict_violation';
END $$
""",
    """
CREATE OR REPLACE TRIGGER audit_head_kept BEFORE UPDATE OR DELETE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION keep_audit_head()
""",
    """
CREATE OR REPLACE FUNCTION keep_audit_head_alone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM audit_head) THEN
        RAISE EXCEPTION 'the head of the audit log only moves on' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
""",
    """
CREATE OR REPLACE TRIGGER audit_head_alone BEFORE INSERT ON audit_head
    FOR EACH ROW EXECUTE FUNCTION keep_audit_head_alone()
""",
    """
CREATE OR REPLACE TRIGGER audit_head_not_emptied BEFORE TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION keep_audit_head()
""",
]
_SQLITE_MOVE = """
CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} ON audit_entries BEGIN
    UPDATE audit_head SET position = NEW.position, hash = NEW.hash WHERE position < NEW.position;
END
"""
_SQLITE_KEEP = """
CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} BEGIN
    SELECT RAISE(ABORT, 'the head of the audit log only moves on');
END
"""
SQLITE_TRIGGERS = [
    _SQLITE_MOVE.format(name="audit_entries_move_head", event="INSERT"),
    _SQLITE_MOVE.format(name="audit_entries_join_head", event="UPDATE"),
    _SQLITE_KEEP.format(
        name="audit_head_kept",
        event="UPDATE ON audit_head WHEN NEW.id <> OLD.id OR NEW.position <= OLD.position",
    ),
    _SQLITE_KEEP.format(name="audit_head_not_deleted", event="DELETE ON audit_head"),
    _SQLITE_KEEP.format(name="audit_head_alone", event="INSERT ON audit_head WHEN EXISTS (SELECT 1 FROM audit_head)"),
]


def up(migrator, db):
    with schema_change(db):
        create_tables(db, [TABLE])
        db.execute_sql(FIRST_ROW)
        for statement in POSTGRESQL_TRIGGERS if isinstance(db, PostgresqlDatabase) else SQLITE_TRIGGERS:
            db.execute_sql(statement)
        db.execute_sql(CATCH_UP)
