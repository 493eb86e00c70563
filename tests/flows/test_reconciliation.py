"""Payments whose event never came: looked for at Wompi, completely or not at all, by the clock and by the operator."""

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from beneficiate.domain.billing.payment_checks import CHECKED_PERIOD
from beneficiate.errors import Unavailable
from beneficiate.models.payments import Payment, PaymentTransaction, Subscription
from beneficiate.sandbox.behaviour import Behaviour
from tests.factories import connect_socket
from tests.flows.payment_steps import (
    GET_TRANSACTION,
    ON_SQLITE,
    SEARCH_TRANSACTIONS,
    SHOP_KEYS,
    activations,
    change_status_at_wompi,
    create_payment,
    create_transaction,
    expire_link,
    is_plan_running,
    load_stored_payment,
    make_check_due,
    open_payment_and_link,
    open_reviews,
    other_member,
    payment_state,
    post_event,
    signed_event_body,
    stored_events,
)
from tests.server_process import process_environment, start_command
from tests.ws_client import wait_until


@pytest.fixture
def opened(shop, io_loop):
    """A payment and its link, at a Wompi that sends no events."""
    shop.lose_events()
    return io_loop.run_sync(lambda: open_payment_and_link(shop.port, shop.member, shop.plan))


@pytest.mark.gen_test
async def test_a_payment_whose_event_was_lost_is_found(shop, opened):
    payment_id, link_id = opened
    at_home = await connect_socket(shop.port, shop.member)
    paid = await create_transaction(shop.sandbox, link_id)
    assert await shop.payments.reconcile_with_wompi() == {}
    assert not is_plan_running(payment_id)

    assert await shop.payments.reconcile_with_wompi(everything=True) == {"ACTIVATED": 1}
    assert (await at_home.receive("plan_activated"))["payment"]["id"] == payment_id
    assert (payment_state(payment_id), load_stored_payment(payment_id).paid_by) == (("APPROVED", True, []), paid["id"])
    assert await shop.payments.reconcile_with_wompi(everything=True) == {}
    assert (activations(payment_id), stored_events()) == (1, [])

    assert (await post_event(shop.port, signed_event_body(paid))).status == 200
    assert (activations(payment_id), stored_events()) == (1, [("DONE", "RECORDED", "APPROVED")])


def count_checks(shop):
    """Return a list that grows by the result of each look at Wompi that is over."""
    look, results = shop.payments.reconcile_with_wompi, []

    async def look_and_count(**options):
        results.append(await look(**options))
        return results[-1]

    shop.payments.reconcile_with_wompi = look_and_count
    return results


@pytest.mark.gen_test
async def test_the_job_finds_a_payment_whose_event_was_lost(open_shop):
    shop = await open_shop(reconcile_s=0.05)
    shop.lose_events()
    looks = count_checks(shop)
    payment_id, link_id = await open_payment_and_link(shop.port, shop.member, shop.plan)
    await create_transaction(shop.sandbox, link_id)
    await wait_until(lambda: len(looks) >= 2)
    assert (shop.sandbox.requests[SEARCH_TRANSACTIONS], is_plan_running(payment_id)) == (0, False)

    make_check_due(payment_id)
    await wait_until(lambda: is_plan_running(payment_id), 5)
    before = len(looks)
    await wait_until(lambda: len(looks) >= before + 2)
    assert (activations(payment_id), shop.sandbox.requests[SEARCH_TRANSACTIONS]) == (1, 1)


@pytest.mark.gen_test
async def test_a_purchase_is_looked_for_within_a_minute(shop, opened):
    payment_id, _ = opened
    due_in = load_stored_payment(payment_id).check_at - datetime.now(UTC)
    assert timedelta(seconds=30) < due_in < timedelta(seconds=60)


@pytest.mark.gen_test
async def test_a_look_reads_every_page_and_asks_for_no_more(shop, opened):
    payment_id, link_id = opened
    foreign = shop.sandbox._account.make_link(
        {"name": "Otro", "description": "Otro", "single_use": False, "collect_shipping": False, "amount_in_cents": 1}
    )
    for _ in range(119):
        await create_transaction(shop.sandbox, foreign.id, "DECLINED")
    await create_transaction(shop.sandbox, link_id)

    assert (await shop.payments.reconcile_with_wompi(everything=True))["ACTIVATED"] == 1
    assert shop.sandbox.requests[SEARCH_TRANSACTIONS] == 3
    assert shop.sandbox.requests[GET_TRANSACTION] == 0
    assert (is_plan_running(payment_id), PaymentTransaction.select().count()) == (True, 1)


@pytest.mark.gen_test
async def test_a_look_ends_with_the_first_page_that_is_not_full_and_an_empty_page_is_one(shop, opened):
    _, link_id = opened
    for count, pages in ((49, 1), (50, 2), (51, 2)):
        while len(shop.sandbox._account.transactions) < count:
            await create_transaction(shop.sandbox, link_id, "DECLINED")
        before = shop.sandbox.requests[SEARCH_TRANSACTIONS]
        await shop.payments.reconcile_with_wompi(everything=True)
        assert shop.sandbox.requests[SEARCH_TRANSACTIONS] - before == pages


@pytest.mark.gen_test
async def test_with_nothing_open_wompi_is_not_asked(shop):
    assert await shop.payments.reconcile_with_wompi(everything=True) == {}
    assert not shop.sandbox.requests[SEARCH_TRANSACTIONS]


@pytest.mark.gen_test
async def test_a_look_that_was_not_complete_changes_nothing_and_is_made_again(shop, opened):
    payment_id, link_id = opened
    await create_transaction(shop.sandbox, link_id)
    expire_link(payment_id)
    for behaviour in ({"fail_status": 503}, {"fail_status": 401}, {"fail_status": 404}, {"fail_status": 302}):
        shop.sandbox.behaviour = Behaviour(**behaviour)
        with pytest.raises(Unavailable):
            await shop.payments.reconcile_with_wompi(everything=True)
        found = load_stored_payment(payment_id)
        assert (found.checked_at, found.status, found.check_at is not None) == (None, "PENDING", True)
    shop.sandbox.behaviour = Behaviour()
    assert (await shop.payments.reconcile_with_wompi(everything=True))["ACTIVATED"] == 1


@pytest.mark.gen_test
async def test_a_payment_expires_only_after_a_look_at_the_time_after_its_link(shop, opened):
    payment_id, _ = opened
    assert (await shop.payments.reconcile_with_wompi(everything=True))["EXPIRED"] == 0
    assert load_stored_payment(payment_id).checked_at is not None
    just_after = load_stored_payment(payment_id).checked_at + timedelta(microseconds=1)
    Payment.update(link_expires_at=just_after).where(Payment.id == payment_id).execute()

    assert (await shop.payments.reconcile_with_wompi())["EXPIRED"] == 0
    assert load_stored_payment(payment_id).status == "PENDING"
    shop.sandbox.behaviour.fail_status = 500
    with pytest.raises(Unavailable):
        await shop.payments.reconcile_with_wompi(everything=True)
    assert load_stored_payment(payment_id).status == "PENDING"
    shop.sandbox.behaviour.fail_status = 0
    assert (await shop.payments.reconcile_with_wompi(everything=True))["EXPIRED"] == 1
    assert (load_stored_payment(payment_id).status, load_stored_payment(payment_id).is_open) == ("EXPIRED", False)


@pytest.mark.gen_test
async def test_a_payment_does_not_expire_while_a_bank_has_to_answer(shop, opened):
    payment_id, link_id = opened
    waiting = await create_transaction(shop.sandbox, link_id, "PENDING", method="PSE")
    expire_link(payment_id)
    assert (await shop.payments.reconcile_with_wompi(everything=True))["EXPIRED"] == 0
    assert load_stored_payment(payment_id).status == "PENDING"
    await change_status_at_wompi(shop.sandbox, waiting, "APPROVED")
    assert (await shop.payments.reconcile_with_wompi(everything=True))["ACTIVATED"] == 1
    assert payment_state(payment_id) == ("APPROVED", True, [])


@pytest.mark.gen_test
async def test_an_expired_payment_is_still_looked_for_and_started_when_its_money_comes(shop, opened):
    payment_id, link_id = opened
    expire_link(payment_id)
    assert (await shop.payments.reconcile_with_wompi(everything=True))["EXPIRED"] == 1
    assert load_stored_payment(payment_id).check_at is not None
    await create_transaction(shop.sandbox, link_id)
    assert (await shop.payments.reconcile_with_wompi(everything=True))["ACTIVATED"] == 1
    assert payment_state(payment_id) == ("APPROVED", True, [])


@pytest.mark.gen_test
async def test_a_void_and_a_double_charge_whose_events_were_lost_are_found(shop, opened):
    payment_id, link_id = opened
    first = await create_transaction(shop.sandbox, link_id)
    await post_event(shop.port, signed_event_body(first))
    second = await create_transaction(shop.sandbox, link_id)
    assert await shop.payments.reconcile_with_wompi(everything=True) == {"FLAGGED": 1}
    assert open_reviews(payment_id) == {("DOUBLE_CHARGE", second["id"]): True}
    await change_status_at_wompi(shop.sandbox, second, "VOIDED")
    await shop.payments.reconcile_with_wompi(everything=True)
    assert payment_state(payment_id) == ("APPROVED", True, [])
    await change_status_at_wompi(shop.sandbox, first, "VOIDED")
    assert await shop.payments.reconcile_with_wompi(everything=True) == {"REVOKED": 1}
    assert payment_state(payment_id) == ("VOIDED", False, ["VOIDED"])


@pytest.mark.gen_test
async def test_a_look_and_the_event_at_the_same_moment_start_the_plan_once(shop, opened):
    payment_id, link_id = opened
    paid = await create_transaction(shop.sandbox, link_id)
    await asyncio.gather(
        *(shop.payments.reconcile_with_wompi(everything=True) for _ in range(3)),
        *(post_event(shop.port, signed_event_body(paid)) for _ in range(5)),
    )
    assert (payment_state(payment_id), activations(payment_id)) == (("APPROVED", True, []), 1)


@pytest.mark.gen_test
async def test_after_a_week_a_payment_is_not_looked_for_any_more_but_its_event_still_counts(shop, opened):
    payment_id, link_id = opened
    long_ago = datetime.now(UTC) - CHECKED_PERIOD - timedelta(hours=1)
    Payment.update(created_at=long_ago, link_expires_at=long_ago).where(Payment.id == payment_id).execute()
    await shop.payments.reconcile_with_wompi(everything=True)
    assert (load_stored_payment(payment_id).check_at, load_stored_payment(payment_id).status) == (None, "EXPIRED")
    await post_event(shop.port, signed_event_body(await create_transaction(shop.sandbox, link_id)))
    assert payment_state(payment_id) == ("APPROVED", True, [])


@pytest.mark.gen_test
async def test_one_look_finds_the_payments_of_everybody(shop):
    shop.lose_events()
    opened = [await open_payment_and_link(shop.port, other_member(), shop.plan) for _ in range(12)]
    for number, (_, link_id) in enumerate(opened):
        await create_transaction(shop.sandbox, link_id, "APPROVED" if number % 3 else "DECLINED")
    assert await shop.payments.reconcile_with_wompi(everything=True) == {"ACTIVATED": 8, "RECORDED": 4}
    assert Subscription.select().count() == 8
    assert shop.sandbox.requests[SEARCH_TRANSACTIONS] == 1


@pytest.mark.gen_test
async def test_links_that_somebody_made_by_hand_are_asked_about_once(shop):
    shop.sandbox.behaviour = Behaviour(fail_after=True, fail_status=502)
    await create_payment(shop.port, shop.member, shop.plan)
    shop.sandbox.behaviour = Behaviour(lose_events=True)
    by_hand = [
        shop.sandbox._account.make_link(
            {"name": "x", "description": "x", "single_use": True, "collect_shipping": False, "sku": sku}
        )
        for sku in (None, "una-silla", "6f1c0c5e-7d0e-4f57-9a4b-0c3f2f6f9a11")
    ]
    for link in by_hand:
        link.amount_in_cents = 100_000
        await create_transaction(shop.sandbox, link.id)
    await open_payment_and_link(shop.port, other_member(), shop.plan)

    for _ in range(3):
        assert await shop.payments.reconcile_with_wompi(everything=True) == {}
    assert shop.sandbox.requests["GET /v1/payment_links/{id}"] == 3
    assert not PaymentTransaction.select().exists()


# ---- The operator ---------------------------------------------------------------------------------


async def run(shop, *words, **environment):
    """A command of `run.py` on the shop's database and Wompi: its exit code, what it printed, and its log."""
    own = {
        "WOMPI_BASE_URL": shop.sandbox.api_url,
        "WOMPI_CHECKOUT_URL": shop.sandbox.url,
        "WOMPI_PUBLIC_KEY": SHOP_KEYS.public_key,
        "WOMPI_PRIVATE_KEY": SHOP_KEYS.private_key,
        "WOMPI_EVENTS_SECRET": SHOP_KEYS.events_secret,
        **environment,
    }
    environment = process_environment(shop.server.settings.database_url, **own)
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder, "output"), Path(folder, "errors")
        code = await asyncio.to_thread(start_command(list(words), environment, *paths).wait)
        output, errors = [path.read_text(encoding="utf-8") for path in paths]
    assert SHOP_KEYS.private_key not in output + errors
    return code, output, errors


@pytest.mark.slow
@ON_SQLITE
@pytest.mark.gen_test
async def test_an_operator_looks_and_is_told_what_was_done(shop, opened):
    payment_id, link_id = opened
    await create_transaction(shop.sandbox, link_id)
    await create_transaction(shop.sandbox, link_id)
    code, said, _ = await run(shop, "reconcile")
    assert (code, said) == (0, "1 ACTIVATED, 1 FLAGGED\n")
    assert payment_state(payment_id) == ("APPROVED", True, ["DOUBLE_CHARGE"])

    shop.sandbox.behaviour.fail_status = 503
    code, _, error = await run(shop, "reconcile")
    assert code == 1
    assert "Error: El servicio no está disponible" in error


@pytest.mark.slow
@ON_SQLITE
@pytest.mark.gen_test
async def test_an_operator_replays_events_and_is_told_what_was_done(shop, opened):
    payment_id, link_id = opened
    declined, paid = (
        await create_transaction(shop.sandbox, link_id, "DECLINED"),
        await create_transaction(shop.sandbox, link_id),
    )
    await post_event(shop.port, signed_event_body(declined))
    shop.sandbox.behaviour.fail_status = 500
    await post_event(shop.port, signed_event_body(paid))
    shop.sandbox.behaviour.fail_status = 0
    assert [row[0] for row in stored_events()] == ["DONE", "KEPT"]

    code, said, _ = await run(shop, "replay-events", "--failed")
    assert (code, said) == (0, "1 ACTIVATED\n")
    assert (payment_state(payment_id), activations(payment_id)) == (("APPROVED", True, []), 1)
    code, said, _ = await run(shop, "replay-events")
    assert (code, said, activations(payment_id)) == (0, "2 RECORDED\n", 1)


@pytest.mark.slow
@ON_SQLITE
@pytest.mark.gen_test
async def test_without_keys_an_operator_is_told_so(shop):
    code, _, error = await run(shop, "reconcile", WOMPI_PRIVATE_KEY="", WOMPI_PUBLIC_KEY="")
    assert (code, "keys are not configured" in error) == (1, True)
