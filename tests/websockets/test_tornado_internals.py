"""A Tornado that changed inside stops the start with a sentence."""

import pytest
from tornado.httputil import HTTPServerRequest
from tornado.iostream import IOStream
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler, WebSocketProtocol13

from beneficiate.websockets.tornado_internals import UnknownTornado, check_tornado
from tests.factories import connect_socket, member


@pytest.mark.gen_test
async def test_installed_tornado_has_everything():
    check_tornado()


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (RequestHandler, "_get_raw_xsrf_token"),
        (WebSocketHandler, "_detach_stream"),
        (WebSocketProtocol13, "_receive_frame"),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
@pytest.mark.gen_test
async def test_method_that_is_gone_is_named(owner, name, monkeypatch):
    monkeypatch.delattr(owner, name)
    with pytest.raises(UnknownTornado, match=rf"^Tornado [\d.]+ is not one .*: {owner.__name__}\.{name} changed\."):
        check_tornado()


@pytest.mark.gen_test
async def test_attributes_that_changed_are_named(monkeypatch):
    create = WebSocketProtocol13.__init__

    def create_without(self, *given, **named):
        create(self, *given, **named)
        del self._wire_bytes_in

    monkeypatch.setattr(WebSocketProtocol13, "__init__", create_without)
    monkeypatch.delitem(HTTPServerRequest.__annotations__, "_body_future")
    monkeypatch.setattr(IOStream, "closed", lambda self: False)
    with pytest.raises(UnknownTornado) as caught:
        check_tornado()
    expected = "HTTPServerRequest._body_future, IOStream._closed, WebSocketProtocol13._wire_bytes_in changed"
    assert expected in str(caught.value)


@pytest.mark.gen_test
async def test_stream_of_another_kind_is_noticed(monkeypatch):
    monkeypatch.setattr(IOStream, "_read_buffer", property(lambda self: [], lambda self, value: None), raising=False)
    with pytest.raises(UnknownTornado, match=r"IOStream\._read_buffer"):
        check_tornado()


@pytest.mark.gen_test
async def test_open_connection_keeps_nothing_of_its_handshake(server):
    await connect_socket(server.port, member())
    (connection,) = server.context.hub.connections
    handler = connection._transport
    assert list(handler.request.headers) == ["Host"]
    assert list(handler._headers) == []
