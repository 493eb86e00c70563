"""Supervisors can answer chats: each has a row of the agents, which takes nothing until they say so."""

STATEMENT = """
INSERT INTO agents (user_id, agent_code, status, capacity, availability, reason, created_at)
SELECT user_id, 'SUP-' || CAST(user_id AS TEXT), 'ACTIVE', 5, 'offline', '', created_at FROM supervisors
WHERE user_id NOT IN (SELECT user_id FROM agents)
"""


def up(migrator, db):
    db.execute_sql(STATEMENT)
