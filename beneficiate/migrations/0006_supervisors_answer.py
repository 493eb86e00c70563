"""Supervisors can answer chats: each has a row of the agents, which takes nothing until they say so."""

STATEMENTS = [
    """
    INSERT INTO agents (user_id, agent_code, status, capacity, availability, reason, created_at)
    SELECT user_id, 'SUP-' || CAST(user_id AS TEXT), 'ACTIVE', 5, 'offline', '', created_at FROM supervisors
    WHERE status = 'ACTIVE' AND user_id NOT IN (SELECT user_id FROM agents)
    """,
    # One who was an agent before is one again, and takes nothing either.
    """
    UPDATE agents SET status = 'ACTIVE', availability = 'offline'
    WHERE user_id IN (SELECT user_id FROM supervisors WHERE status = 'ACTIVE')
    """,
]


def up(migrator, db):
    for statement in STATEMENTS:
        db.execute_sql(statement)
