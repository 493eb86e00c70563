"""Payments for programs: who may buy, what is answered, and what Wompi's event is answered with."""

import pytest

from beneficiate.actions import wompi_events
from beneficiate.errors import Unavailable
from beneficiate.models.payments import Payment, WompiEvent
from tests.factories import agent, member, supervisor
from tests.flows.payment_steps import (
    CENTS,
    CREATE_LINK,
    ON_SQLITE,
    PRICE,
    SEARCH_TRANSACTIONS,
    SHOP_KEYS,
    change_status_at_wompi,
    create_payment,
    create_plan,
    create_transaction,
    open_payment_and_link,
    other_member,
    payment_state,
    post_event,
    signed_event_body,
)
from tests.http_client import call_api


@ON_SQLITE
@pytest.mark.gen_test
async def test_whoever_may_not_buy_makes_no_payment_and_asks_wompi_nothing(shop):
    retired = create_plan("VIEJO", is_active=False)
    yuliana, marta = agent(), supervisor()

    assert [(await create_payment(shop.port, who, shop.plan)).status for who in (yuliana, marta)] == [403, 403]
    assert [(await create_payment(shop.port, shop.member, plan)).status for plan in (retired, 999_999)] == [404, 404]
    assert (await create_payment(shop.port, None, shop.plan)).status == 401
    wrong = ('{"planId": "1"}', '{"planId": 1.5}', '{"planId": true}', '{"planId": null}', "{}", "[]", '{"planId": -1}')
    for body in wrong:
        answer = await call_api(shop.port, "payments/create", shop.member, body)
        assert (answer.status, answer.code) == (422, "invalid"), body
    assert (await call_api(shop.port, "payments/create", shop.member, "planId=1")).status == 400

    assert shop.sandbox.requests[CREATE_LINK] == 0
    assert not Payment.select().exists()


@ON_SQLITE
@pytest.mark.gen_test
async def test_a_price_that_a_browser_sends_along_is_not_looked_at(shop):
    sent = {"planId": shop.plan.id, "price": 1000, "amount": 1000, "amount_in_cents": 100000}
    assert (await call_api(shop.port, "payments/create", shop.member, sent)).status == 201
    link = next(iter(shop.sandbox._account.links.values()))
    assert (Payment.get().amount, link.amount_in_cents) == (PRICE, CENTS)


@pytest.mark.gen_test
async def test_ones_own_payments_are_shown_and_nobody_elses(shop):
    payment_id, _ = await open_payment_and_link(shop.port, shop.member, shop.plan)
    luis, marta = other_member(), supervisor()

    own = (await call_api(shop.port, f"payments/verify-details/{payment_id}", shop.member)).data
    assert (own["id"], own["status"], own["amount"], own["currency"]) == (payment_id, "PENDING", PRICE, "COP")
    assert (await call_api(shop.port, f"payments/verify-details/{payment_id}", marta)).data == own
    assert (await call_api(shop.port, f"payments/verify-details/{payment_id}", luis)).status == 404
    assert (await call_api(shop.port, f"payments/verify-details/{payment_id}")).status == 401
    assert (await call_api(shop.port, "payments/history", shop.member)).data == [own]
    assert (await call_api(shop.port, "payments/history", luis)).data == []


@ON_SQLITE
@pytest.mark.gen_test
async def test_without_keys_there_is_no_checkout(server):
    answer = await call_api(server.port, "payments/create", member(), {"planId": create_plan().id})
    assert (answer.status, answer.code) == (503, "unavailable")
    assert not Payment.select().exists()


@ON_SQLITE
@pytest.mark.gen_test
async def test_checkout_has_the_public_key_and_no_other(shop):
    answer = await create_payment(shop.port, shop.member, shop.plan)
    assert set(answer.data) == {"transactionId", "publicKey", "redirectUrl"}
    assert answer.data["publicKey"] == SHOP_KEYS.public_key
    assert SHOP_KEYS.private_key not in answer.text + str(answer.headers)


@ON_SQLITE
@pytest.mark.gen_test
async def test_a_checkout_beside_a_payment_that_a_bank_has_says_so(shop):
    shop.lose_events()
    payment_id, link_id = await open_payment_and_link(shop.port, shop.member, shop.plan)
    transaction = await create_transaction(shop.sandbox, link_id, "PENDING", method="PSE")
    other = create_plan("OTRO", price=90_000)
    answer = await create_payment(shop.port, shop.member, other)
    pending = {"id": payment_id, "planName": "De prueba", "amount": PRICE}
    assert (answer.status, answer.data["pendingPayment"]) == (201, pending)
    assert (await create_payment(shop.port, shop.member, shop.plan)).code == "payment_in_progress"
    await change_status_at_wompi(shop.sandbox, transaction, "DECLINED")
    await shop.payments.reconcile_with_wompi(everything=True)
    assert "pendingPayment" not in (await create_payment(shop.port, shop.member, other)).data


@ON_SQLITE
@pytest.mark.gen_test
async def test_a_payment_that_is_asked_about_is_as_wompi_has_it(shop):
    shop.lose_events()
    payment_id, link_id = await open_payment_and_link(shop.port, shop.member, shop.plan)
    await create_transaction(shop.sandbox, link_id, "DECLINED")
    details = f"payments/verify-details/{payment_id}"
    assert (await call_api(shop.port, details, other_member())).status == 404
    assert shop.sandbox.requests[SEARCH_TRANSACTIONS] == 0
    assert (await call_api(shop.port, details, shop.member)).data["status"] == "DECLINED"


@ON_SQLITE
@pytest.mark.gen_test
async def test_event_is_answered_once_it_is_stored_and_its_copies_too(shop):
    shop.lose_events()
    payment_id, link_id = await open_payment_and_link(shop.port, shop.member, shop.plan)
    event = signed_event_body(await create_transaction(shop.sandbox, link_id))
    answers = [await post_event(shop.port, event) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200]
    assert payment_state(payment_id) == ("APPROVED", True, [])
    assert WompiEvent.get().copies == 2


@ON_SQLITE
@pytest.mark.gen_test
async def test_event_that_cannot_be_stored_is_answered_with_500_so_that_wompi_sends_it_again(shop, monkeypatch):
    def fail(*args):
        raise Unavailable

    monkeypatch.setattr(wompi_events, "store_event", fail)
    answer = await post_event(shop.port, signed_event_body({"id": "1-1-1", "status": "APPROVED", "amount_in_cents": 1}))
    assert (answer.status, answer.code) == (500, "internal")
    assert not WompiEvent.select().exists()
