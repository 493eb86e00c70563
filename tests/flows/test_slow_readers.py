"""Nobody waits for a slow reader: it is let go, costs little meanwhile, and misses nothing when it comes back."""

import asyncio
import contextlib
import json
import socket
import time

import pytest

from beneficiate.models.accounts import UserConnection
from beneficiate.models.chats import Chat, Message
from tests.databases import BACKENDS
from tests.factories import agent, connect_socket, member, support_chat
from tests.ws_client import open_raw_websocket, stuck_socket, wait_until

PLENTY = {"messages_per_s": 1_000_000, "messages_burst": 1_000_000, "commands_per_s": 1_000_000}
LONG = "€" * 4000
"""4,000 characters, 12 KB: the kernel's own buffers are full after a few hundred."""
OUTBOX = 256 * 1024


@pytest.fixture
def stuck():
    """Open sockets that read nothing; they are closed when the test is over."""
    opened = []

    async def open_one(port, token, receive_bytes=4096):
        opened.append(await stuck_socket(port, token, receive_bytes))
        return opened[-1]

    yield open_one
    for sock in opened:
        sock.close()


@pytest.mark.slow
@pytest.mark.gen_test(timeout=60)
async def test_stuck_reader_is_closed_without_slowing_others(new_process, stuck):
    process = await new_process(BENEFICIATE_OUTBOX_BYTES=OUTBOX).start()
    ana, luis, yuliana = member(), member(), agent()
    chat, quiet = support_chat(ana, yuliana), support_chat(luis, yuliana)
    readers = [await stuck(process.port, ana.token) for _ in range(8)]
    others = await _Meter(process.port, luis, quiet.id).start()
    await _flood(process.port, yuliana, chat.id, 100)
    before, most, answers = process.memory_kb(), 0, []

    for _ in range(11):
        answered = others.answered
        await _flood(process.port, yuliana, chat.id, 100)
        most = max(most, process.memory_kb())
        answers.append(others.answered - answered)

    # Unbounded, eight readers would hold 8 x 12 MB less what the kernel takes.
    assert most - before < 40_000, f"{most - before} KB more"
    await others.stop()
    # Counted, not timed: on a busy machine every answer takes long, but none waits for the readers.
    assert min(answers) > 0, f"somebody else got {answers} answers beside the floods"
    for sock in readers:
        assert await asyncio.to_thread(_read_to_the_end, sock) in (1013, None)


@pytest.mark.slow
@pytest.mark.gen_test(timeout=40)
async def test_closed_reader_reconnects_and_misses_nothing(start, stuck):
    server = await start(**PLENTY)
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    reader = await stuck(server.port, ana.token)
    await wait_until(lambda: len(server.context.hub.connections) == 1)
    (session,) = server.context.hub.connections

    for _ in range(10):
        await _flood(server.port, yuliana, chat.id, 100)
        assert session._outbox_bytes + session._transport.pending_bytes() <= server.settings.outbox_bytes
        if session.is_closed:
            break

    assert session.is_closed, "it was never let go"
    assert await asyncio.to_thread(_read_to_the_end, reader) in (1013, None)
    back = await connect_socket(server.port, ana)
    missed = await _resume_all(back, {chat.id: 0})
    total = Chat.get_by_id(chat.id).last_seq
    assert [message["seq"] for message in missed[chat.id]] == list(range(1, total + 1))
    assert all(message["message"] == LONG for message in missed[chat.id])


@pytest.mark.gen_test
async def test_burst_of_the_longest_messages_closes_no_reader(new_process):
    process = await new_process().start()
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    received_events, acked, codes = [], [], []
    at_home = await open_raw_websocket(
        process.port, ana.token, lambda text: acked.append(text) if b'"ack"' in text else None, codes.append
    )
    at_desk = await open_raw_websocket(process.port, yuliana.token, received_events.append, codes.append)
    await wait_until(lambda: len(received_events) >= 3)

    for number in range(200):
        at_home.send_text(_long_line(chat.id, number).encode())

    await wait_until(
        lambda: codes or (len(acked) == 200 and sum(b'"user_message"' in text for text in received_events) == 200)
    )
    assert codes == []
    at_home.cut()
    at_desk.cut()


@pytest.mark.gen_test
async def test_reader_that_pauses_is_not_closed(server, stuck):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    slow = await stuck(server.port, ana.token, receive_bytes=65_536)
    await _flood(server.port, yuliana, chat.id, 60)

    received_events = await asyncio.to_thread(_read_frames, slow, 60)

    assert [frame["message"]["seq"] for frame in received_events] == list(range(1, 61))


@pytest.mark.slow
@pytest.mark.gen_test(timeout=60)
async def test_missed_messages_come_back_in_order_and_in_batches(server):
    yuliana = agent()
    chats = [support_chat(member(), yuliana) for _ in range(30)]
    counts = {chat.id: 1360 if chat is chats[7] else 125 + (chat is chats[0]) * 15 for chat in chats}
    for chat in chats:
        _write_lines(chat, counts[chat.id])
    assert sum(counts.values()) == 5000
    back = await connect_socket(server.port, yuliana, "/ws/agent")
    portions = []

    missed = await _resume_all(back, dict.fromkeys(counts, 0), portions)

    for chat_id, count in counts.items():
        assert [message["seq"] for message in missed[chat_id]] == list(range(1, count + 1))
    assert len(portions) >= 5
    for portion in portions:
        assert sum(portion.values()) <= 1000
        assert max(portion.values()) <= 500
    assert sum(portions[0].values()) == 1000, "the first portion was not full"


@pytest.mark.gen_test
async def test_missed_messages_are_the_frames_of_when_they_were_sent(server):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    at_home, at_desk = await connect_socket(server.port, ana), await connect_socket(server.port, yuliana)
    at_home.send("agent_chat_message", chat_id=chat.id, message="Buenos días", client_id="c1")
    live = [await at_desk.receive("user_message")]
    at_desk.send("agent_chat_message", chat_id=chat.id, message="Buenos días, Ana")
    live.append(await at_desk.receive("agent_chat_message"))
    await at_home.receive("message_delivered")

    answer = await at_desk.request("resume", chats={str(chat.id): 0})

    missed = [frame for frame in at_desk.received if frame["event"] in ("user_message", "agent_chat_message")]
    for one in (*live, *missed):
        one["message"].pop("status")
    assert missed == live
    assert (answer["chats"], answer["more"]) == ({str(chat.id): 2}, [])


@pytest.mark.slow
@pytest.mark.gen_test(timeout=40)
async def test_resume_of_the_longest_messages_is_paced_by_the_socket(server, stuck):
    yuliana = agent()
    chats = [support_chat(member(), yuliana) for _ in range(2)]
    for chat in chats:
        _write_lines(chat, 500, LONG)
    slow = await stuck(server.port, yuliana.token)
    await wait_until(lambda: server.context.hub.connections)
    (session,) = server.context.hub.connections
    asked = json.dumps({"event": "resume", "chats": {str(chat.id): 0 for chat in chats}}).encode()
    for _ in range(3):
        slow.sendall(_masked(asked))
    await wait_until(lambda: session._transport.pending_bytes())

    received_events = await asyncio.to_thread(_read_frames, slow, 3 * 1000, "agent_chat_message")

    assert len(received_events) == 3000


@pytest.mark.parametrize("backend", BACKENDS[:1])
@pytest.mark.slow
@pytest.mark.gen_test(timeout=30)
async def test_connection_without_pongs_is_closed_after_two_pings(start, stuck):
    server = await start(ping_interval_s=0.9)
    ana, luis = member(), member()
    dead = await stuck(server.port, ana.token)
    alive = await open_raw_websocket(server.port, luis.token, lambda text: None)
    began = time.monotonic()
    await wait_until(lambda: UserConnection.select().count() == 2)
    (of_dead,) = (session for session in server.context.hub.connections if session.actor.user_id == ana.id)

    await wait_until(lambda: of_dead.is_closed)

    assert time.monotonic() - began >= 0.9  # one ping unanswered is not enough
    assert await asyncio.to_thread(_read_to_the_end, dead) == 1001
    await wait_until(
        lambda: (
            UserConnection.select().where(UserConnection.user == ana.id, UserConnection.closed_at.is_null()).count()
            == 0
        )
    )
    assert of_dead not in server.context.hub.connections
    assert alive.is_open
    alive.cut()


@pytest.mark.parametrize("backend", BACKENDS[:1])
@pytest.mark.gen_test(timeout=30)
async def test_connection_that_only_sends_counts_as_alive(start, stuck):
    server = await start(ping_interval_s=0.5)
    ana, luis = member(), member()
    sender = await stuck(server.port, ana.token)
    await wait_until(lambda: server.context.hub.connections)
    (of_sender,) = server.context.hub.connections
    await stuck(server.port, luis.token)
    await wait_until(lambda: len(server.context.hub.connections) == 2)
    (of_silent,) = (session for session in server.context.hub.connections if session.actor.user_id == luis.id)

    buffer = bytearray()
    while not of_silent.is_closed:
        await asyncio.to_thread(_read_to_a_ping, sender, buffer)
        sender.sendall(_masked(b'{"event":"ping"}'))

    # It is checked before the silent one, which connected later.
    assert not of_sender.is_closed


class _Meter:
    """Somebody else, who writes all the while and counts the answers."""

    def __init__(self, port, who, chat_id):
        self._port, self._who, self._chat_id = port, who, chat_id
        self.answered = 0

    async def start(self):
        client = await connect_socket(self._port, self._who)
        self._task = asyncio.create_task(self._write(client))
        return self

    async def _write(self, client):
        while True:
            await client.request("agent_chat_message", chat_id=self._chat_id, message="¿Sigue ahí?")
            self.answered += 1
            await asyncio.sleep(0.01)

    async def stop(self):
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


async def _flood(port, who, chat_id, count):
    """Write long lines, ten at a time, and wait until the last one is acknowledged."""
    client = await connect_socket(port, who)
    for number in range(count):
        client.send_raw(_long_line(chat_id, number))
        if number % 10 == 9:
            await client.receive(lambda frame, last=str(number): frame.get("id") == last)
            client.received.clear()
    client.close()
    await client.wait_closed()


def _long_line(chat_id, number):
    return json.dumps(
        {"event": "agent_chat_message", "id": str(number), "chat_id": chat_id, "message": LONG}, ensure_ascii=False
    )


async def _resume_all(client, last, portions=None):
    """Ask for what was missed until nothing more is; the lines of each chat as they came."""
    missed = {chat_id: [] for chat_id in last}
    last = dict(last)
    while last:
        answer = await client.request("resume", chats={str(chat_id): seq for chat_id, seq in last.items()})
        came = [
            frame["message"]
            for frame in client.received
            if "message" in frame and frame["event"] in ("user_message", "agent_chat_message")
        ]
        client.received.clear()
        for message in came:
            missed[message["chat_id"]].append(message)
        if portions is not None:
            portions.append({chat_id: sum(message["chat_id"] == chat_id for message in came) for chat_id in last})
        for chat_id in last:
            assert answer["chats"][str(chat_id)] == (missed[chat_id][-1]["seq"] if missed[chat_id] else last[chat_id])
        last = {chat_id: answer["chats"][str(chat_id)] for chat_id in answer["more"]}
    return missed


def _write_lines(chat, count, text="¿Me confirma la cita?"):
    rows = [
        (chat.id, seq, "AGENT", chat.agent_id, text, None, "2026-08-25 15:31:00.000000+00:00")
        for seq in range(1, count + 1)
    ]
    Message.insert_bulk(("chat_id", "seq", "sender_type", "sender_id", "message", "client_id", "sent_at"), rows)
    Chat.update(last_seq=count, last_line=text).where(Chat.id == chat.id).execute()


def _masked(text):
    size = len(text)
    head = bytes((0x81, 0x80 | size)) if size < 126 else bytes((0x81, 0xFE)) + size.to_bytes(2, "big")
    return head + b"\0\0\0\0" + text


def _frames_of(buffer):
    """Take whole server frames out of a buffer: `(kind, payload)`."""
    while len(buffer) >= 2:
        size, start = buffer[1] & 127, 2
        if size == 126:
            size, start = int.from_bytes(buffer[2:4], "big"), 4
        if len(buffer) < start + size:
            return
        yield buffer[0] & 15, bytes(buffer[start : start + size])
        del buffer[: start + size]


def _read_frames(sock, count, word="agent_chat_message"):
    """Read until so many frames with this word have come. Raises ConnectionError when the connection ends before."""
    buffer, found = bytearray(), []
    while len(found) < count:
        data = sock.recv(65_536)
        if not data:
            raise ConnectionError(f"ended after {len(found)} of {count}")
        buffer += data
        for kind, payload in _frames_of(buffer):
            if kind == 8:
                raise ConnectionError(f"closed with {int.from_bytes(payload[:2], 'big')} after {len(found)} of {count}")
            if kind == 1 and f'"event":"{word}"'.encode() in payload:
                found.append(json.loads(payload))
    return found


def _read_to_a_ping(sock, buffer):
    """Read until a WebSocket ping, which is not answered. Raises ConnectionError when the connection ends before."""
    while all(kind != 9 for kind, _ in list(_frames_of(buffer))):
        data = sock.recv(65_536)
        if not data:
            raise ConnectionError("ended without another ping")
        buffer += data


def _read_to_the_end(sock):
    """Read what is left: the close code, or None when the connection just ended. Raises TimeoutError if it did not."""
    buffer, code = bytearray(), None
    with sock, contextlib.suppress(ConnectionResetError):
        while data := sock.recv(65_536):
            buffer += data
            for kind, payload in _frames_of(buffer):
                if kind == 8:
                    code = int.from_bytes(payload[:2], "big")
                    sock.shutdown(socket.SHUT_WR)
    return code
