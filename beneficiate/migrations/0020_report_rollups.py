"""Roll-ups of the facts, for reports; a job fills them with the facts that there are."""

from peewee import PostgresqlDatabase

from beneficiate.migrations.online import create_indexes, schema_change

atomic = False

TABLES = [
    """
CREATE TABLE IF NOT EXISTS fact_rollups (id {serial} NOT NULL PRIMARY KEY, grain VARCHAR(8) NOT NULL,
    topic VARCHAR(32) NOT NULL, agent_id INTEGER NOT NULL, kind VARCHAR(16) NOT NULL, day DATE NOT NULL,
    detail VARCHAR(16) NOT NULL, times INTEGER NOT NULL, measured INTEGER NOT NULL, total {big} NOT NULL,
    greatest INTEGER, buckets TEXT NOT NULL, hours TEXT NOT NULL)
""",
    """
CREATE TABLE IF NOT EXISTS appointment_rollups (id {serial} NOT NULL PRIMARY KEY, day DATE NOT NULL,
    detail VARCHAR(16) NOT NULL, agent_id INTEGER NOT NULL, times INTEGER NOT NULL)
""",
    """
CREATE TABLE IF NOT EXISTS fact_agents (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, code VARCHAR(32) NOT NULL)
""",
    """
CREATE TABLE IF NOT EXISTS rollup_state (id INTEGER NOT NULL PRIMARY KEY, folded_id INTEGER NOT NULL,
    newest_at TIMESTAMPTZ, checked_on DATE, differing_day DATE)
""",
]
INDEXES = [
    "CREATE UNIQUE INDEX factrollup_grain_topic_agent_id_kind_day_detail ON fact_rollups "
    "(grain, topic, agent_id, kind, day, detail)",
    "CREATE UNIQUE INDEX appointmentrollup_day_detail_agent_id ON appointment_rollups (day, detail, agent_id)",
]


def up(migrator, db):
    is_postgresql = isinstance(db, PostgresqlDatabase)
    types = {"serial": "SERIAL", "big": "BIGINT"} if is_postgresql else {"serial": "INTEGER", "big": "INTEGER"}
    with schema_change(db):
        for statement in TABLES:
            db.execute_sql(statement.format(**types))
        create_indexes(db, INDEXES)
