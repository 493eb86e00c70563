"""Requests that are refused before their body has come."""

import gc

import pytest
from tornado.httputil import HTTPHeaders

from beneficiate.errors import TooLarge
from beneficiate.handlers.base import MAX_BODY_BYTES
from beneficiate.handlers.early_refusals import announced_length, parse_content_length
from tests.http_client import fetch


@pytest.mark.parametrize(("text", "size"), [("0", 0), ("10485760", 10_485_760), ("9" * 18, int("9" * 18))])
def test_announced_length_is_read(text, size):
    assert parse_content_length(text) == size


@pytest.mark.parametrize("text", ["", "-1", "1.5", "x", "٣", "9" * 19])
def test_length_that_is_none_counts_as_unannounced(text):
    assert parse_content_length(text) == 0


def test_body_in_chunks_counts_as_the_largest():
    assert announced_length(HTTPHeaders({"Content-Length": "12"})) == 12
    assert announced_length(HTTPHeaders({"Transfer-Encoding": "chunked"})) == MAX_BODY_BYTES
    assert announced_length(HTTPHeaders()) == 0


@pytest.mark.gen_test
async def test_refused_request_leaves_no_exception_behind(server):
    for path in ("/login", "/api/v1/auth/login"):
        assert (await fetch(server.port, path, "POST", "x" * (MAX_BODY_BYTES + 1))).status == 413
    gc.collect()
    assert not [one for one in gc.get_objects() if isinstance(one, TooLarge)]
