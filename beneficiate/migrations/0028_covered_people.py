"""Purchases and periods keep how many beneficiaries they cover, as they keep price and duration.

What an older version stores meanwhile has no number, which means that of the plan: a change of the plan's number writes
the one before it into such rows.
"""

from beneficiate.migrations.online import add_columns, schema_change

atomic = False

BATCH_SIZE = 5_000
TABLES = ("subscriptions", "payments")
FILL = """
UPDATE {table} SET max_beneficiaries = (SELECT max_beneficiaries FROM plans WHERE plans.id = {table}.plan_id)
WHERE id IN (SELECT id FROM {table} WHERE max_beneficiaries IS NULL ORDER BY id LIMIT {size})
"""


def up(migrator, db):
    with schema_change(db):
        for table in TABLES:
            add_columns(db, table, {"max_beneficiaries": "INTEGER"})
            statement = FILL.format(table=table, size=BATCH_SIZE)
            while db.execute_sql(statement).rowcount > 0:
                pass
