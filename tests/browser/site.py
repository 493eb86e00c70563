"""A server for the browser: `run.py serve --sandbox` with the demo data and the people whom a test adds."""

import json
import re
import secrets
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from beneficiate.actions.appointment_requests import RequestAppointment, request_appointment
from beneficiate.actions.audit import VerifiedChain, store_verification
from beneficiate.domain.audit_chain import ChainBreak, ChainLink
from beneficiate.domain.erasures import new_code
from beneficiate.domain.facts import ASSIGNED
from beneficiate.domain.patient_key import patient_key
from beneficiate.folding import fold
from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.accounts import AWAY, INVITED_STAFF, Agent, StaffInvitation, User
from beneficiate.models.appointments import AppointmentEmail
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import database, open_database
from beneficiate.models.chats import CLOSED, SUPPORT, WAITING, Chat, ChatTag, Message, Note, Tag
from beneficiate.models.erasures import ERASED, Erasure
from beneficiate.models.facts import Fact
from beneficiate.models.payments import Payment, Plan, PlanEmail, Subscription
from beneficiate.models.professionals import ONLINE_SCHEDULE, Professional, ProfessionalSpecialty
from beneficiate.queries.account_links import account_version
from beneficiate.queries.accounts import digest_secret, find_actors
from beneficiate.queries.audit_chain import find_last_link
from beneficiate.queries.slots import SlotQuery, list_professional_slots
from beneficiate.settings import DEMO_PASSWORD
from beneficiate.unit_of_work import SYSTEM, Actor, UnitOfWork
from tests import factor_steps, factories, servers
from tests.audit import write_audit
from tests.factor_steps import Application
from tests.factories import Person
from tests.fork_server import ForkedProcess
from tests.server_process import process_environment, start_command

LOCAL_WOMPI = re.compile(r"LOCAL WOMPI at (http://\S+):")
START_TIMEOUT_S = 15


@dataclass
class ChatPair:
    """A new member and a new agent with one open chat between them, and no other."""

    member: Person
    agent: Person
    chat_id: int


class Site:
    """One server on its own copy of a database. It can be killed and started again on the same port.

    Its local Wompi is always at 127.0.0.1: with another `host` the two are different sites for a browser.
    """

    def __init__(self, folder: Path, template: Path, host: str = "127.0.0.1", **environment: Any) -> None:
        self._url = f"sqlite:///{shutil.copy(template, folder / 'site.db')}"
        self._port = servers.free_port()
        self.origin = f"http://{host}:{self._port}"
        self._environment = process_environment(self._url, BENEFICIATE_PUBLIC_URL=self.origin, **environment)
        self._log = folder / "site.log"
        self._process: subprocess.Popen[bytes] | ForkedProcess | None = None

    def start(self) -> None:
        """Start it and wait until it listens. Raises TimeoutError."""
        self._process = start_command(["serve", "--sandbox", "--port", str(self._port)], self._environment, self._log)
        servers.wait_for_port(self._port)

    def kill(self) -> None:
        """Kill it with SIGKILL: nothing is cleaned up and no client is notified."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop it with SIGTERM: sockets are closed with 1012."""
        self._end(signal.SIGTERM)

    @property
    def wompi_url(self) -> str:
        """Return the URL of the local Wompi, which listens on any free port. Raises TimeoutError."""
        until = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < until:
            found = LOCAL_WOMPI.findall(self._log.read_text(encoding="utf-8"))
            if found:
                return str(found[-1])
            time.sleep(0.02)
        raise TimeoutError("the server has not logged the URL of its local Wompi")

    def run_cli(self, *command: str) -> None:
        """Run a command of `run.py` on the same database. Raises CalledProcessError."""
        run_cli(self._environment, *command)

    def add_pair(self, member: str = "Ana", agent: str = "Yuliana") -> ChatPair:
        """Create two people and a chat of the agent. Call it before their pages open: no event is emitted."""
        with self.database():
            them = factories.member(member), factories.agent(agent)
            chat = factories.support_chat(*them)
            of_chat = {"chat_id": chat.id, "span": 1, "agent_id": them[1].agent_id, "actor_role": "agent"}
            Fact.create(at=chat.created_at, kind=ASSIGNED, **of_chat)
            return ChatPair(*them, chat.id)

    def add_waiting_chat(self, member: Person) -> int:
        """Create a waiting chat of this member and return its id."""
        with self.database():
            return int(factories.support_chat(member, None).id)

    def empty_queue(self) -> None:
        """Close the chats in which a member waits: those of absent agents would return to the queue meanwhile.

        Call it before the pages open: no event is emitted.
        """
        with self.database():
            waits = (Chat.status == WAITING) | Chat.awaiting_since.is_null(False)
            Chat.update(status=CLOSED, closed_at=datetime.now(UTC), awaiting_since=None).where(waits).execute()

    def add_note(self, chat_id: int, author: Person, text: str) -> None:
        """Store a note after the newest message of a chat. No event is emitted."""
        with self.database():
            seq = Chat.get_by_id(chat_id).last_seq
            Note.create(chat=chat_id, author=author.id, text=text, after_seq=seq, created_at=datetime.now(UTC))

    def tag_chat(self, chat_id: int, name: str) -> None:
        """Give a chat a tag. No event is emitted."""
        with self.database():
            ChatTag.create(chat=chat_id, tag=Tag.create(name=name, folded=fold(name)))

    def add_agent(self, first_name: str = "Yuliana") -> Person:
        """Create an agent without chats."""
        with self.database():
            return factories.agent(first_name)

    def add_second_factor(self, who: Person) -> Application:
        """Give one of the staff a second factor, and return their application of codes."""
        with self.database():
            return factor_steps.add_second_factor(who)

    def forget_last_step(self, who: Person) -> None:
        """Let the code of this step be good again, as if half a minute had passed."""
        with self.database():
            factor_steps.forget_last_step(who)

    def set_away_by_system(self, who: Person, reason: str) -> None:
        """Set an agent away as the server does who lost the connection."""
        with self.database():
            changes = {"availability": AWAY, "reason": reason, "is_automatic": True}
            Agent.update(changes).where(Agent.id == who.agent_id).execute()

    def add_member(self, first_name: str = "Ana", plan: str = "") -> Person:
        """Create a member, with a current plan when its code is given."""
        with self.database():
            who = factories.member(first_name)
            if plan:
                factories.add_plan(who, plan=Plan.get(Plan.code == plan))
            return who

    def add_appointment(self, email: str) -> int:
        """Book a free slot of the last professional for a member of the demo data and return the id.

        It is two days away at least: members may move it at any hour of the day at which the tests run.
        """
        with self.database():
            row = User.get(User.email == email)
            uow = UnitOfWork(Actor(row.id, "member", None, row.name), datetime.now(UTC))
            whom = (
                Professional.select()
                .where(Professional.schedule_type == ONLINE_SCHEDULE)
                .order_by(Professional.id.desc())
                .first()
            )
            practised = ProfessionalSpecialty.get(ProfessionalSpecialty.professional == whom).specialty_id
            first_day = uow.now.date() + timedelta(days=2)
            slots = list_professional_slots(uow, SlotQuery(whom.id, first_day, first_day + timedelta(days=14)))
            starts_at = slots[2]["starts_at"]
            key, where = patient_key(row.id, None), whom.township_id
            command = RequestAppointment(row.id, key, practised, where, True, "Control anual", whom.id, starts_at)
            return request_appointment(uow, command).id

    def add_supervisor(self, first_name: str = "Marta") -> Person:
        with self.database():
            return factories.supervisor(first_name)

    def add_erasure(self, first_name: str) -> str:
        """Add a member who was erased, and return the number of the certificate."""
        now = datetime.now(UTC)
        counts = {
            "account": 1,
            "chats": 11,
            "messages": 240,
            "files": 3,
            "payments": 2,
            "consents": 2,
            "appointments": 9,
        }
        times = {"requested_at": now, "due_at": now, "erased_at": now}
        with self.database():
            who = factories.member(first_name)
            row = Erasure.create(
                user=who.id, state=ERASED, code=new_code(now), counts=json.dumps({**counts, "audit": 31}), **times
            )
            return str(row.code)

    def open_link(self, kind: str, email: str) -> str:
        """Return a token for the last link of this kind that was sent to an address. Raises TimeoutError."""
        token, until = secrets.token_urlsafe(32), time.monotonic() + START_TIMEOUT_S
        is_it = (AccountEmail.kind == kind) & (AccountEmail.email == email)
        while time.monotonic() < until:
            with self.database():
                last = AccountEmail.select().where(is_it).order_by(AccountEmail.id.desc()).first()
                # Once it was sent no job gives it another token.
                if last is not None and last.sent_at is not None:
                    AccountEmail.update(token_hash=digest_secret(token)).where(AccountEmail.id == last.id).execute()
                    return token
            time.sleep(0.05)
        raise TimeoutError(f"no {kind} was sent to {email}")

    def open_sent_link(self, kind: str, who: Person, email: str) -> str:
        """Return a token for a link to an address of this member, as it was sent a moment ago."""
        token, now = secrets.token_urlsafe(32), datetime.now(UTC)
        times = {"created_at": now, "sent_at": now, "expires_at": now + timedelta(hours=1)}
        version = account_version(who.user)
        with self.database():
            AccountEmail.create(
                kind=kind, email=email, user=who.id, token_hash=digest_secret(token), account_version=version, **times
            )
        return token

    def open_invitation(self) -> str:
        """Return a token for the invitation of somebody new, as it was sent a moment ago."""
        token, now = secrets.token_urlsafe(32), datetime.now(UTC)
        with self.database():
            invited = factories.agent("Camila", password_hash="")
            Agent.update(status=INVITED_STAFF).where(Agent.id == invited.agent_id).execute()
            times = {"created_at": now, "sent_at": now, "expires_at": now + timedelta(days=1)}
            StaffInvitation.create(user=invited.id, email=invited.user.email, token_hash=digest_secret(token), **times)
        return token

    def person(self, email: str) -> Actor:
        """Return a person of the demo data as they act."""
        with self.database():
            user_id = User.get(User.email == email).id
            return find_actors([user_id])[user_id]

    def record_audit(self, who: Actor, what: str, subject: str, **more: Any) -> int:
        """Record an entry of the audit log, as of somebody at a computer, and return its id."""
        with self.database():
            actor = replace(who, address="186.29.14.87", request_id="5f0a91c2d1e84d6f9a2b7c3e4f5a6b7c")
            write_audit(UnitOfWork(actor, datetime.now(UTC)), what, subject, **more)
            return int(AuditEntry.select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1).scalar())

    def verify_audit(self) -> None:
        """Store that the whole chain was verified, as the job does."""
        with self.database():
            uow = UnitOfWork(SYSTEM, datetime.now(UTC))
            store_verification(uow, VerifiedChain(find_last_link(uow), None, ChainLink()))

    def break_audit(self) -> None:
        """Store that the second entry was changed, as the job would find it."""
        with self.database():
            broken_at = ChainBreak(2, "changed")
            store_verification(
                UnitOfWork(SYSTEM, datetime.now(UTC)), VerifiedChain(ChainLink(), broken_at, ChainLink())
            )

    def plan_id(self, code: str) -> int:
        with self.database():
            return int(Plan.get(Plan.code == code).id)

    def payments_of(self, email: str) -> list[tuple[str, str]]:
        """Return the payments of a member, the oldest first: (id, status)."""
        with self.database():
            payments = Payment.select().join(User).where(User.email == email).order_by(Payment.created_at)
            return [(payment.id, payment.status) for payment in payments]

    def plans_of(self, member: Person) -> list[str]:
        """Return the plan code of each period of a member."""
        with self.database():
            return [one.plan.code for one in Subscription.select().where(Subscription.user == member.id)]

    def expire_payment(self, payment_id: str) -> None:
        """Mark a payment expired, as it is after an hour without being paid."""
        with self.database():
            Payment.update(status="EXPIRED", is_open=False).where(Payment.id == payment_id).execute()

    def let_professionals_confirm(self) -> None:
        """Let every professional confirm each appointment by hand."""
        with self.database():
            Professional.update(confirms_itself=False).execute()

    def chat_of(self, email: str) -> int:
        """Return the id of the open chat of a demo member."""
        with self.database():
            is_theirs = Chat.user == User.get(User.email == email)
            return int(Chat.get(is_theirs, Chat.kind == SUPPORT, Chat.status != CLOSED).id)

    def stored_messages(self, chat_id: int) -> list[tuple[int, str, str]]:
        """Return the stored messages of a chat: (seq, sender_type, text)."""
        with self.database():
            messages = Message.select().where(Message.chat == chat_id).order_by(Message.seq)
            return [(message.seq, message.sender_type, message.message) for message in messages]

    def database(self) -> AbstractContextManager[None]:
        """Bind the models to the database of this server."""
        return bound_database(self._url)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(10)
            self._process = None


@contextmanager
def bound_database(url: str) -> Iterator[None]:
    """Bind the models to a database, with a connection to it; afterwards to what they were bound to before."""
    before, opened = database.obj, open_database(url)
    # A query after the end fails: it would open a connection that nobody closes.
    opened.autoconnect = False
    database.initialize(opened)
    try:
        with opened.connection_context():
            yield
    finally:
        opened.close_all()
        database.initialize(before)


def run_cli(environment: dict[str, str], *command: str) -> None:
    """Run a command of `run.py`. Raises CalledProcessError."""
    with tempfile.NamedTemporaryFile(prefix="beneficiate-cli-") as output:
        code = start_command(list(command), environment, Path(output.name)).wait()
        if code:
            raise subprocess.CalledProcessError(code, command, Path(output.name).read_bytes())


def create_template_database(path: Path) -> Path:
    """Create a database with the demo data, to be copied for each site.

    Its e-mails count as sent: each site would send all 30 while its tests run, and no test reads them. Its passwords
    have the cheap hashes of `factories`.
    """
    url = f"sqlite:///{path}"
    environment = process_environment(url)
    run_cli(environment, "migrate")
    run_cli(environment, "demo-data")
    with bound_database(url):
        for emails in (AppointmentEmail, PlanEmail):
            emails.update(sent_at=datetime.now(UTC)).execute()
        User.update(password_hash=factories.cheap_hasher.hash(DEMO_PASSWORD)).execute()
    with closing(sqlite3.connect(path)) as connection:  # the file is copied alone, without its write-ahead log
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path
