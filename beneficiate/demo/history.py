"""A long past for load tests: the facts of very many chats, written by the database itself, the same each time.

Facts outlive their chats, so there are no chats to them, nor appointments or payments: lists show them without a
member.
"""

from datetime import datetime, timedelta

from beneficiate.demo.history_steps import PAST_STEPS, About, PastStep
from beneficiate.models.base import database, is_postgresql, write_transaction

CHATS_PER_STATEMENT = 10_000
"""What is written at a time is sorted by the database: 150,000 facts."""
FIRST_CHAT_ID = 1_000_000_000
"""And of appointments: far from those that there are."""
PAYMENT_PREFIX = "carga-"
AGENTS, FIRST_AGENT_ID = 50, 1_000_000
# Waits have a long tail.
_INSERT = """
INSERT INTO facts (at, kind, detail, chat_id, span, appointment_id, payment_id, agent_id, agent_name, agent_code,
    actor_role, topic, duration_s, value, starts_at)
WITH RECURSIVE numbers(i) AS (
    SELECT {first} UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < {end}
), seeds AS (
    SELECT i, i * 2654435761 % 4294967296 AS a, i * 2246822519 % 4294967291 AS b, i * 3266489917 % 4294967279 AS c
    FROM numbers
), chats AS (
    SELECT i, a, b, c, c % 25 = 0 AS is_missed, a / 64 % {agents} AS agent,
        CASE b / 32 % 5 WHEN 0 THEN 'citas' WHEN 1 THEN 'pagos' WHEN 2 THEN 'afiliacion' WHEN 3 THEN 'autorizaciones'
            ELSE '' END AS topic,
        {begins_at} + i * {days} / {chats} * 86400 + 28800 + a % 34000 AS begins,
        8 + b % 50 + CASE WHEN b % 7 = 0 THEN c % 240 ELSE 0 END AS wait, 120 + (a + c) % 900 AS length
    FROM seeds
), steps AS ({steps})
SELECT {at}, kind, detail, chat_id, span, appointment_id, payment_id,
    CASE WHEN has_agent THEN {first_agent} + agent END,
    CASE WHEN has_agent THEN 'Agente de carga ' || (agent + 1) ELSE '' END,
    CASE WHEN has_agent THEN 'CARGA-' || (agent + 1) ELSE '' END,
    role, topic, duration, value, {starts_at}
FROM steps WHERE happens <= {until} ORDER BY begins, i, happens, step
"""


def load_history(chats: int, days: int, until: datetime) -> int:
    """Write the facts of so many chats of so many days before an instant; return how many facts these are."""
    begins_at = int((until - timedelta(days=days)).timestamp()) // 86_400 * 86_400 + 5 * 3600
    steps = " UNION ALL ".join(_select_step(number, step) for number, step in enumerate(PAST_STEPS))
    written = 0
    for first in range(0, chats, CHATS_PER_STATEMENT):
        statement = _INSERT.format(
            first=first,
            end=min(chats, first + CHATS_PER_STATEMENT),
            begins_at=begins_at,
            until=int(until.timestamp()),
            days=days,
            chats=chats,
            agents=AGENTS,
            first_agent=FIRST_AGENT_ID,
            at=_instant("happens"),
            starts_at=_instant("starts"),
            steps=steps,
        )
        with write_transaction():
            written += database.execute_sql(statement.replace("%", "%%") if is_postgresql() else statement).rowcount
    return written


def _select_step(number: int, step: PastStep) -> str:
    """Return the statement for the facts of a step of all chats."""
    number_of = f"{FIRST_CHAT_ID} + i"
    columns = {
        "i": "i",
        "step": str(number),
        "begins": "begins",
        "happens": f"begins + {step.at}",
        "kind": f"'{step.kind}'",
        "detail": step.detail,
        "chat_id": _integer(number_of if step.about is About.CHAT else "NULL"),
        "span": _integer(str(step.span) if step.about is About.CHAT else "NULL"),
        "appointment_id": _integer(number_of if step.about is About.APPOINTMENT else "NULL"),
        "payment_id": f"'{PAYMENT_PREFIX}' || i" if step.about is About.PAYMENT else "CAST(NULL AS TEXT)",
        "has_agent": str(step.has_agent).upper(),
        "agent": "agent",
        "role": f"'{step.role}'",
        "topic": "topic" if step.about is About.CHAT else "''",
        "duration": _integer(step.duration),
        "value": _integer(step.value),
        "starts": "CAST(NULL AS BIGINT)" if step.starts == "NULL" else f"begins + {step.starts}",
    }
    names = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
    return f"SELECT {names} FROM chats WHERE {step.condition}"  # noqa: S608


def _integer(expression: str) -> str:
    return f"CAST({expression} AS INTEGER)"


def _instant(seconds: str) -> str:
    if is_postgresql():
        return f"to_timestamp({seconds})"
    return f"strftime('%Y-%m-%d %H:%M:%S.000000+00:00', {seconds}, 'unixepoch')"
