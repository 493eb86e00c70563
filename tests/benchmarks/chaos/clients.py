"""Members and agents in a service that fails: they wait, ask again, come back, and write down what they received."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from beneficiate.models.chats import Chat
from beneficiate.protocol.initial_state import EVENTS_PARAMETER
from tests.actions.queue_steps import available_agent
from tests.factories import Person, member, support_chat
from tests.reconnecting_client import ChatState, ReconnectingClient
from tests.ws_client import wait_until

ANSWER_S = 20.0
"""As in `static/src/core/connection.js`: what is not answered by then is asked again over another connection."""
RETRY_S = 0.5
CONNECT_S = 60.0
INITIAL_STATE = "agent_chats,user_chats,online_users"
"""As our pages, which ask for what they show: all open appointments would take longer than a connection lives here."""
CAPACITY = 3
"""Each agent has one chat, and room for two that are returned to the queue."""
LATER = ("unavailable", "rate_limited")
"""Codes after which the same message is sent again, before those behind it, as `static/src/core/outbox.js` does."""


@dataclass(frozen=True, slots=True)
class WrittenMessage:
    """A message that a client has put into its outbox."""

    client_id: str
    chat_id: int
    text: str


class ChaosClient(ReconnectingClient):
    """Sends one message of a chat at a time, until it is acknowledged, or refused since another agent has the chat."""

    def __init__(self, port: int, who: Person, seed: int, on_answer: Callable[["ChaosClient"], None]) -> None:
        super().__init__(port, who, seed)
        self.max_in_flight = 1
        self.path = f"/ws?{EVENTS_PARAMETER}={INITIAL_STATE}"
        self.written: list[WrittenMessage] = []
        self.refused: dict[str, str] = {}
        self.own_chats: set[int] = set()
        self.online: set[int] = set()
        self.told_unavailable = 0
        self._sent_at: dict[int, float] = {}
        self._on_answer = on_answer
        self._later: set[asyncio.TimerHandle] = set()

    def own(self, chat: Chat) -> None:
        """Know a chat before the first connection."""
        self.follow(chat)
        self.own_chats.add(chat.id)

    def write(self, chat_id: int, text: str) -> None:
        super().write(chat_id, text)
        self.written.append(WrittenMessage(self.chats[chat_id].outbox[-1][0], chat_id, text))

    async def write_until(self, is_over: Callable[[], bool], pause_s: float) -> None:
        """Write to one of the own chats now and then; when many messages wait already, wait with them."""
        number = 0
        while not is_over():
            await asyncio.sleep(self._random.uniform(0, 2 * pause_s))
            if self.own_chats and self.unsent < 3:
                number += 1
                chat_id = self._random.choice(sorted(self.own_chats))
                self.write(chat_id, f"{number} de {self.person.id}: ¿me confirma la cita de cardiología?")

    def check_answers(self) -> None:
        """Give up a connection over which a message was not answered in time."""
        if self._sent_at and min(self._sent_at.values()) < time.monotonic() - ANSWER_S and self._socket is not None:
            self._socket.cut()

    async def stop(self) -> None:
        for handle in self._later:
            handle.cancel()
        await super().stop()

    def _on_open(self) -> None:
        self._sent_at.clear()
        super()._on_open()

    def _send(self, **fields: Any) -> None:
        if "message" in fields:
            self._sent_at[fields["chat_id"]] = time.monotonic()
        super()._send(**fields)

    def _on_event(self, frame: dict[str, Any]) -> None:
        match frame["event"]:
            case "agent_chats" | "user_chats":
                self.own_chats = {chat["id"] for chat in frame["chats"] if chat["status"] != "CLOSED"}
                self._follow_new(self.own_chats)
            case "new_chat" | "chat_initiated":
                self.own_chats.add(frame["chat"]["id"])
                self._follow_new({frame["chat"]["id"]})
            case "chat_left":
                self.own_chats.discard(frame["chat_id"])
            case "online_users":
                self.online = {user["id"] for user in frame["users"]}
            case "user_connected" | "user_disconnected" | "user_status":
                for one in frame.get("users", [frame]):
                    (self.online.add if one["status"] == "online" else self.online.discard)(one["user_id"])
            case _:
                super()._on_event(frame)

    def _follow_new(self, chat_ids: set[int]) -> None:
        new = chat_ids - self.chats.keys()
        for chat_id in new:
            self.chats[chat_id] = ChatState("agent_chat_message")
        self._resume(new)

    def _on_message(self, message: dict[str, Any]) -> None:
        self._follow_new({message["chat_id"]})
        super()._on_message(message)

    def _on_ack(self, frame: dict[str, Any]) -> None:
        self._sent_at.pop(frame["message"]["chat_id"], None)
        super()._on_ack(frame)
        self._on_answer(self)

    def _on_error(self, frame: dict[str, Any]) -> None:
        code, about = frame["code"], frame.get("id")
        self.told_unavailable += code == "unavailable"
        if about == "resume":
            self._call_later(self._resume_again)
            return
        chat_id = next((id_ for id_, chat in self.chats.items() if chat.outbox and chat.outbox[0][0] == about), None)
        if chat_id is None:
            super()._on_error(frame)
            return
        self._sent_at.pop(chat_id, None)
        if code in LATER:
            self._call_later(lambda: self._send_again(chat_id))
        elif code == "not_found":
            self.refused[str(about)] = code
            self.chats[chat_id].outbox.popleft()
            self._on_answer(self)
            self._send_again(chat_id)
        else:
            super()._on_error(frame)

    def _resume_again(self) -> None:
        self._resuming = None
        self._resume(set(self.chats))

    def _send_again(self, chat_id: int) -> None:
        self.chats[chat_id].in_flight = 0
        self._send_queued(chat_id)

    def _call_later(self, callback: Callable[[], None]) -> None:
        """Do something after a pause, unless the connection is another one by then."""
        socket = self._socket

        def call() -> None:
            self._later.discard(handle)
            if self._socket is socket:
                callback()

        handle = asyncio.get_running_loop().call_later(RETRY_S, call)
        self._later.add(handle)


class RecoveryClock:
    """Measures since the end of a fault when the first message is answered for good, and when one of each client is."""

    def __init__(self, clients: list[ChaosClient]) -> None:
        self._began = time.monotonic()
        self._waiting = {client for client in clients if client.unsent}
        # When nobody has anything to send, nobody waited.
        self.first_s: float | None = None if self._waiting else 0.0
        self.last_s = self.first_s

    @property
    def waiting(self) -> list[str]:
        """Return who has waited since the end of the fault, and for what."""
        return [
            f"{one.person.user.first_name}: {one.unsent} unsent, connected: {one.is_connected}" for one in self._waiting
        ]

    def on_answer(self, client: ChaosClient) -> None:
        """Note that a message of this client was acknowledged or refused."""
        passed = time.monotonic() - self._began
        if self.first_s is None:
            self.first_s = passed
        self._waiting.discard(client)
        if not self._waiting and self.last_s is None:
            self.last_s = passed


class ChaosCrowd:
    """Pairs of a member and an agent with a chat, all writing."""

    def __init__(self, port: int, pairs: int, seed: int) -> None:
        self.clients: list[ChaosClient] = []
        self.recovery: RecoveryClock | None = None
        self._tasks: list[asyncio.Task[None]] = []
        for number in range(pairs):
            who, whom = member(f"Afiliado {number}"), available_agent(f"Agente {number}", CAPACITY, is_online=False)
            chat = support_chat(who, whom, assigned_at=datetime.now(UTC))
            for offset, person in enumerate((who, whom)):
                client = ChaosClient(port, person, seed + 2 * number + offset, self._on_answer)
                client.own(chat)
                self.clients.append(client)

    @property
    def acked(self) -> int:
        return sum(len(client.acked) for client in self.clients)

    @property
    def unsent(self) -> int:
        return sum(client.unsent for client in self.clients)

    async def connect(self) -> None:
        """Connect everybody and wait until they are."""
        for client in self.clients:
            client.start()
        await wait_until(lambda: all(client.is_connected for client in self.clients), CONNECT_S)

    def write_until(self, is_over: Callable[[], bool], pause_s: float) -> None:
        """Let everybody write until it is over."""
        self._tasks = [asyncio.create_task(client.write_until(is_over, pause_s)) for client in self.clients]
        self._tasks.append(asyncio.create_task(self._check_answers()))

    def start_clock(self) -> RecoveryClock:
        """Begin to measure how the clients recover."""
        self.recovery = RecoveryClock(self.clients)
        return self.recovery

    async def stop(self) -> None:
        """Stop to write, and leave."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(client.stop() for client in self.clients))

    async def _check_answers(self) -> None:
        while True:
            await asyncio.sleep(1)
            for client in self.clients:
                client.check_answers()

    def _on_answer(self, client: ChaosClient) -> None:
        if self.recovery is not None:
            self.recovery.on_answer(client)
