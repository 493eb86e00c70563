"""A long past for load tests: the facts of very many chats, written by the database itself, the same each time.

Facts outlive their chats, so there are no chats to them: lists show them without a member.
"""

from datetime import datetime, timedelta

from peewee import fn

from beneficiate.models.base import database, is_postgresql, write_transaction
from beneficiate.models.facts import Fact

CHATS_PER_STATEMENT = 10_000
FIRST_CHAT_ID = 1_000_000_000
AGENTS, FIRST_AGENT_ID = 50, 1_000_000
_STEPS = "UNION ALL ".join(
    f"SELECT {step} AS step, '{kind}' AS kind, '{detail}' AS detail, '{role}' AS role "
    for step, kind, detail, role in (
        (0, "opened", "", "member"),
        (1, "queued", "new", "member"),
        (2, "assigned", "given", "system"),
        (3, "first_reply", "", "agent"),
        (4, "reply", "", "agent"),
        (5, "reply", "", "agent"),
        (6, "reply", "", "agent"),
        (7, "reply", "", "agent"),
        (8, "closed", "answered", "agent"),
        (9, "resolution", "", "agent"),
        (10, "rated", "", "member"),
    )
)
# Of a hundred chats four are missed, one of four that were answered is rated; waits have a long tail.
_INSERT = """
INSERT INTO facts
    (at, kind, detail, chat_id, span, agent_id, agent_name, agent_code, actor_role, topic, duration_s, value)
WITH RECURSIVE numbers(i) AS (
    SELECT {first} UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < {end}
), seeds AS (
    SELECT i, i * 2654435761 % 4294967296 AS a, i * 2246822519 % 4294967291 AS b, i * 3266489917 % 4294967279 AS c
    FROM numbers
), chats AS (
    SELECT i, a, b, c, c % 25 = 0 AS is_missed, a / 64 % {agents} AS agent, b / 32 % 5 AS topic,
        {begins_at} + i * {days} / {chats} * 86400 + 28800 + a % 34000 AS begins,
        8 + b % 50 + CASE WHEN b % 7 = 0 THEN c % 240 ELSE 0 END AS wait, 120 + (a + c) % 900 AS length
    FROM seeds
)
SELECT {at}, kind, CASE WHEN is_missed AND kind = 'closed' THEN 'missed' ELSE detail END, {first_chat} + i, 1,
    CASE WHEN step > 1 AND NOT is_missed THEN {first_agent} + agent END,
    CASE WHEN step > 1 AND NOT is_missed THEN 'Agente de carga ' || (agent + 1) ELSE '' END,
    CASE WHEN step > 1 AND NOT is_missed THEN 'CARGA-' || (agent + 1) ELSE '' END, role,
    CASE topic WHEN 0 THEN 'citas' WHEN 1 THEN 'pagos' WHEN 2 THEN 'afiliacion' WHEN 3 THEN 'autorizaciones'
        ELSE '' END,
    CASE WHEN step = 2 THEN 5 WHEN step = 3 THEN wait WHEN step BETWEEN 4 AND 7 THEN 10 + (a + b * step) % 90
        WHEN step = 8 AND NOT is_missed THEN length WHEN step = 9 THEN wait + length END,
    CASE WHEN step = 10 THEN 5 - CASE WHEN a % 3 = 0 THEN c % 5 ELSE 0 END END
FROM chats CROSS JOIN ({steps}) AS steps
WHERE (NOT is_missed OR step IN (0, 1, 8)) AND (step < 10 OR b % 4 = 0)
ORDER BY begins, step
"""
_OFFSET = (
    "begins + CASE WHEN step < 2 THEN 0 WHEN step = 2 THEN 5 WHEN step < 8 THEN wait + (step - 3) * 20 "
    "WHEN step < 10 THEN wait + length ELSE wait + length + 60 END"
)


def load_history(chats: int, days: int, until: datetime) -> int:
    """Write the facts of so many chats of so many days before an instant; return how many facts there are."""
    begins_at = int((until - timedelta(days=days)).timestamp()) // 86_400 * 86_400 + 5 * 3600
    at = f"to_timestamp({_OFFSET})"
    if not is_postgresql():
        at = f"strftime('%Y-%m-%d %H:%M:%S.000000+00:00', {_OFFSET}, 'unixepoch')"
    for first in range(0, chats, CHATS_PER_STATEMENT):
        statement = _INSERT.format(
            first=first,
            end=min(chats, first + CHATS_PER_STATEMENT),
            begins_at=begins_at,
            days=days,
            chats=chats,
            agents=AGENTS,
            first_chat=FIRST_CHAT_ID,
            first_agent=FIRST_AGENT_ID,
            at=at,
            steps=_STEPS,
        )
        with write_transaction():
            database.execute_sql(statement.replace("%", "%%") if is_postgresql() else statement)
    return int(Fact.select(fn.COUNT(Fact.id)).where(Fact.chat_id >= FIRST_CHAT_ID).scalar())
