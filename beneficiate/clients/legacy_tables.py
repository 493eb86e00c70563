"""What is read of each table of the old service, in which order. A column that is not there is NULL."""

from collections.abc import Iterator

from beneficiate.clients.legacy_database import LegacyDatabase
from beneficiate.domain.legacy.conversations import ELDER_CHATS, MESSAGES_OF, YOUNGER_CHATS
from beneficiate.domain.legacy.plans import OldRow

AVAILABILITY_TABLES = ("medical_professionals_availability", "medical_professional_availability")
SPECIALTY_TABLES = ("medical_professionals_specialties", "medical_professional_specialties")
PROFESSIONAL_COLUMNS = ("professional_id", "medical_professional_id")
_CHAT_USER, _CHAT_AGENT = ("user_id", "sender_id"), ("agent_id", "receiver_id")
_CENTS_PATHS = ("{amount_in_cents}", "{transaction,amount_in_cents}", "{data,transaction,amount_in_cents}")


def read_townships(old: LegacyDatabase) -> Iterator[OldRow]:
    """Yield the townships."""
    return _read(old, "townships", "t.id", id="id", code="code")


def read_plans(old: LegacyDatabase) -> Iterator[OldRow]:
    """Yield the plans."""
    names = ("id", "name", "code", "description", "price", "duration_days", "max_beneficiaries", "is_active")
    return _read(old, "plans", "t.id", **{name: name for name in names})


def read_users(old: LegacyDatabase) -> Iterator[OldRow]:
    """Yield the users, the oldest first."""
    names = ("id", "first_name", "last_name", "identification_type", "identification_number", "birth_date")
    more = ("city_id", "phone", "email", "password", "created_at")
    return _read(old, "users", "t.id", **{name: name for name in (*names, *more)})


def read_agents(old: LegacyDatabase) -> Iterator[OldRow]:
    """Yield the agents by user, of each user the active rows first: of two that one counts."""
    names = ("id", "user_id", "agent_code", "status")
    order = "t.user_id, upper(btrim(t.status::text)) = 'ACTIVE' DESC NULLS LAST, t.id"
    return _read(old, "call_center_agents", order, **{name: name for name in names})


def read_beneficiaries(old: LegacyDatabase) -> Iterator[OldRow]:
    """Yield the beneficiaries."""
    names = ("id", "user_id", "first_name", "last_name", "identification_type", "identification_number")
    more = ("birth_date", "city_id", "removed", "created_at")
    return _read(old, "beneficiaries", "t.id", **{name: name for name in (*names, *more)})


def read_payments(old: LegacyDatabase) -> Iterator[OldRow]:
    """Yield the payments with their transactions, by user and in the order in which their periods begin."""
    if "payments" not in old.columns:
        return iter(())
    names = ("id", "user_id", "plan_id", "amount", "payment_method", "status", "start_date", "end_date")
    columns = old.select("p", "payments", **{name: name for name in (*names, "transaction_id", "created_at")})
    return old.stream(
        f"SELECT {columns}, {_transaction_columns(old)} FROM payments AS p {_join_transactions(old)} "  # noqa: S608
        "ORDER BY p.user_id, p.start_date, p.id"
    )


def read_transactions(old: LegacyDatabase) -> Iterator[OldRow]:
    """Yield the transactions of which there is no payment."""
    if "user_transactions" not in old.columns:
        return iter(())
    same = "btrim(p.transaction_id) = btrim(t.transaction_id) AND btrim(p.transaction_id) <> ''"
    lonely = f"WHERE NOT EXISTS (SELECT 1 FROM payments AS p WHERE {same})" if "payments" in old.columns else ""  # noqa: S608
    return old.stream(
        "SELECT t.id::text AS id, NULL AS transaction_id, NULL AS payment_method, NULL AS amount, "  # noqa: S608
        f"{_transaction_columns(old)} FROM user_transactions AS t {lonely} ORDER BY t.id"
    )


def read_running_plans(old: LegacyDatabase) -> Iterator[OldRow]:
    """Yield the users who have a plan, which has no dates."""
    if "plan_id" not in old.columns["users"]:
        return iter(())
    return old.stream("SELECT id, id AS user_id FROM users WHERE plan_id IS NOT NULL ORDER BY id")


def read_specialties(old: LegacyDatabase) -> Iterator[OldRow]:
    """Yield the specialties."""
    return _read(old, "medical_specialties", "t.id", id="id", name="name")


def read_professionals(old: LegacyDatabase) -> Iterator[OldRow]:
    """Yield the professionals with the names of their users, their specialties and the blocks of their week."""
    if "medical_professionals" not in old.columns:
        return
    blocks = _read_by_professional(old, AVAILABILITY_TABLES, ("day_of_week", "start_time", "end_time"))
    specialties = _read_by_professional(old, SPECIALTY_TABLES, ("specialty_id",))
    names = ("medical_registration", "professional_card_number", "consultation_address", "attention_township_id")
    columns = {name: name for name in ("id", *names, "weekly_availability")}
    for row in old.stream(
        f"SELECT {old.select('m', 'medical_professionals', **columns)}, "  # noqa: S608
        f"{old.select('u', 'users', first_name='first_name', last_name='last_name')} "
        "FROM medical_professionals AS m LEFT JOIN users AS u ON u.id = m.user_id ORDER BY m.id"
    ):
        of_row = {
            "blocks": blocks.get(row["id"], []),
            "specialties": [one for (one,) in specialties.get(row["id"], [])],
        }
        yield {**row, **of_row}


def read_appointments(old: LegacyDatabase) -> Iterator[OldRow]:
    """Yield the appointments, the oldest first, with the code of the agent who handled each last."""
    if "medical_appointments" not in old.columns:
        return iter(())
    names = ("id", "user_id", "beneficiary_id", "professional_id", "specialty_id", "appointment_date", "status")
    more = ("appointment_time", "duration_minutes", "notes", "is_for_beneficiary", "firsttime", "control", "city_id")
    columns = old.select("m", "medical_appointments", **{name: name for name in (*names, *more, "created_at")})
    handler = "NULL"
    if {"call_assignments", "call_center_agents"} <= old.columns.keys():
        handler = (
            "(SELECT a.agent_code FROM call_assignments AS c JOIN call_center_agents AS a ON a.id = c.agent_id "
            "WHERE c.appointment_id = m.id ORDER BY c.assigned_at DESC NULLS LAST LIMIT 1)"
        )
    order = "m.created_at, m.id" if "created_at" in old.columns["medical_appointments"] else "m.id"
    return old.stream(
        f"SELECT {columns}, {old.select('u', 'users', user_city_id='city_id')}, {handler} AS handled_by "  # noqa: S608
        f"FROM medical_appointments AS m LEFT JOIN users AS u ON u.id = m.user_id ORDER BY {order}"
    )


def read_open_chats(old: LegacyDatabase) -> Iterator[OldRow]:
    """Yield the open chats of both pairs of tables, with when something happened in each last."""
    for table in (ELDER_CHATS, YOUNGER_CHATS):
        known = old.columns.get(table, set())
        if "status" not in known:
            continue
        times = [f"c.{name}" for name in ("updated_at", "created_at") if name in known]
        columns = old.select("c", table, id="id", user_id=_CHAT_USER, agent_id=_CHAT_AGENT)
        at = f"COALESCE({', '.join(times)}, 'epoch')" if times else "'epoch'::timestamp"
        yield from old.stream(
            f"SELECT '{table}' AS table, {columns}, {at} AS at FROM {table} AS c "  # noqa: S608
            "WHERE lower(btrim(c.status::text)) IN ('active', 'pending', 'activo', 'pendiente', 'open', 'abierto') "
            "ORDER BY c.id"
        )


def read_chats(old: LegacyDatabase, table: str) -> Iterator[OldRow]:
    """Yield the messages of the chats of one of the two tables, by chat and in the order of (time, id).

    A chat without messages is one row. `m_place` is how many messages of the chat come before.
    """
    if table not in old.columns:
        return
    lines = MESSAGES_OF[table]
    chat = old.select(
        "c",
        table,
        id="id",
        user_id=_CHAT_USER,
        agent_id=_CHAT_AGENT,
        status="status",
        created_at="created_at",
        updated_at=("updated_at", "created_at"),
    )
    at = next((name for name in ("sent_at", "created_at") if name in old.columns.get(lines, ())), "")
    time_order = f"m.{at} NULLS FIRST, " if at else ""
    join = f"{lines} AS m ON m.chat_id = c.id" if lines in old.columns else "(SELECT 1) AS m ON false"
    chat_id, place = None, 0
    for row in old.stream(
        f"SELECT {chat}, {_message_columns(old, table, at)} FROM {table} AS c LEFT JOIN {join} "  # noqa: S608
        f"ORDER BY c.id, {time_order}{'m.id' if lines in old.columns else '1'}"
    ):
        place = place + 1 if row["id"] == chat_id else 0
        chat_id = row["id"]
        yield {**row, "m_place": place}


def read_messages_without_chat(old: LegacyDatabase, table: str) -> Iterator[OldRow]:
    """Yield the messages of one of the two tables of chats whose chat is not there."""
    lines = MESSAGES_OF[table]
    if lines not in old.columns:
        return iter(())
    chats = f"WHERE NOT EXISTS (SELECT 1 FROM {table} AS c WHERE c.id = m.chat_id)" if table in old.columns else ""  # noqa: S608
    return old.stream(f"SELECT m.id FROM {lines} AS m {chats} ORDER BY m.id")  # noqa: S608


def _message_columns(old: LegacyDatabase, table: str, at: str) -> str:
    """Return the columns of a message: in the elder pair both sides are named, in the younger one who wrote it."""
    lines = MESSAGES_OF[table]
    common = {"m_id": "id", "m_sender_type": "sender_type", "m_text": ("message", "content"), "m_status": "status"}
    if table == ELDER_CHATS or lines not in old.columns:
        senders = old.select("m", lines, m_user_id="sender_id", m_agent_id="receiver_id")
    else:
        kind = "upper(btrim(m.sender_type::text))"
        senders = (
            f"CASE WHEN {kind} = 'USER' THEN m.sender_id END AS m_user_id, "
            f"CASE WHEN {kind} = 'AGENT' THEN m.sender_id END AS m_agent_id"
        )
    return f"{old.select('m', lines, **common, m_at=at or 'sent_at')}, {senders}"


def _read(old: LegacyDatabase, table: str, order: str, **columns: str) -> Iterator[OldRow]:
    if table not in old.columns:
        return iter(())
    return old.stream(f"SELECT {old.select('t', table, **columns)} FROM {table} AS t ORDER BY {order}")  # noqa: S608


def _read_by_professional(
    old: LegacyDatabase, tables: tuple[str, ...], names: tuple[str, ...]
) -> dict[object, list[tuple[object, ...]]]:
    """Return the columns of a table of professionals, which are few, by professional."""
    table = old.find_table(*tables)
    found: dict[object, list[tuple[object, ...]]] = {}
    if table:
        columns = old.select("t", table, owner=PROFESSIONAL_COLUMNS, **{name: name for name in names})
        for row in old.stream(f"SELECT {columns} FROM {table} AS t"):  # noqa: S608
            found.setdefault(row["owner"], []).append(tuple(row[name] for name in names))
    return found


def _join_transactions(old: LegacyDatabase) -> str:
    if "user_transactions" not in old.columns:
        return ""
    return (
        "LEFT JOIN user_transactions AS t "
        "ON btrim(t.transaction_id) = btrim(p.transaction_id) AND btrim(p.transaction_id) <> ''"
    )


def _transaction_columns(old: LegacyDatabase) -> str:
    """Return the columns of a transaction, its amount as Wompi said it if it did."""
    known = old.columns.get("user_transactions", set())
    names = ("id", "user_id", "plan_id", "transaction_id", "reference", "currency", "status", "is_valid")
    more = ("wompi_status", "payment_method", "created_at")
    columns = old.select("t", "user_transactions", **{f"t_{name}": name for name in (*names, *more)})
    amount = "t.amount" if "amount" in known else "NULL"
    if "wompi_response" in known:
        cents = ", ".join(f"t.wompi_response #>> '{path}'" for path in _CENTS_PATHS)
        amount = (
            f"CASE WHEN COALESCE({cents}) ~ '^[0-9]{{1,14}}$' THEN COALESCE({cents})::numeric / 100 ELSE {amount} END"
        )
    return f"{columns}, {amount} AS t_amount"
