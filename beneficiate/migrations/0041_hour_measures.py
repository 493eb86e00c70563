"""What facts measure in each hour of the week, beside how many there are.

Where a roll-up does not have it, made before or by an older version, those figures are read from the facts.
"""

from beneficiate.migrations.online import add_columns, schema_change

atomic = False


def up(migrator, db):
    with schema_change(db):
        add_columns(db, "fact_rollups", {"hour_measures": "TEXT NOT NULL DEFAULT '{}'"})
