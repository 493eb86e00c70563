"""Events: signed, sent until HTTP 200 comes back, and then no more."""

import asyncio

import pytest

from beneficiate.errors import InvalidSignature
from beneficiate.sandbox.keys import WompiKeys
from beneficiate.sandbox.server import Sandbox
from tests.sandbox.merchant import APPROVED_CARD, FakeMerchant
from tests.ws_client import wait_until


@pytest.mark.gen_test
async def test_an_event_is_signed_in_its_body_and_in_its_header(merchant):
    made = await merchant.create_transaction()
    event = (await merchant.wait_for_events(1))[0]
    body = event.json
    assert set(body) == {"event", "data", "environment", "signature", "timestamp", "sent_at"}
    assert (body["event"], body["environment"]) == ("transaction.updated", "test")
    assert body["data"] == {"transaction": made}
    assert body["signature"]["properties"] == ["transaction.id", "transaction.status", "transaction.amount_in_cents"]
    assert body["signature"]["checksum"] == event.checksum
    signed = merchant.verify_event(event)
    assert (signed.transaction_id, signed.status) == (made["id"], "APPROVED")


@pytest.mark.gen_test
async def test_each_merchant_signs_with_its_own_secret(merchant):
    other = FakeMerchant(Sandbox("", keys=WompiKeys("pub_test_o", "prv_test_o", "test_events_o", "test_integrity_o")))
    await other.sandbox.start()
    await other.listen()
    await other.create_transaction()
    event = (await other.wait_for_events(1))[0]
    assert other.verify_event(event).status == "APPROVED"
    with pytest.raises(InvalidSignature):
        merchant.verify_event(event)
    await other.sandbox.stop()
    await other.stop()
    assert merchant.received == []


@pytest.mark.parametrize("refusal", [201, 204, 302, 401, 500])
@pytest.mark.gen_test
async def test_only_200_is_a_delivery(merchant, refusal):
    merchant.statuses = [refusal]
    await merchant.create_transaction()
    first, second = await merchant.wait_for_events(2)
    assert first.body == second.body
    assert second.at - first.at >= 0.045
    assert merchant.sandbox.events[0].statuses == [refusal, 200]


@pytest.mark.gen_test
async def test_after_the_last_retry_an_event_is_dropped(merchant):
    merchant.statuses = [500] * 9
    await merchant.create_transaction()
    await merchant.wait_for_events(4)
    assert merchant.sandbox.events[0].statuses == [500] * 4


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:9/events", "nada"])
@pytest.mark.gen_test
async def test_nobody_is_notified(merchant, url):
    merchant.sandbox.events_url, right = url, merchant.sandbox.events_url
    await merchant.create_transaction()
    event = merchant.sandbox.events[0]
    await wait_until(lambda: event.statuses, 3)
    merchant.sandbox.events_url = right
    await wait_until(lambda: event.statuses == [599, 200], 3)


@pytest.mark.gen_test
async def test_the_log_of_events(merchant):
    made = await merchant.create_transaction()
    await merchant.wait_for_events(1)
    (event,) = (await merchant.call_tool("events")).data
    told = {"transaction_id": made["id"], "body": merchant.received[0].json, "is_lost": False, "statuses": [200]}
    assert event == told


@pytest.mark.gen_test
async def test_an_event_is_sent_again_to_the_letter(merchant):
    made = await merchant.create_transaction()
    await merchant.wait_for_events(1)
    assert (await merchant.call_tool("events", {"transaction_id": made["id"]})).status == 202
    first, second = await merchant.wait_for_events(2)
    assert first.body == second.body


@pytest.mark.gen_test
async def test_a_pending_one_is_told_when_the_developer_says_so(merchant):
    made = await merchant.create_transaction("PENDING")
    await merchant.call_tool("events", {"transaction_id": made["id"]})
    assert merchant.verify_event((await merchant.wait_for_events(1))[0]).status == "PENDING"


@pytest.mark.gen_test
async def test_the_end_leaves_nothing_behind(merchant):
    merchant.statuses = [500] * 9
    other = Sandbox(merchant.sandbox.events_url, retry_s=(60.0,), settle_s=60.0, port=merchant.sandbox.port)
    assert other.port != merchant.sandbox.port
    before = asyncio.all_tasks()
    await other.start()
    elsewhere = FakeMerchant(other)
    await elsewhere.create_transaction()
    await merchant.wait_for_events(1)
    link = await elsewhere.create_link()
    hung = asyncio.create_task(_outcome(elsewhere.pay(link, **APPROVED_CARD)))
    await wait_until(lambda: other._wompi.payments._settling)
    other.behaviour.hang = True
    waiting = asyncio.create_task(_outcome(elsewhere.call("/payment_links/test_nadie1")))
    await wait_until(lambda: other.requests["GET /v1/payment_links/{id}"])
    await other.stop()
    for task in (hung, waiting):
        assert (await task) is not None
    await wait_until(lambda: asyncio.all_tasks() <= before)


async def _outcome(call):
    """Return the answer of a call, or the error with which the end of the server cut it off."""
    try:
        return await call
    except OSError as problem:
        return problem
