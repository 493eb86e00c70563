"""A server for the browser: `run.py serve --sandbox` with the demo data and the people whom a test adds."""

import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from beneficiate.actions.appointment_requests import RequestAppointment, request_appointment
from beneficiate.actions.audit import VerifiedChain, store_verification
from beneficiate.domain.audit_chain import ChainBreak, ChainLink
from beneficiate.domain.patient_key import patient_key
from beneficiate.folding import fold
from beneficiate.models.accounts import AWAY, Agent, User
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import database, open_database
from beneficiate.models.chats import CLOSED, SUPPORT, WAITING, Chat, ChatTag, Message, Note, Tag
from beneficiate.models.payments import Payment, Plan, Subscription
from beneficiate.models.professionals import ONLINE_SCHEDULE, Professional, ProfessionalSpecialty
from beneficiate.queries.accounts import find_actors
from beneficiate.queries.audit_chain import find_last_link
from beneficiate.queries.slots import SlotQuery, list_professional_slots
from beneficiate.unit_of_work import SYSTEM, Actor, UnitOfWork
from tests import factories, servers
from tests.audit import write_audit
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
        """Create two people and their chat. Call it before their pages open: no event is emitted."""
        with self._database():
            them = factories.member(member), factories.agent(agent)
            return ChatPair(*them, factories.support_chat(*them).id)

    def add_waiting_chat(self, member: Person) -> int:
        """Create a waiting chat of this member and return its id."""
        with self._database():
            return int(factories.support_chat(member, None).id)

    def empty_queue(self) -> None:
        """Close the chats in which a member waits: those of absent agents would return to the queue meanwhile.

        Call it before the pages open: no event is emitted.
        """
        with self._database():
            waits = (Chat.status == WAITING) | Chat.awaiting_since.is_null(False)
            Chat.update(status=CLOSED, closed_at=datetime.now(UTC), awaiting_since=None).where(waits).execute()

    def add_note(self, chat_id: int, author: Person, text: str) -> None:
        """Store a note after the newest message of a chat. No event is emitted."""
        with self._database():
            seq = Chat.get_by_id(chat_id).last_seq
            Note.create(chat=chat_id, author=author.id, text=text, after_seq=seq, created_at=datetime.now(UTC))

    def tag_chat(self, chat_id: int, name: str) -> None:
        """Give a chat a tag. No event is emitted."""
        with self._database():
            ChatTag.create(chat=chat_id, tag=Tag.create(name=name, folded=fold(name)))

    def add_agent(self, first_name: str = "Yuliana") -> Person:
        """Create an agent without chats."""
        with self._database():
            return factories.agent(first_name)

    def set_away_by_system(self, who: Person, reason: str) -> None:
        """Set an agent away as the server does who lost the connection."""
        with self._database():
            changes = {"availability": AWAY, "reason": reason, "is_automatic": True}
            Agent.update(changes).where(Agent.id == who.agent_id).execute()

    def add_member(self, first_name: str = "Ana", plan: str = "") -> Person:
        """Create a member, with a current plan when its code is given."""
        with self._database():
            who = factories.member(first_name)
            if plan:
                factories.add_plan(who, plan=Plan.get(Plan.code == plan))
            return who

    def add_appointment(self, email: str) -> int:
        """Book the third free slot of the last professional for a member of the demo data and return the id."""
        with self._database():
            row = User.get(User.email == email)
            uow = UnitOfWork(Actor(row.id, "member", None, row.name), datetime.now(UTC))
            whom = (
                Professional.select()
                .where(Professional.schedule_type == ONLINE_SCHEDULE)
                .order_by(Professional.id.desc())
                .first()
            )
            practised = ProfessionalSpecialty.get(ProfessionalSpecialty.professional == whom).specialty_id
            starts_at = list_professional_slots(uow, SlotQuery(whom.id))[2]["starts_at"]
            key, where = patient_key(row.id, None), whom.township_id
            command = RequestAppointment(row.id, key, practised, where, True, "Control anual", whom.id, starts_at)
            return request_appointment(uow, command).id

    def add_supervisor(self, first_name: str = "Marta") -> Person:
        with self._database():
            return factories.supervisor(first_name)

    def person(self, email: str) -> Actor:
        """Return a person of the demo data as they act."""
        with self._database():
            user_id = User.get(User.email == email).id
            return find_actors([user_id])[user_id]

    def record_audit(self, who: Actor, what: str, subject: str, **more: Any) -> int:
        """Record an entry of the audit log, as of somebody at a computer, and return its id."""
        with self._database():
            actor = replace(who, address="186.29.14.87", request_id="5f0a91c2d1e84d6f9a2b7c3e4f5a6b7c")
            write_audit(UnitOfWork(actor, datetime.now(UTC)), what, subject, **more)
            return int(AuditEntry.select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1).scalar())

    def verify_audit(self) -> None:
        """Store that the whole chain was verified, as the job does."""
        with self._database():
            uow = UnitOfWork(SYSTEM, datetime.now(UTC))
            store_verification(uow, VerifiedChain(find_last_link(uow), None, ChainLink()))

    def break_audit(self) -> None:
        """Store that the second entry was changed, as the job would find it."""
        with self._database():
            broken_at = ChainBreak(2, "changed")
            store_verification(
                UnitOfWork(SYSTEM, datetime.now(UTC)), VerifiedChain(ChainLink(), broken_at, ChainLink())
            )

    def plan_id(self, code: str) -> int:
        with self._database():
            return int(Plan.get(Plan.code == code).id)

    def payments_of(self, email: str) -> list[tuple[str, str]]:
        """Return the payments of a member, the oldest first: (id, status)."""
        with self._database():
            payments = Payment.select().join(User).where(User.email == email).order_by(Payment.created_at)
            return [(payment.id, payment.status) for payment in payments]

    def plans_of(self, member: Person) -> list[str]:
        """Return the plan code of each period of a member."""
        with self._database():
            return [one.plan.code for one in Subscription.select().where(Subscription.user == member.id)]

    def expire_payment(self, payment_id: str) -> None:
        """Mark a payment expired, as it is after an hour without being paid."""
        with self._database():
            Payment.update(status="EXPIRED", is_open=False).where(Payment.id == payment_id).execute()

    def let_professionals_confirm(self) -> None:
        """Let every professional confirm each appointment by hand."""
        with self._database():
            Professional.update(confirms_itself=False).execute()

    def chat_of(self, email: str) -> int:
        """Return the id of the open chat of a demo member."""
        with self._database():
            is_theirs = Chat.user == User.get(User.email == email)
            return int(Chat.get(is_theirs, Chat.kind == SUPPORT, Chat.status != CLOSED).id)

    def stored_messages(self, chat_id: int) -> list[tuple[int, str, str]]:
        """Return the stored messages of a chat: (seq, sender_type, text)."""
        with self._database():
            messages = Message.select().where(Message.chat == chat_id).order_by(Message.seq)
            return [(message.seq, message.sender_type, message.message) for message in messages]

    @contextmanager
    def _database(self) -> Iterator[None]:
        opened = open_database(self._url)
        database.initialize(opened)
        try:
            with opened.connection_context():
                yield
        finally:
            opened.close_all()

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(10)
            self._process = None


def run_cli(environment: dict[str, str], *command: str) -> None:
    """Run a command of `run.py`. Raises CalledProcessError."""
    with tempfile.NamedTemporaryFile(prefix="beneficiate-cli-") as output:
        code = start_command(list(command), environment, Path(output.name)).wait()
        if code:
            raise subprocess.CalledProcessError(code, command, Path(output.name).read_bytes())


def create_template_database(path: Path) -> Path:
    """Create a database with the demo data, to be copied for each site."""
    environment = process_environment(f"sqlite:///{path}")
    run_cli(environment, "migrate")
    run_cli(environment, "demo-data")
    with closing(sqlite3.connect(path)) as connection:  # the file is copied alone, without its write-ahead log
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path
