"""How long what is kept that a job deletes, which supervisors choose; an older version keeps to its own values."""

from beneficiate.migrations.online import schema_change

atomic = False

TABLE = """
CREATE TABLE IF NOT EXISTS retention (id INTEGER NOT NULL PRIMARY KEY, sign_in_days INTEGER NOT NULL,
    wompi_event_days INTEGER NOT NULL, orphan_file_days INTEGER NOT NULL, version INTEGER NOT NULL)
"""


def up(migrator, db):
    with schema_change(db):
        db.execute_sql(TABLE)
