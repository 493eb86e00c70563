"""What is said over one socket: each frame is read, carried out in its turn and answered."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec

from beneficiate.actions import chats
from beneficiate.context import AppContext
from beneficiate.errors import Forbidden, Internal, Problem, RateLimited, Unauthorized
from beneficiate.protocol.commands import (
    Authenticate,
    Ping,
    Resume,
    SendMessage,
    SendSupportMessage,
    StartTyping,
    StopTyping,
)
from beneficiate.protocol.desk_tools import ChatViewer, NotePayload, StopViewingChat, ViewChat
from beneficiate.protocol.envelope import Command, Event
from beneficiate.protocol.events import Ack, CommandFailed, Pong
from beneficiate.protocol.payloads import ChatPayload, MessagePayload
from beneficiate.realtime.connection import Connection
from beneficiate.realtime.hub import build_text_frame
from beneficiate.realtime.publisher import encode_json
from beneficiate.realtime.typing import TypingState
from beneficiate.tokens import TokenClaims
from beneficiate.unit_of_work import BatchedAction
from beneficiate.websockets.frames import FrameReader, FrameRejected
from beneficiate.websockets.resume import send_missed_messages

CLOSE_TOO_MANY_ERRORS = 1008
RATE_LIMITED_WEIGHT = 0.1
MAX_PENDING_COMMANDS = 1000

Action = BatchedAction[Any, Any] | Callable[..., Any]
CommandTable = Mapping[type[Command], Action]


class CommandDispatcher:
    """Commands of one connection are carried out in the order in which they came.

    Those of one batched action may travel together; before another action begins, they are waited for.
    """

    __slots__ = (
        "_backlog",
        "_commands",
        "_connection",
        "_context",
        "_errors",
        "_errors_since",
        "_frame_reader",
        "_in_flight",
        "_resume_lock",
        "_running_action",
        "_tasks",
        "_typing_state",
    )

    def __init__(
        self, context: AppContext, connection: Connection, frame_reader: FrameReader[Any], commands: CommandTable
    ) -> None:
        self._context = context
        self._connection = connection
        self._frame_reader = frame_reader
        self._commands = commands
        self._typing_state = TypingState()
        self._backlog: deque[Command] = deque()
        self._running_action: Action | None = None
        self._in_flight = 0
        self._errors = 0.0
        self._errors_since = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._resume_lock = asyncio.Lock()

    def handle_frame(self, raw: str | bytes) -> None:
        """Read a frame and carry it out, now or in its turn; or say what is wrong with it."""
        if self._connection.is_closed:
            return
        try:
            command = self._frame_reader.read(raw, self._connection.actor)
            self._check_rate_limit(command)
        except FrameRejected as rejected:
            self._send_error(rejected.problem, rejected.reference)
        except Problem as problem:
            self._send_error(problem, command.id)
        else:
            self._enqueue(command)

    def send_event(self, event: Event) -> None:
        """Say something to this socket alone."""
        self._connection.send(build_text_frame(encode_json(event)))

    def close(self) -> None:
        """The socket is gone: nobody is left typing on the other side's screen."""
        self._backlog.clear()
        self._context.viewers.remove_connection(self._connection)
        for chat_id in self._typing_state.still_typing():
            self._context.store.run(
                chats.relay_typing, StopTyping(chat_id=chat_id), self._connection.actor
            ).add_done_callback(lambda future: future.exception())
        for task in self._tasks:
            task.cancel()

    def _check_rate_limit(self, command: Command) -> None:
        """Raises RateLimited when this person asks too much."""
        context, user_id = self._context, self._connection.actor.user_id
        if isinstance(command, (SendMessage, SendSupportMessage)):
            context.message_limiter.acquire(user_id)
        elif isinstance(command, (StartTyping, StopTyping)):
            context.typing_limiter.acquire(user_id)
        else:
            context.command_limiter.acquire(user_id)
        if len(self._backlog) + self._in_flight + len(self._tasks) >= MAX_PENDING_COMMANDS:
            raise RateLimited(1)

    def _enqueue(self, command: Command) -> None:
        handler = self.connection_commands.get(type(command))
        if handler is not None:
            handler(self, command)
        elif self._backlog or (self._in_flight and self._commands[type(command)] is not self._running_action):
            self._backlog.append(command)
        else:
            self._run_command(command)

    def _run_command(self, command: Command) -> None:
        if isinstance(command, (StartTyping, StopTyping)) and not self._is_typing_change(command):
            self._send_ack(command, None)
            return
        if isinstance(command, (SendMessage, SendSupportMessage)):
            # A line ends the typing that announced it, on every screen.
            self._typing_state.discard(command.chat_id)
            self._context.viewers.set_typing(self._connection, command.chat_id, is_typing=False)
        self._running_action = self._commands[type(command)]
        self._in_flight += 1
        future = self._context.store.run(self._running_action, command, self._connection.actor)
        future.add_done_callback(lambda done: self._on_done(command, done))

    def _on_done(self, command: Command, future: "asyncio.Future[Any]") -> None:
        self._in_flight -= 1
        if self._connection.is_closed:
            self._backlog.clear()
        problem = future.exception()
        if problem is None:
            self._update_viewers(command, future.result())
            self._send_ack(command, future.result())
        else:
            if isinstance(command, (StartTyping, StopTyping)):
                self._typing_state.discard(command.chat_id)
            self._send_error(problem if isinstance(problem, Problem) else Internal(), command.id)
        while self._backlog and (not self._in_flight or self._commands[type(self._backlog[0])] is self._running_action):
            self._run_command(self._backlog.popleft())

    def _update_viewers(self, command: Command, result: Any) -> None:
        """The staff who look at a chat see each other come, go and type."""
        if isinstance(command, ViewChat) and isinstance(result, ChatViewer):
            self._context.viewers.add_viewer(self._connection, command.chat_id, result)
        elif isinstance(command, StopViewingChat):
            self._context.viewers.remove_viewer(self._connection, command.chat_id)
        elif isinstance(command, (StartTyping, StopTyping)):
            is_typing = isinstance(command, StartTyping)
            self._context.viewers.set_typing(self._connection, command.chat_id, is_typing=is_typing)

    def _is_typing_change(self, command: StartTyping | StopTyping) -> bool:
        is_typing = isinstance(command, StartTyping)
        if not self._typing_state.is_change(command.chat_id, is_typing=is_typing):
            return False
        self._typing_state.record(command.chat_id, is_typing=is_typing)
        return True

    def _send_ack(self, command: Command, result: Any) -> None:
        if isinstance(result, Event):
            self.send_event(result)
        if command.id is not None:
            message = result if isinstance(result, MessagePayload) else msgspec.UNSET
            chat = result if isinstance(result, ChatPayload) else msgspec.UNSET
            note = result if isinstance(result, NotePayload) else msgspec.UNSET
            self.send_event(Ack(id=command.id, message=message, chat=chat, note=note))

    def _send_error(self, problem: Problem, reference: str | None) -> None:
        now = time.monotonic()
        if now - self._errors_since > 60:
            self._errors_since, self._errors = now, 0.0
        # Haste is no abuse: a burst of old clients may be refused line by line.
        self._errors += RATE_LIMITED_WEIGHT if isinstance(problem, RateLimited) else 1
        if self._errors > self._context.settings.errors_per_minute:
            self._connection.close(CLOSE_TOO_MANY_ERRORS, "too many errors")
            return
        wait = problem.retry_after_s if isinstance(problem, RateLimited) else msgspec.UNSET
        self.send_event(
            CommandFailed(
                code=problem.code,
                message=problem.sentence,
                error=problem.sentence,
                id=msgspec.UNSET if reference is None else reference,
                retry_after_s=wait,
            )
        )

    # ---- Words that concern the connection itself -------------------------------------------------

    def _send_pong(self, command: Ping) -> None:
        self.send_event(Pong(id=msgspec.UNSET if command.id is None else command.id))

    def _authenticate(self, command: Authenticate) -> None:
        claims = self._verify_own_token(command.token)
        if claims is None:
            self._send_error(Forbidden("La sesión no es válida. Ingrese de nuevo."), command.id)
            return
        self._connection.token_expires_at = claims.expires_at
        self._send_ack(command, None)

    def _verify_own_token(self, token: str) -> TokenClaims | None:
        try:
            claims = self._context.tokens.verify(token)
        except Unauthorized:
            return None
        return claims if claims.user_id == self._connection.actor.user_id else None

    def _resume(self, command: Resume) -> None:
        task = asyncio.get_running_loop().create_task(self._send_missed(command))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_missed(self, command: Resume) -> None:
        # One after another: the socket paces each of them only while it is alone.
        async with self._resume_lock:
            try:
                self.send_event(await send_missed_messages(self._context, self._connection, command))
            except Problem as problem:
                self._send_error(problem, command.id)

    connection_commands: ClassVar[dict[type[Command], Callable[["CommandDispatcher", Any], None]]] = {
        Ping: _send_pong,
        Authenticate: _authenticate,
        Resume: _resume,
    }
