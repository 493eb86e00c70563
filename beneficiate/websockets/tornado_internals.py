"""What has no public name in Tornado and is used all the same: looked at when the process starts.

A version that changed one of these would otherwise fail at each handshake or each frame, or lose what came with it.
"""

import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

from tornado import version
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.iostream import IOStream
from tornado.util import ObjectDict
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler, WebSocketProtocol13

METHODS = (
    (RequestHandler, "_get_raw_xsrf_token"),
    (WebSocketHandler, "_detach_stream"),
    (WebSocketProtocol13, "_abort"),
    (WebSocketProtocol13, "_handle_message"),
    (WebSocketProtocol13, "_receive_frame"),
    (WebSocketProtocol13, "_receive_frame_loop"),
)
"""What our classes override or call."""
_FORGOTTEN_REQUEST = HTTPServerRequest(
    start_line=RequestStartLine("GET", "/ws", "HTTP/1.1"), headers=HTTPHeaders({"Host": "localhost"})
)
PROTOCOL_ATTRIBUTES = ("_fragmented_message_buffer", "_wire_bytes_in", "client_terminated")


class UnknownTornado(Exception):
    """The installed Tornado has not what this version of Beneficiate uses of it."""


def forget_handshake(handler: WebSocketHandler) -> None:
    """Drop what only the handshake needs, and what it refers to: Tornado keeps all as long as the connection."""
    handler.request.headers.clear()
    handler.request = _FORGOTTEN_REQUEST
    handler._headers.clear()  # noqa: SLF001
    handler.ui = ObjectDict()


def check_tornado() -> None:
    """Raise UnknownTornado unless everything is there. For the thread of a running event loop."""
    missing = sorted({*_find_missing_names(), *_find_stream_changes()})
    if missing:
        names = ", ".join(missing)
        raise UnknownTornado(f"Tornado {version} is not one that Beneficiate can use: {names} changed. Install 6.6.")


def _find_missing_names() -> Iterator[str]:
    yield from (f"{owner.__name__}.{name}" for owner, name in METHODS if not callable(getattr(owner, name, None)))
    if "_body_future" not in HTTPServerRequest.__annotations__:
        yield "HTTPServerRequest._body_future"
    # Any: no handler is needed to make one.
    unused: Any = SimpleNamespace(compression_options=None)
    protocol = WebSocketProtocol13(unused, mask_outgoing=False, params=unused)
    yield from (f"WebSocketProtocol13.{name}" for name in PROTOCOL_ATTRIBUTES if not hasattr(protocol, name))


def _find_stream_changes() -> Iterator[str]:
    """Yield what `TransportStream` takes out of a stream and does not find as it was."""
    ours, peer = socket.socketpair()
    stream = IOStream(ours)
    try:
        if not isinstance(getattr(stream, "_read_buffer", None), bytearray):
            yield "IOStream._read_buffer"
        stream._closed = True  # noqa: SLF001  as `TransportStream` does
        if not stream.closed():
            yield "IOStream._closed"
    finally:
        cast(Any, stream)._closed = False  # noqa: SLF001
        stream.close()
        peer.close()
