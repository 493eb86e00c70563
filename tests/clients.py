"""Clients that come back: each line keeps its client_id until it is acknowledged, `seq` says what is missing.

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

from beneficiate.models.chats import DIRECT, Chat, Line
from tests import people
from tests.cutting import CuttingProxy
from tests.people import Somebody
from tests.plugs import Plug, Refused, plug, until

LINES = ("user_message", "agent_chat_message", "new_message")
WINDOW = 20
"""Lines of one chat on their way at a time."""
HANDSHAKE_S = 10
USEFUL_FRAMES = 20
"""On a slow machine, connections that are cut before they brought anything would follow each other for ever."""
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_numbers = count(1)


@dataclass
class _Chat:
    """What a client knows of one chat."""

    word: str
    screen: list[tuple[int, int, str]] = field(default_factory=list)
    ahead: dict[int, tuple[int, int, str]] = field(default_factory=dict)
    outbox: deque[tuple[str, str]] = field(default_factory=deque)
    on_its_way: int = 0
    written: list[str] = field(default_factory=list)


class Client:
    """A person's device. `write` puts a line in its outbox; `live` connects, and again, until `leave`."""

    def __init__(self, port: int, who: Somebody, seed: int = 0) -> None:
        self.port = port
        self.who = who
        self.chats: dict[int, _Chat] = {}
        self.acked: dict[str, tuple[int, int, str]] = {}
        self.faults: list[Any] = []
        self.codes: list[int] = []
        self.sent = self.resumes = self.repeats = 0
        self._random = random.Random(seed)
        self._plug: Plug | None = None
        self._is_over = False
        self._resuming: set[int] | None = None
        self._next: set[int] = set()
        self._task: asyncio.Task[None] | None = None
        self._token = who.token

    def follow(self, chat: Chat) -> None:
        self.chats[chat.id] = _Chat("chat_message" if chat.kind == DIRECT else "agent_chat_message")

    def write(self, chat_id: int, text: str) -> None:
        chat = self.chats[chat_id]
        chat.written.append(text)
        chat.outbox.append((f"c{next(_numbers)}", text))
        self._fill(chat_id)

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._live())

    async def leave(self) -> None:
        self._is_over = True
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        if self._plug is not None:
            self._plug.cut()

    def cut(self) -> None:
        """End a connection that was of some use from this side, with or without a RST."""
        if self._plug is not None and self._plug.frames > USEFUL_FRAMES:
            self._plug.cut(reset=self._random.random() < 0.5)

    @property
    def unsent(self) -> int:
        return sum(len(chat.outbox) for chat in self.chats.values())

    @property
    def shown(self) -> int:
        return sum(len(chat.screen) for chat in self.chats.values())

    async def _live(self) -> None:
        while not self._is_over:
            try:
                async with asyncio.timeout(HANDSHAKE_S):
                    self._plug = await plug(self.port, self._token, self._hear)
            except (OSError, Refused):
                await asyncio.sleep(self._random.uniform(0.02, 0.1))
                continue
            self._opened()
            self.codes.append(await self._plug.ended)
            self._plug = None
            await asyncio.sleep(self._random.uniform(0.0, 0.05))

    def _opened(self) -> None:
        self._resuming, self._next = None, set()
        self._resume(set(self.chats))
        for chat_id, chat in self.chats.items():
            chat.on_its_way = 0
            self._fill(chat_id)

    def _fill(self, chat_id: int) -> None:
        chat = self.chats[chat_id]
        while self._plug is not None and self._plug.is_open and chat.on_its_way < min(WINDOW, len(chat.outbox)):
            client_id, text = chat.outbox[chat.on_its_way]
            chat.on_its_way += 1
            self.sent += 1
            self._say(event=chat.word, id=client_id, chat_id=chat_id, message=text, client_id=client_id)

    def _say(self, **fields: Any) -> None:
        assert self._plug is not None
        self._plug.say(_encode(fields))

    def _hear(self, text: bytes) -> None:
        frame = _decode(text)
        event = frame["event"]
        if event in LINES:
            self._take(frame["message"])
        elif event == "ack":
            self._acknowledged(frame)
        elif event == "resumed":
            self._resumed(frame)
        elif event == "error":
            self.faults.append(frame)

    def _acknowledged(self, frame: dict[str, Any]) -> None:
        message = frame["message"]
        chat = self.chats[message["chat_id"]]
        if not chat.outbox or chat.outbox[0] != (frame["id"], message["message"]):
            self.faults.append(("not the oldest line on its way", frame))
            return
        chat.outbox.popleft()
        chat.on_its_way -= 1
        self.acked[frame["id"]] = _shown(message)
        self._take(message)
        self._fill(message["chat_id"])

    def _take(self, message: dict[str, Any]) -> None:
        chat, line = self.chats[message["chat_id"]], _shown(message)
        seq = line[0]
        known = chat.screen[seq - 1] if seq <= len(chat.screen) else chat.ahead.get(seq)
        if known is not None:
            self.repeats += 1
            if known != line:
                self.faults.append(("two lines with one seq", known, line))
            return
        chat.ahead[seq] = line
        while len(chat.screen) + 1 in chat.ahead:
            chat.screen.append(chat.ahead.pop(len(chat.screen) + 1))
        if chat.ahead:
            self._resume({message["chat_id"]})

    def _resume(self, chat_ids: set[int]) -> None:
        """One question at a time; a hole found meanwhile is looked at after its answer."""
        if self._plug is None or not chat_ids:
            return
        if self._resuming is not None:
            self._next |= chat_ids
            return
        self._resuming = chat_ids
        self.resumes += 1
        self._say(event="resume", id="resume", chats={str(id_): len(self.chats[id_].screen) for id_ in chat_ids})

    def _resumed(self, frame: dict[str, Any]) -> None:
        for chat_id, seq in frame["chats"].items():
            shown = len(self.chats[int(chat_id)].screen)
            if shown < seq:
                self.faults.append(("resumed, and a line is missing", chat_id, seq, shown))
        again = {*frame["more"], *(id_ for id_ in self._next if self.chats[id_].ahead)}
        self._resuming, self._next = None, set()
        self._resume(again)


def _shown(message: dict[str, Any]) -> tuple[int, int, str]:
    return message["seq"], message["id"], message["message"]


@dataclass
class Crowd:
    """Members and agents, each with a client, and the chats between them."""

    clients: list[Client]
    chats: list[tuple[Chat, Client, Client]]

    @property
    def acked(self) -> int:
        return sum(len(client.acked) for client in self.clients)

    def write(self, each: int) -> None:
        """Every client writes so many lines more in each of its chats."""
        for number in range(each):
            for chat, one, other in self.chats:
                one.write(chat.id, f"{number} de {one.who.user.first_name}: ¿me confirma la cita de cardiología?")
                other.write(chat.id, f"{number} de {other.who.user.first_name}: con gusto, deme un momento.")

    async def until_quiet(self, patience_s: float) -> None:
        """Wait until every line is acknowledged and on both screens."""
        try:
            await until(self._is_quiet, patience_s)
        except TimeoutError:
            raise AssertionError(f"after {patience_s} s: {self._missing()}") from None

    def _is_quiet(self) -> bool:
        return all(client.unsent == 0 for client in self.clients) and all(
            len(client.chats[chat.id].screen) >= _written(chat, one, other)
            for chat, one, other in self.chats
            for client in (one, other)
        )

    def _missing(self) -> list[str]:
        """Who waits for what."""
        return [
            f"{client.who.user.first_name} in chat {chat.id}: {len(client.chats[chat.id].outbox)} unsent, "
            f"{len(client.chats[chat.id].screen)} of {_written(chat, one, other)} shown, faults {client.faults}"
            for chat, one, other in self.chats
            for client in (one, other)
        ]

    async def leave(self) -> None:
        await asyncio.gather(*(client.leave() for client in self.clients))

    def check(self) -> int:
        """Nothing lost, nothing doubled, nothing out of order: on every screen and in the database. How many lines."""
        for client in self.clients:
            assert client.faults == []
        return sum(_check_chat(*entry) for entry in self.chats)


def _written(chat: Chat, one: Client, other: Client) -> int:
    return len(one.chats[chat.id].written) + len(other.chats[chat.id].written)


def _check_chat(chat: Chat, one: Client, other: Client) -> int:
    rows = stored_lines(chat.id)
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
        assert client.chats[chat.id].screen == rows
        assert client.chats[chat.id].ahead == {}
    stored = Chat.get_by_id(chat.id)
    assert (stored.last_seq, stored.last_line) == (len(rows), texts[-1])
    assert (stored.user_unread, stored.other_unread) == (len(theirs), len(mine))
    return len(rows)


def stored_lines(chat_id: int) -> list[tuple[int, int, str]]:
    """What the database has of a chat, as a client shows it."""
    return list(Line.select(Line.seq, Line.id, Line.message).where(Line.chat == chat_id).order_by(Line.seq).tuples())


def crowd(port: int, members: int = 5, agents: int = 2, seed: int = 1) -> Crowd:
    """Members who each have a chat with one of the agents, and a chat between the first two agents."""
    at_desks = [Client(port, people.agent(f"Agente {i}"), seed + i) for i in range(agents)]
    at_home = [Client(port, people.member(f"Afiliado {i}"), seed + 100 + i) for i in range(members)]
    chats = [
        (people.support_chat(client.who, at_desks[i % agents].who), client, at_desks[i % agents])
        for i, client in enumerate(at_home)
    ]
    if agents > 1:
        chats.append((people.direct_chat(at_desks[0].who, at_desks[1].who), at_desks[0], at_desks[1]))
    for chat, one, other in chats:
        one.follow(chat)
        other.follow(chat)
    return Crowd(at_desks + at_home, chats)


@dataclass
class Figures:
    """What happened while people talked over connections that were cut."""

    lines: int
    seconds: float
    cuts: int
    connections: int
    sent: int
    resumes: int
    repeats: int


async def talk_through_cuts(
    port: int, each: int, seed: int, patience_s: float, *, members: int = 5, agents: int = 2
) -> Figures:
    """A crowd writes `each` lines a person and chat over connections that are cut on both sides, and is checked."""
    proxy = CuttingProxy(port, 3_000, 40_000, seed)
    await proxy.start()
    everybody = crowd(proxy.port, members, agents, seed)
    began = time.monotonic()
    clumsy = asyncio.create_task(_cut_now_and_then(everybody, random.Random(seed)))
    try:
        for client in everybody.clients:
            client.start()
        everybody.write(each)
        await everybody.until_quiet(patience_s)
    finally:
        clumsy.cancel()
        seconds = time.monotonic() - began
        await everybody.leave()
        await proxy.stop()
    lines = everybody.check()
    clients = everybody.clients
    return Figures(
        lines,
        round(seconds, 2),
        proxy.cuts,
        *(
            sum(values)
            for values in (
                (len(c.codes) for c in clients),
                (c.sent for c in clients),
                (c.resumes for c in clients),
                (c.repeats for c in clients),
            )
        ),
    )


async def _cut_now_and_then(everybody: Crowd, chance: random.Random) -> None:
    """Devices lose their network too, without the server being told."""
    while True:
        await asyncio.sleep(chance.uniform(0.02, 0.1))
        chance.choice(everybody.clients).cut()
