"""Users, chats, plans and professionals in the database, and WebSocket clients of the users."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from argon2 import PasswordHasher
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from beneficiate.domain.booking.rules import DEFAULT_HASHES
from beneficiate.domain.booking.slots import BOGOTA
from beneficiate.domain.erasures import ERASED_EMAIL_DOMAIN
from beneficiate.encryption import KeyedHashes
from beneficiate.models.accounts import AWAY, Agent, Beneficiary, Supervisor, User
from beneficiate.models.chats import ACTIVE, CLOSED, DIRECT, SUPPORT, Chat
from beneficiate.models.erasures import ERASED, Erasure
from beneficiate.models.payments import Plan, Subscription
from beneficiate.models.professionals import (
    ONLINE_SCHEDULE,
    AvailabilityBlock,
    AvailabilityException,
    Professional,
    ProfessionalSpecialty,
    Specialty,
    Township,
)
from beneficiate.tokens import AccessTokens
from beneficiate.unit_of_work import Actor

SECRET = "a-secret-that-only-the-tests-know-of"
PASSWORD = "una clave larga"
# A hash says what it costs to verify: these nearly nothing, where one of an account takes 0.1 s of a core.
cheap_hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD_HASH = cheap_hasher.hash(PASSWORD)
_numbers = count(1)
_open_clients: "list[SocketClient]" = []


@dataclass
class Person:
    """A user of a test: the database row, the actor and a token."""

    user: User
    actor: Actor

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def agent_id(self) -> int:
        assert self.actor.agent_id is not None
        return self.actor.agent_id

    @property
    def token(self) -> str:
        return AccessTokens(SECRET, 900).issue(self.user.id)


def member(first_name: str = "Ana", **columns: Any) -> Person:
    user = _user(first_name, **columns)
    return Person(user, Actor(user.id, "member", None, user.name))


def agent(first_name: str = "Yuliana", **columns: Any) -> Person:
    user = _user(first_name, **columns)
    given = {"availability": AWAY, "agent_code": f"AG-{next(_numbers)}", "created_at": datetime.now(UTC)}
    row = Agent.create(user=user, **given)
    return Person(user, Actor(user.id, "agent", row.id, user.name))


def supervisor(first_name: str = "Marta", **columns: Any) -> Person:
    user = _user(first_name, **columns)
    Supervisor.appoint(user, datetime.now(UTC))
    return Person(user, Actor(user.id, "supervisor", Agent.get(Agent.user == user).id, user.name))


def erased_person(document_type: str, number: str, hashes: KeyedHashes = DEFAULT_HASHES) -> Person:
    """Create who had this document until they were erased."""
    gone, now = member("Persona", email=f"{next(_numbers)}@{ERASED_EMAIL_DOMAIN}"), datetime.now(UTC)
    times = {"requested_at": now, "due_at": now, "erased_at": now}
    owner_hash = hashes.digest("document", f"{document_type} {number}")
    Erasure.create(user=gone.id, state=ERASED, code=f"TEST-{gone.id}", owner_hash=owner_hash, **times)
    return gone


def support_chat(of: Person, by: Person | None, **columns: Any) -> Chat:
    """Create an open support chat; without an agent it is waiting. Somebody wrote in one that is closed."""
    now = datetime.now(UTC)
    status = ACTIVE if by else "WAITING"
    return Chat.create(
        **{
            "kind": SUPPORT,
            "status": status,
            "user": of.id,
            "agent": by.agent_id if by else None,
            "awaiting_since": None if by else now,
            "last_line": "Hola" if columns.get("status") == CLOSED else "",
            "created_at": now,
            "updated_at": now,
            **columns,
        }
    )


def direct_chat(one: Person, other: Person) -> Chat:
    now = datetime.now(UTC)
    return Chat.create(kind=DIRECT, status=ACTIVE, user=one.id, peer=other.id, created_at=now, updated_at=now)


# ---- Booking -------------------------------------------------------------------------------------

WEEKDAY_MORNINGS = tuple((day, 8 * 60, 12 * 60) for day in range(5))
"""Monday to Friday from 8:00 to 12:00."""
BOGOTA_CODE, MEDELLIN_CODE = "11001", "05001"


def township(code: str = BOGOTA_CODE) -> Township:
    return Township.get(Township.code == code)


def specialty(name: str = "Cardiología") -> Specialty:
    return Specialty.get(Specialty.name == name)


def add_plan(who: Person, **columns: Any) -> Subscription:
    """Create a running plan of this member, from 2020 until a year from now: tests set clocks of their own."""
    now = datetime.now(UTC)
    given = {"name": "Familiar", "description": "", "price": 1, "duration_days": 30, "max_beneficiaries": 4}
    plan, _ = Plan.get_or_create(code="de-prueba", defaults=given)
    times = {"starts_at": datetime(2020, 1, 1, tzinfo=UTC), "ends_at": now + timedelta(days=365), "created_at": now}
    return Subscription.create(**{"user": who.id, "plan": plan, **times, **columns})


def member_with_plan(first_name: str = "Ana", **columns: Any) -> Person:
    """Create a member of Bogotá with a running plan."""
    who = member(first_name, **{"township": township().id, **columns})
    add_plan(who)
    return who


def beneficiary(member_person: Person, first_name: str = "Mateo", **columns: Any) -> Beneficiary:
    number = next(_numbers)
    return Beneficiary.create(
        **{
            "user": member_person.id,
            "first_name": first_name,
            "last_name": f"Rojas {number}",
            "document_type": "TI",
            "document_number": f"{1_000_000_000 + number}",
            "relationship": "hijo",
            "created_at": datetime.now(UTC),
            **columns,
        }
    )


def professional(
    first_name: str = "Germán",
    hours: tuple[tuple[int, int, int], ...] = WEEKDAY_MORNINGS,
    specialties: tuple[str, ...] = ("Cardiología",),
    **columns: Any,
) -> Professional:
    """Create a professional in Bogotá with online booking: 30 minutes, no break."""
    number = next(_numbers)
    row = Professional.create(
        **{
            "first_name": first_name,
            "last_name": f"Cifuentes {number}",
            "license_number": f"RM-{number:06}",
            "township": township().id,
            "address": "Calle 93 # 11-20",
            "mode": "PRESENCIAL",
            "schedule_type": ONLINE_SCHEDULE,
            **columns,
        }
    )
    for name in specialties:
        ProfessionalSpecialty.create(professional=row, specialty=specialty(name))
    for weekday, starts, ends in hours:
        AvailabilityBlock.create(professional=row, weekday=weekday, starts=starts, ends=ends)
    return row


def add_hours_soon(professional_row: Professional, days: int = 3, first_day: int = 3) -> Professional:
    """Add hours from 8:00 to 18:00 on some days from the third day on, whatever day it is today."""
    today = datetime.now(BOGOTA).date()
    for day in range(first_day, first_day + days):
        AvailabilityException.create(
            professional=professional_row, day=today + timedelta(days=day), starts=8 * 60, ends=18 * 60, is_open=True
        )
    return professional_row


class SocketClient:
    """An open WebSocket of a user. Frames are kept until the test receives them; pings are answered meanwhile."""

    def __init__(self, connection: WebSocketClientConnection, incoming: "asyncio.Queue[str | bytes | None]") -> None:
        self.connection = connection
        self._incoming = incoming
        self.received: list[dict[str, Any]] = []
        self.is_closed = False
        self._ids = count(1)

    def send_raw(self, frame: str | bytes, *, binary: bool = False) -> None:
        self.connection.write_message(frame, binary=binary)

    def send(self, event: str, **fields: Any) -> None:
        self.send_raw(json.dumps({"event": event, **fields}))

    async def request(self, event: str, **fields: Any) -> dict[str, Any]:
        """Send a command and return its answer: `ack`, `error`, `pong` or `resumed`."""
        reference = f"q{next(self._ids)}"
        self.send(event, id=reference, **fields)
        return await self.receive(lambda frame: frame.get("id") == reference)

    async def receive(self, wanted: Any, timeout_s: float = 10) -> dict[str, Any]:
        """Return the next frame of this message type, or for which this is true. Raises TimeoutError."""
        is_wanted = wanted if callable(wanted) else lambda frame: frame["event"] == wanted
        async with asyncio.timeout(timeout_s):
            while True:
                for index, frame in enumerate(self.received):
                    if is_wanted(frame):
                        return self.received.pop(index)
                await self._read()

    async def receive_until_pong(self) -> list[dict[str, Any]]:
        """Return all frames that precede the answer to a ping: what is not among them was not sent before it."""
        await self.request("ping")
        received, self.received = self.received, []
        return received

    async def wait_closed(self, timeout_s: float = 10) -> int | None:
        """Wait until the connection is closed; return the close code."""
        async with asyncio.timeout(timeout_s):
            while not self.is_closed:
                await self._next()
        return self.connection.close_code

    def close(self) -> None:
        self.connection.close()

    async def _read(self) -> None:
        text = await self._next()
        if text is None:
            raise ConnectionError(f"closed with {self.connection.close_code}")
        self.received.append(json.loads(text))

    async def _next(self) -> str | bytes | None:
        text = await self._incoming.get()
        self.is_closed = text is None
        return text


async def connect_socket(
    port: int,
    person: Person | None,
    path: str = "/ws",
    protocols: list[str] | None = None,
    *,
    headers: dict[str, str] | None = None,
    wait_for_state: bool = True,
) -> SocketClient:
    """Open a socket as this person and wait for the initial state."""
    offered = protocols if protocols is not None else ["beneficiate", person.token] if person else None
    request = HTTPRequest(f"ws://127.0.0.1:{port}{path}", headers=headers or {})
    # Tornado's own queue has one place: a client that reads nothing for a while would answer no ping and be closed.
    incoming: asyncio.Queue[str | bytes | None] = asyncio.Queue()
    connection = await websocket_connect(request, subprotocols=offered, on_message_callback=incoming.put_nowait)
    client = SocketClient(connection, incoming)
    _open_clients.append(client)
    if wait_for_state:
        await client.receive(lambda frame: frame["event"] == "online_users")
        client.received.clear()
    return client


async def close_all_sockets() -> None:
    """Close the connections that a test left open."""
    clients, _open_clients[:] = list(_open_clients), []
    for client in clients:
        client.close()
    for client in clients:
        await client.wait_closed()


def _user(first_name: str, **columns: Any) -> User:
    number = next(_numbers)
    given = {
        "email": f"p{number}@pruebas.co",
        "password_hash": PASSWORD_HASH,
        "first_name": first_name,
        "last_name": f"Rojas {number}",
        "document_type": "CC",
        "document_number": f"{50_000_000 + number}",
        "created_at": datetime.now(UTC),
        **columns,
    }
    return User.create(**given)
