"""The developer's tools under `/_sandbox`."""

import pytest


@pytest.mark.gen_test
async def test_the_developer_makes_pending_ones_and_settles_them(merchant):
    made = await merchant.create_transaction("PENDING")
    assert (made["status"], made["finalized_at"], merchant.received) == ("PENDING", None, [])
    answer = await merchant.call_tool(f"transactions/{made['id']}", {"status": "APPROVED"}, "PATCH")
    assert (answer.status, answer.data["status"]) == (200, "APPROVED")
    assert (await merchant.wait_for_events(1))[0].transaction == answer.data


@pytest.mark.gen_test
async def test_the_developer_is_told_what_is_wrong(merchant):
    link, made = await merchant.create_link(), await merchant.create_transaction()
    assert (await merchant.call_tool("transactions", {"link_id": "test_nadie1", "status": "APPROVED"})).status == 404
    assert (await merchant.call_tool("transactions", {"link_id": link["id"], "status": "OK"})).status == 422
    body = {"link_id": link["id"], "status": "APPROVED", "method": "CASH"}
    assert (await merchant.call_tool("transactions", body)).status == 422
    assert (await merchant.call_tool(f"transactions/{made['id']}", {"status": "PENDING"}, "PATCH")).status == 422
    assert (await merchant.call_tool("events", {"transaction_id": "1-1-1"})).status == 404


@pytest.mark.gen_test
async def test_requests_are_counted_by_what_they_ask_for(merchant):
    for path in ("/transactions/1-1-1", "/transactions/2-2-2", "/transactions?reference=x", "/nada"):
        await merchant.call(path)
    counted = {"GET /v1/transactions/{id}": 2, "GET /v1/transactions": 1, "GET *": 1}
    assert (await merchant.call_tool("requests")).data == dict(merchant.sandbox.requests) == counted
