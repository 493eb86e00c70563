"""Frames that RFC 6455 forbids: the peer is told why with a close frame, and the connection ends."""

import asyncio
import struct

import pytest

from beneficiate.websockets.handler import SocketHandler
from beneficiate.websockets.strict_protocol import FRAMES_AT_ONCE, find_close_code
from beneficiate.websockets.transport_stream import MAX_READ_AHEAD_BYTES
from tests.factories import member
from tests.ws_client import open_raw_websocket, wait_until

FIN, TEXT, CLOSE, PING, PONG = 0x80, 0x1, 0x8, 0x9, 0xA
PING_COMMAND = b'{"event":"ping"}'


def frame(first, payload=b"", *, is_masked=True):
    """A frame with this first byte, up to 125 bytes long; a mask of zeros leaves the payload as it is."""
    mask = b"\0\0\0\0" if is_masked else b""
    return bytes([first, len(payload) | (0x80 if is_masked else 0)]) + mask + payload


def close_frame(code, reason=b""):
    return frame(FIN | CLOSE, struct.pack(">H", code) + reason)


async def answers_to(server, *frames, after_text=b""):
    """The frames that the server sends to a member who sends these, as (opcode, payload), until it closes.

    `after_text` is sent once the first text has come.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = (
        "GET /ws?initial= HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: x, {member().token}\r\n\r\n"
    )
    writer.write(head.encode())
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    for each in frames:
        writer.write(each)
    found = []
    try:
        while True:
            first, length = await reader.readexactly(2)
            found.append((first & 0xF, await reader.readexactly(length)))
            if found[-1][0] == TEXT:
                writer.write(after_text)
    except asyncio.IncompleteReadError:
        return found
    finally:
        writer.close()


def close_code(answers):
    """The code of the last frame, which is a close frame."""
    opcode, payload = answers[-1]
    assert opcode == CLOSE
    return struct.unpack(">H", payload[:2])[0] if payload else None


FORBIDDEN = {
    "not masked": [frame(FIN | TEXT, PING_COMMAND, is_masked=False)],
    "a fragment that is not masked": [frame(TEXT, b"{", is_masked=False)],
    "a ping that is not masked": [frame(FIN | PING, b"x", is_masked=False)],
    "an extension that was not negotiated": [frame(FIN | 0x40 | TEXT, PING_COMMAND)],
    "an unknown opcode": [frame(FIN | 0x3)],
    "an unknown control opcode": [frame(FIN | 0xB)],
    "a ping in fragments": [frame(PING, b"x")],
    "a ping of 126 bytes": [bytes([FIN | PING, 0x80 | 126]) + struct.pack(">H", 126) + b"\0\0\0\0" + b"x" * 126],
    "a continuation of nothing": [frame(FIN, b"x")],
    "a text within a text": [frame(TEXT, b"{"), frame(FIN | TEXT, PING_COMMAND)],
    "a close code that is none": [close_frame(999)],
    "a close code that is never sent": [close_frame(1006)],
    "half a close code": [frame(FIN | CLOSE, b"\x03")],
}


@pytest.mark.parametrize("frames", FORBIDDEN.values(), ids=FORBIDDEN)
@pytest.mark.gen_test
async def test_forbidden_frame_is_answered_with_1002_and_nothing_else(server, frames):
    answers = await answers_to(server, *frames)
    assert close_code(answers) == 1002
    assert len(answers) == 1


INVALID_TEXTS = {
    "a text": [frame(FIN | TEXT, b'{"event":"\xff"}')],
    "half a character": [frame(FIN | TEXT, b"\xc3")],
    "a half of a surrogate pair": [frame(FIN | TEXT, b"\xed\xa0\x80")],
    "a text in fragments": [frame(TEXT, b"\xc3"), frame(FIN, b"\x28")],
    "the reason of a close": [close_frame(1000, b"\xff")],
}


@pytest.mark.parametrize("frames", INVALID_TEXTS.values(), ids=INVALID_TEXTS)
@pytest.mark.gen_test
async def test_text_that_is_not_utf8_is_answered_with_1007(server, frames):
    assert close_code(await answers_to(server, *frames)) == 1007


@pytest.mark.gen_test
async def test_allowed_frames_are_carried_out_and_their_close_is_echoed(server):
    word = "señal".encode()
    frames = [frame(TEXT, PING_COMMAND[:4]), frame(FIN | PING, word), frame(FIN, PING_COMMAND[4:])]
    for code in (1000, 1001, 1014, 3000, 4999):
        pong_frame, pong, closed = await answers_to(server, *frames, after_text=close_frame(code, word))
        assert pong_frame == (0xA, word)
        assert b'"pong"' in pong[1]
        assert closed == (CLOSE, struct.pack(">H", code))
    assert close_code(await answers_to(server, frame(FIN | CLOSE))) is None


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535])
def test_codes_that_are_never_sent(code):
    assert find_close_code(CLOSE, struct.pack(">H", code)) == 1002


@pytest.mark.gen_test
async def test_frame_that_comes_byte_by_byte_is_carried_out(server):
    drops = [bytes([byte]) for byte in frame(FIN | TEXT, PING_COMMAND)]
    (opcode, pong), closed = await answers_to(server, *drops, after_text=close_frame(1000))
    assert (opcode, closed[0]) == (TEXT, CLOSE)
    assert b'"pong"' in pong


@pytest.mark.gen_test
async def test_more_frames_at_once_than_are_carried_out_in_one_turn(server):
    pieces = [frame(TEXT, PING_COMMAND[:4]), *[frame(0)] * 3 * FRAMES_AT_ONCE, frame(FIN, PING_COMMAND[4:])]
    (_, pong), closed = await answers_to(server, b"".join(pieces), after_text=close_frame(1000))
    assert b'"pong"' in pong
    assert closed[0] == CLOSE


PONGS = {
    "in one piece": [frame(FIN | PONG)],
    "byte by byte": [bytes([byte]) for byte in frame(FIN | PONG)],
    "within a text": [frame(TEXT, PING_COMMAND[:4]), frame(FIN | PONG), frame(FIN, PING_COMMAND[4:])],
    "with a payload": [frame(FIN | PONG, b"x")],
    # More than is read ahead, so that reading pauses meanwhile.
    "very many": [frame(FIN | PONG) * (2 * MAX_READ_AHEAD_BYTES // 6)],
}


@pytest.mark.parametrize("frames", PONGS.values(), ids=PONGS)
@pytest.mark.gen_test
async def test_pongs_are_received_and_hold_nothing_up(server, monkeypatch, frames):
    received = []
    monkeypatch.setattr(SocketHandler, "on_pong", lambda handler, data: received.append(data))
    (_, pong), *_, closed = await answers_to(
        server, *frames, frame(FIN | TEXT, PING_COMMAND), after_text=close_frame(1000)
    )
    assert b'"pong"' in pong
    assert closed[0] == CLOSE
    assert len(received) == max(1, len(frames[0]) // 6 if len(frames) == 1 else 1)


@pytest.mark.gen_test
async def test_silent_connections_have_no_task(server):
    before, token = len(asyncio.all_tasks()), member().token
    sockets = [await open_raw_websocket(server.port, token, lambda text: None) for _ in range(5)]
    await wait_until(lambda: all(one.frames for one in sockets) and len(asyncio.all_tasks()) <= before)
    assert all(one.is_open for one in sockets)
    sockets[0].send_text(PING_COMMAND)
    frames = sockets[0].frames
    await wait_until(lambda: sockets[0].frames > frames)
    for one in sockets:
        one.cut()
    await wait_until(lambda: not server.context.hub.connections)
