"""Tornado's side of RFC 6455, and what it lets pass: who sends frames that the RFC forbids is told so and closed.

Tornado's coroutine of a frame runs where its bytes arrive. A connection that is silent has none: Tornado would keep
eight, from that of the request down to that of the next byte, and a task (docs/decisions/0053-idle-connections.md).
"""

import asyncio
import struct
import sys
from collections.abc import Coroutine
from typing import cast

from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketProtocol13

from beneficiate.protocol.close_codes import CLOSE_INVALID_TEXT, CLOSE_PROTOCOL_ERROR
from beneficiate.websockets.transport_stream import TransportStream

_MASKED, _LENGTH, _MAX_CONTROL_BYTES = 0x80, 0x7F, 125
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_OPCODES = frozenset({_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG})
_PEER_CLOSE_CODES = frozenset({*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)})
"""Section 7.4 and IANA's registry; 1004, 1005, 1006 and 1015 are never sent."""
FRAMES_AT_ONCE = 64
"""After so many frames of one connection the others have their turn."""
_HEADER_BYTES = 2
_EMPTY_PONG, _EMPTY_PONG_BYTES = b"\x8a\x80", 6
"""The answer to our pings: a whole masked pong that says nothing, and a mask for it."""


class StrictProtocol(WebSocketProtocol13):
    """The server's side of a connection: 1002 for a frame that the RFC forbids, 1007 for text that is not UTF-8."""

    _is_frame_start = False
    # It sends and takes None, and waits for bytes alone: no callback of our handlers is a coroutine.
    _frame: Coroutine[None, None, None] | None = None
    _goes_on = _has_ended = False

    async def _receive_frame_loop(self) -> None:
        """Begin to read frames, and return."""
        self._transport.listen(self._read_frames)
        self._read_frames()

    @property
    def _transport(self) -> TransportStream:
        return cast(TransportStream, self.stream)

    def _read_frames(self) -> None:
        """Carry out the frames that have arrived; called whenever there are more bytes, or no more."""
        if self._goes_on or self._has_ended:
            return
        try:
            for _ in range(FRAMES_AT_ONCE):
                if self.client_terminated:
                    self._end()
                    return
                if not self._read_frame():
                    return
        except StreamClosedError:
            self._abort()
            self._end()
        except Exception:  # noqa: BLE001  logged; the connection ends
            self.handler.log_exception(*sys.exc_info())
            self._abort()
            self._end()
        else:
            self._goes_on = True
            asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        self._goes_on = False
        self._read_frames()

    def _read_frame(self) -> bool:
        """Return whether a whole frame was there and is carried out. Raises StreamClosedError."""
        if self._frame is None:
            if self._transport.skip(_EMPTY_PONG, _EMPTY_PONG_BYTES):
                # Nearly all that a silent peer sends, and five of Tornado's coroutines would read each.
                self.handler.on_pong(b"")
                return True
            if not self._transport.has_bytes(_HEADER_BYTES) and not self._transport.closed():
                return False
            self._frame = self._receive_frame()
        try:
            self._frame.send(None)
        except StopIteration:
            self._frame = None
            return True
        return False

    def _end(self) -> None:
        self._has_ended = True
        self._frame = None
        self._transport.listen(None)
        self.handler.on_ws_connection_close(self.close_code, self.close_reason)

    def _receive_frame(self) -> Coroutine[None, None, None]:
        self._is_frame_start = True
        return super()._receive_frame()

    async def _read_bytes(self, n: int) -> bytes:
        # As Tornado's own, which is not called: one coroutine less for each of three reads a frame.
        data = await self.stream.read_bytes(n)
        self._wire_bytes_in += n
        if self._is_frame_start:
            self._is_frame_start = False
            if not self._is_allowed_header(data):
                self.close(CLOSE_PROTOCOL_ERROR, "protocol error")
                raise StreamClosedError
        return data

    def _is_allowed_header(self, header: bytes) -> bool:
        """Return whether a frame may begin with these two bytes (sections 5.1 to 5.5)."""
        opcode, length = header[0] & self.OPCODE_MASK, header[1] & _LENGTH
        if not header[1] & _MASKED or header[0] & self.RSV_MASK or opcode not in _OPCODES:
            return False
        if opcode >= _CLOSE:
            return bool(header[0] & self.FIN) and length <= _MAX_CONTROL_BYTES
        return (opcode == _CONTINUATION) == (self._fragmented_message_buffer is not None)

    def _handle_message(self, opcode: int, data: bytes) -> asyncio.Future[None] | None:
        code = find_close_code(opcode, data)
        if code is None or self.client_terminated:
            return super()._handle_message(opcode, data)
        # A peer that closes has said all: the connection ends with the answer.
        self.client_terminated = opcode == _CLOSE
        self.close(code, "invalid text" if code == CLOSE_INVALID_TEXT else "protocol error")
        self._abort()
        return None


def find_close_code(opcode: int, data: bytes) -> int | None:
    """Return the code that answers a whole message or control frame that is not allowed; None for one that is."""
    if opcode == _TEXT:
        return None if _is_utf8(data) else CLOSE_INVALID_TEXT
    if opcode != _CLOSE or not data:
        return None
    if len(data) < 2 or struct.unpack(">H", data[:2])[0] not in _PEER_CLOSE_CODES:
        return CLOSE_PROTOCOL_ERROR
    return None if _is_utf8(data[2:]) else CLOSE_INVALID_TEXT


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
