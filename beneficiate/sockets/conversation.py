"""What is said over one socket: each frame is read, carried out in its turn and answered."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec

from beneficiate.actions import chats
from beneficiate.errors import Forbidden, Internal, Problem, RateLimited, Unauthorized
from beneficiate.house import House
from beneficiate.protocol.commands import Authenticate, Ping, Resume, SendLine, SendSupportLine, StartTyping, StopTyping
from beneficiate.protocol.envelope import Command, Event
from beneficiate.protocol.events import Ack, Failure, Pong
from beneficiate.protocol.pictures import ChatPicture, Message
from beneficiate.protocol.tools import LeaveChat, NotePicture, ViewChat, Viewer
from beneficiate.realtime.hub import text_frame
from beneficiate.realtime.publisher import encode
from beneficiate.realtime.session import Session
from beneficiate.realtime.typing import Typing
from beneficiate.sockets.frames import Reader, Refused
from beneficiate.sockets.resume import resume
from beneficiate.store import Action
from beneficiate.tokens import Claims

ABUSE = 1008
HASTE = 0.1
BACKLOG = 1000

Vocabulary = Mapping[type[Command], Action]


class Conversation:
    """Commands of one connection are carried out in the order in which they came.

    Those of one batched action may travel together; before another action begins, they are waited for.
    """

    __slots__ = (
        "_action",
        "_backlog",
        "_errors",
        "_errors_since",
        "_house",
        "_in_flight",
        "_reader",
        "_resuming",
        "_session",
        "_tasks",
        "_typing",
        "_vocabulary",
    )

    def __init__(self, house: House, session: Session, reader: Reader[Any], vocabulary: Vocabulary) -> None:
        self._house = house
        self._session = session
        self._reader = reader
        self._vocabulary = vocabulary
        self._typing = Typing()
        self._backlog: deque[Command] = deque()
        self._action: Action | None = None
        self._in_flight = 0
        self._errors = 0.0
        self._errors_since = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._resuming = asyncio.Lock()

    def hear(self, raw: str | bytes) -> None:
        """Read a frame and carry it out, now or in its turn; or say what is wrong with it."""
        if self._session.is_over:
            return
        try:
            command = self._reader.read(raw, self._session.actor)
            self._limit(command)
        except Refused as refused:
            self._refuse(refused.problem, refused.reference)
        except Problem as problem:
            self._refuse(problem, command.id)
        else:
            self._take(command)

    def say(self, event: Event) -> None:
        """Say something to this socket alone."""
        self._session.send(text_frame(encode(event)))

    def end(self) -> None:
        """The socket is gone: nobody is left typing on the other side's screen."""
        self._backlog.clear()
        self._house.viewers.leave_all(self._session)
        for chat_id in self._typing.left_open():
            self._house.store.run(chats.type_, StopTyping(chat_id=chat_id), self._session.actor).add_done_callback(
                lambda future: future.exception()
            )
        for task in self._tasks:
            task.cancel()

    def _limit(self, command: Command) -> None:
        """Raises RateLimited when this person asks too much."""
        house, person = self._house, self._session.actor.user_id
        if isinstance(command, (SendLine, SendSupportLine)):
            house.lines.take(person)
        elif isinstance(command, (StartTyping, StopTyping)):
            house.typing.take(person)
        else:
            house.commands.take(person)
        if len(self._backlog) + self._in_flight + len(self._tasks) >= BACKLOG:
            raise RateLimited(1)

    def _take(self, command: Command) -> None:
        own = self.own_words.get(type(command))
        if own is not None:
            own(self, command)
        elif self._backlog or (self._in_flight and self._vocabulary[type(command)] is not self._action):
            self._backlog.append(command)
        else:
            self._start(command)

    def _start(self, command: Command) -> None:
        if isinstance(command, (StartTyping, StopTyping)) and not self._is_news(command):
            self._acknowledge(command, None)
            return
        if isinstance(command, (SendLine, SendSupportLine)):
            # A line ends the typing that announced it, on every screen.
            self._typing.forget(command.chat_id)
            self._house.viewers.type_(self._session, command.chat_id, is_typing=False)
        self._action = self._vocabulary[type(command)]
        self._in_flight += 1
        future = self._house.store.run(self._action, command, self._session.actor)
        future.add_done_callback(lambda done: self._done(command, done))

    def _done(self, command: Command, future: "asyncio.Future[Any]") -> None:
        self._in_flight -= 1
        if self._session.is_over:
            self._backlog.clear()
        problem = future.exception()
        if problem is None:
            self._show(command, future.result())
            self._acknowledge(command, future.result())
        else:
            if isinstance(command, (StartTyping, StopTyping)):
                self._typing.forget(command.chat_id)
            self._refuse(problem if isinstance(problem, Problem) else Internal(), command.id)
        while self._backlog and (not self._in_flight or self._vocabulary[type(self._backlog[0])] is self._action):
            self._start(self._backlog.popleft())

    def _show(self, command: Command, result: Any) -> None:
        """The staff who look at a chat see each other come, go and type."""
        if isinstance(command, ViewChat) and isinstance(result, Viewer):
            self._house.viewers.view(self._session, command.chat_id, result)
        elif isinstance(command, LeaveChat):
            self._house.viewers.leave(self._session, command.chat_id)
        elif isinstance(command, (StartTyping, StopTyping)):
            is_typing = isinstance(command, StartTyping)
            self._house.viewers.type_(self._session, command.chat_id, is_typing=is_typing)

    def _is_news(self, command: StartTyping | StopTyping) -> bool:
        is_typing = isinstance(command, StartTyping)
        if not self._typing.is_news(command.chat_id, is_typing=is_typing):
            return False
        self._typing.note(command.chat_id, is_typing=is_typing)
        return True

    def _acknowledge(self, command: Command, result: Any) -> None:
        if isinstance(result, Event):
            self.say(result)
        if command.id is not None:
            message = result if isinstance(result, Message) else msgspec.UNSET
            chat = result if isinstance(result, ChatPicture) else msgspec.UNSET
            note = result if isinstance(result, NotePicture) else msgspec.UNSET
            self.say(Ack(id=command.id, message=message, chat=chat, note=note))

    def _refuse(self, problem: Problem, reference: str | None) -> None:
        now = time.monotonic()
        if now - self._errors_since > 60:
            self._errors_since, self._errors = now, 0.0
        # Haste is no abuse: a burst of old clients may be refused line by line.
        self._errors += HASTE if isinstance(problem, RateLimited) else 1
        if self._errors > self._house.settings.errors_per_minute:
            self._session.end(ABUSE, "too many errors")
            return
        wait = problem.retry_after_s if isinstance(problem, RateLimited) else msgspec.UNSET
        self.say(
            Failure(
                code=problem.code,
                message=problem.sentence,
                error=problem.sentence,
                id=msgspec.UNSET if reference is None else reference,
                retry_after_s=wait,
            )
        )

    # ---- Words that concern the connection itself -------------------------------------------------

    def _answer_ping(self, command: Ping) -> None:
        self.say(Pong(id=msgspec.UNSET if command.id is None else command.id))

    def _authenticate(self, command: Authenticate) -> None:
        claims = self._read_own(command.token)
        if claims is None:
            self._refuse(Forbidden("La sesión no es válida. Ingrese de nuevo."), command.id)
            return
        self._session.expires_at = claims.expires_at
        self._acknowledge(command, None)

    def _read_own(self, token: str) -> Claims | None:
        try:
            claims = self._house.tokens.read(token)
        except Unauthorized:
            return None
        return claims if claims.user_id == self._session.actor.user_id else None

    def _resume(self, command: Resume) -> None:
        task = asyncio.get_running_loop().create_task(self._send_missed(command))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_missed(self, command: Resume) -> None:
        # One after another: the socket paces each of them only while it is alone.
        async with self._resuming:
            try:
                self.say(await resume(self._house, self._session, command))
            except Problem as problem:
                self._refuse(problem, command.id)

    own_words: ClassVar[dict[type[Command], Callable[["Conversation", Any], None]]] = {
        Ping: _answer_ping,
        Authenticate: _authenticate,
        Resume: _resume,
    }
