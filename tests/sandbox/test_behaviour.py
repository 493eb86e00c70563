"""The gateway misbehaves as it is told to, and no other way."""

import asyncio
import time

import pytest
from tornado.httpclient import HTTPError

from beneficiate.sandbox.behaviour import Behaviour
from tests.sandbox.merchant import APPROVED_CARD, LINK_BODY
from tests.ws_client import wait_until

PAGE = "/transactions?from_date=2020-01-01&until_date=2099-12-31&page=1&page_size=50"


async def behave(merchant, **fields):
    answer = await merchant.call_tool("behaviour", fields, "PUT")
    assert answer.status == 200
    return answer.data


@pytest.mark.gen_test
async def test_it_is_shown_and_replaced_as_a_whole(merchant):
    default = (await merchant.call_tool("behaviour")).data
    assert default["repeat_events"] == 1
    assert await behave(merchant, delay_s=1, fail_status=503) == {**default, "delay_s": 1, "fail_status": 503}
    assert merchant.sandbox.behaviour == Behaviour(delay_s=1, fail_status=503)
    assert await behave(merchant) == default
    merchant.sandbox.behaviour.null_link = True
    assert (await merchant.call_tool("behaviour")).data == {**default, "null_link": True}


@pytest.mark.parametrize(
    "fields", [{"dealy_s": 1}, {"delay_s": "1"}, {"repeat_events": -1}, {"hang": 1}, {"fail_status": 1000}]
)
@pytest.mark.gen_test
async def test_a_wrong_behaviour_changes_nothing(merchant, fields):
    assert (await merchant.call_tool("behaviour", fields, "PUT")).status == 422
    assert merchant.sandbox.behaviour == Behaviour()


@pytest.mark.gen_test
async def test_every_answer_waits(merchant):
    await behave(merchant, delay_s=0.05)
    for path in ("/transactions/1-1-1", "/nada", "/merchants/info"):
        began = time.monotonic()
        await merchant.call(path)
        assert time.monotonic() - began >= 0.05


@pytest.mark.gen_test
async def test_it_fails_before_anything_is_done(merchant):
    made = await merchant.create_transaction()
    await behave(merchant, fail_status=503)
    answer = await merchant.call("/payment_links", LINK_BODY)
    assert (answer.status, answer.json["error"]["type"]) == (503, "UNAVAILABLE")
    assert (await merchant.call(f"/transactions/{made['id']}/void", {})).status == 503
    await behave(merchant)
    assert (await merchant.transaction(made["id"]))["status"] == "APPROVED"


@pytest.mark.gen_test
async def test_it_fails_once_the_work_is_done(merchant):
    made = await merchant.create_transaction()
    await behave(merchant, fail_status=500, fail_after=True)
    assert (await merchant.call(f"/transactions/{made['id']}/void", {})).status == 500
    await merchant.wait_for_events(2)
    await behave(merchant)
    assert (await merchant.transaction(made["id"]))["status"] == "VOIDED"


@pytest.mark.gen_test
async def test_it_hangs_until_it_is_told_not_to(merchant, monkeypatch):
    monkeypatch.setattr("beneficiate.sandbox.handlers.HANG_POLL_S", 0)
    merchant.sandbox.behaviour.hang = True
    call = asyncio.create_task(merchant.call("/payment_links", LINK_BODY))
    counted = {"POST /v1/payment_links": 1}
    while (await merchant.call_tool("requests")).data != counted:
        assert not call.done()
    assert not call.done()
    assert merchant.sandbox._account.links == {}
    await behave(merchant)
    assert (await call).status == 201


@pytest.mark.parametrize(("fail_after", "voided"), [(False, []), (True, ["VOIDED"])])
@pytest.mark.gen_test
async def test_a_caller_who_gives_up_does_not_know_whether_it_was_done(merchant, fail_after, voided):
    made = await merchant.create_transaction()
    await merchant.wait_for_events(1)
    await behave(merchant, hang=True, fail_after=fail_after)
    before = asyncio.all_tasks()
    with pytest.raises(HTTPError):
        await merchant.post_with_timeout(f"/transactions/{made['id']}/void", 0.05)
    await behave(merchant)
    await wait_until(lambda: asyncio.all_tasks() <= before)
    received = await merchant.wait_for_events(1 + len(voided))
    assert [event.transaction["status"] for event in received[1:]] == voided


@pytest.mark.gen_test
async def test_events_are_lost(merchant):
    await behave(merchant, lose_events=True)
    made = await merchant.create_transaction()
    await merchant.wait_for_events(0)
    assert [event["is_lost"] for event in (await merchant.call_tool("events")).data] == [True]
    await merchant.call_tool("events", {"transaction_id": made["id"]})
    assert merchant.verify_event((await merchant.wait_for_events(1))[0]).transaction_id == made["id"]


@pytest.mark.gen_test
async def test_events_are_repeated(merchant):
    await behave(merchant, repeat_events=3)
    await merchant.create_transaction()
    assert len({event.body for event in await merchant.wait_for_events(3)}) == 1


@pytest.mark.gen_test
async def test_events_come_in_disorder(merchant):
    await behave(merchant, reorder_events=True)
    made = await merchant.create_transaction()
    await merchant.call(f"/transactions/{made['id']}/void", {})
    assert [event.transaction["status"] for event in await merchant.wait_for_events(2)] == ["VOIDED", "APPROVED"]


@pytest.mark.gen_test
async def test_an_event_that_nothing_follows_is_not_held_for_long(merchant, monkeypatch):
    monkeypatch.setattr("beneficiate.sandbox.events.REORDER_WAIT_S", 0.05)
    await behave(merchant, reorder_events=True)
    merchant.statuses = [500]
    await merchant.create_transaction()
    await merchant.wait_for_events(0)
    await merchant.wait_for_events(2)


@pytest.mark.gen_test
async def test_a_link_for_one_payment_is_paid_twice(merchant):
    await behave(merchant, allow_second=True)
    link = await merchant.create_link()
    for _ in range(2):
        assert (await merchant.pay(link, **APPROVED_CARD)).status == 303
    assert [event.transaction["status"] for event in await merchant.wait_for_events(2)] == ["APPROVED", "APPROVED"]


@pytest.mark.gen_test
async def test_another_amount_is_charged(merchant):
    await behave(merchant, amount_offset_in_cents=-47_000_000)
    await merchant.pay(await merchant.create_link(), **APPROVED_CARD)
    event = (await merchant.wait_for_events(1))[0]
    assert (merchant.verify_event(event).status, event.transaction["amount_in_cents"]) == ("APPROVED", 1_000_000)


@pytest.mark.gen_test
async def test_only_the_reference_names_the_link(merchant):
    await behave(merchant, null_link=True)
    link = await merchant.create_link()
    answer = await merchant.pay(link, **{**APPROVED_CARD, "number": "4111111111111111"})
    (event,) = await merchant.wait_for_events(1)
    assert event.transaction["payment_link_id"] is None
    assert event.transaction["reference"].startswith(f"{link['id']}_")
    assert "Pago rechazado" in (await merchant.page(answer.headers["Location"])).text
    assert (await merchant.call(PAGE)).data == [event.transaction]
