"""From the purchase to the link: what Wompi is asked for, how often, and what happens when it does not say."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.gateways import cashier, wompi
from beneficiate.models.payments import Payment, Plan, Subscription
from beneficiate.sandbox.behaviour import Behaviour
from tests.calls import call
from tests.flows.payments import (
    CENTS,
    CLOSING,
    DAYS,
    KEYS,
    LINKS,
    ON_SQLITE,
    OWN_URL,
    PRICE,
    SEARCH,
    bank_says,
    bought,
    buy,
    end_link,
    event,
    kept_events,
    make_due,
    make_plan,
    pay,
    runs,
    send,
    settings_over,
    somebody_else,
    standing,
    stored,
    stretches,
)
from tests.people import agent, member, supervisor
from tests.plugs import until

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.mark.gen_test
async def test_a_new_payment_has_the_plans_price_and_wompi_is_asked_for_just_that(shop):
    answer = await buy(shop.port, shop.ana, shop.plan)

    assert answer.status == 201
    payment = Payment.get()
    link = next(iter(shop.sandbox._account.links.values()))
    assert answer.data == {
        "transactionId": payment.id,
        "publicKey": KEYS.public_key,
        "redirectUrl": f"{shop.sandbox.url}/l/{link.id}",
    }
    assert re.fullmatch(UUID, payment.id)
    snapshot = (payment.status, payment.amount, payment.currency, payment.duration_days, payment.environment)
    assert snapshot == ("PENDING", PRICE, "COP", DAYS, "test")
    assert (payment.user_id, payment.plan_id, payment.link_id) == (shop.ana.id, shop.plan.id, link.id)
    assert (link.single_use, link.amount_in_cents, link.currency, link.sku) == (True, CENTS, "COP", payment.id)
    assert link.collect_shipping is False
    assert link.redirect_url == f"{OWN_URL}/pagos/{payment.id}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", link.expires_at)
    ends_in = datetime.fromisoformat(link.expires_at) - datetime.now(UTC)
    assert timedelta(minutes=59) < ends_in < timedelta(minutes=61)
    assert abs(payment.link_expires_at - datetime.fromisoformat(link.expires_at)) < timedelta(milliseconds=1)
    assert not Subscription.select().exists()


@pytest.mark.gen_test
async def test_whoever_asks_again_gets_the_same_payment_and_no_second_link(shop):
    first = await buy(shop.port, shop.ana, shop.plan)
    again = [await buy(shop.port, shop.ana, shop.plan) for _ in range(3)]

    assert [one.data for one in again] == [first.data] * 3
    assert shop.sandbox.requests[LINKS] == 1
    assert Payment.select().count() == 1


@pytest.mark.gen_test
async def test_several_tabs_at_once_make_one_link(shop):
    shop.sandbox.behaviour.delay_s = 0.2
    answers = await asyncio.gather(*(buy(shop.port, shop.ana, shop.plan) for _ in range(4)))

    assert {one.status for one in answers} == {201}
    assert len({(one.data["transactionId"], one.data["redirectUrl"]) for one in answers}) == 1
    assert shop.sandbox.requests[LINKS] == 1


@ON_SQLITE
@pytest.mark.gen_test
async def test_two_members_and_two_plans_have_links_of_their_own(shop):
    luis, other = somebody_else(), make_plan("OTRO", 480_000)
    pairs = [(shop.ana, shop.plan), (shop.ana, other), (luis, shop.plan)]
    opened = [await bought(shop.port, who, plan) for who, plan in pairs]

    assert len({link for _, link in opened}) == len({payment for payment, _ in opened}) == 3
    amounts = [shop.sandbox._account.links[link].amount_in_cents for _, link in opened]
    assert amounts == [CENTS, 48_000_000, CENTS]


@pytest.mark.gen_test
async def test_a_price_that_changed_closes_the_old_link_and_makes_a_new_payment(shop):
    old, old_link = await bought(shop.port, shop.ana, shop.plan)
    Plan.update(price=300_000).where(Plan.id == shop.plan.id).execute()
    new, new_link = await bought(shop.port, shop.ana, shop.plan)

    links = shop.sandbox._account.links
    assert shop.sandbox.requests[CLOSING] == 1
    assert (links[old_link].active, links[new_link].active) == (False, True)
    assert (links[new_link].amount_in_cents, links[new_link].sku) == (30_000_000, new)
    assert (stored(old).amount, stored(old).is_open) == (PRICE, False)
    assert (stored(new).amount, stored(new).is_open) == (300_000, True)

    await pay(shop.sandbox, old_link)
    await until(lambda: runs(old))
    assert (standing(old), standing(new)) == (("APPROVED", True, []), ("PENDING", False, []))


@ON_SQLITE
@pytest.mark.gen_test
async def test_an_old_link_that_cannot_be_closed_keeps_nobody_from_paying_the_new_price(shop):
    old, _ = await bought(shop.port, shop.ana, shop.plan)
    link = stored(old).link_id
    del shop.sandbox._account.links[link]
    Plan.update(price=300_000).where(Plan.id == shop.plan.id).execute()

    assert (await buy(shop.port, shop.ana, shop.plan)).status == 201
    assert shop.sandbox.requests[CLOSING] == 1


@ON_SQLITE
@pytest.mark.gen_test
async def test_a_link_that_is_about_to_end_is_not_given_out(shop):
    old, old_link = await bought(shop.port, shop.ana, shop.plan)
    end_link(old, timedelta(minutes=-4))
    new, new_link = await bought(shop.port, shop.ana, shop.plan)

    assert (old != new, old_link != new_link) == (True, True)
    assert shop.sandbox._account.links[old_link].active is False


@ON_SQLITE
@pytest.mark.gen_test
async def test_whoever_may_not_buy_makes_no_payment_and_asks_wompi_nothing(shop):
    retired = make_plan("VIEJO", is_active=False)
    yuliana, marta = agent(), supervisor()

    assert [(await buy(shop.port, who, shop.plan)).status for who in (yuliana, marta)] == [403, 403]
    assert [(await buy(shop.port, shop.ana, plan)).status for plan in (retired, 999_999)] == [404, 404]
    assert (await buy(shop.port, None, shop.plan)).status == 401
    wrong = ('{"planId": "1"}', '{"planId": 1.5}', '{"planId": true}', '{"planId": null}', "{}", "[]", '{"planId": -1}')
    for body in wrong:
        answer = await call(shop.port, "payments/create", shop.ana, body)
        assert (answer.status, answer.code) == (422, "invalid"), body
    assert (await call(shop.port, "payments/create", shop.ana, "planId=1")).status == 400

    assert shop.sandbox.requests[LINKS] == 0
    assert not Payment.select().exists()


@ON_SQLITE
@pytest.mark.gen_test
async def test_a_price_that_a_browser_sends_along_is_not_looked_at(shop):
    sent = {"planId": shop.plan.id, "price": 1000, "amount": 1000, "amount_in_cents": 100000}
    assert (await call(shop.port, "payments/create", shop.ana, sent)).status == 201
    link = next(iter(shop.sandbox._account.links.values()))
    assert (Payment.get().amount, link.amount_in_cents) == (PRICE, CENTS)


@ON_SQLITE
@pytest.mark.gen_test
async def test_without_keys_there_are_no_payments(server):
    answer = await buy(server.port, member(), make_plan())
    assert (answer.status, answer.code) == (503, "unavailable")
    assert not Payment.select().exists()


@ON_SQLITE
@pytest.mark.gen_test
async def test_what_wompi_refuses_is_unavailable_and_the_next_try_makes_the_link(shop):
    for refusal in (401, 403, 404, 422):
        who = member()
        shop.sandbox.behaviour = Behaviour(fail_status=refusal)
        answer = await buy(shop.port, who, shop.plan)
        assert (answer.status, answer.code) == (503, "unavailable"), refusal
        payment = Payment.get(Payment.user == who.id)
        assert (payment.status, payment.link_id, payment.link_claimed_at) == ("PENDING", None, None)

        shop.sandbox.behaviour = Behaviour()
        again, link = await bought(shop.port, who, shop.plan)
        assert (again, shop.sandbox._account.links[link].sku) == (payment.id, payment.id)
    assert Payment.select().count() == 4


@ON_SQLITE
@pytest.mark.gen_test
async def test_where_nobody_listens_no_link_was_made_and_the_next_try_makes_it(start, strange):
    await strange.stop()
    server = await start(**settings_over(strange))
    answer = await buy(server.port, member(), make_plan())
    assert (answer.status, answer.code) == (503, "unavailable")
    assert (Payment.get().status, Payment.get().link_claimed_at) == ("PENDING", None)


@pytest.mark.gen_test
async def test_when_wompi_does_not_say_the_payment_is_in_doubt_and_no_second_link_is_asked_for(shop, monkeypatch):
    monkeypatch.setattr(wompi, "REQUEST_S", 0.3)
    for count, behaviour in enumerate(
        ({"hang": True}, *({"fail_status": status} for status in (500, 503, 408, 429))), 1
    ):
        who = member()
        shop.sandbox.behaviour = Behaviour(**behaviour)
        answer = await buy(shop.port, who, shop.plan)
        assert (answer.status, answer.code) == (503, "payment_in_doubt"), behaviour
        payment = Payment.get(Payment.user == who.id)
        assert (payment.status, payment.link_id, payment.is_open) == ("UNKNOWN", None, True)

        shop.sandbox.behaviour = Behaviour()
        again = await buy(shop.port, who, shop.plan)
        assert (again.status, again.code) == (503, "payment_in_doubt")
        assert (shop.sandbox.requests[LINKS], Payment.select().count()) == (count, count)


@pytest.mark.gen_test
async def test_a_link_whose_answer_was_lost_is_found_by_the_event_of_its_payment(shop, monkeypatch):
    monkeypatch.setattr(wompi, "REQUEST_S", 0.3)
    for behaviour in ({"hang": True}, {"fail_status": 502}):
        who = member()
        shop.sandbox.behaviour = Behaviour(fail_after=True, **behaviour)
        assert (await buy(shop.port, who, shop.plan)).code == "payment_in_doubt"
        *_, link = shop.sandbox._account.links.values()
        payment = Payment.get(Payment.user == who.id)
        assert (link.sku, payment.link_id) == (payment.id, None)

        shop.sandbox.behaviour = Behaviour()
        await pay(shop.sandbox, link.id)
        await until(lambda: runs(payment.id), 5)  # noqa: B023
        assert standing(payment.id) == ("APPROVED", True, [])
        assert stored(payment.id).link_id == link.id
    assert kept_events() == [("DONE", "ACTIVATED", "APPROVED")] * 2


@pytest.mark.gen_test
async def test_a_link_whose_answer_was_lost_is_found_by_a_look_at_wompi_when_the_event_is_lost_too(shop):
    shop.sandbox.behaviour = Behaviour(fail_after=True, fail_status=502)
    await buy(shop.port, shop.ana, shop.plan)
    (link,) = shop.sandbox._account.links.values()
    payment_id = Payment.get().id
    shop.sandbox.behaviour = Behaviour(lose_events=True)
    await pay(shop.sandbox, link.id)

    done = await shop.cashier.reconcile(everything=True)

    assert (done["ACTIVATED"], shop.sandbox.requests[SEARCH]) == (1, 1)
    assert standing(payment_id) == ("APPROVED", True, [])


@pytest.mark.gen_test
async def test_a_link_whose_answer_was_lost_and_that_was_declined_can_be_paid_after_all(shop):
    shop.sandbox.behaviour = Behaviour(fail_after=True, fail_status=502)
    await buy(shop.port, shop.ana, shop.plan)
    (link,) = shop.sandbox._account.links.values()
    payment_id = Payment.get().id
    shop.sandbox.behaviour = Behaviour()
    await pay(shop.sandbox, link.id, "DECLINED")
    await until(lambda: stored(payment_id).status == "DECLINED", 5)

    assert await bought(shop.port, shop.ana, shop.plan) == (payment_id, link.id)


@pytest.mark.gen_test
async def test_a_payment_whose_process_died_before_the_answer_is_found_by_its_event_and_can_be_paid(shop, monkeypatch):
    monkeypatch.setattr(cashier, "PATIENCE_S", 0.4)
    payment_id, link_id = await bought(shop.port, shop.ana, shop.plan)
    died = {"link_id": None, "link_claimed_at": datetime.now(UTC), "check_at": None}
    Payment.update(died).where(Payment.id == payment_id).execute()
    answer = await buy(shop.port, shop.ana, shop.plan)
    assert (answer.status, answer.code) == (409, "payment_in_progress")

    await pay(shop.sandbox, link_id, "DECLINED")
    await until(lambda: stored(payment_id).status == "DECLINED", 5)
    assert await bought(shop.port, shop.ana, shop.plan) == (payment_id, link_id)


@pytest.mark.gen_test
async def test_a_payment_whose_process_died_before_the_answer_is_in_doubt_and_not_asked_for_again(shop):
    payment_id, _ = await bought(shop.port, shop.ana, shop.plan)
    died = {"link_id": None, "link_claimed_at": datetime.now(UTC) - timedelta(seconds=31), "check_at": None}
    Payment.update(died).where(Payment.id == payment_id).execute()

    await shop.cashier.reconcile()

    assert (await buy(shop.port, shop.ana, shop.plan)).code == "payment_in_doubt"
    assert shop.sandbox.requests[LINKS] == 1


@pytest.mark.gen_test
async def test_a_payment_in_doubt_is_over_when_its_link_would_be(shop):
    shop.sandbox.behaviour.fail_status = 500
    await buy(shop.port, shop.ana, shop.plan)
    payment_id = Payment.get().id
    shop.sandbox.behaviour = Behaviour()
    end_link(payment_id)

    await shop.cashier.reconcile(everything=True)
    assert stored(payment_id).status == "EXPIRED"
    new, _ = await bought(shop.port, shop.ana, shop.plan)
    assert new != payment_id


@pytest.mark.gen_test
async def test_a_declined_payment_is_paid_at_the_same_link(shop):
    payment_id, link_id = await bought(shop.port, shop.ana, shop.plan)
    await pay(shop.sandbox, link_id, "DECLINED")
    await until(lambda: stored(payment_id).status == "DECLINED")

    assert await bought(shop.port, shop.ana, shop.plan) == (payment_id, link_id)
    assert shop.sandbox.requests[LINKS] == 1


@pytest.mark.gen_test
async def test_while_a_bank_has_not_answered_nobody_pays_a_second_time(shop):
    payment_id, link_id = await bought(shop.port, shop.ana, shop.plan)
    waiting = await pay(shop.sandbox, link_id, "PENDING", method="PSE")
    await shop.cashier.reconcile(everything=True)

    answer = await buy(shop.port, shop.ana, shop.plan)
    assert (answer.status, answer.code) == (409, "payment_in_progress")

    await bank_says(shop.sandbox, waiting, "APPROVED")
    await until(lambda: runs(payment_id))


@pytest.mark.gen_test
async def test_a_paid_plan_can_be_renewed_and_the_time_is_added(shop):
    first, link = await bought(shop.port, shop.ana, shop.plan)
    await pay(shop.sandbox, link)
    await until(lambda: stretches(first))
    second, other_link = await bought(shop.port, shop.ana, shop.plan)
    await pay(shop.sandbox, other_link)
    await until(lambda: stretches(second))

    assert second != first
    ((one,), (two,)) = stretches(first), stretches(second)
    assert two.starts_at == one.ends_at
    assert two.ends_at - one.starts_at == timedelta(days=2 * DAYS)


@pytest.mark.gen_test
async def test_ones_own_payments_are_shown_and_nobody_elses(shop):
    payment_id, _ = await bought(shop.port, shop.ana, shop.plan)
    luis, marta = somebody_else(), supervisor()

    own = (await call(shop.port, f"payments/verify-details/{payment_id}", shop.ana)).data
    assert (own["id"], own["status"], own["amount"], own["currency"]) == (payment_id, "PENDING", PRICE, "COP")
    assert (await call(shop.port, f"payments/verify-details/{payment_id}", marta)).data == own
    assert (await call(shop.port, f"payments/verify-details/{payment_id}", luis)).status == 404
    assert (await call(shop.port, f"payments/verify-details/{payment_id}")).status == 401
    assert (await call(shop.port, "payments/history", shop.ana)).data == [own]
    assert (await call(shop.port, "payments/history", luis)).data == []


@ON_SQLITE
@pytest.mark.gen_test
async def test_the_private_key_is_never_logged_nor_shown_even_when_wompi_says_it_back(
    start, sandbox, printed, monkeypatch
):
    secret = "llave-privada-que-wompi-repite"
    server = await start(**settings_over(sandbox, wompi_private_key=f"prv_test_{secret}"))
    ana, plan = member(), make_plan()
    answers = [await buy(server.port, ana, plan)]
    assert (answers[0].status, answers[0].code) == (503, "unavailable")

    Payment.update(link_id="test_Ab3xYz").execute()
    make_due(Payment.get().id)
    paid = {"id": "1-1-1", "status": "APPROVED", "amount_in_cents": CENTS, "payment_link_id": "test_Ab3xYz"}
    answers.append(await send(server.port, event(paid)))
    with pytest.raises(Exception, match="disponible") as raised:
        await server.house.cashier.reconcile()
    monkeypatch.setattr(wompi, "REQUEST_S", 0.2)
    for behaviour in (Behaviour(hang=True), Behaviour(fail_status=500), Behaviour(fail_status=302)):
        sandbox.behaviour = behaviour
        answers += [await buy(server.port, member(), plan), await send(server.port, event({**paid, "id": "1-1-2"}))]
    answers += [
        await call(server.port, "payments/history", ana),
        await call(server.port, f"payments/verify-details/{Payment.get(Payment.user == ana.id).id}", ana),
    ]

    assert sandbox.requests[LINKS] == 4
    seen = [printed(), str(raised.value), *(answer.text + str(answer.headers) for answer in answers)]
    seen += [str(row) for row in Payment.select().dicts()]
    assert "link_refused" in seen[0]
    for value in (secret, KEYS.events_secret, KEYS.integrity_secret):
        assert not [text for text in seen if value in text]


@ON_SQLITE
@pytest.mark.gen_test
async def test_a_redirect_of_wompi_is_not_followed_and_leaves_the_payment_in_doubt(start, strange):
    strange.says(307, "", Location=f"http://127.0.0.1:{strange.port}/elsewhere")
    server = await start(**settings_over(strange))
    answer = await buy(server.port, member(), make_plan())

    assert (answer.status, answer.code) == (503, "payment_in_doubt")
    assert [path for _, path in strange.asked if "elsewhere" in path] == []
    assert strange.count("POST") == 1
    assert Payment.get().status == "UNKNOWN"
