"""Encoding of events as JSON text and as WebSocket frames."""

import struct

import msgspec

encode_json = msgspec.json.Encoder().encode


def build_text_frame(text: bytes) -> bytes:
    """Return a whole, unmasked text frame of a server (RFC 6455, section 5.2)."""
    size = len(text)
    if size < 126:
        return struct.pack("!BB", 0x81, size) + text
    if size < 65_536:
        return struct.pack("!BBH", 0x81, 126, size) + text
    return struct.pack("!BBQ", 0x81, 127, size) + text
