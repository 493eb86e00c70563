"""Beneficiate as a browser meets it: `run.py serve --sandbox` with the demo data and whoever a test adds."""

import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from beneficiate.models.accounts import User
from beneficiate.models.base import database, open_database
from beneficiate.models.chats import CLOSED, SUPPORT, WAITING, Chat, Message
from beneficiate.models.payments import Payment, Plan, Subscription
from tests import factories, servers
from tests.factories import Person
from tests.server_process import ROOT, process_environment

LOCAL_WOMPI = re.compile(r"LOCAL WOMPI at (http://\S+):")
START_TIMEOUT_S = 15


@dataclass
class ChatPair:
    """A member and an agent with one open chat between them, and nobody else."""

    member: Person
    agent: Person
    chat_id: int


class Site:
    """One server on its own copy of a database. It can be killed and started again at the same address.

    Its local Wompi is always at 127.0.0.1: with another `host` the two are different sites for a browser.
    """

    def __init__(self, folder: Path, template: Path, host: str = "127.0.0.1", **environment: Any) -> None:
        self._url = f"sqlite:///{shutil.copy(template, folder / 'site.db')}"
        self._port = servers.free_port()
        self.origin = f"http://{host}:{self._port}"
        self._environment = process_environment(self._url, BENEFICIATE_PUBLIC_URL=self.origin, **environment)
        self._log = folder / "site.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run until it listens. Raises TimeoutError."""
        with self._log.open("ab") as log:
            command = [sys.executable, "run.py", "serve", "--sandbox", "--port", str(self._port)]
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        servers.wait_for_port(self._port)

    def kill(self) -> None:
        """As the kernel does: nothing is said, nothing is put in order."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """As an operator does: everybody hears 1012."""
        self._end(signal.SIGTERM)

    @property
    def wompi_url(self) -> str:
        """Where the local Wompi is, which takes any port that is free. Raises TimeoutError."""
        until = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < until:
            said = LOCAL_WOMPI.findall(self._log.read_text(encoding="utf-8"))
            if said:
                return str(said[-1])
            time.sleep(0.02)
        raise TimeoutError("the server has not said where its local Wompi is")

    def run_cli(self, *command: str) -> None:
        """Run a command of `run.py` on the same database. Raises CalledProcessError."""
        run_cli(self._environment, *command)

    def add_pair(self, member: str = "Ana", agent: str = "Yuliana") -> ChatPair:
        """Two new people and their chat. Made before their pages open, for nobody is told of it."""
        with self._database():
            them = factories.member(member), factories.agent(agent)
            return ChatPair(*them, factories.support_chat(*them).id)

    def add_waiting_chat(self, member: Person) -> int:
        """A chat of this member that nobody has taken yet."""
        with self._database():
            return int(factories.support_chat(member, None).id)

    def empty_queue(self) -> None:
        """The queue of the demo data is empty from now on. Made before the pages open, for nobody is told of it."""
        with self._database():
            Chat.update(status=CLOSED, closed_at=datetime.now(UTC)).where(Chat.status == WAITING).execute()

    def add_agent(self, first_name: str = "Yuliana") -> Person:
        """Somebody new without chats."""
        with self._database():
            return factories.agent(first_name)

    def add_member(self, first_name: str = "Ana", plan: str = "") -> Person:
        """Somebody new, with a plan that runs or without one."""
        with self._database():
            who = factories.member(first_name)
            if plan:
                factories.add_plan(who, plan=Plan.get(Plan.code == plan))
            return who

    def add_supervisor(self, first_name: str = "Marta") -> Person:
        with self._database():
            return factories.supervisor(first_name)

    def plan_id(self, code: str) -> int:
        with self._database():
            return int(Plan.get(Plan.code == code).id)

    def payments_of(self, email: str) -> list[tuple[str, str]]:
        """The payments of a member, the oldest first: (id, status)."""
        with self._database():
            payments = Payment.select().join(User).where(User.email == email).order_by(Payment.created_at)
            return [(payment.id, payment.status) for payment in payments]

    def plans_of(self, member: Person) -> list[str]:
        """The code of each stretch of time that a member has ever had a plan for."""
        with self._database():
            return [one.plan.code for one in Subscription.select().where(Subscription.user == member.id)]

    def expire_payment(self, payment_id: str) -> None:
        """As it is an hour later, when nobody has paid."""
        with self._database():
            Payment.update(status="EXPIRED", is_open=False).where(Payment.id == payment_id).execute()

    def chat_of(self, email: str) -> int:
        """The open chat of a demo member."""
        with self._database():
            is_theirs = Chat.user == User.get(User.email == email)
            return int(Chat.get(is_theirs, Chat.kind == SUPPORT, Chat.status != CLOSED).id)

    def stored_messages(self, chat_id: int) -> list[tuple[int, str, str]]:
        """The lines of a chat as they were stored: (seq, sender_type, text)."""
        with self._database():
            lines = Message.select().where(Message.chat == chat_id).order_by(Message.seq)
            return [(line.seq, line.sender_type, line.message) for line in lines]

    @contextmanager
    def _database(self) -> Iterator[None]:
        database.initialize(open_database(self._url))
        with database.obj.connection_context():
            yield
        database.obj.close_all()

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(10)
            self._process = None


def run_cli(environment: dict[str, str], *command: str) -> None:
    """Run a command of `run.py`. Raises CalledProcessError."""
    subprocess.run([sys.executable, "run.py", *command], cwd=ROOT, env=environment, check=True, capture_output=True)


def create_template_database(path: Path) -> Path:
    """A database with the demo data, to be copied for each site."""
    environment = process_environment(f"sqlite:///{path}")
    run_cli(environment, "migrate")
    run_cli(environment, "demo-data")
    with closing(sqlite3.connect(path)) as all_in_one_file:  # a copy of the file alone has to have everything
        all_in_one_file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path
