"""A raw WebSocket client that can be cut, can stop reading, and is fast enough for a benchmark."""

import asyncio
import base64
import os
import socket
import struct
from collections.abc import Callable
from typing import Any

MASK = b"\0\0\0\0"
"""A mask of zeros leaves the text as it is: masking 10,000 frames a second would cost the client its core."""
OPCODE_TEXT, OPCODE_CLOSE, OPCODE_PING, OPCODE_PONG = 1, 8, 9, 10


class HandshakeRefused(Exception):
    """The handshake was not answered with 101."""


class RawWebSocket(asyncio.Protocol):
    """One connection. `on_text` gets each text frame, `on_end` the close code (0: the connection just ended)."""

    def __init__(self, token: str, path: str, on_text: Callable[[bytes], Any], on_end: Callable[[int], Any]) -> None:
        self.on_text = on_text
        self.frames = self.bytes = 0
        self.close_code = 0
        self.close_reason = ""
        self.is_open = False
        self._on_end = on_end
        self._request = _handshake(token, path)
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Whoever gave up before there was a connection does not ask.
        self.opened.add_done_callback(lambda opened: opened.cancelled() or opened.exception())
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    # ---- Called by the event loop ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._transport.write(self._request)  # type: ignore[union-attr]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self.is_open and not self._read_handshake():
            return
        self._read_frames()

    def connection_lost(self, problem: Exception | None) -> None:
        was_open, self.is_open = self.is_open, False
        self._transport = None
        if not self.opened.done():
            self.opened.set_exception(problem or HandshakeRefused("the connection ended"))
        if not self.closed.done():
            self.closed.set_result(self.close_code)
        if was_open:
            self._on_end(self.close_code)

    def _read_handshake(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        status = bytes(self._buffer[: self._buffer.find(b"\r\n")])
        del self._buffer[: end + 4]
        if self.opened.done():
            return False
        if b" 101 " not in status:
            self.opened.set_exception(HandshakeRefused(status.decode()))
            self.cut()
            return False
        self.is_open = True
        self.opened.set_result(None)
        return True

    def _read_frames(self) -> None:
        buffer, at = self._buffer, 0
        while len(buffer) - at >= 2:
            size, start = buffer[at + 1] & 127, at + 2
            if size == 126:
                if len(buffer) < at + 4:
                    break
                size, start = int.from_bytes(buffer[at + 2 : at + 4], "big"), at + 4
            elif size == 127:
                if len(buffer) < at + 10:
                    break
                size, start = int.from_bytes(buffer[at + 2 : at + 10], "big"), at + 10
            if len(buffer) < start + size:
                break
            kind, payload, at = buffer[at] & 15, bytes(buffer[start : start + size]), start + size
            self._on_frame(kind, payload)
        del buffer[:at]

    def _on_frame(self, kind: int, payload: bytes) -> None:
        if kind == OPCODE_TEXT:
            self.frames += 1
            self.bytes += len(payload)
            self.on_text(payload)
        elif kind == OPCODE_PING:
            self._write(OPCODE_PONG, payload)
        elif kind == OPCODE_CLOSE:
            self.close_code = int.from_bytes(payload[:2], "big") if payload else 1005
            self.close_reason = payload[2:].decode()
            self._write(OPCODE_CLOSE, payload[:2])
            if self._transport is not None:
                self._transport.close()

    # ---- What a test calls -----------------------------------------------------------------------

    def send_text(self, text: bytes) -> None:
        """Write a text frame; do nothing when the connection is closed."""
        self._write(OPCODE_TEXT, text)

    def cut(self, *, reset: bool = False) -> None:
        """End the TCP connection without a close frame; `reset` sends a RST, which drops what is in transit."""
        if self._transport is None:
            return
        if reset:
            reset_on_close(self._transport)
        self._transport.abort()

    def _write(self, kind: int, payload: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        size = len(payload)
        head = (
            struct.pack("!BB", 0x80 | kind, 0x80 | size) if size < 126 else struct.pack("!BBH", 0x80 | kind, 0xFE, size)
        )
        self._transport.write(head + MASK + payload)


async def open_raw_websocket(
    port: int,
    token: str,
    on_text: Callable[[bytes], Any],
    on_end: Callable[[int], Any] = lambda code: None,
    path: str = "/ws",
) -> RawWebSocket:
    """Open a connection. Raises OSError or HandshakeRefused."""
    _, protocol = await asyncio.get_running_loop().create_connection(
        lambda: RawWebSocket(token, path, on_text, on_end), "127.0.0.1", port
    )
    try:
        await protocol.opened
    except BaseException:
        protocol.cut()
        raise
    return protocol


async def stuck_socket(port: int, token: str, receive_bytes: int = 4096) -> socket.socket:
    """Open a connection that reads nothing after the handshake: it fills its small buffer, then the server's."""
    return await asyncio.to_thread(_stuck_socket, port, token, receive_bytes)


def _stuck_socket(port: int, token: str, receive_bytes: int) -> socket.socket:
    stuck = socket.socket()
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    stuck.settimeout(10)
    stuck.connect(("127.0.0.1", port))
    stuck.sendall(_handshake(token, "/ws"))
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += stuck.recv(1)
    if b" 101 " not in answer:
        stuck.close()
        raise HandshakeRefused(answer.split(b"\r\n", 1)[0].decode())
    return stuck


async def wait_until(condition: Callable[[], Any], timeout_s: float = 15) -> None:
    """Poll until a condition of a server holds. Raises TimeoutError."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def reset_on_close(transport: asyncio.Transport) -> None:
    """Make closing send a RST: neither side gets what is in transit."""
    if not transport.is_closing():
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _handshake(token: str, path: str) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: beneficiate, {token}\r\n\r\n"
    ).encode()
