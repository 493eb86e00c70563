"""Facts are partitioned by month on PostgreSQL; which months were detached is known.

The table that there is becomes the first partition, with all its rows where they are: until the end of the next month.
What takes long is done before, while others write: a check that says so is validated, and the index of the new primary
key is built. What is left is one transaction that changes the catalogue alone. Months are those of Bogotá.
"""

from datetime import date, timedelta
from itertools import pairwise

from peewee import PostgresqlDatabase

from beneficiate.migrations.online import add_columns, create_indexes, schema_change

atomic = False

MONTHS_AHEAD = 3
MIN_TIME_LEFT = timedelta(days=7)
"""An interrupted migration that goes on later needs a check that the facts of its time pass."""
KEY_INDEX = "CREATE UNIQUE INDEX facts_id_at ON facts (id, at)"
INDEXES = {
    "fact_kind_at": "(kind, at)",
    "facts_chat": "(chat_id, id) WHERE chat_id IS NOT NULL",
    "facts_appointment": "(appointment_id, id) WHERE appointment_id IS NOT NULL",
    "facts_starting": "(starts_at) WHERE starts_at IS NOT NULL",
}
# Whoever may read facts, for reports of their own, goes on.
GRANTS = """
SELECT format('GRANT %%s ON facts_months TO %%s', privilege_type,
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(grantee::regrole::text) END)
FROM pg_class, aclexplode(relacl) WHERE oid = to_regclass('facts') AND grantee <> relowner
"""
PART = "CREATE TABLE {name} PARTITION OF facts_months {values}"
KEEP_ROWS = """
CREATE TRIGGER facts_kept BEFORE UPDATE OR DELETE ON facts_months
    FOR EACH ROW EXECUTE FUNCTION refuse_fact_changes()
"""
KEEP_TABLE = """
CREATE TRIGGER facts_not_emptied BEFORE TRUNCATE ON {name} FOR EACH STATEMENT EXECUTE FUNCTION refuse_fact_changes()
"""


def up(migrator, db):
    with schema_change(db):
        add_columns(db, "rollup_state", {"facts_since": "DATE"})
        if isinstance(db, PostgresqlDatabase) and not _is_partitioned(db):
            _partition(db)


def _is_partitioned(db):
    (kind,) = db.execute_sql("SELECT relkind FROM pg_class WHERE oid = to_regclass('facts')").fetchone()
    return kind == "p"


def _partition(db):
    end = _check_end(db)
    create_indexes(db, [KEY_INDEX])
    with db.atomic():
        _create_months(db, end)
    with db.atomic():
        # At once, so that the locks which it needs are not taken one after the other.
        db.execute_sql("LOCK TABLE facts IN ACCESS EXCLUSIVE MODE")
        _swap(db, end)


def _check_end(db):
    """Return the first day that no fact has come to: a check says so, which the table has passed."""
    (today,) = db.execute_sql("SELECT (now() AT TIME ZONE 'America/Bogota')::date").fetchone()
    for (name,) in db.execute_sql(
        "SELECT conname FROM pg_constraint WHERE conrelid = to_regclass('facts') AND conname LIKE 'facts_before_%%'"
    ).fetchall():
        end = date.fromisoformat(name.removeprefix("facts_before_").replace("_", "-"))
        if end - today < MIN_TIME_LEFT:
            db.execute_sql(f"ALTER TABLE facts DROP CONSTRAINT {name}")
        else:
            db.execute_sql(f"ALTER TABLE facts VALIDATE CONSTRAINT {name}")
            return end
    (last,) = db.execute_sql("SELECT (MAX(at) AT TIME ZONE 'America/Bogota')::date FROM facts").fetchone()
    end = _add_months(max(today, last or today), 2)
    name = _check_name(end)
    db.execute_sql(f"ALTER TABLE facts ADD CONSTRAINT {name} CHECK (at < {_start_of(end)}) NOT VALID")
    db.execute_sql(f"ALTER TABLE facts VALIDATE CONSTRAINT {name}")
    return end


def _create_months(db, end):
    """Create the new table with the months from `end` on; nobody knows it yet."""
    months = [_add_months(end, number) for number in range(MONTHS_AHEAD + 1)]
    parts = {
        f"facts_{first:%Y_%m}": f"FOR VALUES FROM ({_start_of(first)}) TO ({_start_of(following)})"
        for first, following in pairwise(months)
    }
    # What an interrupted run has left.
    db.execute_sql("DROP TABLE IF EXISTS facts_months")
    for statement in (
        "CREATE TABLE facts_months (LIKE facts INCLUDING DEFAULTS) PARTITION BY RANGE (at)",
        "ALTER TABLE facts_months ADD CONSTRAINT facts_months_pkey PRIMARY KEY (id, at)",
        *(f"CREATE INDEX {name}_months ON facts_months {columns}" for name, columns in INDEXES.items()),
        KEEP_ROWS,
        KEEP_TABLE.format(name="facts_months"),
        PART.format(name="facts_default", values="DEFAULT"),
        *(PART.format(name=name, values=values) for name, values in parts.items()),
        *(KEEP_TABLE.format(name=name) for name in ("facts_default", *parts)),
        *(statement for (statement,) in db.execute_sql(GRANTS).fetchall()),
    ):
        db.execute_sql(statement)


def _swap(db, end):
    old = f"facts_until_{_add_months(end, -1):%Y_%m}"
    for statement in (
        f"ALTER TABLE facts RENAME TO {old}",
        *(f"ALTER INDEX {name} RENAME TO {old}_{name.rpartition('_')[2]}" for name in INDEXES),
        f"ALTER TABLE {old} DROP CONSTRAINT facts_pkey",
        f"ALTER TABLE {old} ADD CONSTRAINT {old}_pkey PRIMARY KEY USING INDEX facts_id_at",
        f"DROP TRIGGER facts_kept ON {old}",
        "ALTER TABLE facts_months RENAME TO facts",
        "ALTER INDEX facts_months_pkey RENAME TO facts_pkey",
        *(f"ALTER INDEX {name}_months RENAME TO {name}" for name in INDEXES),
        "ALTER SEQUENCE facts_id_seq OWNED BY facts.id",
        # The check that was validated says that no row has to be read for this.
        f"ALTER TABLE facts ATTACH PARTITION {old} FOR VALUES FROM (MINVALUE) TO ({_start_of(end)})",
        f"ALTER TABLE {old} DROP CONSTRAINT {_check_name(end)}",
    ):
        db.execute_sql(statement)


def _check_name(end):
    return f"facts_before_{end:%Y_%m_%d}"


def _add_months(day, count):
    """Return the first day of the month so many months later."""
    month = day.year * 12 + day.month - 1 + count
    return date(month // 12, month % 12 + 1, 1)


def _start_of(day):
    """Return when a day begins in Bogotá, as SQL."""
    return f"'{day} 00:00:00-05'::timestamptz"
