"""Files are sent part by part: what fails at once is a problem, and whoever goes away ends the reading."""

import asyncio

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from beneficiate.handlers.downloads import CSV_TYPE, send_parts, set_file_headers
from tests.http_client import fetch


@pytest.fixture
def serve(io_loop):
    """Return a function that serves what a generator yields, and returns the port."""
    servers = []

    def start(read_parts):
        class Download(RequestHandler):
            async def get(self):
                set_file_headers(self, CSV_TYPE, "a.csv")
                await send_parts(self, read_parts())

        listening, port = bind_unused_port()
        servers.append(HTTPServer(Application([("/", Download)])))
        servers[-1].add_socket(listening)
        return port

    yield start
    for server in servers:
        server.stop()


@pytest.mark.gen_test
async def test_parts_arrive_in_their_order_under_the_name(serve):
    async def read_parts():
        for text in ("head\r\n", "1\r\n", b"2\r\n", ""):
            yield text

    answer = await fetch(serve(read_parts), "/")
    assert (answer.status, answer.text) == (200, "head\r\n1\r\n2\r\n")
    assert answer.headers["Content-Type"] == CSV_TYPE
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a.csv"'


@pytest.mark.gen_test
async def test_what_fails_behind_the_head_is_a_problem_and_no_short_file(serve):
    async def read_parts():
        yield "head\r\n"
        raise OSError

    answer = await fetch(serve(read_parts), "/")
    assert answer.status == 500
    assert "head" not in answer.text


@pytest.mark.gen_test
async def test_whoever_goes_away_ends_the_reading(serve):
    has_ended = asyncio.Event()

    async def read_parts():
        try:
            while True:
                yield "x" * 1_000_000
        finally:
            has_ended.set()

    reader, writer = await asyncio.open_connection("127.0.0.1", serve(read_parts))
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    writer.transport.abort()
    await asyncio.wait_for(has_ended.wait(), 10)
