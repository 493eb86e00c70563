"""Clients that reconnect: each message keeps its client_id until it is acknowledged, `seq` shows what is missing.

They keep the promises of `connection.js`, `sequence.js` and `outbox.js` in `static/src/core`, and write down every
promise that the server breaks: `faults` must stay empty.
"""

import asyncio
import contextlib
import random
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import msgspec

from beneficiate.models.chats import DIRECT, Chat, Message
from tests import factories
from tests.factories import Person
from tests.flaky_proxy import FlakyProxy
from tests.ws_client import HandshakeRefused, RawWebSocket, open_raw_websocket, wait_until

MESSAGE_EVENTS = ("user_message", "agent_chat_message", "new_message")
MAX_IN_FLIGHT = 20
"""Unacknowledged messages of one chat at a time."""
HANDSHAKE_S = 10
USEFUL_FRAMES = 20
"""On a slow machine, connections that are cut before they delivered anything could follow each other forever."""
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_numbers = count(1)


@dataclass
class ChatState:
    """What a client knows of one chat."""

    event: str
    shown_messages: list[tuple[int, int, str]] = field(default_factory=list)
    out_of_order: dict[int, tuple[int, int, str]] = field(default_factory=dict)
    outbox: deque[tuple[str, str]] = field(default_factory=deque)
    in_flight: int = 0
    written: list[str] = field(default_factory=list)


class ReconnectingClient:
    """A user's device. `write` puts a message in its outbox; `live` connects and reconnects until `leave`."""

    def __init__(self, port: int, who: Person, seed: int = 0) -> None:
        self.port = port
        self.person = who
        self.chats: dict[int, ChatState] = {}
        self.acked: dict[str, tuple[int, int, str]] = {}
        self.faults: list[Any] = []
        self.close_codes: list[int] = []
        self.absences_s: list[float] = []
        self.sent = self.resumes = self.repeats = 0
        self.max_in_flight = MAX_IN_FLIGHT
        self.path = "/ws"
        self._random = random.Random(seed)
        self._socket: RawWebSocket | None = None
        self._is_stopped = False
        self._resuming: set[int] | None = None
        self._resume_next: set[int] = set()
        self._task: asyncio.Task[None] | None = None

    def follow(self, chat: Chat) -> None:
        self.chats[chat.id] = ChatState("chat_message" if chat.kind == DIRECT else "agent_chat_message")

    def write(self, chat_id: int, text: str) -> None:
        chat = self.chats[chat_id]
        chat.written.append(text)
        chat.outbox.append((f"c{next(_numbers)}", text))
        self._send_queued(chat_id)

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        self._is_stopped = True
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._socket is not None:
            self._socket.cut()

    def cut(self) -> None:
        """Cut, from this side, a connection that has delivered something, with or without a RST."""
        if self._socket is not None and self._socket.frames > USEFUL_FRAMES:
            self._socket.cut(reset=self._random.random() < 0.5)

    @property
    def is_connected(self) -> bool:
        return self._socket is not None and self._socket.is_open

    @property
    def unsent(self) -> int:
        return sum(len(chat.outbox) for chat in self.chats.values())

    @property
    def shown(self) -> int:
        return sum(len(chat.shown_messages) for chat in self.chats.values())

    async def _run(self) -> None:
        left_at = time.monotonic()
        while not self._is_stopped:
            try:
                async with asyncio.timeout(HANDSHAKE_S):
                    self._socket = await open_raw_websocket(
                        self.port, self.person.token, self._on_frame, path=self.path
                    )
            except (OSError, HandshakeRefused):
                await asyncio.sleep(self._random.uniform(0.02, 0.1))
                continue
            self.absences_s.append(time.monotonic() - left_at)
            self._on_open()
            self.close_codes.append(await self._socket.closed)
            self._socket, left_at = None, time.monotonic()
            await asyncio.sleep(self._random.uniform(0.0, 0.05))

    def _on_open(self) -> None:
        self._resuming, self._resume_next = None, set()
        self._resume(set(self.chats))
        for chat_id, chat in self.chats.items():
            chat.in_flight = 0
            self._send_queued(chat_id)

    def _send_queued(self, chat_id: int) -> None:
        chat = self.chats[chat_id]
        while self.is_connected and chat.in_flight < min(self.max_in_flight, len(chat.outbox)):
            client_id, text = chat.outbox[chat.in_flight]
            chat.in_flight += 1
            self.sent += 1
            self._send(event=chat.event, id=client_id, chat_id=chat_id, message=text, client_id=client_id)

    def _send(self, **fields: Any) -> None:
        assert self._socket is not None
        self._socket.send_text(_encode(fields))

    def _on_frame(self, text: bytes) -> None:
        self._on_event(_decode(text))

    def _on_event(self, frame: dict[str, Any]) -> None:
        event = frame["event"]
        if event in MESSAGE_EVENTS:
            self._on_message(frame["message"])
        elif event == "ack":
            self._on_ack(frame)
        elif event == "resumed":
            self._on_resumed(frame)
        elif event == "error":
            self._on_error(frame)

    def _on_error(self, frame: dict[str, Any]) -> None:
        self.faults.append(frame)

    def _on_ack(self, frame: dict[str, Any]) -> None:
        message = frame["message"]
        chat = self.chats[message["chat_id"]]
        if not chat.outbox or chat.outbox[0] != (frame["id"], message["message"]):
            self.faults.append(("not the oldest line on its way", frame))
            return
        chat.outbox.popleft()
        chat.in_flight -= 1
        self.acked[frame["id"]] = _message_key(message)
        self._on_message(message)
        self._send_queued(message["chat_id"])

    def _on_message(self, message: dict[str, Any]) -> None:
        chat, line = self.chats[message["chat_id"]], _message_key(message)
        seq = line[0]
        known = chat.shown_messages[seq - 1] if seq <= len(chat.shown_messages) else chat.out_of_order.get(seq)
        if known is not None:
            self.repeats += 1
            if known != line:
                self.faults.append(("two lines with one seq", known, line))
            return
        chat.out_of_order[seq] = line
        while len(chat.shown_messages) + 1 in chat.out_of_order:
            chat.shown_messages.append(chat.out_of_order.pop(len(chat.shown_messages) + 1))
        if chat.out_of_order:
            self._resume({message["chat_id"]})

    def _resume(self, chat_ids: set[int]) -> None:
        """Resume one at a time; a gap found meanwhile is resumed after the answer."""
        if self._socket is None or not chat_ids:
            return
        if self._resuming is not None:
            self._resume_next |= chat_ids
            return
        self._resuming = chat_ids
        self.resumes += 1
        self._send(
            event="resume", id="resume", chats={str(id_): len(self.chats[id_].shown_messages) for id_ in chat_ids}
        )

    def _on_resumed(self, frame: dict[str, Any]) -> None:
        for chat_id, seq in frame["chats"].items():
            shown = len(self.chats[int(chat_id)].shown_messages)
            if shown < seq:
                self.faults.append(("resumed, and a line is missing", chat_id, seq, shown))
        again = {*frame["more"], *(id_ for id_ in self._resume_next if self.chats[id_].out_of_order)}
        self._resuming, self._resume_next = None, set()
        self._resume(again)


def _message_key(message: dict[str, Any]) -> tuple[int, int, str]:
    return message["seq"], message["id"], message["message"]


@dataclass
class Crowd:
    """Members and agents, each with a client, and their chats."""

    clients: list[ReconnectingClient]
    chats: list[tuple[Chat, ReconnectingClient, ReconnectingClient]]

    @property
    def acked(self) -> int:
        return sum(len(client.acked) for client in self.clients)

    def write_all(self, each: int) -> None:
        """Let every client write so many more messages in each of its chats."""
        for number in range(each):
            for chat, one, other in self.chats:
                one.write(chat.id, f"{number} de {one.person.user.first_name}: ¿me confirma la cita de cardiología?")
                other.write(chat.id, f"{number} de {other.person.user.first_name}: con gusto, deme un momento.")

    async def wait_until_quiet(self, timeout_s: float) -> None:
        """Wait until every message is acknowledged and shown on both sides."""
        try:
            await wait_until(self._is_quiet, timeout_s)
        except TimeoutError:
            raise AssertionError(f"after {timeout_s} s: {self._missing()}") from None

    def _is_quiet(self) -> bool:
        return all(client.unsent == 0 for client in self.clients) and all(
            len(client.chats[chat.id].shown_messages) >= _written(chat, one, other)
            for chat, one, other in self.chats
            for client in (one, other)
        )

    def _missing(self) -> list[str]:
        """Return what each client still waits for."""
        return [
            f"{client.person.user.first_name} in chat {chat.id}: {len(client.chats[chat.id].outbox)} unsent, "
            f"{len(client.chats[chat.id].shown_messages)} of {_written(chat, one, other)} shown, faults {client.faults}"
            for chat, one, other in self.chats
            for client in (one, other)
        ]

    async def stop(self) -> None:
        await asyncio.gather(*(client.stop() for client in self.clients))

    def check_all(self) -> int:
        """Check that nothing is lost, doubled or reordered, in clients and database; return the number of messages."""
        for client in self.clients:
            assert client.faults == []
        return sum(_check_chat(*entry) for entry in self.chats)


def _written(chat: Chat, one: ReconnectingClient, other: ReconnectingClient) -> int:
    return len(one.chats[chat.id].written) + len(other.chats[chat.id].written)


def _check_chat(chat: Chat, one: ReconnectingClient, other: ReconnectingClient) -> int:
    rows = stored_messages(chat.id)
    texts = [text for _, _, text in rows]
    mine, theirs = one.chats[chat.id].written, other.chats[chat.id].written
    lost, doubled = Counter(mine + theirs) - Counter(texts), Counter(texts) - Counter(mine + theirs)
    assert not lost, f"{lost.total()} lost"
    assert not doubled, f"{doubled.total()} doubled"
    assert [seq for seq, _, _ in rows] == list(range(1, len(rows) + 1))
    for written in (mine, theirs):
        own = set(written)
        assert [text for text in texts if text in own] == written, "out of order"
    for client in (one, other):
        assert client.chats[chat.id].shown_messages == rows
        assert client.chats[chat.id].out_of_order == {}
    stored = Chat.get_by_id(chat.id)
    assert (stored.last_seq, stored.last_line) == (len(rows), texts[-1])
    assert (stored.user_unread, stored.other_unread) == (len(theirs), len(mine))
    return len(rows)


def stored_messages(chat_id: int) -> list[tuple[int, int, str]]:
    """Return the messages of a chat in the database, as a client shows them."""
    return list(
        Message.select(Message.seq, Message.id, Message.message)
        .where(Message.chat == chat_id)
        .order_by(Message.seq)
        .tuples()
    )


def make_crowd(port: int, members: int = 5, agents: int = 2, seed: int = 1) -> Crowd:
    """Create members who each have a chat with one agent, and a chat between the first two agents."""
    agent_clients = [ReconnectingClient(port, factories.agent(f"Agente {i}"), seed + i) for i in range(agents)]
    member_clients = [
        ReconnectingClient(port, factories.member(f"Afiliado {i}"), seed + 100 + i) for i in range(members)
    ]
    chats = [
        (factories.support_chat(client.person, agent_clients[i % agents].person), client, agent_clients[i % agents])
        for i, client in enumerate(member_clients)
    ]
    if agents > 1:
        chats.append(
            (
                factories.direct_chat(agent_clients[0].person, agent_clients[1].person),
                agent_clients[0],
                agent_clients[1],
            )
        )
    for chat, one, other in chats:
        one.follow(chat)
        other.follow(chat)
    return Crowd(agent_clients + member_clients, chats)


@dataclass
class DeliveryFigures:
    """The totals of a run over connections that were cut."""

    lines: int
    seconds: float
    cuts: int
    connections: int
    sent: int
    resumes: int
    repeats: int


async def chat_through_cuts(
    port: int, messages_each: int, seed: int, timeout_s: float, *, members: int = 5, agents: int = 2
) -> DeliveryFigures:
    """Let all clients write `each` messages in each chat over connections cut on both sides, and check them."""
    proxy = FlakyProxy(port, 3_000, 40_000, seed)
    await proxy.start()
    everybody = make_crowd(proxy.port, members, agents, seed)
    started = time.monotonic()
    cutter = asyncio.create_task(_cut_now_and_then(everybody, random.Random(seed)))
    try:
        for client in everybody.clients:
            client.start()
        everybody.write_all(messages_each)
        await everybody.wait_until_quiet(timeout_s)
    finally:
        cutter.cancel()
        seconds = time.monotonic() - started
        await everybody.stop()
        await proxy.stop()
    lines = everybody.check_all()
    clients = everybody.clients
    return DeliveryFigures(
        lines,
        round(seconds, 2),
        proxy.cuts,
        *(
            sum(values)
            for values in (
                (len(c.close_codes) for c in clients),
                (c.sent for c in clients),
                (c.resumes for c in clients),
                (c.repeats for c in clients),
            )
        ),
    )


async def _cut_now_and_then(everybody: Crowd, chance: random.Random) -> None:
    """Cut devices from their side too, without a close frame."""
    while True:
        await asyncio.sleep(chance.uniform(0.02, 0.1))
        chance.choice(everybody.clients).cut()
