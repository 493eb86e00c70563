"""The base of the WebSocket handlers: the handshake, the initial state, and the transport of the connection."""

import time
import uuid
from asyncio import Future
from dataclasses import replace
from functools import cache
from types import TracebackType
from typing import Any, ClassVar, NoReturn, cast
from urllib.parse import urlsplit

from tornado.iostream import IOStream
from tornado.web import HTTPError
from tornado.websocket import WebSocketHandler, WebSocketProtocol, WebSocketProtocol13

from beneficiate.actions import presence, unanswered
from beneficiate.audiences import Audience
from beneficiate.context import AppContext, get_context
from beneficiate.errors import Problem, RateLimited, Unauthorized
from beneficiate.http_methods import name_allowed_methods
from beneficiate.limits import network_of
from beneficiate.logs import log_failure
from beneficiate.protocol import channels
from beneficiate.protocol.close_codes import CLOSE_RESTARTING, CLOSE_TOKEN_EXPIRED
from beneficiate.protocol.envelope import Command
from beneficiate.protocol.initial_state import EVENTS_PARAMETER, INITIAL_EVENTS, VERSION_PARAMETER
from beneficiate.queries.accounts import identify_actors
from beneficiate.queries.connection_state import InitialStateQuery, load_initial_state
from beneficiate.realtime.connection import Connection
from beneficiate.realtime.hub import LONGEST_RETURN_S
from beneficiate.security_headers import API_CSP, build_security_headers
from beneficiate.security_log import HANDSHAKE_REFUSED
from beneficiate.settings_checks import LOCAL_HOSTS, normalize_origin
from beneficiate.tokens import TokenClaims
from beneficiate.unit_of_work import Actor
from beneficiate.websockets.dispatcher import CommandDispatcher, CommandTable
from beneficiate.websockets.frames import FrameReader
from beneficiate.websockets.strict_protocol import StrictProtocol
from beneficiate.websockets.tornado_internals import forget_handshake
from beneficiate.websockets.transport_stream import TransportStream


class SocketHandler(WebSocketHandler):
    """Accepts WebSockets of one audience. Subclasses set the command table of each role; other commands are unknown."""

    commands_by_role: ClassVar[dict[str, CommandTable]]
    _has_left = False

    def initialize(self, audience: Audience) -> None:
        self.audience = audience
        self.request_id = uuid.uuid4().hex

    @property
    def context(self) -> AppContext:
        return get_context(self)

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in build_security_headers(API_CSP, is_secure=self.context.settings.is_secure).items():
            self.set_header(name, value)
        self.set_header("Content-Type", "text/plain; charset=utf-8")

    async def prepare(self) -> None:
        """Refuse, without a reason, a foreign origin, an invalid token, a role outside of the audience, a bad query."""
        if not self.check_origin(self.request.headers.get("Origin", "")):
            self._refuse(403, "origin")
        try:
            self.actor, self.claims = await self._authenticate()
        except Unauthorized:
            await self._refuse_failure()
        except Problem as problem:
            raise HTTPError(503) from problem
        if not self.audience.admits(self.actor.role):
            self._refuse(403, "role", self.actor.user_id)
        self._initial_state_query = self._parse_initial_state_query()

    def _parse_initial_state_query(self) -> InitialStateQuery:
        """Return which events of the initial state the client reads; 400 for a name that is none of them."""
        names = self.get_query_argument(EVENTS_PARAMETER, None)
        if names is None:
            return InitialStateQuery()
        try:
            wanted = frozenset(INITIAL_EVENTS[name] for name in names.split(",") if name)
        except KeyError as problem:
            raise HTTPError(400) from problem
        return InitialStateQuery(wanted, self.get_query_argument(VERSION_PARAMETER, ""))

    async def _refuse_failure(self) -> NoReturn:
        """Refuse a handshake without a good token, and count it: only those are limited by network.

        So no stranger keeps a neighbour out who has a good one.
        """
        try:
            await self.context.limiters.handshakes.acquire(network_of(self._remote_address))
        except RateLimited as problem:
            self._refuse(429, "too many failures", problem=problem)
        self._refuse(401, "token")

    def _refuse(self, status: int, reason: str, user_id: int = 0, problem: Problem | None = None) -> NoReturn:
        self.context.security_log.write(HANDSHAKE_REFUSED, address=self._remote_address, user_id=user_id, reason=reason)
        raise HTTPError(status) from problem

    async def _authenticate(self) -> tuple[Actor, TokenClaims]:
        claims = self.context.tokens.verify(self._offered_token())
        async with self.context.admission.admit():
            actor = await self.context.store.run(identify_actors, claims)
        return replace(actor, address=self._remote_address, request_id=self.request_id), claims

    @property
    def _remote_address(self) -> str:
        return self.context.client_address(self.request.remote_ip, self.request.headers.get("X-Forwarded-For", ""))

    def _offered_token(self) -> str:
        offered = self.request.headers.get("Sec-WebSocket-Protocol", "").split(",")
        return next((part.strip() for part in reversed(offered) if _looks_like_jwt(part)), "")

    def check_origin(self, origin: str) -> bool:
        """Return whether the origin is ours or missing (no browser). In development this machine is allowed too."""
        if not origin:
            return True
        settings, normal = self.context.settings, normalize_origin(origin)
        if normal is None or normal in settings.allowed_origins:
            return normal is not None
        # A name that somebody else let point to this machine is not ours, although it is in `Host` too.
        parts = urlsplit(normal)
        is_local = parts.hostname in LOCAL_HOSTS and parts.netloc == self.request.headers.get("Host")
        return is_local and not settings.is_production

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Return the first name that is not the token; the token itself when a client offered nothing else."""
        return next((name for name in subprotocols if not _looks_like_jwt(name)), next(iter(subprotocols), None))

    def log_exception(
        self, typ: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        # Tornado would write the address of the client and the URL.
        if not isinstance(value, (Problem, HTTPError)):
            log_failure("socket_failed", value, handler=type(self).__name__)

    # As RequestHandler declares it.
    def write_error(self, status_code: int, **kwargs: Any) -> None:
        problem = getattr(kwargs.get("exc_info", (None, None))[1], "__cause__", None)
        if isinstance(problem, Problem) and problem.retry_after_s is not None:
            self.set_header("Retry-After", str(problem.retry_after_s))
        name_allowed_methods(self, status_code)
        self.finish()

    async def open(self, *args: str) -> None:
        if self._has_left:
            # While the database was asked who it is. Tornado tells the end of a connection once: this one would stay.
            return
        context = self.context
        self.connection = Connection(
            self.actor,
            self,
            _channels_of_connection(self.actor, self.claims),
            context.settings.outbox_bytes,
            context.hub.schedule_flush,
            context.on_delivery_pending,
        )
        self.connection.claims = self.claims
        self.connection.next_ping_at = time.monotonic() + context.settings.ping_interval_s
        self.dispatcher = CommandDispatcher(
            context,
            self.connection,
            _frame_reader(frozenset(self.commands_by_role[self.actor.role]), context.settings.frame_bytes),
            self.commands_by_role[self.actor.role],
        )
        forget_handshake(self)
        if context.is_stopping:
            self.connection.close(CLOSE_RESTARTING, "restarting")
            return
        # Subscribe before reading the state: what happens in between arrives live, and twice is harmless.
        context.hub.add_connection(self.connection)
        await context.hub.wait_joined()
        try:
            await self._send_initial_state()
        except Unauthorized:
            self.connection.close(CLOSE_TOKEN_EXPIRED, "signed out")
        except RateLimited as problem:
            self.connection.send_away(1000, 1000 * min(problem.retry_after_s + 1, LONGEST_RETURN_S))
        except Problem:
            self.connection.close(CLOSE_RESTARTING, "unavailable")

    async def _send_initial_state(self) -> None:
        context, connection = self.context, self.connection
        limit = context.settings.connections_per_person
        # Its sign-in may have ended since the handshake: from here on, whoever ends it closes this connection.
        command = presence.RegisterConnection(context.process_id, limit, self.claims)
        async with context.admission.admit():
            if connection.is_closed:
                return
            connection.connection_id = await context.store.run(presence.register_connections, command, self.actor)
            if connection.is_closed:
                self._unregister_connection()
                return
            context.hub.subscribe(connection, [channels.connection_channel(connection.connection_id)])
            state = await context.store.run(load_initial_state, self._initial_state_query, self.actor)
        # Out of turn again: a client that reads slowly holds nobody up.
        for event in state:
            connection.send_event(event)
            if connection.is_backlogged:
                await connection.drain()
        if self.actor.agent_id is not None and await connection.drain():
            await context.store.run(unanswered.start_reply_clocks, None, self.actor)

    def on_message(self, message: str | bytes) -> None:
        self.connection.has_received = True
        self.dispatcher.handle_frame(message)

    def on_pong(self, data: bytes) -> None:
        self.connection.has_received = True

    def on_close(self) -> None:
        if not hasattr(self, "connection"):
            self._has_left = True
            return
        self.dispatcher.close()
        self.context.hub.remove_connection(self.connection)
        self.connection.discard()
        if self.connection.connection_id:
            self._unregister_connection()

    def _unregister_connection(self) -> None:
        future = self.context.store.run(
            presence.close_connections, presence.CloseConnection(self.connection.connection_id), self.actor
        )
        future.add_done_callback(_consume_exception)

    def get_websocket_protocol(self) -> WebSocketProtocol | None:
        protocol = super().get_websocket_protocol()
        if not isinstance(protocol, WebSocketProtocol13):
            return protocol
        return StrictProtocol(self, mask_outgoing=False, params=protocol.params)

    # IOStream to Tornado, which uses only what TransportStream has of it.
    def _detach_stream(self) -> IOStream:
        """Move the socket to an asyncio transport; called by Tornado once the handshake is answered."""
        return cast(IOStream, TransportStream(super()._detach_stream()))

    # ---- The transport of the connection -----------------------------------------------------------

    def send(self, data: bytes) -> None:
        """Write whole frames. The hub builds each one once for all its receivers, which `write_message` cannot do."""
        if (stream := self._open_stream()) is not None:
            stream.send(data)

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Send a close frame, and count it by its code."""
        self.context.telemetry.count_connection_close(code or 0)
        super().close(code, reason)

    def pending_bytes(self) -> int:
        stream = self._open_stream()
        return 0 if stream is None else stream.pending_bytes()

    async def drain(self) -> None:
        if (stream := self._open_stream()) is not None:
            await stream.drain()

    def _open_stream(self) -> TransportStream | None:
        ws_connection = self.ws_connection
        if ws_connection is None or ws_connection.is_closing():
            return None
        return cast(TransportStream, ws_connection.stream)


_CHANNELS_BY_ROLE = {
    "member": (channels.MEMBERS_CHANNEL,),
    "agent": (channels.AGENTS_CHANNEL, channels.PRESENCE_CHANNEL),
    "supervisor": (channels.AGENTS_CHANNEL, channels.SUPERVISORS_CHANNEL, channels.PRESENCE_CHANNEL),
}


@cache
def _frame_reader(command_types: frozenset[type[Command]], frame_bytes: int) -> FrameReader:
    """Return the frame reader for the commands of a role, shared by its connections."""
    return FrameReader(command_types | CommandDispatcher.connection_commands.keys(), frame_bytes)


def _consume_exception(future: Future[None]) -> None:
    """Ignore a failure that no caller waits for; the store has logged it."""
    future.exception()


def _looks_like_jwt(text: str) -> bool:
    """Return whether a text has the three parts of a JWT; no subprotocol name of an old client contains a dot."""
    return text.count(".") == 2


def _channels_of_connection(actor: Actor, claims: TokenClaims) -> tuple[str, ...]:
    of_agent = () if actor.agent_id is None else (channels.agent_channel(actor.agent_id),)
    of_sign_in = (
        channels.unlisted_channel(actor.user_id)
        if claims.sign_in_id is None
        else channels.sign_in_channel(claims.sign_in_id)
    )
    of_role = _CHANNELS_BY_ROLE.get(actor.role, ())
    return (channels.user_channel(actor.user_id), of_sign_in, *of_agent, *of_role, channels.QUEUE_CHANNEL)
