"""Facts, recorded in the transaction of what happened.

What a fact of a chat says of its agent and topic is read by the statement that inserts it.
"""

from collections.abc import Iterable, Mapping

from peewee import Value, fn

from beneficiate.actions.board import emit_board_outdated
from beneficiate.domain import facts
from beneficiate.domain.service_levels.promises import Outcome
from beneficiate.models.accounts import Agent
from beneficiate.models.appointments import Appointment
from beneficiate.models.base import database, instant_to_text, is_postgresql
from beneficiate.models.bulk_sql import rows_to_json
from beneficiate.models.facts import Fact
from beneficiate.models.payments import Payment
from beneficiate.queries.access import STAFF_ROLES
from beneficiate.unit_of_work import UnitOfWork

_JSON_COLUMNS = {
    "at": "timestamptz",
    "actor_role": "text",
    "chat_id": "integer",
    "agent_id": "integer",
    "kind": "text",
    "detail": "text",
    "value": "integer",
    "duration_s": "integer",
}
"""The columns of what `_insert_chat_facts` is given, in this order, with their types in PostgreSQL."""
# The time leaves out partitions from before the chat. Without it PostgreSQL hashed the first replies of all chats.
_EARLIER = (
    "FROM facts AS earlier WHERE earlier.chat_id = chats.id AND earlier.span = chats.span "
    "AND earlier.at >= chats.created_at"
)
_HAS_REPLY = f"EXISTS (SELECT 1 {_EARLIER} AND earlier.kind = '{facts.FIRST_REPLY}')"
# Each answer that was taken back has been counted as given before.
_IS_ANSWERED = (
    f"(SELECT COALESCE(SUM(CASE earlier.kind WHEN '{facts.RECALLED}' THEN -1 ELSE 1 END), 0) {_EARLIER} "
    f"AND earlier.kind IN ('{facts.FIRST_REPLY}', '{facts.REPLY}', '{facts.RECALLED}')) > 0"
)
_SPAN_START = f"(SELECT MAX(earlier.at) {_EARLIER} AND earlier.kind IN ('{facts.OPENED}', '{facts.REOPENED}'))"
_INSERT = """
INSERT INTO facts
    (at, kind, detail, chat_id, span, agent_id, agent_name, agent_code, actor_role, topic, duration_s, value)
SELECT {at}, {told_kind}, {told_detail}, chats.id, chats.span, agents.id,
    COALESCE(users.first_name || ' ' || users.last_name, ''), COALESCE(agents.agent_code, ''), {actor_role},
    COALESCE(topics.code, ''), {duration}, {value}
FROM {rows} JOIN chats ON chats.id = {chat_id}
LEFT JOIN agents ON agents.id = {agent_id} LEFT JOIN users ON users.id = agents.user_id
LEFT JOIN topics ON topics.id = chats.topic_id WHERE chats.kind = 'SUPPORT'"""


def record_chat_facts(
    uow: UnitOfWork,
    kind: str,
    agent_of: Iterable[tuple[int, int | None]],
    detail: str = "",
    value: int | None = None,
    role: str = "",
) -> None:
    """Record a fact of each support chat, (chat id, agent id) pairs, with the topic, span and waiting time it has now.

    A chat that ends is ANSWERED when an agent has replied in this span and not taken all of it back, otherwise MISSED
    while its member waits; only one that is ANSWERED has a RESOLUTION. `role` is that of who acts, in a batch.
    """
    role = role or uow.actor.role
    _insert_chat_facts(uow, [_chat_row(uow, one, kind, detail, value, role) for one in agent_of])


def record_replies(
    uow: UnitOfWork, agent_of: Mapping[int, int | None], outcomes: Mapping[int, Iterable[Outcome]]
) -> None:
    """Record that agents answer members who wait (agent id by chat id), before the chats say that nobody waits.

    `outcomes` has what became of promises, by chat id. With the next statement: a batch of messages makes no round trip
    for it.
    """
    if agent_of:
        rows = [_chat_row(uow, one, facts.REPLY, "", None, "agent") for one in agent_of.items()]
        _insert_chat_facts(uow, rows + _outcome_rows(uow, agent_of, outcomes, "agent"))


def record_outcomes(
    uow: UnitOfWork, agent_of: Mapping[int, int | None], outcomes: Mapping[int, Iterable[Outcome]]
) -> None:
    """Record what became of promises, by chat id; `agent_of` has who had each chat."""
    _insert_chat_facts(uow, _outcome_rows(uow, agent_of, outcomes, uow.actor.role))


def record_booking_fact(uow: UnitOfWork, detail: str) -> None:
    """Record how a dialogue with the bot ended: `BOOKED`, or the step at which the member asked for a person."""
    Fact.insert(at=uow.now, kind=facts.BOOKING, detail=detail, actor_role=uow.actor.role).execute()


def record_appointment_fact(uow: UnitOfWork, appointment: Appointment) -> None:
    """Record the status and the time that an appointment has now."""
    emit_board_outdated(uow)
    is_staff = uow.actor.role in STAFF_ROLES and uow.actor.agent_id is not None
    Fact.insert(
        at=uow.now,
        kind=facts.APPOINTMENT,
        detail=appointment.status,
        appointment_id=appointment.id,
        starts_at=appointment.starts_at,
        **(_acting_agent(uow) if is_staff else {}),
        actor_role=uow.actor.role,
    ).execute()


def record_payment_facts(uow: UnitOfWork, status_of: Iterable[tuple[str, str]]) -> None:
    """Record which status payments have got: (payment id, status or REVOKED) pairs, in order."""
    for payment_id, status in status_of:
        emit_board_outdated(uow)
        Fact.insert(
            at=uow.now,
            kind=facts.PAYMENT,
            detail=status,
            payment_id=payment_id,
            value=Payment.select(Payment.amount).where(Payment.id == payment_id),
            actor_role=uow.actor.role,
            **(_acting_agent(uow) if uow.actor.role in STAFF_ROLES else {}),
        ).execute()


def _acting_agent(uow: UnitOfWork) -> dict[str, object]:
    code = Agent.select(Agent.agent_code).where(Agent.id == uow.actor.agent_id)
    return {
        "agent_id": uow.actor.agent_id,
        "agent_name": uow.actor.name,
        "agent_code": fn.COALESCE(code, Value("")),
    }


def _chat_row(
    uow: UnitOfWork, chat_and_agent: tuple[int, int | None], kind: str, detail: str, value: int | None, role: str
) -> tuple[object, ...]:
    return instant_to_text(uow.now), role, *chat_and_agent, kind, detail, value, None


def _outcome_rows(
    uow: UnitOfWork, agent_of: Mapping[int, int | None], outcomes: Mapping[int, Iterable[Outcome]], role: str
) -> list[tuple[object, ...]]:
    at = instant_to_text(uow.now)
    return [
        (at, role, chat_id, agent_of[chat_id], facts.SERVICE_LEVEL, one.detail, None, one.seconds)
        for chat_id, of_chat in outcomes.items()
        for one in of_chat
    ]


def _insert_chat_facts(uow: UnitOfWork, rows: list[tuple[object, ...]]) -> None:
    if not rows:
        return
    emit_board_outdated(uow)
    if is_postgresql():
        database.queue_prepared(_POSTGRESQL, (rows_to_json(rows),))
    else:
        database.execute_sql(_SQLITE, (rows_to_json(rows),))


def _insert_statement(columns: dict[str, str], rows: str, seconds: str) -> str:
    """Return the statement; `seconds` has the expression for the whole seconds from `{since}` until `{at}`."""
    kind, at = columns["kind"], columns["at"]
    waited = seconds.format(since="chats.awaiting_since", at=at)
    had = seconds.format(since="chats.assigned_at", at=at)
    lasted = seconds.format(since=_SPAN_START, at=at)
    waits = "', '".join((facts.ASSIGNED, facts.REPLY, facts.RECALLED, *facts.ENTERED_QUEUE))
    is_reply = f"{kind} = '{facts.REPLY}'"
    statement = _INSERT.format(
        **columns,
        rows=rows,
        told_kind=f"CASE WHEN {is_reply} AND NOT {_HAS_REPLY} THEN '{facts.FIRST_REPLY}' ELSE {kind} END",
        told_detail=f"CASE WHEN {kind} <> '{facts.CLOSED}' THEN {columns['detail']} "
        f"WHEN {_IS_ANSWERED} THEN '{facts.ANSWERED}' WHEN chats.awaiting_since IS NOT NULL THEN '{facts.MISSED}' "
        "ELSE '' END",
        duration=f"COALESCE({columns['duration_s']}, CASE WHEN {kind} IN ('{waits}') THEN {waited} "
        f"WHEN {kind} = '{facts.CLOSED}' THEN {had} WHEN {kind} = '{facts.RESOLUTION}' THEN {lasted} END)",
    )
    return (
        f"{statement} AND ({kind} <> '{facts.REPLY}' OR chats.awaiting_since IS NOT NULL) "
        f"AND ({kind} <> '{facts.RESOLUTION}' OR {_IS_ANSWERED})"
    )


_POSTGRESQL = _insert_statement(
    {name: f"(new.value->>{index})::{kind}" for index, (name, kind) in enumerate(_JSON_COLUMNS.items())},
    "json_array_elements(%s::json) AS new(value)",
    # Of nothing GREATEST makes 0, where MAX of SQLite makes nothing.
    "CASE WHEN {since} IS NOT NULL THEN GREATEST(0, ROUND(EXTRACT(EPOCH FROM {at} - {since})))::integer END",
)
_SQLITE = _insert_statement(
    {name: f"json_extract(new.value, '$[{index}]')" for index, name in enumerate(_JSON_COLUMNS)},
    "json_each(?) AS new",
    "CAST(MAX(0, ROUND((julianday({at}) - julianday({since})) * 86400)) AS INTEGER)",
)
