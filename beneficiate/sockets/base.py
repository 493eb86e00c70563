"""The door of every socket: who comes in, and the wire under a session."""

import time
from asyncio import Future
from functools import cached_property
from typing import Any, ClassVar, cast

from tornado.web import HTTPError
from tornado.websocket import WebSocketHandler

from beneficiate.actions import presence
from beneficiate.audiences import Audience
from beneficiate.errors import Problem, RateLimited, Unauthorized
from beneficiate.house import House
from beneficiate.protocol import topics
from beneficiate.queries.accounts import identify
from beneficiate.queries.opening import pictures
from beneficiate.realtime.hub import RESTARTING
from beneficiate.realtime.session import Session
from beneficiate.sockets.conversation import Conversation, Vocabulary
from beneficiate.sockets.frames import Reader
from beneficiate.sockets.stream import TransportStream
from beneficiate.store import Actor


class Socket(WebSocketHandler):
    """A door that stays open. Subclasses say which words their role has; a word that is not there is unknown to it."""

    vocabularies: ClassVar[dict[str, Vocabulary]]

    def initialize(self, audience: Audience) -> None:
        self.audience = audience

    @property
    def house(self) -> House:
        return self.application.house  # type: ignore[attr-defined,no-any-return]

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")

    async def prepare(self) -> None:
        """Let in who has a good token, comes from a site of ours and has a role for this door; tell others nothing."""
        if not self.check_origin(self.request.headers.get("Origin", "")):
            raise HTTPError(403)
        try:
            self.actor, self.expires_at = await self._identify()
        except RateLimited as problem:
            raise HTTPError(429) from problem
        except Unauthorized as problem:
            self.house.handshakes.count(self._address)
            raise HTTPError(401) from problem
        except Problem as problem:
            raise HTTPError(503) from problem
        if not self.audience.admits(self.actor.role):
            raise HTTPError(403)

    async def _identify(self) -> tuple[Actor, float]:
        self.house.handshakes.check(self._address)
        claims = self.house.tokens.read(self._offered_token())
        return await self.house.store.run(identify, claims.user_id), claims.expires_at

    @property
    def _address(self) -> str:
        return self.house.address_of(self.request.remote_ip, self.request.headers.get("X-Forwarded-For", ""))

    def _offered_token(self) -> str:
        offered = self.request.headers.get("Sec-WebSocket-Protocol", "").split(",")
        return next((part.strip() for part in reversed(offered) if _is_token(part)), "")

    def check_origin(self, origin: str) -> bool:
        """No Origin is no browser. In development the host under which we were reached is ours too."""
        if not origin or origin in self.house.settings.allowed_origins:
            return True
        return not self.house.settings.is_production and origin.split("://")[-1] == self.request.headers.get("Host")

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """The first name that is not the token; the token itself when a client offered nothing else."""
        return next((name for name in subprotocols if not _is_token(name)), subprotocols[0] if subprotocols else None)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.finish()

    async def open(self, *args: str) -> None:
        house = self.house
        self.session = Session(
            self.actor, self, _topics(self.actor), house.settings.outbox_bytes, house.hub.flush_soon, house.on_marked
        )
        self.session.expires_at = self.expires_at
        self.session.beat_at = time.monotonic() + house.settings.beat_s
        self.conversation = Conversation(house, self.session, self._reader, self.vocabularies[self.actor.role])
        if house.is_stopping:
            self.session.end(RESTARTING, "restarting")
            return
        # Join first, look second: what happens in between comes live, and twice is harmless.
        house.hub.join(self.session)
        try:
            await self._welcome()
        except Problem:
            self.session.end(RESTARTING, "unavailable")

    async def _welcome(self) -> None:
        house, session = self.house, self.session
        arrive = presence.Arrive(house.process_id, house.settings.connections_per_person)
        session.connection_id = await house.store.run(presence.arrive, arrive, self.actor)
        if session.is_over:
            self._depart()
            return
        house.hub.listen(session, [topics.connection(session.connection_id)])
        for event in await house.store.run(pictures, None, self.actor):
            self.conversation.say(event)
            if session.is_laden:
                await session.drain()

    def on_message(self, message: str | bytes) -> None:
        self.session.heard = True
        self.conversation.hear(message)

    def on_pong(self, data: bytes) -> None:
        self.session.heard = True

    def on_close(self) -> None:
        if not hasattr(self, "session"):
            return
        self.conversation.end()
        self.house.hub.leave(self.session)
        self.session.forget()
        if self.session.connection_id:
            self._depart()

    def _depart(self) -> None:
        future = self.house.store.run(presence.depart, presence.Depart(self.session.connection_id), self.actor)
        future.add_done_callback(_never_mind)

    @cached_property
    def _reader(self) -> Reader[Any]:
        """One for each role, shared by its sockets."""
        readers = self.application.settings.setdefault("readers", {})
        role = self.actor.role
        if role not in readers:
            words = self.vocabularies[role].keys() | Conversation.own_words.keys()
            readers[role] = Reader(words, self.house.settings.frame_bytes)
        return readers[role]  # type: ignore[no-any-return]

    def _detach_stream(self) -> Any:
        """Called by Tornado once the handshake is answered: from now on the socket belongs to a transport."""
        return TransportStream(super()._detach_stream())

    # ---- The wire under the session --------------------------------------------------------------

    def send(self, data: bytes) -> None:
        """Write whole frames. The hub makes each one once for all its readers, which `write_message` cannot."""
        if (stream := self._open_stream()) is not None:
            stream.send(data)

    def waiting(self) -> int:
        stream = self._open_stream()
        return 0 if stream is None else stream.waiting()

    async def drain(self) -> None:
        if (stream := self._open_stream()) is not None:
            await stream.drain()

    def _open_stream(self) -> TransportStream | None:
        connection = self.ws_connection
        if connection is None or connection.is_closing():
            return None
        return cast(TransportStream, connection.stream)


_OF_ROLE = {
    "agent": (topics.AGENTS, topics.PRESENCE),
    "supervisor": (topics.AGENTS, topics.SUPERVISORS, topics.PRESENCE),
}


def _never_mind(future: Future[Any]) -> None:
    """Nobody waits for it, and what failed is in the log of the store."""
    future.exception()


def _is_token(text: str) -> bool:
    """A JWT has three parts; no subprotocol that an old client names has a dot."""
    return text.count(".") == 2


def _topics(actor: Actor) -> tuple[str, ...]:
    of_agent = () if actor.agent_id is None else (topics.agent(actor.agent_id),)
    return (topics.user(actor.user_id), *of_agent, *_OF_ROLE.get(actor.role, ()))
