"""Payments whose event never came: looked for at Wompi, completely or not at all, by the clock and by the operator."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.billing.checks import FOLLOWED
from beneficiate.errors import Unavailable
from beneficiate.models.payments import Payment, Subscription, Transaction
from beneficiate.sandbox.behaviour import Behaviour
from tests.flows.payments import (
    KEYS,
    LOOK,
    ON_SQLITE,
    SEARCH,
    activations,
    bank_says,
    bought,
    buy,
    end_link,
    event,
    kept_events,
    make_due,
    pay,
    reviews,
    runs,
    send,
    somebody_else,
    standing,
    stored,
)
from tests.people import connect
from tests.plugs import until
from tests.processes import ROOT, settings_of


@pytest.fixture
def opened(shop, io_loop):
    """A payment and its link, at a Wompi that sends no events."""
    shop.silence()
    return io_loop.run_sync(lambda: bought(shop.port, shop.ana, shop.plan))


@pytest.mark.gen_test
async def test_a_payment_whose_event_was_lost_is_found(shop, opened):
    payment_id, link_id = opened
    at_home = await connect(shop.port, shop.ana)
    paid = await pay(shop.sandbox, link_id)
    assert await shop.cashier.reconcile() == {}
    assert not runs(payment_id)

    assert await shop.cashier.reconcile(everything=True) == {"ACTIVATED": 1}
    assert (await at_home.hear("plan_activated"))["payment"]["id"] == payment_id
    assert (standing(payment_id), stored(payment_id).paid_by) == (("APPROVED", True, []), paid["id"])
    assert await shop.cashier.reconcile(everything=True) == {}
    assert (activations(payment_id), kept_events()) == (1, [])

    assert (await send(shop.port, event(paid))).status == 200
    assert (activations(payment_id), kept_events()) == (1, [("DONE", "RECORDED", "APPROVED")])


@pytest.mark.gen_test
async def test_the_clock_finds_a_payment_whose_event_was_lost(open_shop):
    shop = await open_shop(reconcile_s=0.3)
    shop.silence()
    payment_id, link_id = await bought(shop.port, shop.ana, shop.plan)
    await pay(shop.sandbox, link_id)
    await asyncio.sleep(0.7)
    assert (shop.sandbox.requests[SEARCH], runs(payment_id)) == (0, False)

    make_due(payment_id)
    await until(lambda: runs(payment_id), 5)
    await asyncio.sleep(0.7)
    assert (activations(payment_id), shop.sandbox.requests[SEARCH]) == (1, 1)


@pytest.mark.gen_test
async def test_a_purchase_is_looked_for_within_a_minute(shop, opened):
    payment_id, _ = opened
    due_in = stored(payment_id).check_at - datetime.now(UTC)
    assert timedelta(seconds=30) < due_in < timedelta(seconds=60)


@pytest.mark.gen_test
async def test_a_look_reads_every_page_and_asks_for_no_more(shop, opened):
    payment_id, link_id = opened
    foreign = shop.sandbox._account.make_link(
        {"name": "Otro", "description": "Otro", "single_use": False, "collect_shipping": False, "amount_in_cents": 1}
    )
    for _ in range(119):
        await pay(shop.sandbox, foreign.id, "DECLINED")
    await pay(shop.sandbox, link_id)

    assert (await shop.cashier.reconcile(everything=True))["ACTIVATED"] == 1
    assert shop.sandbox.requests[SEARCH] == 3
    assert shop.sandbox.requests[LOOK] == 0
    assert (runs(payment_id), Transaction.select().count()) == (True, 1)


@pytest.mark.gen_test
async def test_a_look_ends_with_the_first_page_that_is_not_full_and_an_empty_page_is_one(shop, opened):
    _, link_id = opened
    for count, pages in ((49, 1), (50, 2), (51, 2)):
        while len(shop.sandbox._account.transactions) < count:
            await pay(shop.sandbox, link_id, "DECLINED")
        before = shop.sandbox.requests[SEARCH]
        await shop.cashier.reconcile(everything=True)
        assert shop.sandbox.requests[SEARCH] - before == pages


@pytest.mark.gen_test
async def test_with_nothing_open_wompi_is_not_asked(shop):
    assert await shop.cashier.reconcile(everything=True) == {}
    assert not shop.sandbox.requests[SEARCH]


@pytest.mark.gen_test
async def test_a_look_that_was_not_complete_changes_nothing_and_is_made_again(shop, opened):
    payment_id, link_id = opened
    await pay(shop.sandbox, link_id)
    end_link(payment_id)
    for behaviour in ({"fail_status": 503}, {"fail_status": 401}, {"fail_status": 404}, {"fail_status": 302}):
        shop.sandbox.behaviour = Behaviour(**behaviour)
        with pytest.raises(Unavailable):
            await shop.cashier.reconcile(everything=True)
        found = stored(payment_id)
        assert (found.checked_at, found.status, found.check_at is not None) == (None, "PENDING", True)
    shop.sandbox.behaviour = Behaviour()
    assert (await shop.cashier.reconcile(everything=True))["ACTIVATED"] == 1


@pytest.mark.gen_test
async def test_a_payment_expires_only_after_a_look_at_the_time_after_its_link(shop, opened):
    payment_id, _ = opened
    assert (await shop.cashier.reconcile(everything=True))["EXPIRED"] == 0
    assert stored(payment_id).checked_at is not None
    end_link(payment_id, timedelta(seconds=-0.3))
    await asyncio.sleep(0.35)

    assert (await shop.cashier.reconcile())["EXPIRED"] == 0
    assert stored(payment_id).status == "PENDING"
    shop.sandbox.behaviour.fail_status = 500
    with pytest.raises(Unavailable):
        await shop.cashier.reconcile(everything=True)
    assert stored(payment_id).status == "PENDING"
    shop.sandbox.behaviour.fail_status = 0
    assert (await shop.cashier.reconcile(everything=True))["EXPIRED"] == 1
    assert (stored(payment_id).status, stored(payment_id).is_open) == ("EXPIRED", False)


@pytest.mark.gen_test
async def test_a_payment_does_not_expire_while_a_bank_has_to_answer(shop, opened):
    payment_id, link_id = opened
    waiting = await pay(shop.sandbox, link_id, "PENDING", method="PSE")
    end_link(payment_id)
    assert (await shop.cashier.reconcile(everything=True))["EXPIRED"] == 0
    assert stored(payment_id).status == "PENDING"
    await bank_says(shop.sandbox, waiting, "APPROVED")
    assert (await shop.cashier.reconcile(everything=True))["ACTIVATED"] == 1
    assert standing(payment_id) == ("APPROVED", True, [])


@pytest.mark.gen_test
async def test_an_expired_payment_is_still_looked_for_and_started_when_its_money_comes(shop, opened):
    payment_id, link_id = opened
    end_link(payment_id)
    assert (await shop.cashier.reconcile(everything=True))["EXPIRED"] == 1
    assert stored(payment_id).check_at is not None
    await pay(shop.sandbox, link_id)
    assert (await shop.cashier.reconcile(everything=True))["ACTIVATED"] == 1
    assert standing(payment_id) == ("APPROVED", True, [])


@pytest.mark.gen_test
async def test_a_void_and_a_double_charge_whose_events_were_lost_are_found(shop, opened):
    payment_id, link_id = opened
    first = await pay(shop.sandbox, link_id)
    await send(shop.port, event(first))
    second = await pay(shop.sandbox, link_id)
    assert await shop.cashier.reconcile(everything=True) == {"FLAGGED": 1}
    assert reviews(payment_id) == {("DOUBLE_CHARGE", second["id"]): True}
    await bank_says(shop.sandbox, second, "VOIDED")
    await shop.cashier.reconcile(everything=True)
    assert standing(payment_id) == ("APPROVED", True, [])
    await bank_says(shop.sandbox, first, "VOIDED")
    assert await shop.cashier.reconcile(everything=True) == {"REVOKED": 1}
    assert standing(payment_id) == ("VOIDED", False, ["VOIDED"])


@pytest.mark.gen_test
async def test_a_look_and_the_event_at_the_same_moment_start_the_plan_once(shop, opened):
    payment_id, link_id = opened
    paid = await pay(shop.sandbox, link_id)
    await asyncio.gather(
        *(shop.cashier.reconcile(everything=True) for _ in range(3)),
        *(send(shop.port, event(paid)) for _ in range(5)),
    )
    assert (standing(payment_id), activations(payment_id)) == (("APPROVED", True, []), 1)


@pytest.mark.gen_test
async def test_after_a_week_a_payment_is_not_looked_for_any_more_but_its_event_still_counts(shop, opened):
    payment_id, link_id = opened
    long_ago = datetime.now(UTC) - FOLLOWED - timedelta(hours=1)
    Payment.update(created_at=long_ago, link_expires_at=long_ago).where(Payment.id == payment_id).execute()
    await shop.cashier.reconcile(everything=True)
    assert (stored(payment_id).check_at, stored(payment_id).status) == (None, "EXPIRED")
    await send(shop.port, event(await pay(shop.sandbox, link_id)))
    assert standing(payment_id) == ("APPROVED", True, [])


@pytest.mark.gen_test
async def test_one_look_finds_the_payments_of_everybody(shop):
    shop.silence()
    opened = [await bought(shop.port, somebody_else(), shop.plan) for _ in range(12)]
    for number, (_, link_id) in enumerate(opened):
        await pay(shop.sandbox, link_id, "APPROVED" if number % 3 else "DECLINED")
    assert await shop.cashier.reconcile(everything=True) == {"ACTIVATED": 8, "RECORDED": 4}
    assert Subscription.select().count() == 8
    assert shop.sandbox.requests[SEARCH] == 1


@pytest.mark.gen_test
async def test_links_that_somebody_made_by_hand_are_asked_about_once(shop):
    shop.sandbox.behaviour = Behaviour(fail_after=True, fail_status=502)
    await buy(shop.port, shop.ana, shop.plan)
    shop.sandbox.behaviour = Behaviour(lose_events=True)
    by_hand = [
        shop.sandbox._account.make_link(
            {"name": "x", "description": "x", "single_use": True, "collect_shipping": False, "sku": sku}
        )
        for sku in (None, "una-silla", "6f1c0c5e-7d0e-4f57-9a4b-0c3f2f6f9a11")
    ]
    for link in by_hand:
        link.amount_in_cents = 100_000
        await pay(shop.sandbox, link.id)
    await bought(shop.port, somebody_else(), shop.plan)

    for _ in range(3):
        assert await shop.cashier.reconcile(everything=True) == {}
    assert shop.sandbox.requests["GET /v1/payment_links/{id}"] == 3
    assert not Transaction.select().exists()


# ---- The operator ---------------------------------------------------------------------------------


async def run(shop, *words, **environment):
    """A command of `run.py` on the shop's database and Wompi: its exit code, what it printed, and its log."""
    own = {
        "WOMPI_BASE_URL": shop.sandbox.api_url,
        "WOMPI_CHECKOUT_URL": shop.sandbox.url,
        "WOMPI_PUBLIC_KEY": KEYS.public_key,
        "WOMPI_PRIVATE_KEY": KEYS.private_key,
        "WOMPI_EVENTS_SECRET": KEYS.events_secret,
        **environment,
    }
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "run.py", *words],
        cwd=ROOT,
        env=settings_of(shop.server.settings.database_url, **own),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert KEYS.private_key not in done.stdout + done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
@ON_SQLITE
@pytest.mark.gen_test
async def test_an_operator_looks_and_is_told_what_was_done(shop, opened):
    payment_id, link_id = opened
    await pay(shop.sandbox, link_id)
    await pay(shop.sandbox, link_id)
    code, said, _ = await run(shop, "reconcile")
    assert (code, said) == (0, "1 ACTIVATED, 1 FLAGGED\n")
    assert standing(payment_id) == ("APPROVED", True, ["DOUBLE_CHARGE"])

    shop.sandbox.behaviour.fail_status = 503
    code, _, error = await run(shop, "reconcile")
    assert code == 1
    assert "Error: El servicio no está disponible" in error


@pytest.mark.slow
@ON_SQLITE
@pytest.mark.gen_test
async def test_an_operator_replays_events_and_is_told_what_was_done(shop, opened):
    payment_id, link_id = opened
    declined, paid = await pay(shop.sandbox, link_id, "DECLINED"), await pay(shop.sandbox, link_id)
    await send(shop.port, event(declined))
    shop.sandbox.behaviour.fail_status = 500
    await send(shop.port, event(paid))
    shop.sandbox.behaviour.fail_status = 0
    assert [row[0] for row in kept_events()] == ["DONE", "KEPT"]

    code, said, _ = await run(shop, "replay-events", "--failed")
    assert (code, said) == (0, "1 ACTIVATED\n")
    assert (standing(payment_id), activations(payment_id)) == (("APPROVED", True, []), 1)
    code, said, _ = await run(shop, "replay-events")
    assert (code, said, activations(payment_id)) == (0, "2 RECORDED\n", 1)


@pytest.mark.slow
@ON_SQLITE
@pytest.mark.gen_test
async def test_without_keys_an_operator_is_told_so(shop):
    code, _, error = await run(shop, "reconcile", WOMPI_PRIVATE_KEY="", WOMPI_PUBLIC_KEY="")
    assert (code, "keys are not configured" in error) == (1, True)
