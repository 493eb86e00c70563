"""From the purchase to the link: what Wompi is asked for, how often, and what happens when it does not say."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.clients import wompi
from beneficiate.models.payments import Payment, Plan, Subscription
from beneficiate.sandbox.behaviour import Behaviour
from beneficiate.services import payments
from tests.factories import member
from tests.flows.payment_steps import (
    CENTS,
    CLOSE_LINK,
    CREATE_LINK,
    DAYS,
    ON_SQLITE,
    OWN_URL,
    PRICE,
    SEARCH_TRANSACTIONS,
    SHOP_KEYS,
    change_status_at_wompi,
    create_payment,
    create_plan,
    create_transaction,
    expire_link,
    is_plan_running,
    load_stored_payment,
    make_check_due,
    open_payment_and_link,
    other_member,
    payment_state,
    plan_periods,
    post_event,
    settings_over,
    signed_event_body,
    stored_events,
)
from tests.http_client import call_api
from tests.ws_client import wait_until

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.mark.gen_test
async def test_a_new_payment_has_the_plans_price_and_wompi_is_asked_for_just_that(shop):
    answer = await create_payment(shop.port, shop.member, shop.plan)

    assert answer.status == 201
    payment = Payment.get()
    link = next(iter(shop.sandbox._account.links.values()))
    assert answer.data == {
        "transactionId": payment.id,
        "publicKey": SHOP_KEYS.public_key,
        "redirectUrl": f"{shop.sandbox.url}/l/{link.id}",
    }
    assert re.fullmatch(UUID, payment.id)
    snapshot = (payment.status, payment.amount, payment.currency, payment.duration_days, payment.environment)
    assert snapshot == ("PENDING", PRICE, "COP", DAYS, "test")
    assert (payment.user_id, payment.plan_id, payment.link_id) == (shop.member.id, shop.plan.id, link.id)
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
    first = await create_payment(shop.port, shop.member, shop.plan)
    again = [await create_payment(shop.port, shop.member, shop.plan) for _ in range(3)]

    assert [one.data for one in again] == [first.data] * 3
    assert shop.sandbox.requests[CREATE_LINK] == 1
    assert Payment.select().count() == 1


@pytest.mark.gen_test
async def test_several_tabs_at_once_make_one_link(shop):
    shop.sandbox.behaviour.delay_s = 0.2
    answers = await asyncio.gather(*(create_payment(shop.port, shop.member, shop.plan) for _ in range(4)))

    assert {one.status for one in answers} == {201}
    assert len({(one.data["transactionId"], one.data["redirectUrl"]) for one in answers}) == 1
    assert shop.sandbox.requests[CREATE_LINK] == 1


@ON_SQLITE
@pytest.mark.gen_test
async def test_two_members_and_two_plans_have_links_of_their_own(shop):
    luis, other = other_member(), create_plan("OTRO", 480_000)
    pairs = [(shop.member, shop.plan), (shop.member, other), (luis, shop.plan)]
    opened = [await open_payment_and_link(shop.port, who, plan) for who, plan in pairs]

    assert len({link for _, link in opened}) == len({payment for payment, _ in opened}) == 3
    amounts = [shop.sandbox._account.links[link].amount_in_cents for _, link in opened]
    assert amounts == [CENTS, 48_000_000, CENTS]


@pytest.mark.gen_test
async def test_a_price_that_changed_closes_the_old_link_and_makes_a_new_payment(shop):
    old, old_link = await open_payment_and_link(shop.port, shop.member, shop.plan)
    Plan.update(price=300_000).where(Plan.id == shop.plan.id).execute()
    new, new_link = await open_payment_and_link(shop.port, shop.member, shop.plan)

    links = shop.sandbox._account.links
    assert shop.sandbox.requests[CLOSE_LINK] == 1
    assert (links[old_link].active, links[new_link].active) == (False, True)
    assert (links[new_link].amount_in_cents, links[new_link].sku) == (30_000_000, new)
    assert (load_stored_payment(old).amount, load_stored_payment(old).is_open) == (PRICE, False)
    assert (load_stored_payment(new).amount, load_stored_payment(new).is_open) == (300_000, True)

    await create_transaction(shop.sandbox, old_link)
    await wait_until(lambda: is_plan_running(old))
    assert (payment_state(old), payment_state(new)) == (("APPROVED", True, []), ("PENDING", False, []))


@ON_SQLITE
@pytest.mark.gen_test
async def test_an_old_link_that_cannot_be_closed_keeps_nobody_from_paying_the_new_price(shop):
    old, _ = await open_payment_and_link(shop.port, shop.member, shop.plan)
    link = load_stored_payment(old).link_id
    del shop.sandbox._account.links[link]
    Plan.update(price=300_000).where(Plan.id == shop.plan.id).execute()

    assert (await create_payment(shop.port, shop.member, shop.plan)).status == 201
    assert shop.sandbox.requests[CLOSE_LINK] == 1


@ON_SQLITE
@pytest.mark.gen_test
async def test_a_link_that_is_about_to_end_is_not_given_out(shop):
    old, old_link = await open_payment_and_link(shop.port, shop.member, shop.plan)
    expire_link(old, timedelta(minutes=-4))
    new, new_link = await open_payment_and_link(shop.port, shop.member, shop.plan)

    assert (old != new, old_link != new_link) == (True, True)
    assert shop.sandbox._account.links[old_link].active is False


@ON_SQLITE
@pytest.mark.gen_test
async def test_without_keys_there_are_no_payments(server):
    answer = await create_payment(server.port, member(), create_plan())
    assert (answer.status, answer.code) == (503, "unavailable")
    assert not Payment.select().exists()


@ON_SQLITE
@pytest.mark.gen_test
async def test_what_wompi_refuses_is_unavailable_and_the_next_try_makes_the_link(shop):
    for refusal in (401, 403, 404, 422):
        who = member()
        shop.sandbox.behaviour = Behaviour(fail_status=refusal)
        answer = await create_payment(shop.port, who, shop.plan)
        assert (answer.status, answer.code) == (503, "unavailable"), refusal
        payment = Payment.get(Payment.user == who.id)
        assert (payment.status, payment.link_id, payment.link_claimed_at) == ("PENDING", None, None)

        shop.sandbox.behaviour = Behaviour()
        again, link = await open_payment_and_link(shop.port, who, shop.plan)
        assert (again, shop.sandbox._account.links[link].sku) == (payment.id, payment.id)
    assert Payment.select().count() == 4


@ON_SQLITE
@pytest.mark.gen_test
async def test_where_nobody_listens_no_link_was_made_and_the_next_try_makes_it(start, misbehaving_wompi):
    await misbehaving_wompi.stop()
    server = await start(**settings_over(misbehaving_wompi))
    answer = await create_payment(server.port, member(), create_plan())
    assert (answer.status, answer.code) == (503, "unavailable")
    assert (Payment.get().status, Payment.get().link_claimed_at) == ("PENDING", None)


@pytest.mark.gen_test
async def test_when_wompi_does_not_say_the_payment_is_in_doubt_and_no_second_link_is_asked_for(shop, monkeypatch):
    monkeypatch.setattr(wompi, "REQUEST_TIMEOUT_S", 0.3)
    for count, behaviour in enumerate(
        ({"hang": True}, *({"fail_status": status} for status in (500, 503, 408, 429))), 1
    ):
        who = member()
        shop.sandbox.behaviour = Behaviour(**behaviour)
        answer = await create_payment(shop.port, who, shop.plan)
        assert (answer.status, answer.code) == (503, "payment_in_doubt"), behaviour
        payment = Payment.get(Payment.user == who.id)
        assert (payment.status, payment.link_id, payment.is_open) == ("UNKNOWN", None, True)

        shop.sandbox.behaviour = Behaviour()
        again = await create_payment(shop.port, who, shop.plan)
        assert (again.status, again.code) == (503, "payment_in_doubt")
        assert (shop.sandbox.requests[CREATE_LINK], Payment.select().count()) == (count, count)


@pytest.mark.gen_test
async def test_a_link_whose_answer_was_lost_is_found_by_the_event_of_its_payment(shop, monkeypatch):
    monkeypatch.setattr(wompi, "REQUEST_TIMEOUT_S", 0.3)
    for behaviour in ({"hang": True}, {"fail_status": 502}):
        who = member()
        shop.sandbox.behaviour = Behaviour(fail_after=True, **behaviour)
        assert (await create_payment(shop.port, who, shop.plan)).code == "payment_in_doubt"
        *_, link = shop.sandbox._account.links.values()
        payment = Payment.get(Payment.user == who.id)
        assert (link.sku, payment.link_id) == (payment.id, None)

        shop.sandbox.behaviour = Behaviour()
        await create_transaction(shop.sandbox, link.id)
        await wait_until(lambda: is_plan_running(payment.id), 5)  # noqa: B023
        assert payment_state(payment.id) == ("APPROVED", True, [])
        assert load_stored_payment(payment.id).link_id == link.id
    assert stored_events() == [("DONE", "ACTIVATED", "APPROVED")] * 2


@pytest.mark.gen_test
async def test_a_link_whose_answer_was_lost_is_found_by_a_look_at_wompi_when_the_event_is_lost_too(shop):
    shop.sandbox.behaviour = Behaviour(fail_after=True, fail_status=502)
    await create_payment(shop.port, shop.member, shop.plan)
    (link,) = shop.sandbox._account.links.values()
    payment_id = Payment.get().id
    shop.sandbox.behaviour = Behaviour(lose_events=True)
    await create_transaction(shop.sandbox, link.id)

    done = await shop.payments.reconcile_with_wompi(everything=True)

    assert (done["ACTIVATED"], shop.sandbox.requests[SEARCH_TRANSACTIONS]) == (1, 1)
    assert payment_state(payment_id) == ("APPROVED", True, [])


@pytest.mark.gen_test
async def test_a_link_whose_answer_was_lost_and_that_was_declined_can_be_paid_after_all(shop):
    shop.sandbox.behaviour = Behaviour(fail_after=True, fail_status=502)
    await create_payment(shop.port, shop.member, shop.plan)
    (link,) = shop.sandbox._account.links.values()
    payment_id = Payment.get().id
    shop.sandbox.behaviour = Behaviour()
    await create_transaction(shop.sandbox, link.id, "DECLINED")
    await wait_until(lambda: load_stored_payment(payment_id).status == "DECLINED")

    assert await open_payment_and_link(shop.port, shop.member, shop.plan) == (payment_id, link.id)


@pytest.mark.gen_test
async def test_a_payment_whose_process_died_before_the_answer_is_found_by_its_event_and_can_be_paid(shop, monkeypatch):
    monkeypatch.setattr(payments, "WAIT_TIMEOUT_S", 0.4)
    payment_id, link_id = await open_payment_and_link(shop.port, shop.member, shop.plan)
    died = {"link_id": None, "link_claimed_at": datetime.now(UTC), "check_at": None}
    Payment.update(died).where(Payment.id == payment_id).execute()
    answer = await create_payment(shop.port, shop.member, shop.plan)
    assert (answer.status, answer.code) == (409, "payment_in_progress")

    await create_transaction(shop.sandbox, link_id, "DECLINED")
    await wait_until(lambda: load_stored_payment(payment_id).status == "DECLINED")
    assert await open_payment_and_link(shop.port, shop.member, shop.plan) == (payment_id, link_id)


@pytest.mark.gen_test
async def test_a_payment_whose_process_died_before_the_answer_is_in_doubt_and_not_asked_for_again(shop):
    payment_id, _ = await open_payment_and_link(shop.port, shop.member, shop.plan)
    died = {"link_id": None, "link_claimed_at": datetime.now(UTC) - timedelta(seconds=31), "check_at": None}
    Payment.update(died).where(Payment.id == payment_id).execute()

    await shop.payments.reconcile_with_wompi()

    assert (await create_payment(shop.port, shop.member, shop.plan)).code == "payment_in_doubt"
    assert shop.sandbox.requests[CREATE_LINK] == 1


@pytest.mark.gen_test
async def test_a_payment_in_doubt_is_over_when_its_link_would_be(shop):
    shop.sandbox.behaviour.fail_status = 500
    await create_payment(shop.port, shop.member, shop.plan)
    payment_id = Payment.get().id
    shop.sandbox.behaviour = Behaviour()
    expire_link(payment_id)

    await shop.payments.reconcile_with_wompi(everything=True)
    assert load_stored_payment(payment_id).status == "EXPIRED"
    new, _ = await open_payment_and_link(shop.port, shop.member, shop.plan)
    assert new != payment_id


@pytest.mark.gen_test
async def test_a_declined_payment_is_paid_at_the_same_link(shop):
    payment_id, link_id = await open_payment_and_link(shop.port, shop.member, shop.plan)
    await create_transaction(shop.sandbox, link_id, "DECLINED")
    await wait_until(lambda: load_stored_payment(payment_id).status == "DECLINED")

    assert await open_payment_and_link(shop.port, shop.member, shop.plan) == (payment_id, link_id)
    assert shop.sandbox.requests[CREATE_LINK] == 1


@pytest.mark.gen_test
async def test_while_a_bank_has_not_answered_nobody_pays_a_second_time(shop):
    payment_id, link_id = await open_payment_and_link(shop.port, shop.member, shop.plan)
    waiting = await create_transaction(shop.sandbox, link_id, "PENDING", method="PSE")
    await shop.payments.reconcile_with_wompi(everything=True)

    answer = await create_payment(shop.port, shop.member, shop.plan)
    assert (answer.status, answer.code) == (409, "payment_in_progress")

    await change_status_at_wompi(shop.sandbox, waiting, "APPROVED")
    await wait_until(lambda: is_plan_running(payment_id))


@pytest.mark.gen_test
async def test_a_paid_plan_can_be_renewed_and_the_time_is_added(shop):
    first, link = await open_payment_and_link(shop.port, shop.member, shop.plan)
    await create_transaction(shop.sandbox, link)
    await wait_until(lambda: plan_periods(first))
    second, other_link = await open_payment_and_link(shop.port, shop.member, shop.plan)
    await create_transaction(shop.sandbox, other_link)
    await wait_until(lambda: plan_periods(second))

    assert second != first
    ((one,), (two,)) = plan_periods(first), plan_periods(second)
    assert two.starts_at == one.ends_at
    assert two.ends_at - one.starts_at == timedelta(days=2 * DAYS)


@ON_SQLITE
@pytest.mark.gen_test
async def test_the_private_key_is_never_logged_nor_shown_even_when_wompi_says_it_back(
    start, sandbox, printed, monkeypatch
):
    secret = "llave-privada-que-wompi-repite"
    server = await start(**settings_over(sandbox, wompi_private_key=f"prv_test_{secret}"))
    ana, plan = member(), create_plan()
    answers = [await create_payment(server.port, ana, plan)]
    assert (answers[0].status, answers[0].code) == (503, "unavailable")

    Payment.update(link_id="test_Ab3xYz").execute()
    make_check_due(Payment.get().id)
    paid = {"id": "1-1-1", "status": "APPROVED", "amount_in_cents": CENTS, "payment_link_id": "test_Ab3xYz"}
    answers.append(await post_event(server.port, signed_event_body(paid)))
    with pytest.raises(Exception, match="disponible") as raised:
        await server.context.payments.reconcile_with_wompi()
    monkeypatch.setattr(wompi, "REQUEST_TIMEOUT_S", 0.2)
    for behaviour in (Behaviour(hang=True), Behaviour(fail_status=500), Behaviour(fail_status=302)):
        sandbox.behaviour = behaviour
        answers += [
            await create_payment(server.port, member(), plan),
            await post_event(server.port, signed_event_body({**paid, "id": "1-1-2"})),
        ]
    answers += [
        await call_api(server.port, "payments/history", ana),
        await call_api(server.port, f"payments/verify-details/{Payment.get(Payment.user == ana.id).id}", ana),
    ]

    # The one that hangs may be given up before it arrives.
    assert sandbox.requests[CREATE_LINK] >= 3
    seen = [printed(), str(raised.value), *(answer.text + str(answer.headers) for answer in answers)]
    seen += [str(row) for row in Payment.select().dicts()]
    assert "link_refused" in seen[0]
    for value in (secret, SHOP_KEYS.events_secret, SHOP_KEYS.integrity_secret):
        assert not [text for text in seen if value in text]


@ON_SQLITE
@pytest.mark.gen_test
async def test_a_redirect_of_wompi_is_not_followed_and_leaves_the_payment_in_doubt(start, misbehaving_wompi):
    misbehaving_wompi.answer_with(307, "", Location=f"http://127.0.0.1:{misbehaving_wompi.port}/elsewhere")
    server = await start(**settings_over(misbehaving_wompi))
    answer = await create_payment(server.port, member(), create_plan())

    assert (answer.status, answer.code) == (503, "payment_in_doubt")
    assert [path for _, path in misbehaving_wompi.requests if "elsewhere" in path] == []
    assert misbehaving_wompi.count_requests("POST") == 1
    assert Payment.get().status == "UNKNOWN"
