"""People who speak: made in the database, connected over real sockets, heard word by word."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from beneficiate.models.care import (
    ONLINE,
    Availability,
    AvailabilityException,
    Professional,
    ProfessionalSpecialty,
    Specialty,
    Township,
)
from beneficiate.models.chats import ACTIVE, DIRECT, SUPPORT, Chat
from beneficiate.models.payments import Plan, Subscription
from beneficiate.models.people import AWAY, Agent, Beneficiary, Supervisor, User
from beneficiate.passwords import hash_password
from beneficiate.scheduling.slots import BOGOTA
from beneficiate.store import Actor
from beneficiate.tokens import Tokens

SECRET = "a-secret-that-only-the-tests-know-of"
PASSWORD = "una clave larga"
PASSWORD_HASH = hash_password(PASSWORD)
_numbers = count(1)
_open: "list[Voice]" = []


@dataclass
class Somebody:
    """A person of a test: who they are in the database, and a token."""

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
        return Tokens(SECRET, 900).issue(self.user.id)


def member(first_name: str = "Ana", **columns: Any) -> Somebody:
    user = _user(first_name, **columns)
    return Somebody(user, Actor(user.id, "member", None, user.name))


def agent(first_name: str = "Yuliana", **columns: Any) -> Somebody:
    user = _user(first_name, **columns)
    given = {"availability": AWAY, "agent_code": f"AG-{next(_numbers)}", "created_at": datetime.now(UTC)}
    row = Agent.create(user=user, **given)
    return Somebody(user, Actor(user.id, "agent", row.id, user.name))


def supervisor(first_name: str = "Marta", **columns: Any) -> Somebody:
    user = _user(first_name, **columns)
    Supervisor.appoint(user, datetime.now(UTC))
    return Somebody(user, Actor(user.id, "supervisor", Agent.get(Agent.user == user).id, user.name))


def support_chat(of: Somebody, by: Somebody | None, **columns: Any) -> Chat:
    """An open support chat; with nobody on the other side it waits."""
    now = datetime.now(UTC)
    status = ACTIVE if by else "WAITING"
    return Chat.create(
        **{
            "kind": SUPPORT,
            "status": status,
            "user": of.id,
            "agent": by.agent_id if by else None,
            "queued_at": None if by else now,
            "created_at": now,
            "updated_at": now,
            **columns,
        }
    )


def direct_chat(one: Somebody, other: Somebody) -> Chat:
    now = datetime.now(UTC)
    return Chat.create(kind=DIRECT, status=ACTIVE, user=one.id, peer=other.id, created_at=now, updated_at=now)


# ---- Booking -------------------------------------------------------------------------------------

MORNINGS = tuple((day, 8 * 60, 12 * 60) for day in range(5))
"""Monday to Friday from 8:00 to 12:00."""
BOGOTA_CODE, MEDELLIN_CODE = "11001", "05001"


def township(code: str = BOGOTA_CODE) -> Township:
    return Township.get(Township.code == code)


def specialty(name: str = "Cardiología") -> Specialty:
    return Specialty.get(Specialty.name == name)


def plan_for(who: Somebody, **columns: Any) -> Subscription:
    """A plan that runs for this member, from a year ago until in a year."""
    now, year = datetime.now(UTC), timedelta(days=365)
    given = {"name": "Familiar", "description": "", "price": 1, "duration_days": 30, "max_beneficiaries": 4}
    plan, _ = Plan.get_or_create(code="de-prueba", defaults=given)
    return Subscription.create(
        **{"user": who.id, "plan": plan, "starts_at": now - year, "ends_at": now + year, "created_at": now, **columns}
    )


def insured(first_name: str = "Ana", **columns: Any) -> Somebody:
    """A member of Bogotá with a running plan."""
    who = member(first_name, **{"township": township().id, **columns})
    plan_for(who)
    return who


def beneficiary(of: Somebody, first_name: str = "Mateo", **columns: Any) -> Beneficiary:
    number = next(_numbers)
    return Beneficiary.create(
        **{
            "user": of.id,
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
    hours: tuple[tuple[int, int, int], ...] = MORNINGS,
    practises: tuple[str, ...] = ("Cardiología",),
    **columns: Any,
) -> Professional:
    """Somebody in Bogotá whom members book by themselves: 30 minutes, no pause."""
    number = next(_numbers)
    row = Professional.create(
        **{
            "first_name": first_name,
            "last_name": f"Cifuentes {number}",
            "license_number": f"RM-{number}",
            "township": township().id,
            "address": "Calle 93 # 11-20",
            "mode": "PRESENCIAL",
            "schedule_type": ONLINE,
            **columns,
        }
    )
    for name in practises:
        ProfessionalSpecialty.create(professional=row, specialty=specialty(name))
    for weekday, starts, ends in hours:
        Availability.create(professional=row, weekday=weekday, starts=starts, ends=ends)
    return row


def open_soon(whom: Professional, days: int = 3, first: int = 3) -> Professional:
    """Give them extra hours from 8:00 to 18:00 on some days from the third one on, whatever day it is today."""
    today = datetime.now(BOGOTA).date()
    for day in range(first, first + days):
        AvailabilityException.create(
            professional=whom, day=today + timedelta(days=day), starts=8 * 60, ends=18 * 60, is_open=True
        )
    return whom


class Voice:
    """One open socket of a person. Frames that were not asked for yet stay until they are."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self.connection = connection
        self.heard: list[dict[str, Any]] = []
        self.is_over = False
        self._ids = count(1)

    def say_raw(self, frame: str | bytes, *, binary: bool = False) -> None:
        self.connection.write_message(frame, binary=binary)

    def say(self, event: str, **fields: Any) -> None:
        self.say_raw(json.dumps({"event": event, **fields}))

    async def ask(self, event: str, **fields: Any) -> dict[str, Any]:
        """Say a command and return its answer: `ack`, `error`, `pong` or `resumed`."""
        reference = f"q{next(self._ids)}"
        self.say(event, id=reference, **fields)
        return await self.hear(lambda frame: frame.get("id") == reference)

    async def hear(self, wanted: Any, patience_s: float = 10) -> dict[str, Any]:
        """The next frame with this word, or for which this is true. Raises TimeoutError."""
        is_wanted = wanted if callable(wanted) else lambda frame: frame["event"] == wanted
        async with asyncio.timeout(patience_s):
            while True:
                for index, frame in enumerate(self.heard):
                    if is_wanted(frame):
                        return self.heard.pop(index)
                await self._read()

    async def silence(self, seconds: float = 0.3) -> list[dict[str, Any]]:
        """Everything that comes in this time and what nobody asked for before."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    await self._read()
        except TimeoutError:
            heard, self.heard = self.heard, []
            return heard

    async def closed(self, patience_s: float = 10) -> int | None:
        """Wait for the end of the connection; its close code."""
        async with asyncio.timeout(patience_s):
            while not self.is_over:
                await self._next()
        return self.connection.close_code

    def close(self) -> None:
        self.connection.close()

    async def _read(self) -> None:
        text = await self._next()
        if text is None:
            raise ConnectionError(f"closed with {self.connection.close_code}")
        self.heard.append(json.loads(text))

    async def _next(self) -> str | bytes | None:
        text = await self.connection.read_message()
        self.is_over = text is None
        return text


async def connect(
    port: int,
    who: Somebody | None,
    path: str = "/ws",
    protocols: list[str] | None = None,
    *,
    headers: dict[str, str] | None = None,
    opening: bool = True,
) -> Voice:
    """Open a socket as this person and wait for the opening pictures."""
    offered = protocols if protocols is not None else ["beneficiate", who.token] if who else None
    request = HTTPRequest(f"ws://127.0.0.1:{port}{path}", headers=headers or {})
    voice = Voice(await websocket_connect(request, subprotocols=offered))
    _open.append(voice)
    if opening:
        await voice.hear(lambda frame: frame["event"] == "online_users")
        voice.heard.clear()
    return voice


async def close_all() -> None:
    """Hang up whatever a test left open."""
    voices, _open[:] = list(_open), []
    for voice in voices:
        voice.close()
    for voice in voices:
        await voice.closed()


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
