"""People who speak: made in the database, connected over real sockets, heard word by word."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from beneficiate.models.chats import ACTIVE, DIRECT, SUPPORT, Chat
from beneficiate.models.people import Agent, Supervisor, User
from beneficiate.passwords import hash_password
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
    row = Agent.create(user=user, agent_code=f"AG-{next(_numbers)}", created_at=datetime.now(UTC))
    return Somebody(user, Actor(user.id, "agent", row.id, user.name))


def supervisor(first_name: str = "Marta", **columns: Any) -> Somebody:
    user = _user(first_name, **columns)
    Supervisor.create(user=user, created_at=datetime.now(UTC))
    return Somebody(user, Actor(user.id, "supervisor", None, user.name))


def support_chat(of: Somebody, by: Somebody | None, **columns: Any) -> Chat:
    """An open support chat; with nobody on the other side it waits."""
    now = datetime.now(UTC)
    status = ACTIVE if by else "WAITING"
    return Chat.create(**{"kind": SUPPORT, "status": status, "user": of.id, "agent": by.agent_id if by else None,
                          "created_at": now, "updated_at": now, **columns})


def direct_chat(one: Somebody, other: Somebody) -> Chat:
    now = datetime.now(UTC)
    return Chat.create(kind=DIRECT, status=ACTIVE, user=one.id, peer=other.id, created_at=now, updated_at=now)


class Voice:
    """One open socket of a person. Frames that were not asked for yet stay until they are."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self.connection = connection
        self.heard: list[dict[str, Any]] = []
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
            while await self.connection.read_message() is not None:
                continue
        return self.connection.close_code

    def close(self) -> None:
        self.connection.close()

    async def _read(self) -> None:
        text = await self.connection.read_message()
        if text is None:
            raise ConnectionError(f"closed with {self.connection.close_code}")
        self.heard.append(json.loads(text))


async def connect(port: int, who: Somebody | None, path: str = "/ws", protocols: list[str] | None = None, *,
                  headers: dict[str, str] | None = None, opening: bool = True) -> Voice:
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
    given = {"email": f"p{number}@pruebas.co", "password_hash": PASSWORD_HASH, "first_name": first_name, "last_name": f"Rojas {number}",
             "document_type": "CC", "document_number": f"{50_000_000 + number}", "created_at": datetime.now(UTC), **columns}
    return User.create(**given)
