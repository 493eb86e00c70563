"""Bodies, query strings and ids of the API."""

import json

import pytest

from beneficiate.errors import NotFound
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.base import MAX_BODY_BYTES
from beneficiate.protocol.envelope import MAX_ID
from tests.factories import agent
from tests.http_client import call_api


@pytest.mark.parametrize("text", ["1", "42", "0042", str(MAX_ID)])
def test_id_is_a_number_that_a_row_can_have(text):
    assert parse_id(text) == int(text)


@pytest.mark.parametrize("text", ["", "0", "-1", "1.0", "a", "٣", " 1", str(MAX_ID + 1), "9" * 11])
def test_id_that_no_row_can_have_is_not_found(text):
    with pytest.raises(NotFound):
        parse_id(text)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "bad_frame"),
        ("[]", 422, "invalid"),
        (json.dumps({"email": "a@x.co"}), 422, "invalid"),
        (json.dumps({"email": "a@x.co", "password": "a\0b"}), 422, "invalid"),
        ("x" * (MAX_BODY_BYTES + 1), 413, "too_large"),
    ],
    ids=["not JSON", "not an object", "field missing", "NUL", "too large"],
)
@pytest.mark.gen_test
async def test_invalid_body_is_refused(server, body, status, code):
    answer = await call_api(server.port, "auth/login", body=body)
    assert (answer.status, answer.code) == (status, code)


@pytest.mark.gen_test
async def test_a_text_that_is_too_long_is_named_with_its_limit(server):
    answer = await call_api(server.port, "auth/login", body={"email": "a" * 255, "password": "x"})
    assert json.loads(answer.text)["error"] == "El dato «email» puede tener hasta 254 caracteres."


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "99999999999"])
@pytest.mark.gen_test
async def test_number_of_the_query_string_out_of_range_is_invalid(server, page):
    yuliana = agent()
    answer = await call_api(server.port, f"agent-chat/agent/{yuliana.agent_id}?page={page}", yuliana)
    assert (answer.status, answer.code) == (422, "invalid")
