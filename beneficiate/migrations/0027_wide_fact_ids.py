"""Facts have ids of 64 bits, and roll-ups are found by their days.

PostgreSQL would write the whole table anew, while everybody waits, to change the type of a column. So a second column
is filled beside it: by a trigger for new facts, in parts for those that there are. At the end the two change places,
which touches no row. SQLite has ids of 64 bits anyway.
"""

from peewee import PostgresqlDatabase

from beneficiate.migrations.online import add_columns, create_indexes, schema_change

atomic = False

ROWS_PER_PART = 10_000
COPY_ID_FUNCTION = """
CREATE OR REPLACE FUNCTION copy_fact_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.wide_id := NEW.id;
    RETURN NEW;
END $$
"""
COPY_ID_TRIGGER = """
CREATE OR REPLACE TRIGGER facts_wide_id BEFORE INSERT ON facts FOR EACH ROW EXECUTE FUNCTION copy_fact_id()
"""
# Facts are still not changed: only the copy of the id may be added.
ADMIT_COPIES = """
CREATE OR REPLACE FUNCTION refuse_fact_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.wide_id IS NULL AND NEW.wide_id = OLD.id THEN
            NEW.wide_id := NULL;
            IF NEW IS NOT DISTINCT FROM OLD THEN
                NEW.wide_id := OLD.id;
                RETURN NEW;
            END IF;
        END IF;
    END IF;
    RAISE EXCEPTION 'facts are not changed' USING ERRCODE = 'restrict_violation';
END $$
"""
REFUSE_CHANGES = """
CREATE OR REPLACE FUNCTION refuse_fact_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'facts are not changed' USING ERRCODE = 'restrict_violation';
END $$
"""
WIDE_INDEXES = [
    "CREATE UNIQUE INDEX facts_wide_pkey ON facts (wide_id)",
    "CREATE INDEX facts_wide_chat ON facts (chat_id, wide_id) WHERE chat_id IS NOT NULL",
    "CREATE INDEX facts_wide_appointment ON facts (appointment_id, wide_id) WHERE appointment_id IS NOT NULL",
]
SWAP = [
    # The check that was validated says that no row has to be read for this.
    "ALTER TABLE facts ALTER COLUMN wide_id SET NOT NULL",
    "ALTER TABLE facts DROP CONSTRAINT facts_have_wide_id",
    "DROP TRIGGER facts_wide_id ON facts",
    "DROP FUNCTION copy_fact_id",
    "ALTER SEQUENCE facts_id_seq AS BIGINT",
    "ALTER SEQUENCE facts_id_seq OWNED BY facts.wide_id",
    "ALTER TABLE facts ALTER COLUMN wide_id SET DEFAULT nextval('facts_id_seq')",
    "ALTER TABLE facts DROP COLUMN id",
    "ALTER TABLE facts RENAME COLUMN wide_id TO id",
    "ALTER INDEX facts_wide_pkey RENAME TO facts_pkey",
    "ALTER TABLE facts ADD CONSTRAINT facts_pkey PRIMARY KEY USING INDEX facts_pkey",
    "ALTER INDEX facts_wide_chat RENAME TO facts_chat",
    "ALTER INDEX facts_wide_appointment RENAME TO facts_appointment",
    REFUSE_CHANGES,
]
ROLLUP_INDEXES = ["CREATE INDEX factrollup_day_grain ON fact_rollups (day, grain)"]


def up(migrator, db):
    with schema_change(db):
        add_columns(db, "rollup_state", {"rebuilt_until": "DATE"})
        create_indexes(db, ROLLUP_INDEXES)
        if isinstance(db, PostgresqlDatabase):
            if _type_of(db, "rollup_state", "folded_id") != "bigint":
                db.execute_sql("ALTER TABLE rollup_state ALTER COLUMN folded_id TYPE BIGINT")
            if _type_of(db, "facts", "id") != "bigint":
                _widen_ids(db)


def _widen_ids(db):
    add_columns(db, "facts", {"wide_id": "BIGINT"})
    for statement in (COPY_ID_FUNCTION, COPY_ID_TRIGGER, ADMIT_COPIES):
        db.execute_sql(statement)
    _copy_ids(db)
    create_indexes(db, WIDE_INDEXES)
    if not db.execute_sql("SELECT 1 FROM pg_constraint WHERE conname = 'facts_have_wide_id'").fetchone():
        db.execute_sql("ALTER TABLE facts ADD CONSTRAINT facts_have_wide_id CHECK (wide_id IS NOT NULL) NOT VALID")
    db.execute_sql("ALTER TABLE facts VALIDATE CONSTRAINT facts_have_wide_id")
    with db.atomic():
        # At once, so that the locks which it needs are not taken one after the other.
        db.execute_sql("LOCK TABLE facts IN ACCESS EXCLUSIVE MODE")
        for statement in SWAP:
            db.execute_sql(statement)


def _copy_ids(db):
    """Fill the copies of the ids, each part in a transaction of its own."""
    (last,) = db.execute_sql("SELECT COALESCE(MAX(id), 0) FROM facts").fetchone()
    for first in range(0, last, ROWS_PER_PART):
        db.execute_sql(
            "UPDATE facts SET wide_id = id WHERE id > %s AND id <= %s AND wide_id IS NULL",
            (first, first + ROWS_PER_PART),
        )


def _type_of(db, table, column):
    return next(one.data_type for one in db.get_columns(table) if one.name == column)
