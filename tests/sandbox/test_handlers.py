"""What all handlers of the API share: keys, bodies, errors, requests that are counted."""

import pytest

from tests.sandbox.merchant import LINK_BODY


@pytest.mark.parametrize(
    ("key", "status", "kind"),
    [
        ("", 404, "NOT_FOUND_ERROR"),
        ("pub_test_beneficiate_local", 404, "NOT_FOUND_ERROR"),
        ("prv_test_otro", 403, "INVALID_ACCESS_TOKEN"),
        ("prv_prod_otro", 401, "INVALID_ACCESS_TOKEN"),
        ("nada", 401, "INVALID_ACCESS_TOKEN"),
    ],
)
@pytest.mark.gen_test
async def test_only_the_private_key_reads_a_transaction(merchant, key, status, kind):
    answer = await merchant.call(f"/transactions/{(await merchant.create_transaction())['id']}", key=key)
    assert (answer.status, answer.json["error"]["type"]) == (status, kind)


@pytest.mark.parametrize("key", ["", "pub_test_beneficiate_local", "prv_test_otro"])
@pytest.mark.gen_test
async def test_only_the_private_key_searches_and_voids(merchant, key):
    made = await merchant.create_transaction()
    assert (await merchant.call("/transactions?reference=x", key=key)).status == 401
    assert (await merchant.call(f"/transactions/{made['id']}/void", {}, key=key)).status == 401


@pytest.mark.parametrize("key", ["", "pub_test_beneficiate_local", "prv_prod_otro", "prv_test_otro"])
@pytest.mark.gen_test
async def test_only_the_private_key_makes_and_changes_links(merchant, key):
    link = await merchant.create_link()
    for answer in (
        await merchant.call("/payment_links", LINK_BODY, key=key),
        await merchant.call(f"/payment_links/{link['id']}", {"active": False}, "PATCH", key=key),
    ):
        assert (answer.status, answer.json["error"]["type"]) == (401, "INVALID_ACCESS_TOKEN")
        assert key in answer.json["error"]["reason"]


@pytest.mark.parametrize("body", ["", "[]", "{", '{"a": NaN}'])
@pytest.mark.gen_test
async def test_a_body_that_is_no_object(merchant, body):
    answer = await merchant.call("/payment_links", body)
    assert (answer.status, answer.json["error"]["type"]) == (422, "INPUT_VALIDATION_ERROR")


@pytest.mark.parametrize(("path", "method"), [("/nada", "GET"), ("/payment_links", "GET"), ("/transactions", "DELETE")])
@pytest.mark.gen_test
async def test_what_the_gateway_does_not_have(merchant, path, method):
    answer = await merchant.call(path, method=method)
    assert (answer.status, answer.json["error"]["type"]) == (404, "NOT_FOUND_ERROR")
