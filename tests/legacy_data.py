"""The database of the old service, as it is found: its tables, and rows with every kind of dirt."""

import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import bcrypt
import psycopg2

from tests.databases import empty_postgresql

PASSWORD = "clave del servicio anterior"
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4, prefix=b"2a")).decode()
SCHEMA = """
CREATE TYPE agent_status AS ENUM ('ACTIVE', 'INACTIVE');
CREATE TABLE departments (id serial PRIMARY KEY, name text, code text);
CREATE TABLE townships (id serial PRIMARY KEY, name text, code text);
CREATE TABLE plans (id serial PRIMARY KEY, name text, code text UNIQUE, description text, price decimal(10,2),
    duration_days integer, max_beneficiaries integer, is_active boolean DEFAULT true);
CREATE TABLE users (id serial PRIMARY KEY, first_name text, last_name text, identification_type text,
    identification_number text, address text, gender text, birth_date varchar(30), city_id integer, phone varchar(80),
    email text UNIQUE, password text, verified boolean, online_status boolean, created_at timestamp, plan_id integer);
CREATE TABLE payments (id serial PRIMARY KEY, user_id integer, plan_id integer, amount decimal(12,2),
    payment_method text, status text, start_date timestamp, end_date timestamp, transaction_id text,
    payment_details jsonb);
CREATE TABLE user_transactions (id uuid PRIMARY KEY, user_id integer, plan_id integer, transaction_id text UNIQUE,
    reference text UNIQUE, amount decimal(12,2), currency text, status text, is_valid boolean, wompi_status text,
    wompi_response jsonb, payment_method text, installments integer);
CREATE TABLE beneficiaries (id serial PRIMARY KEY, user_id integer, first_name text, last_name text,
    identification_type text, identification_number text, phone text, birth_date date, gender text, city_id integer,
    address text, blood_type text, health_provider text, prepaid_health text, work_risk_insurance text,
    funeral_insurance text, removed boolean, created_at timestamp);
CREATE TABLE call_center_agents (id serial PRIMARY KEY, user_id integer, agent_code text UNIQUE, status agent_status);
CREATE TABLE agent_chats (id serial PRIMARY KEY, agent_id integer, user_id integer, status text, last_message text,
    closed_by text, created_at timestamp, updated_at timestamp);
CREATE TABLE agent_chat_messages (id serial PRIMARY KEY, chat_id integer, sender_id integer, sender_type text,
    message text, status text, sent_at timestamp);
CREATE TABLE chats (id serial PRIMARY KEY, user_id integer, agent_id integer, status text, created_at timestamp,
    updated_at timestamp);
CREATE TABLE messages (id serial PRIMARY KEY, chat_id integer, sender_id integer, receiver_id integer,
    sender_type text, message text, status text, sent_at timestamp);
CREATE TABLE medical_specialties (id serial PRIMARY KEY, name text, description text);
CREATE TABLE medical_professionals (id serial PRIMARY KEY, user_id integer, profession text,
    medical_registration text, professional_card_number text, consultation_address text,
    attention_township_id integer, weekly_availability text);
CREATE TABLE medical_professionals_availability (id serial PRIMARY KEY, professional_id integer,
    day_of_week varchar(10), start_time time, end_time time);
CREATE TABLE medical_professionals_specialties (professional_id integer, specialty_id integer);
CREATE TABLE medical_appointments (id serial PRIMARY KEY, user_id integer, beneficiary_id integer,
    professional_id integer, specialty_id integer, appointment_date timestamp, appointment_time time, status text,
    duration_minutes integer, notes text, is_for_beneficiary boolean, firsttime boolean, control boolean,
    city_id integer, created_at timestamp);
CREATE TABLE call_assignments (id serial PRIMARY KEY, agent_id integer, appointment_id integer, assigned_at timestamp,
    status text);
CREATE TABLE user_allergies (id serial PRIMARY KEY, user_id integer, allergy text);
CREATE TABLE refresh_tokens (id serial PRIMARY KEY, user_id integer, token text);
INSERT INTO townships (id, name, code) VALUES (1, 'Bogotá', '11001'), (2, 'MedellÃ­n', '5001'), (3, 'Nada', '99999');
INSERT INTO plans (id, name, code, description, price, duration_days, max_beneficiaries)
    VALUES (1, 'Familiar', 'FAMILY', 'Para la familia', 59900.00, 30, 1), (2, 'Individual', 'ONE', '', 29900, 30, 0);
SELECT setval('plans_id_seq', 2);
"""


DIRT = {
    "text": (
        None, "", "   ", "\x01\x02", "\u200b", "x" * 5000, "🙂" * 50, "' OR 1=1", "JosÃ©", "-1", "99999999999999999999",
        "NaN", "0000-00-00", "2024-02-30", "٣١٠", "1e5", "a\nb", "\u202eabc", "[" * 3000, "{}",
    ),
    "integer": (None, -1, 0, 2**31 - 1, -(2**31)),
    "numeric": (None, -1, 0, "99999999.99", "NaN", "0.005"),
    "timestamp without time zone": (
        None, "infinity", "-infinity", "0001-01-01", "9999-12-31 23:59:59.999999", "4713-01-01 BC", "294276-12-31",
    ),
    "date": (None, "infinity", "-infinity", "0001-01-01", "9999-12-31", "4713-01-01 BC"),
    "time without time zone": (None, "24:00", "00:00:00.5", "23:59:59.999999"),
    "jsonb": (None, "{}", "[]", '"x"', "null", '{"payment_method": 7}', '{"data": {"transaction": null}}'),
    "boolean": (None, True, False),
    "character varying": (None, "", "  ", "\u200b", "🙂🙂", "-1", "NaN", "2024-02-30", "domingo!"),
}  # fmt: skip
"""By the type of a column, what may be in it."""
USUAL_COLUMNS = {
    "townships": {"name": "Bogotá", "code": "11001"},
    "plans": {"name": "Plan", "code": "P{n}", "price": 100, "duration_days": 30, "max_beneficiaries": 1},
    "users": {
        "first_name": "Ana", "last_name": "Rojas", "identification_type": "cc", "identification_number": "6{n:07}",
        "email": "d{n}@x.co", "phone": "3104428016", "city_id": 1, "created_at": "2024-02-03",
    },
    "payments": {
        "user_id": 1, "plan_id": 1, "amount": 100, "status": "APPROVED", "start_date": "2024-01-01",
        "end_date": "2024-02-01",
    },
    "user_transactions": {
        "user_id": 1, "plan_id": 1, "transaction_id": "t{n}", "reference": "r{n}", "amount": 100, "currency": "COP",
        "status": "APPROVED", "wompi_status": "APPROVED",
    },
    "beneficiaries": {"user_id": 1, "first_name": "Luz", "last_name": "Rojas", "identification_number": "1{n:09}"},
    "call_center_agents": {"user_id": 1, "agent_code": "A{n}", "status": "ACTIVE"},
    "agent_chats": {"user_id": 1, "agent_id": 1, "status": "ACTIVE", "created_at": "2024-01-01"},
    "agent_chat_messages": {"chat_id": 1, "sender_id": 1, "sender_type": "USER", "message": "Hola", "status": "READ"},
    "chats": {"user_id": 1, "agent_id": 1, "status": "ACTIVE", "created_at": "2024-01-01"},
    "messages": {"chat_id": 1, "sender_id": 1, "sender_type": "USER", "message": "Hola", "status": "READ"},
    "medical_specialties": {"name": "Especialidad {n}"},
    "medical_professionals": {"user_id": 1, "medical_registration": "R{n}", "attention_township_id": 1},
    "medical_professionals_availability": {
        "professional_id": 1, "day_of_week": "lunes", "start_time": "08:00", "end_time": "12:00",
    },
    "medical_professionals_specialties": {"professional_id": 1, "specialty_id": 1},
    "medical_appointments": {
        "user_id": 1, "specialty_id": 1, "appointment_date": "2099-05-04", "appointment_time": "09:00", "city_id": 1,
        "status": "CONFIRMED", "duration_minutes": 30, "created_at": "2024-01-01",
    },
    "call_assignments": {"agent_id": 1, "appointment_id": 1},
}  # fmt: skip
"""A row of each table that is imported; `n` is its number."""


class OldDatabase:
    """A database of the old service: `insert("users", …)` returns the id of the new row."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._number = 1000

    def run(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        with closing(psycopg2.connect(self.url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(sql, params or None)
            return cursor.fetchall() if cursor.description else []

    def insert(self, table: str, **columns: Any) -> Any:
        names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
        returning = "" if table == "medical_professionals_specialties" else " RETURNING id"
        rows = self.run(f"INSERT INTO {table} ({names}) VALUES ({places}){returning}", *columns.values())  # noqa: S608
        return rows[0][0] if rows else None

    def fill_with_dirt(self) -> int:
        """Insert a row for each value of `DIRT` in each column that is imported, and return how many there are."""
        sql = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
        number = 0
        with closing(psycopg2.connect(self.url)) as connection, connection, connection.cursor() as cursor:
            for table, usual in USUAL_COLUMNS.items():
                cursor.execute(sql, [table])
                for column, kind in cursor.fetchall():
                    for value in DIRT.get(kind, ()) if column != "id" else ():
                        number += 1
                        row = {name: str(one).format(n=number) for name, one in usual.items()}
                        row |= {"id": str(uuid.uuid4())} if table == "user_transactions" else {}
                        row[column] = value
                        names, places = ", ".join(row), ", ".join(["%s"] * len(row))
                        insert = f"INSERT INTO {table} ({names}) VALUES ({places}) ON CONFLICT DO NOTHING"  # noqa: S608
                        cursor.execute(insert, list(row.values()))
        return number

    def user(self, **columns: Any) -> int:
        self._number += 1
        given = {
            "first_name": "Ana",
            "last_name": "Rojas",
            "identification_type": "cc",
            "identification_number": f"52.100.{self._number % 1000:03}",
            "birth_date": "1984-03-14",
            "city_id": 1,
            "phone": "310 442 80 16",
            "email": f"persona{self._number}@x.co",
            "password": HASH,
            "verified": True,
            "created_at": "2024-02-03 10:00",
        }
        return int(self.insert("users", **{**given, **columns}))

    def agent(self, code: str = "AG-1", status: str = "ACTIVE", **columns: Any) -> int:
        user_id = columns.pop("user_id", None) or self.user(first_name="Yuliana", **columns)
        return int(self.insert("call_center_agents", user_id=user_id, agent_code=code, status=status))

    def chat(self, user_id: int, agent_id: int | None, *texts: str, status: str = "CLOSED", day: int = 1) -> int:
        at = f"2024-05-{day:02} 15:00"
        chat_id = self.insert(
            "agent_chats", user_id=user_id, agent_id=agent_id, status=status, created_at=at, updated_at=at
        )
        for number, text in enumerate(texts):
            kind, sender_id = ("USER", user_id) if number % 2 == 0 else ("AGENT", agent_id)
            self.message(chat_id, kind, sender_id, text, f"2024-05-{day:02} 15:{number:02}")
        return int(chat_id)

    def message(self, chat_id: int, kind: str, sender_id: int | None, text: str | None, at: str, status="READ") -> int:
        columns = {"chat_id": chat_id, "sender_type": kind, "sender_id": sender_id, "message": text}
        return int(self.insert("agent_chat_messages", **columns, status=status, sent_at=at))

    def payment(self, user_id: int, begins: str | None, ends: str | None, **columns: Any) -> int:
        given = {"plan_id": 1, "amount": "59900.00", "payment_method": "CARD", "status": "APPROVED"}
        dates = {"start_date": begins, "end_date": ends}
        return int(self.insert("payments", user_id=user_id, **dates, **{**given, **columns}))

    def transaction(self, user_id: int, transaction_id: str, **columns: Any) -> str:
        given = {"plan_id": 1, "reference": f"ref-{transaction_id}", "amount": "59900.00", "currency": "COP"}
        more = {"status": "APPROVED", "is_valid": True, "wompi_status": "APPROVED", "payment_method": "PSE"}
        columns = {**given, **more, **columns}
        return str(
            self.insert(
                "user_transactions", id=str(uuid.uuid4()), user_id=user_id, transaction_id=transaction_id, **columns
            )
        )

    def professional(self, **columns: Any) -> int:
        user_id = self.user(first_name="Jorge", last_name="Peña")
        given = {"medical_registration": f"RM-{user_id}", "attention_township_id": 1, "consultation_address": "Calle 1"}
        return int(self.insert("medical_professionals", user_id=user_id, **{**given, **columns}))

    def appointment(self, user_id: int, **columns: Any) -> int:
        given = {"specialty_id": 1, "appointment_date": "2099-05-04", "appointment_time": "09:00", "city_id": 1}
        more = {"status": "CONFIRMED", "duration_minutes": 30, "firsttime": True, "created_at": "2024-01-01"}
        return int(self.insert("medical_appointments", user_id=user_id, **{**given, **more, **columns}))


@contextmanager
def old_database(server_url: str, name: str) -> Iterator[OldDatabase]:
    """Create a database of the old service on a server; it is dropped afterwards."""
    with empty_postgresql(server_url, name) as url:
        old = OldDatabase(url)
        old.run(SCHEMA)
        old.insert("medical_specialties", name="CARDIOLOGIA", description="El corazón")
        yield old
