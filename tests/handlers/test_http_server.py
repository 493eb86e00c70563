"""How much of the server one address may hold, and for how long."""

import asyncio
import errno
import resource
import socket

import pytest
from structlog.testing import capture_logs
from tornado.ioloop import IOLoop

from beneficiate.handlers import early_refusals, http_server
from beneficiate.handlers.http_server import MAX_HEADER_BYTES, ConnectionLimits, PausingListener, warn_throttled
from beneficiate.logs import LogThrottle
from beneficiate.settings import Settings
from tests.factories import connect_socket, member
from tests.http_client import call_api, fetch
from tests.ws_client import wait_until

LOGIN_HEAD = b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
UNFINISHED = [
    b"",
    b"GET /login HTT",
    b"GET /login HTTP/1.1\r\nHost: x\r\n",
    LOGIN_HEAD + b"Content-Length: 1000\r\n\r\n" + b"x" * 999,
    LOGIN_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nemail",
]


@pytest.fixture
def connect(io_loop):
    """Connections that are closed when the test is over."""
    writers = []

    async def connect_one(server, sent=b""):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writers.append(writer)
        writer.write(sent)
        return reader, writer

    async def close_all():
        for writer in writers:
            writer.transport.abort()
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)

    yield connect_one
    io_loop.run_sync(close_all, timeout=5)


async def read_to_end(reader):
    """What comes until the server closes the connection; b"" also when it was reset."""
    try:
        return await reader.read()
    except ConnectionError:
        return b""


@pytest.mark.gen_test
async def test_request_that_never_ends_is_ended(start, connect):
    server = await start(header_timeout_s=0.2, body_timeout_s=0.2)
    peers = [await connect(server, sent) for sent in UNFINISHED]
    for sent, (reader, _) in zip(UNFINISHED, peers, strict=True):
        assert await read_to_end(reader) == b"", sent
    assert (await fetch(server.port, "/healthz")).status == 200


@pytest.mark.gen_test
async def test_body_over_the_limit_is_refused_before_it_comes(server, connect):
    api = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\n"
    for head, mark in ((LOGIN_HEAD, b"<!doctype html>"), (api, b'"code":"too_large"')):
        reader, writer = await connect(server, head + b"Content-Length: 1048576\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")  # Python 3.13 has another reason
        headers = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(headers.split("content-length: ")[1].split("\r\n")[0])
        assert mark in (await reader.readexactly(length)).replace(b"DOCTYPE", b"doctype")
        # The rest is read, so that a client that sends first and reads then gets the answer too.
        writer.write(b"x" * 1048576)
        await writer.drain()
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("head", "answer"),
    [
        (b"GET /" + b"a" * MAX_HEADER_BYTES, b"HTTP/1.1 414 URI Too Long"),
        (
            b"GET /login HTTP/1.1\r\nHost: x\r\nA: " + b"a" * MAX_HEADER_BYTES,
            b"HTTP/1.1 431 Request Header Fields Too Large",
        ),
    ],
    ids=["target", "fields"],
)
@pytest.mark.gen_test
async def test_head_over_the_limit_is_answered_and_the_connection_ends_without_a_reset(server, connect, head, answer):
    first, _ = await connect(server, head)
    # Neither raises: with a reset, `read` would.
    assert (await first.read()).split(b"\r\n")[0] == answer
    # The same as the second request of a connection, with more behind it that the server never reads.
    second, writer = await connect(server, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await second.readline()) == b"HTTP/1.1 200 OK\r\n"
    writer.write(head + b"a" * MAX_HEADER_BYTES)
    assert answer in await second.read()


@pytest.mark.gen_test
async def test_body_of_unknown_length_is_counted(server, connect):
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    reader, _ = await connect(server, LOGIN_HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + 3 * chunk)
    assert (await reader.readline()).startswith(b"HTTP/1.1 400")


@pytest.mark.gen_test
async def test_only_so_many_large_bodies_are_kept_unfinished(server, connect, monkeypatch):
    monkeypatch.setattr(early_refusals, "MAX_LARGE_BODIES", 2)

    def is_refused(answer):
        return (answer.status, answer.code) == (503, "unavailable")

    async def send(chars):
        return await call_api(server.port, "auth/login", None, {"email": "x" * chars, "password": "x"})

    held = [
        await connect(server, LOGIN_HEAD + b"Content-Length: 20000\r\n\r\n" + b"x" * 19_999),
        await connect(server, LOGIN_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nemail"),
    ]
    await wait_until(lambda: server.application.large_bodies == 2)
    assert is_refused(await send(20_000))
    assert not is_refused(await send(20))
    reader, _ = await connect(server, LOGIN_HEAD + b"Content-Length: 20000\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 503")

    held[0][1].write(b"x")
    assert (await held[0][0].readline()).startswith(b"HTTP/1.1")
    assert not is_refused(await send(20_000))
    held[1][1].transport.abort()
    await wait_until(lambda: not server.application.large_bodies)


@pytest.mark.gen_test
async def test_one_address_holds_only_so_many_connections(start, connect):
    server = await start(connections_per_address=3)
    held = [await connect(server) for _ in range(3)]
    refused, _ = await connect(server)
    assert await read_to_end(refused) == b""
    held[0][1].write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert (await held[0][0].read()).startswith(b"HTTP/1.1 200")
    assert (await fetch(server.port, "/healthz")).status == 200


@pytest.mark.gen_test
async def test_websockets_count_in_all_and_not_by_address(start, connect):
    server = await start(max_connections=4, connections_per_address=2)
    ana = member()
    for _ in range(3):
        await connect_socket(server.port, ana)
    await connect(server)
    refused, _ = await connect(server)
    assert await read_to_end(refused) == b""


def test_limits_count_by_address_and_in_all():
    limits = ConnectionLimits(maximum=4, per_address=2)
    assert [limits.admit(address, 0) for address in "aaabcc"] == [True, True, False, True, True, False]
    limits.release("a")
    assert not limits.admit("d", 1)
    assert limits.admit("d", 0)
    for address in "abcd":
        limits.release(address)
    assert limits.admit("e", 3)
    assert not limits.admit("e", 3)


def test_limits_follow_from_the_settings_and_the_descriptors(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 256))
    few = ConnectionLimits.from_settings(Settings())
    assert (few.maximum, few.per_address) == (192, 192)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    many = ConnectionLimits.from_settings(Settings())
    assert (many.maximum, many.per_address) == (10_000, 256)
    proxied = ConnectionLimits.from_settings(Settings(trusted_proxies=1))
    assert (proxied.maximum, proxied.per_address) == (10_000, 10_000)


@pytest.mark.gen_test
async def test_without_descriptors_the_listener_pauses_and_then_goes_on(server, monkeypatch):
    failures = [errno.EMFILE, errno.ENFILE]
    accept = socket.socket.accept

    def failing_accept(listener):
        if failures:
            raise OSError(failures.pop(), "no descriptors")
        return accept(listener)

    monkeypatch.setattr(http_server, "ACCEPT_PAUSE_S", 0.01)
    monkeypatch.setattr(PausingListener, "_throttle", LogThrottle(clock=lambda: 7.0))
    monkeypatch.setattr(socket.socket, "accept", failing_accept)
    with capture_logs() as logs:
        assert (await fetch(server.port, "/healthz")).status == 200
    assert failures == []
    assert [one for one in logs if one["event"] == "accept_failed"] == [
        {"event": "accept_failed", "errno": "ENFILE", "count": 1, "log_level": "warning"}
    ]


@pytest.mark.gen_test
async def test_listener_that_was_closed_meanwhile_stays_closed(monkeypatch):
    monkeypatch.setattr(socket.socket, "accept", lambda _: (_ for _ in ()).throw(OSError(errno.EMFILE, "")))
    monkeypatch.setattr(http_server, "ACCEPT_PAUSE_S", 0)
    with PausingListener() as listener:
        IOLoop.current().add_handler(listener, lambda *_: None, IOLoop.READ)
        with pytest.raises(BlockingIOError):
            listener.accept()
        IOLoop.current().remove_handler(listener)
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def test_repeated_warning_is_one_line_a_second_with_a_count():
    now = [0.0]
    throttle = LogThrottle(clock=lambda: now[0])
    with capture_logs() as logs:
        for at in (0.0, 0.4, 0.9, 1.0, 1.1, 2.5):
            now[0] = at
            warn_throttled(throttle, "full")
    assert [one["count"] for one in logs] == [1, 3, 2]
