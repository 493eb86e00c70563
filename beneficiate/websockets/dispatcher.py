"""Carries out the commands of one connection in order and answers them."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal

import msgspec

from beneficiate.actions import chats
from beneficiate.context import AppContext
from beneficiate.errors import Forbidden, Internal, Problem, RateLimited, Unauthorized
from beneficiate.limits import Limiter
from beneficiate.logs import log_failure
from beneficiate.protocol.close_codes import CLOSE_TOO_MANY_ERRORS
from beneficiate.protocol.commands import Authenticate, Ping, Resume, StopTyping
from beneficiate.protocol.envelope import Command
from beneficiate.protocol.events import Ack, CommandFailed, Pong
from beneficiate.rate_limiters import RateLimiters
from beneficiate.realtime.connection import Connection
from beneficiate.realtime.typing import TypingState
from beneficiate.security_log import REFUSED
from beneficiate.tokens import TokenClaims
from beneficiate.unit_of_work import BatchedAction, C, R, UnitOfWork
from beneficiate.websockets.frames import FrameReader, FrameRejected
from beneficiate.websockets.resume import send_missed_messages

RATE_LIMITED_WEIGHT = 0.1
MAX_PENDING_COMMANDS = 1000


@dataclass(frozen=True, slots=True)
class CommandSpec(Generic[C, R]):
    """How commands of one type are carried out: a row of a command table.

    `limiter` returns the rate limiter that counts them. `before` is called before the action and returns whether to run
    it; a command that is not run is acknowledged. `after` gets the result before it is acknowledged. `on_failure` is
    called when the action fails. `result_in` says where the result goes: into this field of the `ack`, or as an event
    of its own before it; without it the result is dropped.
    """

    action: BatchedAction[C, R] | Callable[[UnitOfWork, C], R]
    limiter: Callable[[RateLimiters], Limiter] = lambda limiters: limiters.commands
    result_in: Literal["message", "chat", "note", "event"] | None = None
    before: "Callable[[CommandDispatcher, C], bool] | None" = None
    after: "Callable[[CommandDispatcher, C, R], None] | None" = None
    on_failure: "Callable[[CommandDispatcher, C], None] | None" = None


# Each row of a table has the types of its own command, which a mapping cannot express.
AnyCommandSpec = CommandSpec[Any, Any]
CommandTable = Mapping[type[Command], AnyCommandSpec]


class CommandDispatcher:
    """Carries out the commands of one connection in the order in which they came.

    Consecutive commands of one batched action may run together; a command of another action waits for them.
    """

    __slots__ = (
        "_backlog",
        "_commands",
        "_errors",
        "_errors_since",
        "_frame_reader",
        "_in_flight",
        "_resume_lock",
        "_running",
        "_tasks",
        "connection",
        "context",
        "typing_state",
    )

    def __init__(
        self, context: AppContext, connection: Connection, frame_reader: FrameReader, commands: CommandTable
    ) -> None:
        self.context = context
        self.connection = connection
        self.typing_state = TypingState()
        self._frame_reader = frame_reader
        self._commands = commands
        self._backlog: deque[Command] = deque()
        self._running: object = None
        self._in_flight = 0
        self._errors = 0.0
        self._errors_since = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._resume_lock = asyncio.Lock()

    def handle_frame(self, raw: str | bytes) -> None:
        """Read a frame and carry out its command, now or in its turn; answer with an error if it is invalid."""
        if self.connection.is_closed:
            return
        try:
            command = self._frame_reader.read(raw, self.connection.actor)
            self._check_rate_limit(command)
        except FrameRejected as rejected:
            self._send_error(rejected.problem, rejected.reference)
        except Problem as problem:
            self._send_error(problem, command.id)
        else:
            self._enqueue(command)

    def close(self) -> None:
        """Drop what is pending after the connection was closed, and stop its user's typing on the other side."""
        self._backlog.clear()
        self.context.viewers.remove_connection(self.connection)
        self.context.board.remove_watcher(self.connection)
        for chat_id in self.typing_state.still_typing():
            self.context.store.run(
                chats.relay_typing, StopTyping(chat_id=chat_id), self.connection.actor
            ).add_done_callback(lambda future: future.exception())
        for task in self._tasks:
            task.cancel()

    def run_task(self, work: Coroutine[object, object, None]) -> None:
        """Run a coroutine beside the commands; it is cancelled when the connection is closed."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _check_rate_limit(self, command: Command) -> None:
        """Raise RateLimited when the user sends too much, or too many commands of the connection are pending."""
        spec, limiters = self._commands.get(type(command)), self.context.limiters
        limiter = limiters.commands if spec is None else spec.limiter(limiters)
        limiter.acquire(self.connection.actor.user_id)
        if len(self._backlog) + self._in_flight + len(self._tasks) >= MAX_PENDING_COMMANDS:
            raise RateLimited(1)

    def _enqueue(self, command: Command) -> None:
        handler = self.connection_commands.get(type(command))
        if handler is not None:
            handler(self, command)
        elif self._backlog or not self._may_run_now(command):
            self._backlog.append(command)
        else:
            self._run_command(command)

    def _may_run_now(self, command: Command) -> bool:
        return not self._in_flight or self._commands[type(command)].action is self._running

    def _run_command(self, command: Command) -> None:
        spec = self._commands[type(command)]
        try:
            is_wanted = spec.before is None or spec.before(self, command)
        except Exception as problem:  # noqa: BLE001  answered, and the next commands are carried out
            self._send_failure(command, problem)
            return
        if not is_wanted:
            self._send_ack(command)
            return
        self._running = spec.action
        self._in_flight += 1
        future = self.context.store.run(spec.action, command, self.connection.actor)
        future.add_done_callback(lambda done: self._on_done(command, spec, done))

    def _on_done(self, command: Command, spec: AnyCommandSpec, future: asyncio.Future[object]) -> None:
        self._in_flight -= 1
        if self.connection.is_closed:
            self._backlog.clear()
        try:
            self._answer(command, spec, future)
        except Exception as problem:  # noqa: BLE001  answered, and the next commands are carried out
            self._send_failure(command, problem)
        while self._backlog and self._may_run_now(self._backlog[0]):
            self._run_command(self._backlog.popleft())

    def _answer(self, command: Command, spec: AnyCommandSpec, future: asyncio.Future[object]) -> None:
        problem = future.exception()
        if problem is None:
            if spec.after is not None:
                spec.after(self, command, future.result())
            self._send_result(command, spec, future.result())
        else:
            if spec.on_failure is not None:
                spec.on_failure(self, command)
            self._send_error(problem if isinstance(problem, Problem) else Internal(), command.id)

    def _send_failure(self, command: Command, problem: Exception) -> None:
        """Answer a command that failed outside of its action, by a mistake of ours."""
        log_failure("command_failed", problem, command=type(command).__name__)
        self._send_error(Internal(), command.id)

    # The result has the type of the row's action, which decides the field that it goes to.
    def _send_result(self, command: Command, spec: AnyCommandSpec, result: Any) -> None:
        if spec.result_in == "event":
            self.connection.send_event(result)
        elif spec.result_in is not None and command.id is not None:
            self.connection.send_event(Ack(id=command.id, **{spec.result_in: result}))
            return
        self._send_ack(command)

    def _send_ack(self, command: Command) -> None:
        if command.id is not None:
            self.connection.send_event(Ack(id=command.id))

    def _send_error(self, problem: Problem, reference: str | None) -> None:
        if isinstance(problem, Forbidden):
            self.context.security_log.write(REFUSED, user_id=self.connection.actor.user_id)
        now = time.monotonic()
        if now - self._errors_since > 60:
            self._errors_since, self._errors = now, 0.0
        # Rate-limited frames count a tenth, so that a burst from an old client is not treated as abuse. What fails on
        # our side is no abuse at all: in an outage every client would be closed for good.
        if problem.status < 500:
            self._errors += RATE_LIMITED_WEIGHT if isinstance(problem, RateLimited) else 1
        if self._errors > self.context.settings.errors_per_minute:
            self.connection.close(CLOSE_TOO_MANY_ERRORS, "too many errors")
            return
        self.connection.send_event(
            CommandFailed(
                code=problem.code,
                message=problem.sentence,
                error=problem.sentence,
                id=msgspec.UNSET if reference is None else reference,
                retry_after_s=msgspec.UNSET if problem.retry_after_s is None else problem.retry_after_s,
            )
        )

    # ---- Commands about the connection itself ------------------------------------------------------

    def _send_pong(self, command: Ping) -> None:
        self.connection.send_event(Pong(id=msgspec.UNSET if command.id is None else command.id))

    def _authenticate(self, command: Authenticate) -> None:
        claims = self._verify_own_token(command.token)
        if claims is None:
            self._send_error(Forbidden("La sesión no es válida. Ingrese de nuevo."), command.id)
            return
        self.connection.claims = claims
        self._send_ack(command)

    def _verify_own_token(self, token: str) -> TokenClaims | None:
        """Return the claims of a token of the connection's own sign-in, which is open as long as the connection is."""
        try:
            claims = self.context.tokens.verify(token)
        except Unauthorized:
            return None
        own = self.connection.claims
        return claims if (claims.user_id, claims.sign_in_id) == (own.user_id, own.sign_in_id) else None

    def _resume(self, command: Resume) -> None:
        self.run_task(self._send_missed(command))

    async def _send_missed(self, command: Resume) -> None:
        # One after another: each waits for the network, which only works while it is the only bulk sender.
        async with self._resume_lock:
            try:
                self.connection.send_event(await send_missed_messages(self.context, self.connection, command))
            except Problem as problem:
                self._send_error(problem, command.id)
            except Exception as problem:  # noqa: BLE001  answered
                self._send_failure(command, problem)

    # Each handler takes its own command.
    connection_commands: ClassVar[Mapping[type[Command], Callable[["CommandDispatcher", Any], None]]] = {
        Ping: _send_pong,
        Authenticate: _authenticate,
        Resume: _resume,
    }
