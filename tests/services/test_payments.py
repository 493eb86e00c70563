"""The payment service: two processes at once, links that do not match, and events that cannot be processed."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import wompi_events
from beneficiate.actions.payments import Purchase
from beneficiate.domain.billing.signature import SignedEvent
from beneficiate.errors import PaymentInDoubt, Unavailable
from beneficiate.models.payments import Payment, PaymentReview, PaymentTransaction, Subscription, WompiEvent
from beneficiate.queries.wompi_events import PendingEvent
from beneficiate.sandbox.behaviour import Behaviour
from beneficiate.services.payments import MAX_FAILURES_IN_A_ROW, PaymentService
from beneficiate.store import Store
from tests.factories import member
from tests.flows.payment_steps import (
    CENTS,
    CLOSE_LINK,
    CREATE_LINK,
    ON_SQLITE,
    OWN_URL,
    SHOP_KEYS,
    activations,
    create_plan,
    create_transaction,
    is_plan_running,
    load_stored_payment,
    make_events_due,
    open_reviews,
    payment_state,
)


@pytest.fixture
def payment_service(db, io_loop, wompi_client):
    """Make payment services, each with a store of its own as in a process of its own: `payment_service(wompi)`."""
    stores = []

    def make(wompi, **changes):
        stores.append(Store(db, lambda events: None))
        return PaymentService(stores[-1], wompi_client(wompi, **changes), "test")

    yield make
    for store in stores:
        io_loop.run_sync(store.close)


@pytest.fixture
def plan(db):
    return create_plan()


def purchase(plan):
    return Purchase(plan.id, "test", timedelta(hours=1), OWN_URL)


async def keep(payment_service, transaction, status=None):
    """Store the event of a transaction; what is to be carried out."""
    signed = SignedEvent("transaction.updated", "x", transaction["id"], status or transaction["status"])
    kept = await payment_service._store.run(wompi_events.store_event, wompi_events.StoreEvent(signed, "{}"))
    return PendingEvent(kept.event_id, signed.transaction_id, signed.status)


@pytest.mark.gen_test
async def test_two_processes_that_open_the_same_payment_make_one_link(payment_service, sandbox, plan):
    ana = member()
    sandbox.behaviour.delay_s = 0.2
    both = [payment_service(sandbox), payment_service(sandbox)]
    opened = await asyncio.gather(*(one.create_checkout(purchase(plan), ana.actor) for one in both * 2))
    assert len(set(opened)) == 1
    assert (sandbox.requests[CREATE_LINK], Payment.select().count()) == (1, 1)


@pytest.mark.gen_test
async def test_two_processes_that_settle_the_same_transactions_start_each_plan_once(payment_service, sandbox, plan):
    both = [payment_service(sandbox), payment_service(sandbox)]
    opened = [await both[0].create_checkout(purchase(plan), member().actor) for _ in range(8)]
    made = [await create_transaction(sandbox, one.link_id) for one in opened for _ in range(2)]
    dues = [await keep(both[0], one) for one in made]
    await asyncio.gather(
        *(one.process_event(due) for one in both for due in dues), both[1].reconcile_with_wompi(everything=True)
    )

    assert [payment_state(one.payment_id) for one in opened] == [("APPROVED", True, ["DOUBLE_CHARGE"])] * 8
    assert Subscription.select().count() == PaymentReview.select().count() == 8
    assert PaymentTransaction.select().count() == 16
    assert {row.state for row in WompiEvent.select()} == {"DONE"}


@pytest.mark.gen_test
async def test_a_void_in_one_process_and_the_approval_in_another_end_the_same(payment_service, sandbox, plan):
    both = [payment_service(sandbox), payment_service(sandbox)]
    for _ in range(4):
        opened = await both[0].create_checkout(purchase(plan), member().actor)
        paid = await create_transaction(sandbox, opened.link_id)
        first = await keep(both[0], paid)
        await both[0].process_event(first)
        sandbox._account.transactions[paid["id"]].status = "VOIDED"
        second = await keep(both[1], paid, "VOIDED")
        await asyncio.gather(both[0].process_event(first), both[1].process_event(second))
        assert payment_state(opened.payment_id) == ("VOIDED", False, ["VOIDED"])
        assert activations(opened.payment_id) == 1


@ON_SQLITE
@pytest.mark.gen_test
async def test_a_link_that_is_not_what_was_asked_for_is_never_given_out_and_somebody_must_look_at_it(
    payment_service, misbehaving_wompi, plan
):
    one, ana = payment_service(misbehaving_wompi), member()
    misbehaving_wompi.answer_with(201, lambda asked: {"data": {**asked, "id": "test_Ab3xYz", "amount_in_cents": 100}})
    with pytest.raises(PaymentInDoubt):
        await one.create_checkout(purchase(plan), ana.actor)
    bad = Payment.get()
    assert (bad.status, bad.link_id, bad.is_open) == ("UNKNOWN", "test_Ab3xYz", False)
    assert open_reviews(bad.id) == {("LINK_MISMATCH", ""): True}

    misbehaving_wompi.answer_with(
        201, lambda asked: {"data": {**asked, "id": "test_Nuevo1", "merchant_public_key": SHOP_KEYS.public_key}}
    )
    opened = await one.create_checkout(purchase(plan), ana.actor)
    assert (opened.link_id, opened.payment_id != bad.id) == ("test_Nuevo1", True)
    assert load_stored_payment(bad.id).status == "UNKNOWN"


@ON_SQLITE
@pytest.mark.gen_test
async def test_a_link_that_is_not_what_was_asked_for_can_still_be_paid_and_the_amount_is_compared(
    payment_service, misbehaving_wompi, sandbox, plan
):
    ana = member()
    misbehaving_wompi.answer_with(201, lambda asked: {"data": {**asked, "id": "test_Ab3xYz", "amount_in_cents": 100}})
    with pytest.raises(PaymentInDoubt):
        await payment_service(misbehaving_wompi).create_checkout(purchase(plan), ana.actor)
    bad = Payment.get()
    one = payment_service(sandbox)
    made = sandbox._account.make_link(
        {"name": "x", "description": "x", "single_use": True, "collect_shipping": False, "amount_in_cents": 100}
    )
    Payment.update(link_id=made.id).execute()
    await one.process_event(await keep(one, await create_transaction(sandbox, made.id)))
    assert not is_plan_running(bad.id)
    assert sorted(kind for kind, _ in open_reviews(bad.id)) == ["LINK_MISMATCH", "WRONG_AMOUNT"]


@ON_SQLITE
@pytest.mark.gen_test
async def test_a_copy_of_an_event_that_is_being_read_is_not_read_once_more(payment_service, sandbox, plan):
    one = payment_service(sandbox)
    opened = await one.create_checkout(purchase(plan), member().actor)
    due = await keep(one, await create_transaction(sandbox, opened.link_id))
    sandbox.behaviour.delay_s = 0.1
    assert sorted(await asyncio.gather(*(one.process_event(due) for _ in range(9)))) == [""] * 8 + ["ACTIVATED"]
    assert await one.process_event(due) == "RECORDED"


@ON_SQLITE
@pytest.mark.gen_test
async def test_with_wompi_away_the_events_wait_and_each_time_a_little_longer(payment_service, sandbox, plan):
    one = payment_service(sandbox)
    opened = await one.create_checkout(purchase(plan), member().actor)
    await keep(one, await create_transaction(sandbox, opened.link_id))
    sandbox.behaviour.fail_status = 503
    waits = []
    for _ in range(3):
        make_events_due()
        with contextlib.suppress(Unavailable):
            await one.retry_events()
        waits.append((WompiEvent.get().next_try_at - datetime.now(UTC)).total_seconds())
    assert waits == sorted(waits)
    assert waits[0] < waits[1] < waits[2] <= 3600
    sandbox.behaviour = Behaviour(lose_events=True)
    make_events_due()
    assert await one.retry_events() == {"ACTIVATED": 1}


@ON_SQLITE
@pytest.mark.gen_test
async def test_one_event_that_cannot_be_read_does_not_keep_the_others_from_their_turn(payment_service, sandbox, plan):
    one = payment_service(sandbox)
    opened = [await one.create_checkout(purchase(plan), member().actor) for _ in range(3)]
    made = [await create_transaction(sandbox, each.link_id) for each in opened]
    for each in made:
        await keep(one, each)
    sandbox._account.transactions[made[0]["id"]].amount_in_cents = None
    make_events_due()
    WompiEvent.update(next_try_at=datetime.now(UTC) - timedelta(hours=1)).where(
        WompiEvent.transaction_id == made[0]["id"]
    ).execute()
    with contextlib.suppress(Unavailable):
        await one.retry_events()
    assert [is_plan_running(each.payment_id) for each in opened] == [False, True, True]


@ON_SQLITE
@pytest.mark.gen_test
async def test_many_events_that_cannot_be_read_do_not_keep_the_others_from_their_turn(payment_service, sandbox, plan):
    one = payment_service(sandbox)
    opened = [await one.create_checkout(purchase(plan), member().actor) for _ in range(MAX_FAILURES_IN_A_ROW + 1)]
    made = [await create_transaction(sandbox, each.link_id) for each in opened]
    for each in made:
        await keep(one, each)
    for each in made[:-1]:
        sandbox._account.transactions[each["id"]].amount_in_cents = None
    make_events_due()
    WompiEvent.update(next_try_at=datetime.now(UTC) - timedelta(hours=1)).where(
        WompiEvent.transaction_id != made[-1]["id"]
    ).execute()
    for _ in range(2):
        await one.retry_events()
    assert [is_plan_running(each.payment_id) for each in opened] == [False] * MAX_FAILURES_IN_A_ROW + [True]


@ON_SQLITE
@pytest.mark.gen_test
async def test_an_old_link_that_wompi_does_not_close_is_no_obstacle(payment_service, sandbox, plan):
    one, ana = payment_service(sandbox), member()
    old = await one.create_checkout(purchase(plan), ana.actor)
    plan.price += 1000
    plan.save()
    del sandbox._account.links[old.link_id]
    new = await one.create_checkout(purchase(plan), ana.actor)
    assert (new != old, sandbox.requests[CLOSE_LINK]) == (True, 1)
    assert sandbox._account.links[new.link_id].amount_in_cents == CENTS + 100_000


@ON_SQLITE
@pytest.mark.gen_test
async def test_the_events_of_another_environment_start_nothing(payment_service, sandbox, plan):
    one = payment_service(sandbox)
    opened = await one.create_checkout(purchase(plan), member().actor)
    Payment.update(environment="prod").execute()
    assert await one.process_event(await keep(one, await create_transaction(sandbox, opened.link_id))) == "UNKNOWN_LINK"
    assert not is_plan_running(opened.payment_id)


@ON_SQLITE
@pytest.mark.gen_test
async def test_an_event_whose_status_wompi_does_not_tell_yet_is_tried_again(payment_service, sandbox, plan):
    one = payment_service(sandbox)
    opened = await one.create_checkout(purchase(plan), member().actor)
    paid = await create_transaction(sandbox, opened.link_id)
    await one.process_event(await keep(one, paid))
    # A void is answered with APPROVED for a while: the event is ahead of what is read.
    await one.process_event(await keep(one, paid, "VOIDED"))
    sandbox._account.transactions[paid["id"]].status = "VOIDED"
    make_events_due()
    await one.retry_events()
    assert payment_state(opened.payment_id) == ("VOIDED", False, ["VOIDED"])


class LookUps:
    """What a payment service looks up at Wompi; `failing` links cannot be."""

    def __init__(self, payment_service, monkeypatch):
        self.failing, self.asked = set(), []
        self._find_sku = payment_service._wompi.find_sku
        monkeypatch.setattr(payment_service._wompi, "find_sku", self._find)

    async def _find(self, link_id):
        self.asked.append(link_id)
        if link_id in self.failing:
            raise Unavailable
        return await self._find_sku(link_id)


async def in_doubt(payment_service, sandbox, plan):
    """Open a payment whose link Wompi made without saying so; return its id and the id of the link."""
    ana = member()
    sandbox.behaviour.fail_status, sandbox.behaviour.fail_after = 502, True
    with pytest.raises(PaymentInDoubt):
        await payment_service.create_checkout(purchase(plan), ana.actor)
    sandbox.behaviour = Behaviour(lose_events=True)
    return Payment.get(Payment.user == ana.id).id, list(sandbox._account.links)[-1]


@pytest.fixture
def foreign_link(sandbox):
    """Make a link that is none of ours."""
    asked = {"name": "x", "description": "x", "single_use": True, "collect_shipping": False, "amount_in_cents": 100}
    return lambda: sandbox._account.make_link(asked).id


@ON_SQLITE
@pytest.mark.gen_test
async def test_a_link_that_cannot_be_looked_up_holds_up_no_payment(payment_service, sandbox, plan, monkeypatch):
    one = payment_service(sandbox)
    known = await one.create_checkout(purchase(plan), member().actor)
    doubtful = [await in_doubt(one, sandbox, plan) for _ in range(2)]
    for link_id in (known.link_id, *(link_id for _, link_id in doubtful)):
        await create_transaction(sandbox, link_id)
    look_ups = LookUps(one, monkeypatch)
    # In their order the one that fails comes first.
    (failing, failing_link), (found, _) = sorted(doubtful, key=lambda each: each[1])
    look_ups.failing = {failing_link}

    with pytest.raises(Unavailable):
        await one.reconcile_with_wompi(everything=True)
    assert [is_plan_running(id_) for id_ in (known.payment_id, found, failing)] == [True, True, False]
    checked = [load_stored_payment(id_).checked_at is not None for id_ in (known.payment_id, found, failing)]
    assert checked == [True, False, False]

    look_ups.failing.clear()
    assert await one.reconcile_with_wompi(everything=True) == {"ACTIVATED": 1}
    assert is_plan_running(failing)


@ON_SQLITE
@pytest.mark.gen_test
async def test_links_that_cannot_be_looked_up_take_turns_behind_the_others(
    payment_service, sandbox, plan, monkeypatch, foreign_link
):
    one = payment_service(sandbox)
    await in_doubt(one, sandbox, plan)
    links = sorted(foreign_link() for _ in range(5))
    for link_id in links:
        await create_transaction(sandbox, link_id)
    look_ups = LookUps(one, monkeypatch)
    look_ups.failing = set(links)
    asked = []
    for _ in range(3):
        with pytest.raises(Unavailable):
            await one.reconcile_with_wompi(everything=True)
        asked.append(look_ups.asked.copy())
        look_ups.asked.clear()
    assert asked == [links[:3], links[3:] + links[:1], links[1:4]]
    look_ups.failing.clear()
    await one.reconcile_with_wompi(everything=True)
    assert (sorted(look_ups.asked), one._failing_links) == (links, {})


@ON_SQLITE
@pytest.mark.gen_test
async def test_a_search_that_fails_stops_neither_the_other_one_nor_the_expiry(
    payment_service, sandbox, plan, monkeypatch
):
    one = payment_service(sandbox)
    recent, old = [await one.create_checkout(purchase(plan), member().actor) for _ in range(2)]
    over = await one.create_checkout(purchase(plan), member().actor)
    now = datetime.now(UTC)
    Payment.update(created_at=now - timedelta(days=3)).where(Payment.id == old.payment_id).execute()
    Payment.update(check_at=None, checked_at=now, link_expires_at=now - timedelta(hours=1)).where(
        Payment.id == over.payment_id
    ).execute()
    await create_transaction(sandbox, old.link_id)
    search = one._wompi.search_transactions

    async def fail_once(since, until):
        monkeypatch.setattr(one._wompi, "search_transactions", search)
        raise Unavailable

    monkeypatch.setattr(one._wompi, "search_transactions", fail_once)
    with pytest.raises(Unavailable):
        await one.reconcile_with_wompi(everything=True)
    assert is_plan_running(old.payment_id)
    assert load_stored_payment(recent.payment_id).checked_at is None
    assert load_stored_payment(over.payment_id).status == "EXPIRED"


@ON_SQLITE
@pytest.mark.gen_test
async def test_an_event_that_meets_a_bug_stops_no_other(payment_service, sandbox, plan, monkeypatch):
    one = payment_service(sandbox)
    opened = [await one.create_checkout(purchase(plan), member().actor) for _ in range(2)]
    made = [await create_transaction(sandbox, each.link_id) for each in opened]
    for each in made:
        await keep(one, each)
    make_events_due()
    get_transaction = one._wompi.get_transaction

    async def fail_for_one(transaction_id):
        if transaction_id == made[0]["id"]:
            raise ZeroDivisionError
        return await get_transaction(transaction_id)

    monkeypatch.setattr(one._wompi, "get_transaction", fail_for_one)
    assert await one.retry_events() == {"internal": 1, "ACTIVATED": 1}
    assert [is_plan_running(each.payment_id) for each in opened] == [False, True]


@ON_SQLITE
@pytest.mark.gen_test
async def test_one_of_several_possible_links_that_cannot_be_looked_up_does_not_hide_the_others(
    payment_service, sandbox, plan, monkeypatch
):
    one = payment_service(sandbox)
    payment_id, link_id = await in_doubt(one, sandbox, plan)
    paid = await create_transaction(sandbox, link_id)
    due = await keep(one, paid)
    read = await one._wompi.get_transaction(paid["id"])
    look_ups = LookUps(one, monkeypatch)
    look_ups.failing = {"test_Otro01"}
    monkeypatch.setattr(type(read), "possible_link_ids", ("test_Otro01", link_id))
    assert await one.process_event(due) == "ACTIVATED"
    assert is_plan_running(payment_id)
