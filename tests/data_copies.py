"""Members with something in every copied table, and copies that are read again."""

import json
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from beneficiate.clients.files import FolderFileStore
from beneficiate.domain.audit_kinds import VIEWED_PANEL
from beneficiate.models.account_emails import NEW_DEVICE, AccountEmail
from beneficiate.models.accounts import PAGE_SIGN_IN, ServerProcess, SignIn, UserConnection
from beneficiate.models.appointments import (
    Appointment,
    AppointmentChange,
    AppointmentEmail,
    Hold,
    Reminder,
    WaitingListEntry,
)
from beneficiate.models.chats import Attachment, ChatEvent, ChatTag, Message, Note, Rating, Tag
from beneficiate.models.consents import Consent
from beneficiate.models.data_requests import DataRequest, DataRequestEvent
from beneficiate.models.dialogues import Dialogue
from beneficiate.models.facts import Fact
from beneficiate.models.notices import AwayNotice, NoticeEmail, NoticePreferences, PushMessage, PushSubscription
from beneficiate.models.payments import Payment, PaymentReview, PaymentTransaction, PlanEmail
from beneficiate.models.quotas import QuotaUse
from beneficiate.queries.consents import HEALTH_DATA, PERSONAL_DATA
from beneficiate.queries.copied_tables import CopiedSlice, load_copied_part
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.audit import write_audit
from tests.factories import add_plan, agent, beneficiary, member, professional, specialty, support_chat, township

NOW = datetime(2026, 8, 25, 15, tzinfo=UTC)
FILE_IDS = {"Ana": "0f3a1b2c-0000-4000-8000-00000000000", "Beto": "1f3a1b2c-0000-4000-8000-00000000000"}
SCRIPT = "<script>alert(1)</script>"


def member_with_everything(files_folder, first_name="Ana", **columns):
    """Create a member who has something in every table, with a file whose name leads elsewhere."""
    who = member(first_name, township=township().id, birth_date="1990-04-09", phone="+573001112233", **columns)
    yuliana, whom, mark = agent("Yuliana"), professional(), f"de {first_name}"
    child = beneficiary(who)
    add_consents(who)
    add_request(who)
    add_appointment(who, child, whom, mark)
    add_purchase(who)
    chat = support_chat(who, yuliana, created_at=NOW, updated_at=NOW)
    texts = (
        ("USER", who.id, f"Hola {SCRIPT} {mark}"),
        ("AGENT", yuliana.agent_id, "Buenos días\ndoña Ana"),
        ("BOT", None, "¿Motivo?"),
    )
    for seq, (kind, sender_id, text) in enumerate(texts, 1):
        message = Message.create(
            chat=chat,
            seq=seq,
            sender_type=kind,
            sender_id=sender_id,
            message=text,
            sent_at=NOW,
            sender_name=kind.title(),
        )
        if kind == "BOT":
            continue
        id_ = f"{FILE_IDS[first_name]}{seq}"
        FolderFileStore(Path(files_folder)).put(id_, BytesIO(f"contenido {seq} {mark}".encode()))
        given = {"kind": "image/png", "size": 11, "created_at": NOW, "uploader": who.id}
        Attachment.create(id=id_, chat=chat, line=message, name="../../orden/médica.png", **given)
    Note.create(chat=chat, author=yuliana.id, text=f"secreto del equipo {mark}", after_seq=1, created_at=NOW)
    ChatEvent.create(chat=chat, kind="reopened", at=NOW, actor=yuliana.id, note=f"secreto del equipo {mark}")
    ChatTag.create(chat=chat, tag=Tag.get_or_create(name="Urgente", folded="urgente")[0])
    Rating.create(chat=chat, score=5, comment=f"Muy bien {mark}", created_at=NOW)
    add_traces(who, chat, yuliana)
    return who


def add_request(who):
    row = {"kind": "claim", "subject": "correct", "text": f"Pide {who.user.first_name}", "state": "received"}
    days = {"counted_from": NOW.date(), "due_on": NOW.date()}
    request = DataRequest.create(user=who.id, received_at=NOW, **row, **days)
    DataRequestEvent.create(request=request, kind="filed", at=NOW, actor_role="member", actor_name=who.user.name)


def add_consents(who):
    for kind in (PERSONAL_DATA, HEALTH_DATA):
        Consent.create(user=who.id, kind=kind, version="1", address="10.0.0.1", given_at=NOW)


def add_appointment(who, child, whom, mark):
    row = Appointment.create(
        ticket_number=f"APT-{who.id:05}-0001",
        user=who.id,
        beneficiary=child,
        specialty=specialty(),
        township=township(),
        professional=whom,
        status="CONFIRMED",
        first_time=True,
        notes=f"Dolor de rodilla {mark}",
        starts_at=NOW + timedelta(days=2),
        duration_minutes=30,
        created_at=NOW,
        updated_at=NOW,
    )
    AppointmentChange.create(appointment=row, to_status="CONFIRMED", actor=who.id, actor_role="member", at=NOW)
    AppointmentEmail.create(appointment=row, kind="booked", version=0, created_at=NOW, sent_at=NOW)
    Reminder.create(appointment=row, version=0, hours_before=24, due_at=NOW)
    WaitingListEntry.create(appointment=row, status="WAITING", created_at=NOW)
    Hold.create(user=who.id, professional=whom, starts_at=NOW, expires_at=NOW)
    Dialogue.create(user=who.id, draft='{"state": "awaiting_description"}', updated_at=NOW)
    Fact.create(at=NOW, kind="appointment", detail="CONFIRMED", appointment_id=row.id, actor_role="member")


def add_purchase(who):
    plan = add_plan(who).plan
    payment = Payment.create(
        id=f"pago-{who.id}",
        user=who.id,
        plan=plan,
        amount=480_000,
        currency="COP",
        duration_days=365,
        environment="test",
        status="APPROVED",
        is_open=False,
        link_expires_at=NOW,
        created_at=NOW,
        updated_at=NOW,
    )
    PaymentTransaction.create(
        id=f"tx-{who.id}",
        payment=payment,
        status="APPROVED",
        amount_in_cents=48_000_000,
        currency="COP",
        reference="ref",
        created_at=NOW,
        updated_at=NOW,
    )
    PaymentReview.create(payment=payment, kind="double", opened_at=NOW, note="secreto del equipo")
    given = {"plan": plan, "ends_at": NOW, "payment": payment, "created_at": NOW}
    PlanEmail.create(user=who.id, kind="receipt", key=f"receipt-{who.id}", **given)


def add_traces(who, chat, yuliana):
    process, _ = ServerProcess.get_or_create(name="proceso", defaults={"beat_at": NOW})
    given = {"secret_hash": "huella", "created_at": NOW, "expires_at": NOW}
    device = SignIn.create(family=f"familia-{who.id}", user=who.id, kind=PAGE_SIGN_IN, **given)
    UserConnection.create(process=process, user=who.id, sign_in=device, opened_at=NOW)
    AccountEmail.create(kind=NEW_DEVICE, email=who.user.email, user=who.id, expires_at=NOW, created_at=NOW)
    NoticePreferences.create(user=who.id, switched_off="chat.email", quiet_from=21, quiet_until=7)
    keys = {"endpoint": "https://push.test/huella", "endpoint_hash": f"huella-{who.id}", "p256dh": "a", "auth": "b"}
    browser = PushSubscription.create(user=who.id, sign_in=device, created_at=NOW, **keys)
    given = {"created_at": NOW, "due_at": NOW, "expires_at": NOW}
    notice = AwayNotice.create(user=who.id, kind="chat", key=f"chat-{who.id}", subject_id=chat.id, **given)
    PushMessage.create(notice=notice, subscription=browser, due_at=NOW)
    NoticeEmail.create(notice=notice, count=2, created_at=NOW)
    QuotaUse.create(user=who.id, quota="chats", used=1, began_at=NOW)
    Fact.create(at=NOW, kind="opened", chat_id=chat.id, span=1, actor_role="member", agent_name="Yuliana Secreta")
    changes = {"part": (None, VIEWED_PANEL)}
    write_audit(UnitOfWork(yuliana.actor, NOW), "people.view", f"user:{who.id}", changes=changes, person_id=who.id)


class OpenedCopy:
    """A copy as its member unpacks it."""

    def __init__(self, content):
        self.zip = ZipFile(content)
        self.names = self.zip.namelist()

    def text(self, name):
        return self.zip.read(name).decode()

    def json(self, name):
        return json.loads(self.text(name))

    @property
    def tables(self):
        return self.json("datos.json")["tables"]


class PageFacts(HTMLParser):
    """The rows of the tables of a page, by code: the raw value of each cell by its key."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.scripts = {}, 0
        self._rows = self._key = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.scripts += tag == "script"
        if tag == "section":
            self._rows = self.tables.setdefault(given["id"], [])
        elif tag == "dl" and given.get("class") == "row":
            self._rows.append({})
        elif tag == "dd" and "data-key" in given:
            self._key, self._raw, self._text = given["data-key"], None, ""
        elif self._key and tag in ("a", "time", "data"):
            self._raw = given.get("data-value") or given.get("datetime") or given.get("value")

    def handle_data(self, data):
        if self._key:
            self._text += data

    def handle_endtag(self, tag):
        if tag == "dd" and self._key:
            self._rows[-1][self._key] = self._text if self._raw is None else self._raw
            self._key = None


def rows_by_code(tables, who):
    """Return the first part of each of these tables of a member."""
    uow = UnitOfWork(SYSTEM, NOW)
    return {one.code: load_copied_part(uow, CopiedSlice(one, who.id)).rows for one in tables}
