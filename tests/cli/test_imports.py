"""The import of the old service, as an operator runs it: from a real database, into PostgreSQL and SQLite."""

import csv
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from beneficiate.domain.email_addresses import normalize_email_address
from beneficiate.domain.erasures import NOT_BROUGHT_BACK
from beneficiate.encryption import KeyedHashes
from beneficiate.models import TABLES
from beneficiate.models.accounts import Agent, Beneficiary, User
from beneficiate.models.appointments import Appointment, AppointmentChange, Reminder, Tick
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import database, open_database
from beneficiate.models.chats import Chat, Message
from beneficiate.models.facts import Fact
from beneficiate.models.imports import ImportedRow
from beneficiate.models.payments import Payment, PaymentTransaction, Plan, Subscription
from beneficiate.models.professionals import AvailabilityBlock, Professional, Specialty, Township
from beneficiate.services.legacy_import import PROGRESS_TABLES
from tests.databases import empty_postgresql
from tests.factories import SECRET, erased_person
from tests.legacy_data import HASH, old_database
from tests.server_process import ROOT


@pytest.fixture
def old(postgresql_url):
    with old_database(postgresql_url, f"beneficiate_old_{os.getpid()}") as made:
        yield made


class Importer:
    """Runs the import; afterwards the models are bound to what it wrote."""

    def __init__(self, run_command, old, folder):
        self._run, self._old, self.refused = run_command, old, folder / "no-importados.csv"

    def __call__(self, *options, code=0, **environ):
        arguments = ("--from", self._old.url, "--refused", str(self.refused), *options)
        told = self._run("import-legacy", *arguments, code=code, **environ)
        database.obj.connect(reuse_if_open=True)
        return told

    def losses(self):
        """Return (table, id, result, reason) of each row that lost something."""
        with self.refused.open(encoding="utf-8-sig", newline="") as file:
            return [(row[0], row[1], row[3], row[4]) for row in list(csv.reader(file, delimiter=";"))[1:]]

    def reasons_of(self, table, old_id):
        return [reason for name, one, _, reason in self.losses() if (name, one) == (table, str(old_id))]


@pytest.fixture
def importer(run, old, tmp_path):
    yield Importer(run, old, tmp_path)
    database.obj.close_all()


@contextmanager
def fresh_database(folder, url):
    """Another database of the same kind; the models are bound to it."""
    if url.startswith("sqlite"):
        path = f"sqlite:///{folder}/other.db"
        database.initialize(open_database(path))
        yield path
        return
    with empty_postgresql(url, f"beneficiate_other_{os.getpid()}") as other:
        database.initialize(open_database(other))
        yield other
        database.obj.close_all()


def of(kind, old_id):
    row = ImportedRow.get_or_none(ImportedRow.kind == kind, ImportedRow.old_id == str(old_id))
    return row.new_id if row else None


def user_of(old_id):
    return User.get_by_id(of("users", old_id))


def dump():
    return {
        model._meta.table_name: sorted(map(repr, model.select().tuples()))
        for model in TABLES
        if model not in (Township, Specialty)
    }


# ---- People --------------------------------------------------------------------------------------


def test_member_has_what_the_forms_would_store(importer, old):
    old_id = old.user(
        first_name=" JosÃ© ",
        last_name="Peña  Núñez",
        identification_type="Cédula de Ciudadanía",
        identification_number="CC 52.123.456",
        birth_date="14/3/1984",
        city_id=2,
        phone="(310) 442-8016",
        email=" Jose@Correo.CO ",
    )
    importer()
    jose = user_of(old_id)
    assert (jose.first_name, jose.last_name) == ("José", "Peña Núñez")
    assert (jose.document_type, jose.document_number) == ("CC", "52123456")
    assert (jose.phone, jose.email) == ("+573104428016", normalize_email_address("jose@correo.co"))
    assert (jose.birth_date.isoformat(), jose.township.code) == ("1984-03-14", "05001")
    assert (jose.password_hash, jose.is_active) == (HASH, True)
    assert jose.created_at == datetime(2024, 2, 3, 10, tzinfo=UTC)
    assert importer.reasons_of("users", old_id) == []


def test_times_are_of_the_zone_that_the_operator_says(importer, old):
    old_id = old.user()
    importer("--legacy-zone", "America/Bogota")
    assert user_of(old_id).created_at == datetime(2024, 2, 3, 15, tzinfo=UTC)


def test_users_who_cannot_be_imported_are_listed_with_the_reason(importer, old):
    cases = [
        ({"email": "no es un correo"}, "El correo no es una dirección válida."),
        ({"identification_type": "libreta"}, "El tipo de documento no es uno de los conocidos."),
        ({"identification_number": "5.2E+07"}, "El número no es válido (CC)."),
        ({"identification_number": None}, "No tiene número de documento."),
        ({"first_name": " "}, "Faltan los nombres"),
    ]
    ids = [old.user(**columns) for columns, _ in cases]
    assert f"users: {len(cases)} no se importan" in importer()
    for old_id, (_, reason) in zip(ids, cases, strict=True):
        assert of("users", old_id) is None
        (said,) = importer.reasons_of("users", old_id)
        assert said.startswith(reason)
    assert "52.100" not in importer.refused.read_text("utf-8")


def test_who_was_erased_here_is_not_brought_back(importer, old):
    importer()
    erased_person("CC", "52111222", KeyedHashes(SECRET))
    database.obj.close()
    gone = old.user(identification_number="52.111.222")
    for options in (("--dry-run",), ()):
        assert "users: 1 no se importan" in importer(*options)
        assert importer.reasons_of("users", gone) == [NOT_BROUGHT_BACK]
    assert of("users", gone) is None


def test_members_without_a_part_are_imported_and_listed(importer, old):
    cases = [
        ({"phone": "no tiene"}, "Su teléfono no es un número válido"),
        ({"birth_date": "31/02/1990"}, "Su fecha de nacimiento no se entiende"),
        ({"birth_date": "1820-01-01"}, "Su fecha de nacimiento no se entiende"),
        ({"city_id": 3}, "Su municipio no se reconoce"),
        ({"password": "$2b$31$" + "a" * 53}, "Su contraseña no se puede conservar"),
        ({"password": None}, "Su contraseña no se puede conservar"),
    ]
    ids = [old.user(**columns) for columns, _ in cases]
    importer()
    for old_id, (_, reason) in zip(ids, cases, strict=True):
        assert user_of(old_id).first_name == "Ana"
        assert importer.reasons_of("users", old_id)[0].startswith(reason)


def test_empty_parts_are_no_loss(importer, old):
    old_id = old.user(phone="", birth_date="", city_id=None)
    importer()
    ana = user_of(old_id)
    assert (ana.phone, ana.birth_date, ana.township) == ("", None, None)
    assert importer.reasons_of("users", old_id) == []


def test_twins_by_case_of_the_address_are_one_account_if_they_are_one_person(importer, old):
    first = old.user(email="ana@x.co", identification_number="52111222")
    twin = old.user(email="ANA@x.co", identification_number="52.111.222")
    other = old.user(email="Ana@X.co", identification_number="52333444")
    importer()
    assert of("users", twin) == of("users", first)
    assert of("users", other) is None
    assert importer.reasons_of("users", other) == ["Otra cuenta tiene el mismo correo, con otro documento."]
    assert User.select().count() == 1


def test_document_of_another_name_and_address_is_nobody_elses_account(importer, old):
    first = old.user(identification_number="52111222")
    same = old.user(identification_number="52111222", email="otro@x.co")
    thief = old.user(identification_number="52111222", first_name="Pedro", email="pedro@x.co")
    importer()
    assert of("users", same) == of("users", first)
    assert "este otro correo no se conserva" in importer.reasons_of("users", same)[0]
    assert of("users", thief) is None


def test_agents_are_imported_once_for_each_person_and_are_away(importer, old):
    user_id = old.user(first_name="Yuliana")
    inactive = old.agent("ag-9", "INACTIVE", user_id=user_id)
    active = old.agent("AG-1", user_id=user_id)
    lost = old.insert("call_center_agents", user_id=999, agent_code="AG-3", status="ACTIVE")
    importer()
    assert of("call_center_agents", inactive) == of("call_center_agents", active)
    agent = Agent.get()
    assert (agent.agent_code, agent.status, agent.availability, agent.user.first_name) == (
        "AG-1",
        "ACTIVE",
        "offline",
        "Yuliana",
    )
    assert importer.reasons_of("call_center_agents", lost) == ["La persona a la que pertenece no se importó."]


def test_agent_whose_first_row_has_no_code_is_imported_once_and_the_second_run_joins_nothing(importer, old):
    user_id = old.user(first_name="Yuliana")
    first = old.insert("call_center_agents", user_id=user_id, agent_code="", status="ACTIVE")
    second = old.insert("call_center_agents", user_id=user_id, agent_code="AG-7", status="INACTIVE")
    importer()
    assert of("call_center_agents", first) == of("call_center_agents", second) == str(Agent.get().id)
    assert Agent.get().agent_code == "AG-7"
    before = dump()
    importer()
    assert dump() == before


def test_open_chat_without_a_time_is_the_oldest(importer, old):
    ana, agent_id = old.user(), old.agent()
    newest = old.chat(ana, agent_id, "Hola", status="ACTIVE")
    for _ in range(2):
        old.insert("agent_chats", user_id=ana, agent_id=agent_id, status="ACTIVE", updated_at="infinity")
    importer()
    (open_chat,) = Chat.select().where(Chat.status == "ACTIVE")
    assert str(open_chat.id) == of("agent_chats", newest)


def test_beneficiaries_above_the_plan_come_too_and_removed_ones_stay_removed(importer, old):
    ana = old.user(identification_number="52111222")
    columns = {"user_id": ana, "last_name": "Rojas", "identification_type": "TI", "created_at": "2024-01-01"}
    numbers = {"Luz": "1002003001", "Leo": "1002003002", "Gone": "1002003003", "Twin": "1002003001"}
    ids = {
        name: old.insert(
            "beneficiaries",
            first_name=name,
            identification_number=number,
            birth_date="2015-01-02",
            removed=name == "Gone",
            **columns,
        )
        for name, number in numbers.items()
    }
    own = {"identification_type": "CC", "identification_number": "52111222"}
    own_id = old.insert("beneficiaries", first_name="Ana", **{**columns, **own})
    importer()
    rows = {row.first_name: row for row in Beneficiary.select()}
    assert set(rows) == {"Luz", "Leo", "Gone"}
    assert {name for name, row in rows.items() if row.removed_at} == {"Gone"}
    assert (rows["Luz"].relationship, rows["Luz"].birth_date.isoformat()) == ("Otro", "2015-01-02")
    assert of("beneficiaries", ids["Twin"]) == of("beneficiaries", ids["Luz"])
    assert importer.reasons_of("beneficiaries", own_id) == ["Tiene el documento del propio afiliado."]


# ---- Plans and payments ---------------------------------------------------------------------------


def test_plan_price_is_in_whole_pesos_and_a_plan_of_here_stays(importer, old):
    old.run("UPDATE plans SET price = 29900.50 WHERE id = 2")
    bad = old.insert("plans", name="Malo", code="BAD", price=1, duration_days=0, max_beneficiaries=0)
    importer("--dry-run")
    Plan.create(code="FAMILY", name="Nuestro", description="", price=1, duration_days=30, max_beneficiaries=4)
    importer()
    assert {plan.code: (plan.name, plan.price) for plan in Plan.select()} == {
        "FAMILY": ("Nuestro", 1),
        "ONE": ("Individual", 29901),
    }
    assert importer.reasons_of("plans", 2) == ["El precio tenía centavos y se redondeó a pesos."]
    assert importer.reasons_of("plans", bad) == ["Su duración o su número de beneficiarios no son válidos."]


def test_purchase_of_both_tables_is_one_payment_with_its_attempt(importer, old):
    ana = old.user()
    payment = old.payment(ana, "2024-01-01", "2024-01-31", transaction_id=" 123-456 ")
    transaction = old.transaction(ana, "123-456", wompi_response='{"amount_in_cents": 5990050}')
    told = importer()
    row = Payment.get()
    assert (row.amount, row.status, row.paid_by, row.is_open, row.check_at) == (
        59900,
        "APPROVED",
        "123-456",
        False,
        None,
    )
    attempt = PaymentTransaction.get()
    assert (attempt.id, attempt.payment_id, attempt.amount_in_cents, attempt.method) == (
        "123-456",
        row.id,
        5990050,
        "PSE",
    )
    period = Subscription.get()
    assert (period.starts_at, period.ends_at) == (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 31, tzinfo=UTC))
    assert of("payments", payment) == of("user_transactions", transaction) == row.id
    assert "payments: 1 se importan" in told
    assert "user_transactions: 1 se importan" in told


def test_transaction_alone_is_a_payment_without_a_period(importer, old):
    ana = old.user(plan_id=1)
    transaction = old.transaction(ana, "77-1")
    declined = old.transaction(ana, "77-2", wompi_status="DECLINED")
    waiting = old.transaction(ana, "77-3", wompi_status="PENDING", status="pending")
    invalid = old.transaction(ana, "77-4", is_valid=False)
    importer()
    assert {row.id: row.status for row in PaymentTransaction.select()} == {
        "77-1": "APPROVED",
        "77-2": "DECLINED",
        "77-3": "EXPIRED",
        "77-4": "DECLINED",
    }
    assert Subscription.select().count() == 0
    assert "sin fechas" in importer.reasons_of("user_transactions", transaction)[0]
    assert importer.reasons_of("user_transactions", declined) == []
    assert "Estaba pendiente" in importer.reasons_of("user_transactions", waiting)[0]
    assert "no válida" in importer.reasons_of("user_transactions", invalid)[0]
    assert "queda sin plan" in importer.reasons_of("users.plan_id", ana)[0]


def test_status_in_free_text_is_understood_or_refused(importer, old):
    ana = old.user()
    ids = {
        text: old.payment(ana, None, None, status=text)
        for text in ("Aprobado", "PAGADA ", "rechazado", "Anulado", "en proceso", "vencido", "quién sabe")
    }
    importer()
    stored = {text: Payment.get_by_id(of("payments", one)).status for text, one in ids.items() if of("payments", one)}
    assert stored == {
        "Aprobado": "APPROVED",
        "PAGADA ": "APPROVED",
        "rechazado": "DECLINED",
        "Anulado": "VOIDED",
        "en proceso": "EXPIRED",
        "vencido": "EXPIRED",
    }
    assert importer.reasons_of("payments", ids["quién sabe"]) == ["Su estado no es uno de los conocidos."]


def test_periods_that_overlap_follow_each_other_and_no_day_to_come_is_lost(importer, old):
    ana = old.user()
    old.payment(ana, "2024-01-01", "2024-01-31")
    old.payment(ana, "2024-01-16", "2024-02-15")
    old.payment(ana, "2090-01-01", "2090-01-31")
    last = old.payment(ana, "2090-01-16", "2090-02-15")
    importer()
    spans = [
        (row.starts_at.date().isoformat(), row.ends_at.date().isoformat())
        for row in Subscription.select().order_by(Subscription.starts_at)
    ]
    assert spans == [
        ("2024-01-01", "2024-01-31"),
        ("2024-01-31", "2024-02-15"),
        ("2090-01-01", "2090-01-31"),
        ("2090-01-31", "2090-03-02"),
    ]
    assert "Se cruzaba con otro período" in importer.reasons_of("payments", last)[0]


def test_second_payment_of_one_transaction_is_refused(importer, old):
    ana = old.user()
    old.payment(ana, "2024-01-01", "2024-01-31", transaction_id="1-1")
    again = old.payment(ana, "2024-02-01", "2024-03-01", transaction_id="1-1")
    old.transaction(ana, "1-1")
    importer()
    assert importer.reasons_of("payments", again) == ["Otro pago tiene la misma transacción."]
    assert (Payment.select().count(), Subscription.select().count()) == (1, 1)


# ---- Chats ----------------------------------------------------------------------------------------


def test_chats_of_both_pairs_are_imported_though_their_ids_overlap(importer, old):
    ana, agent = old.user(), old.agent()
    younger = old.chat(ana, agent, "Hola", "Buenos dÃ­as", "Gracias")
    elder = old.insert("chats", user_id=ana, agent_id=agent, status="CLOSED", created_at="2022-01-01")
    assert elder == younger == 1
    for number, (kind, text, status) in enumerate(
        [
            ("USER", "Antes", "READ"),
            ("AGENT", "Después", "DELIVERED"),
            ("AGENT", " ", "FAILED"),
            ("AGENT", "No", "FAILED"),
        ]
    ):
        old.insert(
            "messages",
            chat_id=elder,
            sender_id=ana,
            receiver_id=agent,
            sender_type=kind,
            message=text,
            status=status,
            sent_at=f"2022-01-01 00:0{number}",
        )
    importer()
    lines = {
        kind: list(
            Message.select(Message.seq, Message.message)
            .where(Message.chat == of(kind, 1))
            .order_by(Message.seq)
            .tuples()
        )
        for kind in ("chats", "agent_chats")
    }
    assert lines == {
        "chats": [(1, "Antes"), (2, "Después"), (3, "No")],
        "agent_chats": [(1, "Hola"), (2, "Buenos días"), (3, "Gracias")],
    }
    chat = Chat.get_by_id(of("agent_chats", 1))
    assert (chat.status, chat.last_seq, chat.last_line, chat.user_unread, chat.other_unread) == (
        "CLOSED",
        3,
        "Gracias",
        0,
        0,
    )
    assert (chat.awaiting_since, chat.assigned_at, chat.alarm_at, chat.response_due_at) == (None, None, None, None)
    senders = list(
        Message.select(Message.sender_type, Message.sender_id, Message.sender_name)
        .where(Message.chat == chat)
        .order_by(Message.seq)
        .tuples()
    )
    agent_id = int(of("call_center_agents", agent))
    assert senders[:2] == [("USER", int(of("users", ana)), "Ana Rojas"), ("AGENT", agent_id, "Yuliana Rojas")]
    assert Fact.select().count() == 0


def test_messages_are_numbered_by_time_and_id_and_only_of_that_chat(importer, old):
    ana, luis, agent = old.user(), old.user(first_name="Luis"), old.agent()
    chat = old.chat(ana, agent)
    old.message(chat, "SYSTEM", 0, "Bienvenida", "2024-05-01 09:00")
    second = old.message(chat, "AGENT", 999, "segundo", "2024-05-01 11:00")
    old.message(chat, "USER", ana, "tercero", "2024-05-01 11:00")
    old.message(chat, "USER", ana, "primero", "2024-05-01 10:00")
    wrong = old.message(chat, "USER", luis, "de otro", "2024-05-01 12:00")
    unknown = old.message(chat, "ROBOT", ana, "de nadie", "2024-05-01 12:00")
    old.message(chat, "USER", ana, None, "2024-05-01 13:00")
    importer()
    rows = list(Message.select(Message.seq, Message.sender_type, Message.message).order_by(Message.seq).tuples())
    assert rows == [
        (1, "SYSTEM", "Bienvenida"),
        (2, "USER", "primero"),
        (3, "AGENT", "segundo"),
        (4, "USER", "tercero"),
    ]
    assert importer.reasons_of("agent_chat_messages", wrong) == ["Lo escribió alguien que no es de ese chat."]
    assert importer.reasons_of("agent_chat_messages", unknown) == ["No se sabe quién lo escribió."]
    author = Message.get(Message.message == "segundo")
    assert (author.sender_id, author.sender_name) == (None, "Agente")
    assert second


def test_newest_open_chat_of_a_member_stays_open_and_nobody_waits(importer, old):
    ana, agent = old.user(), old.agent()
    old.chat(ana, agent, "viejo", status="ACTIVE", day=1)
    newest = old.chat(ana, agent, "nuevo", "sí", status="pending", day=9)
    elder = old.insert("chats", user_id=ana, agent_id=agent, status="ACTIVE", created_at="2022-01-01")
    importer()
    (chat,) = Chat.select().where(Chat.status != "CLOSED")
    assert str(chat.id) == of("agent_chats", newest)
    assert (chat.status, chat.agent_id) == ("ACTIVE", int(of("call_center_agents", agent)))
    assert (chat.awaiting_since, chat.reply_due_at, chat.alarm_at, chat.needs_first_reply) == (None, None, None, False)
    assert importer.reasons_of("chats", elder)[0].startswith("Estaba abierto y queda cerrado")


def test_agent_keeps_as_many_open_chats_as_they_can_answer(importer, old):
    agent, gone = old.agent(), old.agent("AG-2", "INACTIVE")
    people = [old.user() for _ in range(8)]
    for day, who in enumerate(people[:7], 1):
        old.chat(who, agent, "Hola", status="ACTIVE", day=day)
    old.chat(people[7], gone, "Hola", status="ACTIVE")
    importer()
    kept = {row.user_id for row in Chat.select().where(Chat.status == "ACTIVE")}
    assert kept == {int(of("users", one)) for one in people[2:7]}


def test_read_marks_of_an_open_chat_follow_the_statuses(importer, old):
    ana, agent = old.user(), old.agent()
    chat = old.chat(ana, agent, status="ACTIVE")
    for number, (kind, who, status) in enumerate(
        [("USER", ana, "READ"), ("AGENT", agent, "READ"), ("AGENT", agent, "DELIVERED"), ("AGENT", agent, "SENT")]
    ):
        old.message(chat, kind, who, str(number), f"2024-05-01 10:0{number}", status)
    importer()
    row = Chat.get()
    assert (row.user_read_seq, row.user_delivered_seq, row.user_unread) == (2, 3, 2)
    assert (row.other_read_seq, row.other_unread) == (4, 0)


def test_long_chat_is_imported_in_parts_and_goes_on_where_it_was(importer, old, monkeypatch):
    from beneficiate.services import legacy_import

    steps = tuple(replace(step, rows_per_part=3) for step in legacy_import.CHAT_STEPS)
    monkeypatch.setattr(legacy_import, "CHAT_STEPS", steps)
    ana, agent = old.user(), old.agent()
    chat = old.chat(ana, agent, *(f"mensaje {number}" for number in range(10)))
    importer()
    texts = [row.message for row in Message.select().order_by(Message.seq)]
    assert texts == [f"mensaje {number}" for number in range(10)]
    old.message(chat, "USER", ana, "después", "2024-05-02 10:00")
    importer()
    row = Chat.get()
    assert (row.last_seq, row.last_line, row.updated_at.day) == (11, "después", 2)
    old.message(chat, "USER", ana, "demasiado viejo", "2024-05-01 10:00")
    Message.create(chat=row, seq=12, sender_type="USER", sender_id=1, message="aquí", sent_at=datetime.now(UTC))
    importer()
    assert Message.select().count() == 12


# ---- Appointments ---------------------------------------------------------------------------------


def test_appointment_to_come_is_imported_with_its_time_and_reminders_but_no_email(importer, old):
    ana, doctor = old.user(), old.professional()
    one = old.appointment(ana, professional_id=doctor, notes="Dolor de espalda ")
    agent = old.agent("AG-7")
    old.insert("call_assignments", agent_id=agent, appointment_id=one, assigned_at="2024-01-01", status="x")
    importer()
    row = Appointment.get()
    assert (row.status, row.first_time, row.notes) == ("CONFIRMED", True, "Dolor de espalda")
    assert row.starts_at == datetime(2099, 5, 4, 14, tzinfo=UTC)
    assert row.specialty.name == "Cardiología"
    assert row.ticket_number.startswith("APT-")
    assert Tick.select().count() == 12
    assert sorted(row.hours_before for row in Reminder.select()) == [2, 24]
    (change,) = AppointmentChange.select()
    assert (change.to_status, change.actor_role, change.reason) == ("CONFIRMED", "system", "importada; la atendía AG-7")
    (fact,) = Fact.select()
    assert (fact.kind, fact.at, fact.starts_at) == ("appointment", datetime(2024, 1, 1, tzinfo=UTC), row.starts_at)


def test_of_two_confirmed_on_one_slot_the_older_is_imported(importer, old):
    doctor = old.professional()
    younger = old.appointment(old.user(), professional_id=doctor, created_at="2024-02-02")
    older = old.appointment(old.user(), professional_id=doctor, created_at="2024-02-01")
    cancelled = old.appointment(old.user(), professional_id=doctor, status="CANCELLED")
    importer()
    assert of("medical_appointments", younger) is None
    assert of("medical_appointments", older)
    assert of("medical_appointments", cancelled)
    assert importer.reasons_of("medical_appointments", younger)[0].startswith("Otra cita, más antigua")


def test_dirt_of_appointments(importer, old):
    cases = [
        ({"appointment_time": None}, "PENDING", "Le falta la hora"),
        ({"appointment_time": None, "appointment_date": "2020-01-01 05:00"}, "EXPIRED", "Su fecha ya pasó"),
        ({"status": "PENDING", "appointment_date": "2020-01-01"}, "EXPIRED", "Su fecha ya pasó"),
        ({"appointment_time": "09:02"}, None, "La hora no es un múltiplo"),
        ({"status": "?"}, None, "Su estado no es"),
        ({"is_for_beneficiary": True}, None, "Es para un beneficiario"),
        ({"beneficiary_id": 77}, None, "Su beneficiario no se importó"),
        ({"specialty_id": 77}, None, "Su especialidad no se importó"),
        ({"city_id": 3, "user_id": old.user(city_id=None)}, None, "No se sabe en qué municipio"),
        ({"control": True}, "CONFIRMED", "Decía primera vez y control"),
    ]
    doctor = old.professional()
    ids = [old.appointment(**{"user_id": old.user(), "professional_id": doctor, **columns}) for columns, *_ in cases]
    importer()
    for old_id, (_, status, reason) in zip(ids, cases, strict=True):
        new_id = of("medical_appointments", old_id)
        assert (Appointment.get_by_id(new_id).status if new_id else None) == status
        assert reason in importer.reasons_of("medical_appointments", old_id)[0]


def test_professional_has_a_week_specialties_and_the_words_of_the_old_service(importer, old):
    doctor = old.professional(weekly_availability="Lunes a viernes, mañanas", medical_registration="RM 77")
    blocks = [("lunes", "08:00", "10:00"), ("Monday", "09:00", "12:00"), ("Miércoles", "14:00", "23:59:59")]
    for day, starts, ends in [*blocks, ("Pascua", "08:00", "09:00"), ("martes", "10:00", "09:00")]:
        columns = {"professional_id": doctor, "day_of_week": day, "start_time": starts, "end_time": ends}
        old.insert("medical_professionals_availability", **columns)
    old.insert("medical_professionals_specialties", professional_id=doctor, specialty_id=1)
    nowhere = old.professional(attention_township_id=3)
    importer()
    row = Professional.get()
    assert (row.license_number, row.schedule_type, row.imported_note) == ("RM 77", "MANUAL", "Lunes a viernes, mañanas")
    week = [(one.weekday, one.starts, one.ends) for one in AvailabilityBlock.select().order_by(AvailabilityBlock.id)]
    assert week == [(0, 480, 720), (2, 840, 1440)]
    assert importer.reasons_of("medical_professionals", doctor) == [
        "De sus bloques de horario hay algunos que no se entienden."
    ]
    assert importer.reasons_of("medical_professionals", nowhere) == ["No se sabe en qué municipio atiende."]


# ---- The run as a whole ---------------------------------------------------------------------------


def fill(old):
    """One of nearly everything."""
    ana, agent, doctor = old.user(plan_id=1), old.agent(), old.professional()
    old.payment(ana, "2024-01-01", "2024-01-31", transaction_id="1-1")
    old.payment(ana, "2024-01-16", "2090-01-31")
    old.transaction(ana, "1-1")
    old.transaction(ana, "1-2")
    old.user(email="PERSONA1001@x.co", identification_number="1")
    columns = {"user_id": ana, "first_name": "Luz", "last_name": "Rojas", "identification_type": "ti"}
    luz = old.insert("beneficiaries", identification_number="1002003001", created_at="2024-01-01", **columns)
    old.appointment(ana, professional_id=doctor)
    old.appointment(ana, beneficiary_id=luz, is_for_beneficiary=True, status="PENDING", appointment_time=None)
    old.chat(ana, agent, "Hola", "Buenas", status="ACTIVE")
    old.chat(ana, agent, "Otra vez", "", "Sí", day=2)
    old.chat(old.user(), agent)
    old.insert("user_allergies", user_id=ana, allergy="Penicilina")
    return ana


def test_second_run_changes_nothing(importer, old):
    fill(old)
    importer()
    before = dump()
    told = importer()
    assert dump() == before
    assert "se importan," not in told.replace("no se importan", "")
    (entry,) = AuditEntry.select().where(AuditEntry.what == "legacy.import")
    assert (entry.actor_role, entry.subject) == ("system", "import")
    assert '"agent_chat_messages": 5' in entry.after


def test_dry_run_writes_nothing_and_says_what_the_run_does(importer, old):
    fill(old)
    importer._run("migrate")
    with database.obj.connection_context():
        before = dump()
    told = importer("--dry-run")
    assert dump() == before
    losses = importer.losses()
    assert "ENSAYO: no se escribió nada." in told
    done = importer()
    assert importer.losses() == losses
    counts = told.partition("ENSAYO: no se escribió nada.")[2].partition("\n\nLo que no se")[0]
    assert done.endswith(f"Importación terminada.{counts}\n")
    assert "user_allergies: 1" in told


def test_dry_run_prints_what_each_row_becomes_and_writes_what_does_not_fit(importer, old, tmp_path, monkeypatch):
    fill(old)
    luis, gone = old.user(first_name="Luis"), old.user(email="no es un correo", first_name="Secreta")
    chat = old.chat(luis, 1, *map(str, range(40)))
    lost = old.chat(gone, 1, "Nadie", "lo lee")
    path = tmp_path / "filas.csv"
    monkeypatch.chdir(tmp_path)
    told = importer._run("import-legacy", "--from", old.url, "--dry-run", "--rows", str(path))
    assert told.endswith("Lo que no se importa quedó en no-importados.csv.\n")
    assert (tmp_path / "no-importados.csv").stat().st_mode & 0o777 == 0o600
    assert len(importer.losses()) > 2
    # The first line is that of the progress bar.
    lines = told.partition("ENSAYO")[0].splitlines()[1:]
    of_messages = [line for line in lines if "messages" in line]
    assert [line for line in of_messages if f"40 filas de agent_chats {chat}: Se importa como chats -" in line]
    assert f"agent_chat_messages, 2 filas de agent_chats {lost}: No se importa." in "\n".join(of_messages)
    assert f"agent_chats {lost}: No se importa." in "\n".join(lines)
    rows = read_rows(path)
    for row in rows:
        if row["tabla"] not in ("agent_chat_messages", "messages"):
            record = f" como {row['registro']} {row['id_registro']}" if row["id_registro"] else ""
            line = f"{row['tabla']} {row['id']}: {row['resultado']}{record}. {row['motivo']}".rstrip()
            assert line in lines
    assert len(lines) - len(of_messages) == len([row for row in rows if "messages" not in row["tabla"]])
    assert not any(secret in told for secret in ("Secreta", "no es un correo", "Luis"))


def read_rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_list_of_rows_says_of_each_row_of_the_old_service_what_it_becomes(importer, old, tmp_path):
    fill(old)
    first, twin = [old.user(identification_number="52777888") for _ in range(2)]
    luis, gone = old.user(first_name="Luis"), old.user(email="no es un correo")
    chat = old.chat(luis, 1, "Uno", " ", "Tres")
    old.chat(gone, 1, "Nadie", "lo lee")
    alone = old.message(999, "USER", luis, "Sin chat", "2024-05-01 10:00")
    elder = old.insert("messages", sender_id=luis, receiver_id=1, sender_type="USER", message="Sin chat tampoco")
    path = tmp_path / "filas.csv"
    importer("--dry-run", "--rows", str(path))
    tried = read_rows(path)
    importer("--rows", str(path))
    done = read_rows(path)
    importer("--rows", str(path))
    again = read_rows(path)

    everything = sorted(
        (table, str(row_id))
        for table in PROGRESS_TABLES
        for (row_id,) in old.run(f"SELECT id FROM {table}")  # noqa: S608
    )
    for rows in (tried, done, again):
        assert sorted((row["tabla"], row["id"]) for row in rows if row["tabla"] != "users.plan_id") == everything

    def results(rows):
        return [(row["tabla"], row["id"], row["resultado"], row["registro"], row["motivo"]) for row in rows]

    assert results(tried) == results(done)
    assert {row["resultado"] for row in again} == {"Ya estaba", "No se importa"}
    by_key = {(row["tabla"], row["id"]): row for row in done}
    texts = [
        by_key["agent_chat_messages", str(one)]
        for (one,) in old.run("SELECT id FROM agent_chat_messages WHERE chat_id = %s ORDER BY id", chat)
    ]
    assert [row["resultado"] for row in texts] == ["Se importa", "No se importa", "Se importa"]
    assert [row["id_registro"] for row in texts] == [of("agent_chats", chat), "", of("agent_chats", chat)]
    for row in done:
        is_here = row["resultado"] != "No se importa" and row["tabla"] not in ("users.plan_id", "townships")
        if is_here and row["tabla"] != "agent_chat_messages":
            assert row["id_registro"] == of(row["tabla"], row["id"])
    for key in (("agent_chat_messages", str(alone)), ("messages", str(elder))):
        assert by_key[key]["motivo"] == "Su chat no está en el servicio anterior."
    same = [row for row in tried if row["tabla"] == "users" and row["id"] in (str(first), str(twin))]
    assert [row["resultado"] for row in same] == ["Se importa", "Se une a otro"]
    (record_id,) = {int(row["id_registro"]) for row in same}
    assert record_id < 0


def test_list_of_rows_has_no_personal_data_and_is_for_its_owner_also_where_a_file_was(importer, old, tmp_path):
    fill(old)
    old.user(email="secreto", phone="5551234567890", identification_number="no-es-99887766")
    path = tmp_path / "filas.csv"
    for file in (path, importer.refused):
        file.write_text("de antes\n" * 10_000)
        file.chmod(0o644)
    importer("--dry-run", "--rows", str(path))
    text = path.read_text("utf-8")
    for secret in ("secreto", "5551234567890", "99887766", "Ana", "Luz", "1002003001", "@x.co", "Hola", "Penicilina"):
        assert secret not in text
    assert "de antes" not in text + importer.refused.read_text("utf-8")
    assert [file.stat().st_mode & 0o777 for file in (path, importer.refused)] == [0o600, 0o600]
    assert path.read_bytes().startswith(b"\xef\xbb\xbftabla;id;resultado;registro;id_registro;motivo\r\n")


def test_both_lists_in_one_file_are_refused(importer):
    assert "dos archivos distintos" in importer("--rows", str(importer.refused), code=1)
    assert not importer.refused.exists()


@pytest.mark.slow
def test_no_value_of_any_column_stops_the_import(importer, old):
    """Each value that a column of its type may have, in each column: a row is imported, or listed with a reason."""
    old.chat(old.user(), old.agent(), "Hola", "Buenas")
    old.professional()
    assert old.fill_with_dirt() > 1000
    tried = importer("--dry-run")
    counts = tried.partition("ENSAYO: no se escribió nada.")[2].partition("\n\nLo que no se")[0]
    assert importer().endswith(f"Importación terminada.{counts}\n")
    assert all(reason for *_, reason in importer.losses())
    before = dump()
    importer()
    assert dump() == before


def test_report_has_no_personal_data_and_the_file_is_for_its_owner(importer, old):
    old.user(email="secreto", phone="5551234567890", identification_number="no-es-99887766")
    told = importer()
    for secret in ("secreto", "5551234567890", "99887766"):
        assert secret not in told + importer.refused.read_text("utf-8")
    assert importer.refused.stat().st_mode & 0o077 == 0
    assert importer.refused.read_bytes().startswith(b"\xef\xbb\xbftabla;id;")


@pytest.mark.parametrize(
    "url", ["postgresql://u:sEcReTo@127.0.0.1:1/x", "postgresql://u:sEc%zzReTo@h/x", "mysql://x:sEcReTo@h"]
)
def test_address_that_cannot_be_used_is_said_without_its_password(run, url):
    told = run("import-legacy", "--from", url, code=1)
    assert "ReTo" not in told
    assert "anterior" in told


def test_wrong_zone_file_and_database_are_said(run, importer, old, database_url):
    assert "zona horaria" in importer("--legacy-zone", "Marte/Uno", code=1)
    assert "No se puede escribir" in run("import-legacy", "--from", old.url, "--refused", "/no/such/x.csv", code=1)
    if database_url.startswith("postgresql"):
        run("migrate")
        assert "no es la del servicio anterior" in run("import-legacy", "--from", database_url, code=1)
    old.run("DROP TABLE agent_chat_messages, messages, chats, medical_appointments, payments, user_transactions, plans")
    assert "Importación terminada." in importer()


ENTITIES = (User, Beneficiary, Agent, Plan, Payment, PaymentTransaction, Subscription, Chat, Message, Appointment)


def contents():
    """What was imported, with rows of the old service in place of ids, which a lost transaction leaves gaps in."""
    old_of = {(row.kind, row.new_id): row.old_id for row in ImportedRow.select()}
    chats = {
        int(new_id): (kind, old_id) for (kind, new_id), old_id in old_of.items() if kind in ("chats", "agent_chats")
    }
    lines = Message.select(Message.chat, Message.seq, Message.message, Message.sender_type, Message.sent_at)
    states = Chat.select(Chat.id, Chat.status, Chat.last_seq, Chat.last_line, Chat.updated_at, Chat.other_unread)
    return {
        "users": sorted(User.select(User.email, User.document_number, User.created_at).tuples()),
        "periods": sorted(
            Subscription.select(Subscription.payment, Subscription.starts_at, Subscription.ends_at).tuples()
        ),
        "lines": sorted((chats[row[0]], *row[1:]) for row in lines.tuples()),
        "chats": sorted((chats[row[0]], *map(str, row[1:])) for row in states.tuples()),
        "tickets": sorted(row[0] for row in Appointment.select(Appointment.ticket_number).tuples()),
        "rows": sorted(ImportedRow.select(ImportedRow.kind, ImportedRow.old_id, ImportedRow.parts).tuples()),
        "audit": [row.after for row in AuditEntry.select().where(AuditEntry.what == "legacy.import")],
        "counts": [model.select().count() for model in ENTITIES],
    }


def fill_many(old):
    """400 members, each with a chat of 30 messages; in one of them there are 2,500 more."""
    old.user()
    old.agent()
    old.run(
        "INSERT INTO users (first_name, last_name, identification_type, identification_number, email, created_at) "
        "SELECT 'Ana', 'Rojas', 'CC', (52000000 + i)::text, 'p' || i || '@x.co', '2024-01-01' "
        "FROM generate_series(1, 400) AS i"
    )
    old.run(
        "INSERT INTO agent_chats (user_id, agent_id, status, created_at) "
        "SELECT id, 1, 'CLOSED', created_at FROM users WHERE email LIKE 'p%@x.co' AND first_name = 'Ana'"
    )
    columns = "(chat_id, sender_id, sender_type, message, status, sent_at)"
    texts = "'USER', 'mensaje ' || i, 'READ', '2024-01-02'::timestamp + i * interval '1 minute'"
    longest = "WHERE c.id = 21 AND i > 30 OR i <= 30"
    old.run(
        f"INSERT INTO agent_chat_messages {columns} SELECT c.id, c.user_id, {texts} "  # noqa: S608
        f"FROM agent_chats AS c CROSS JOIN generate_series(1, 2530) AS i {longest}"
    )


@pytest.mark.slow
def test_killed_import_goes_on_and_ends_as_one_that_was_not(importer, old, database_url, tmp_path):
    lines_before = 1500
    fill_many(old)
    importer._run("migrate")
    environ = {"DATABASE_URL": database_url, "BENEFICIATE_SECRET": SECRET, "LEGACY_DATABASE_URL": old.url}
    process = subprocess.Popen(
        [sys.executable, "run.py", "import-legacy"],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with database.obj.connection_context():
        while Message.select().count() < lines_before:
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    database.obj.connect(reuse_if_open=True)
    assert lines_before <= Message.select().count() < 14_500
    importer()
    resumed = contents()
    assert resumed["counts"][ENTITIES.index(Message)] == 14_530
    database.obj.close_all()
    with fresh_database(tmp_path, database_url) as url:
        importer("--legacy-zone", "UTC", DATABASE_URL=url)
        assert contents() == resumed


# ---- Members of a file ----------------------------------------------------------------------------


def test_members_of_a_file_are_tried_imported_and_not_imported_again(run, tmp_path):
    file, refused = tmp_path / "afiliados.csv", tmp_path / "no.csv"
    file.write_text(
        "Tipo;Número;Nombres;Apellidos;Correo\nCC;52.100.200;José;Peña;jose@x.co\nCC;5,21E+07;Ana;Ruiz;ana@x.co\n",
        encoding="cp1252",
    )
    told = run("import-members", str(file), "--dry-run", "--refused", str(refused))
    assert "ENSAYO, no se escribió nada: 1 se importan, 0 ya estaban, 1 no se importan." in told
    assert "Fila 2: Se importa.\nFila 3: El número está en notación científica" in told
    with database.obj.connection_context():
        assert User.select().count() == 0
    assert refused.read_text("utf-8-sig").startswith("fila;motivo\n3;" if os.linesep == "\r\n" else "fila;motivo")
    assert "1 se importan, 0 ya estaban" in run("import-members", str(file))
    assert "Fila 2: Ya estaba.\nFila 3: " in run("import-members", str(file), "--dry-run")
    assert "0 se importan, 1 ya estaban" in run("import-members", str(file))
    with database.obj.connection_context():
        assert [row.first_name for row in User.select()] == ["José"]


def test_file_without_the_columns_is_refused_with_a_sentence(run, tmp_path):
    file = tmp_path / "otro.csv"
    file.write_text("a;b\n1;2\n")
    assert "Faltan columnas en la primera fila: tipo, numero" in run("import-members", str(file), code=1)
