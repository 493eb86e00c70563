"""A member with something in every table, in words that are nowhere else; the search for them; erasures in tests."""

import hashlib
import io
import json
import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from beneficiate.actions.appointment_requests import request_appointment
from beneficiate.actions.appointments import ChangeAppointment, change_appointment
from beneficiate.actions.erasures import RequestErasure, request_erasure
from beneficiate.actions.notes import add_note
from beneficiate.actions.recall import recall_message
from beneficiate.actions.tags import tag_chat
from beneficiate.clients.files import SMALL_SUFFIX, FolderFileStore
from beneficiate.domain.booking.lifecycle import CANCELLED
from beneficiate.models import TABLES
from beneficiate.models.account_emails import AccountEmail, Registration
from beneficiate.models.accounts import SignIn, User
from beneficiate.models.appointments import AppointmentEmail, Hold, Reminder
from beneficiate.models.base import database, is_postgresql, write_transaction
from beneficiate.models.chats import CLOSED, Attachment, Chat, ChatEvent, Message, Rating
from beneficiate.models.consents import Consent
from beneficiate.models.data_copies import DataCopy
from beneficiate.models.data_requests import DataRequest, DataRequestEvent
from beneficiate.models.dialogues import Dialogue
from beneficiate.models.erasures import Erasure
from beneficiate.models.form_creations import FormCreation
from beneficiate.models.imports import MemberImport, MemberImportRow
from beneficiate.models.notices import AwayNotice, NoticeEmail, NoticePreferences, PushMessage, PushSubscription
from beneficiate.models.payments import Payment, PaymentReview, PaymentTransaction, PlanEmail, WompiEvent
from beneficiate.models.quotas import QuotaUse
from beneficiate.protocol.desk_tools import AddNote, RecallMessage, TagChat
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.appointment_steps import request_command
from tests.actions.payment_steps import get_plan
from tests.factories import PASSWORD_HASH, agent, beneficiary, member_with_plan, professional, support_chat
from tests.unit_of_work import UNLIMITED, call

DOCUMENT = Path(__file__).parents[1] / "docs" / "erasure.md"
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (\w+) \|", re.MULTILINE)
PERSONAL_KINDS = ("erased", "deleted")
FAR_ID = 30_000
"""A message so far behind that those before it are in a segment of the search index."""
PLACES = {
    "users": "id = {id}",
    "chats": "user_id = {id}",
    "chat_lines": "sender_type = 'USER' AND sender_id = {id}",
}
"""Which rows of a table are the member's, where not all are."""
WRITTEN_BY_ACTIONS = {"audit_texts", "tags", "person_words", "erasures", "erasure_emails"}
"""Tables whose words come from actions and triggers."""


def columns_by_kind():
    """Return the kind of each column with text, by (table, column), as the documentation has it."""
    found = {}
    for table, columns, kind in ROW.findall(DOCUMENT.read_text(encoding="utf-8")):
        for column in re.findall(r"`(\w+)`", columns):
            assert (table, column) not in found, f"{table}.{column} is twice in the table"
            found[table, column] = kind
    return found


def text_columns():
    """Return every (table, column) of the models that may have text."""
    return {
        (model._meta.table_name, field.column_name)
        for model in TABLES
        for field in model._meta.sorted_fields
        if (field.rel_field if hasattr(field, "rel_field") else field).field_type in ("VARCHAR", "TEXT")
    }


def token_of(table, column):
    """Return the word of a column: a letter, then what no other one shares."""
    return "k" + hashlib.sha256(f"{table}.{column}".encode()).hexdigest()[:12]


def needle(token):
    """Return what to search for: SQLite's index does not repeat the beginning that two words share."""
    return token[3:]


@dataclass
class Canary:
    """The member, their files, and the words by column."""

    person: object
    files: list[str]
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)


def act_now(action, command, actor, now=None):
    """Run an action in a transaction of its own and return its result."""
    uow = UnitOfWork(actor, now or datetime.now(UTC), UNLIMITED)
    with write_transaction():
        return call(action, uow, command)


def settle_payment(person, now, **columns):
    """Create a payment of a member that was paid, and what Wompi said of it."""
    plan = get_plan()
    row = {"plan": plan, "amount": 480_000, "currency": "COP", "duration_days": 365, "environment": "test"}
    times = {"link_expires_at": now, "created_at": now, "updated_at": now}
    payment_id = str(uuid.uuid4())
    Payment.insert(
        id=payment_id, user=person.id, status="APPROVED", is_open=False, link_id=f"test_{payment_id[:8]}", **row,
        **times, **columns,
    ).execute()  # fmt: skip
    PaymentTransaction.insert(
        id=f"1-{payment_id[:8]}", payment=payment_id, status="APPROVED", amount_in_cents=48_000_000, currency="COP",
        reference="r", created_at=now, updated_at=now,
    ).execute()  # fmt: skip
    return payment_id


def create_canary(files_folder: Path) -> Canary:
    """Create a member who has something in every table, with a word of its own in each column that is erased."""
    now = datetime.now(UTC) - timedelta(hours=1)
    ana, desk = member_with_plan("Ana", password_hash=PASSWORD_HASH, phone="+573001112233"), agent()
    other = member_with_plan("Otra")
    chat = support_chat(ana, desk)
    tokens = {place: token_of(*place) for place, kind in columns_by_kind().items() if kind in PERSONAL_KINDS}
    # A registration, an e-mail and a row of a file are known by the address of the account.
    by_address = ("registrations", "account_emails", "member_import_rows")
    tokens |= {(table, "email"): token_of("users", "email") for table in by_address}
    _write_chat(ana, desk, chat, tokens, now)
    _write_appointments(ana, desk, tokens)
    files = _write_files(ana, chat, files_folder, now)
    _write_account(ana, now)
    file = MemberImport.create(created_by=desk.id, created_at=now, file_name="x", digest="x", found_columns="tipo")
    MemberImportRow.create(member_import=file.id, number=2)
    _write_payments(ana, desk, now)
    beneficiary(ana)
    # Far behind, so that what Ana wrote is in a segment of the search index; and one tag that others have too.
    far = support_chat(other, desk)
    line = {"chat": far.id, "seq": 1, "sender_type": "USER", "sender_id": other.id, "message": "hola", "sent_at": now}
    Message.insert(id=FAR_ID, **line).execute()
    act_now(tag_chat, TagChat(chat_id=far.id, tag="urgente"), desk.actor)
    act_now(tag_chat, TagChat(chat_id=chat.id, tag="urgente"), desk.actor)
    Chat.update(status=CLOSED, closed_at=now).where(Chat.id == chat.id).execute()
    for (table, column), token in tokens.items():
        if table not in WRITTEN_BY_ACTIONS:
            _fill(table, column, token, ana.id)
    return Canary(ana, files, tokens)


def _fill(table, column, token, user_id):
    if column == "email":
        token = f"{token}@ejemplo.co"
    where = PLACES.get(table, "1 = 1").format(id=user_id)
    mark = "%s" if is_postgresql() else "?"
    statement = f"UPDATE {table} SET {column} = {mark} WHERE {where}"  # noqa: S608  names of ours
    changed = database.execute_sql(statement, (token,)).rowcount
    assert changed > 0, f"the member has no row in {table}"


def _write_chat(ana, desk, chat, tokens, now):
    for seq, (kind, sender) in enumerate((("USER", ana.id), ("AGENT", desk.agent_id)), start=1):
        line = {"chat": chat.id, "seq": seq, "sender_type": kind, "sender_id": sender, "sent_at": datetime.now(UTC)}
        Message.create(**line, message=f"dolor {token_of('audit_texts', 'texts')}", client_id="x")
    Chat.update(last_seq=2).where(Chat.id == chat.id).execute()
    newest = Message.select().where(Message.chat == chat.id).order_by(Message.seq.desc()).first()
    act_now(recall_message, RecallMessage(chat_id=chat.id, message_id=newest.id), desk.actor)
    act_now(add_note, AddNote(chat_id=chat.id, text="nota", client_id="n"), desk.actor)
    act_now(tag_chat, TagChat(chat_id=chat.id, tag=f"{tokens['tags', 'name']} {tokens['tags', 'folded']}"), desk.actor)
    ChatEvent.create(chat=chat.id, kind="transferred", at=now, note="x")
    Rating.create(chat=chat.id, score=5, comment="x", created_at=now)


def _write_appointments(ana, desk, tokens):
    somebody = professional()
    booked = act_now(request_appointment, request_command(ana, request_key="r"), desk.actor)
    reason = f"fiebre {tokens['audit_texts', 'texts']}"
    act_now(change_appointment, ChangeAppointment(booked.id, CANCELLED, reason), desk.actor)
    times = {"created_at": datetime.now(UTC)}
    AppointmentEmail.insert(appointment=booked.id, kind="x", version=9, **times).execute()
    Reminder.create(appointment=booked.id, version=9, hours_before=2, due_at=datetime.now(UTC) + timedelta(days=9))
    Hold.create(user=ana.id, professional=somebody.id, starts_at=times["created_at"], expires_at=times["created_at"])


def _write_files(ana, chat, folder, now):
    keys = [str(uuid.uuid4()) for _ in range(2)]
    for key in keys:
        row = {"chat": chat.id, "uploader": ana.id, "name": "orden.pdf", "kind": "application/pdf", "size": 3}
        Attachment.insert(id=key, created_at=now, **row).execute()
        for suffix in ("", SMALL_SUFFIX):
            content = f"%PDF {token_of('files', 'content')}".encode()
            FolderFileStore(folder).put(key + suffix, io.BytesIO(content))
    return keys


def _write_account(ana, now):
    later = now + timedelta(days=30)
    SignIn.create(family=str(uuid.uuid4()), user=ana.id, kind="page", secret_hash="x", created_at=now, expires_at=later)
    NoticePreferences.create(user=ana.id, quiet_from=1, quiet_until=2)
    keys = {"endpoint": "https://x.co", "endpoint_hash": "x", "p256dh": "x", "auth": "x"}
    browser = PushSubscription.create(user=ana.id, sign_in=SignIn.get(), created_at=now, **keys)
    times = {"created_at": now, "due_at": later, "expires_at": later}
    notice = AwayNotice.create(user=ana.id, kind="chat", key="x", **times)
    PushMessage.create(notice=notice, subscription=browser, due_at=later)
    NoticeEmail.create(notice=notice, created_at=now)
    registration = Registration.create(
        email=ana.user.email, password_hash="x", first_name="A", last_name="R", document_type="CC", document_number="1",
        phone="1", birth_date=now.date(), consent_version="1", address="10.0.0.1", secret_hash="x", created_at=now,
    )  # fmt: skip
    AccountEmail.create(
        kind="registration", email=ana.user.email, registration=registration.id, user=ana.id, expires_at=later,
        created_at=now,
    )  # fmt: skip
    Consent.create(user=ana.id, kind="personal_data", version="1", address="10.0.0.1", given_at=now)
    days = {"counted_from": now.date(), "due_on": now.date(), "closed_at": now}
    request = DataRequest.create(user=ana.id, kind="query", text="x", state="answered", received_at=now, **days)
    DataRequestEvent.create(request=request, kind="filed", at=now, actor_name="x", actor_role="member", text="x")
    DataCopy.create(user=ana.id, status="READY", requested_at=now, file_id=str(uuid.uuid4()), expires_at=later)
    Dialogue.create(user=ana.id, draft="{}", updated_at=now)
    FormCreation.create(user=ana.id, key="x", created_at=now)
    QuotaUse.create(user=ana.id, quota="notes", used=1, began_at=now)
    User.update(birth_date=now.date(), last_seen=now).where(User.id == ana.id).execute()


def _write_payments(ana, desk, now):
    payment_id = settle_payment(ana, now)
    body = json.dumps({"customer_email": ana.user.email})
    event = {"name": "transaction.updated", "state": "DONE", "body": body, "received_at": now}
    WompiEvent.create(dedupe_key="a", payment=payment_id, **event)
    PaymentReview.create(
        payment=payment_id, kind="DOUBLE_CHARGE", opened_at=now, resolved_at=now, resolved_by=desk.id, note="x"
    )
    times = {"ends_at": now, "created_at": now}
    PlanEmail.create(user=ana.id, kind="receipt", key=f"receipt:{payment_id}", plan=get_plan(), **times)


def ask_to_be_erased(person, days_ago=8):
    """Let a member ask for it so many days ago, and return the erasure."""
    stored = User.get_by_id(person.id).password_hash
    act_now(request_erasure, RequestErasure(stored, is_confirmed=True), person.actor)
    row = Erasure.get(Erasure.user == person.id, Erasure.state == "REQUESTED")
    earlier = timedelta(days=days_ago)
    times = {"requested_at": row.requested_at - earlier, "due_at": row.due_at - earlier}
    Erasure.update(times).where(Erasure.id == row.id).execute()
    return Erasure.get_by_id(row.id)


def dump_database() -> dict[tuple[str, str], str]:
    """Return everything in the database as text, by (table, column), as no code of ours reads it."""
    if is_postgresql():
        tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    else:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
    dump = {}
    for (table,) in database.execute_sql(tables).fetchall():
        cursor = database.execute_sql(f'SELECT * FROM "{table}"')  # noqa: S608  one of our tables
        names = [one[0] for one in cursor.description]
        for row in cursor.fetchall():
            for name, value in zip(names, row, strict=True):
                dump[table, name] = dump.get((table, name), "") + "\n" + _to_text(value)
    return dump


def _to_text(value):
    return bytes(value).decode("latin-1") if isinstance(value, (bytes, memoryview)) else str(value)


def find_words(dump, tokens):
    """Return where the words of columns are found: (column of the word, place) pairs."""
    return {
        (f"{table}.{column}", f"{place[0]}.{place[1]}")
        for (table, column), token in tokens.items()
        for place, text in dump.items()
        if needle(token) in text
    }
