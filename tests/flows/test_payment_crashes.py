"""A process that is killed in the middle of a payment, at Wompi's side and at ours: nothing is lost or given twice."""

from datetime import UTC, datetime, timedelta

import pytest
from tornado.httpclient import HTTPError

from beneficiate.app import WEBHOOK_PATH
from beneficiate.models.payments import Payment, WompiEvent
from beneficiate.sandbox.behaviour import Behaviour
from tests.factories import member
from tests.flows.payment_steps import (
    CREATE_LINK,
    GET_TRANSACTION,
    ON_SQLITE,
    OWN_URL,
    SHOP_KEYS,
    activations,
    create_payment,
    create_plan,
    create_transaction,
    is_plan_running,
    load_stored_payment,
    make_events_due,
    open_payment_and_link,
    payment_state,
    stored_events,
)
from tests.ws_client import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def process(new_process, sandbox):
    """A process of its own that takes payments at the sandbox of this one."""
    made = new_process(
        WOMPI_BASE_URL=sandbox.api_url,
        WOMPI_CHECKOUT_URL=sandbox.url,
        WOMPI_PUBLIC_KEY=SHOP_KEYS.public_key,
        WOMPI_PRIVATE_KEY=SHOP_KEYS.private_key,
        WOMPI_EVENTS_SECRET=SHOP_KEYS.events_secret,
        BENEFICIATE_PUBLIC_URL=OWN_URL,
        BENEFICIATE_RECONCILE_S=0.5,
    )
    sandbox.events_url = f"http://127.0.0.1:{made.port}{WEBHOOK_PATH}"
    return made


@pytest.mark.gen_test(timeout=60)
async def test_an_event_that_was_kept_by_a_killed_process_is_carried_out_by_the_next_one(process, sandbox):
    ana, plan = member(), create_plan()
    await process.start()
    payment_id, link_id = await open_payment_and_link(process.port, ana, plan)

    sandbox.behaviour = Behaviour(hang=True)
    await create_transaction(sandbox, link_id)
    await wait_until(lambda: WompiEvent.select().exists() and sandbox.requests[GET_TRANSACTION])
    process.kill()
    assert (stored_events(), payment_state(payment_id)) == ([("KEPT", "", "APPROVED")], ("PENDING", False, []))
    await wait_until(lambda: len(sandbox.events[0].statuses) == 4)
    assert set(sandbox.events[0].statuses) == {599}

    sandbox.behaviour = Behaviour()
    # Ten seconds after it came its turn would come by itself.
    make_events_due()
    await process.start()
    await wait_until(lambda: is_plan_running(payment_id), 25)
    assert (payment_state(payment_id), activations(payment_id)) == (("APPROVED", True, []), 1)
    assert stored_events() == [("DONE", "ACTIVATED", "APPROVED")]
    assert SHOP_KEYS.private_key not in process.output


@ON_SQLITE
@pytest.mark.gen_test(timeout=60)
async def test_a_process_that_is_killed_while_wompi_makes_a_link_leaves_no_second_one(process, sandbox, io_loop):
    ana, plan = member(), create_plan()
    await process.start()
    sandbox.behaviour = Behaviour(hang=True, fail_after=True)
    lost = create_payment(process.port, ana, plan)
    task = io_loop.asyncio_loop.create_task(lost)
    await wait_until(lambda: sandbox._account.links)
    process.kill()
    with pytest.raises(HTTPError):
        await task
    (link,) = sandbox._account.links.values()
    payment = Payment.get()
    assert (payment.status, payment.link_id, link.sku) == ("PENDING", None, payment.id)

    sandbox.behaviour = Behaviour()
    long_ago = datetime.now(UTC) - timedelta(seconds=31)
    Payment.update(link_claimed_at=long_ago).execute()
    await process.start()
    await wait_until(lambda: load_stored_payment(payment.id).status == "UNKNOWN", 10)
    assert (await create_payment(process.port, ana, plan)).code == "payment_in_doubt"
    assert sandbox.requests[CREATE_LINK] == 1

    await create_transaction(sandbox, link.id)
    await wait_until(lambda: is_plan_running(payment.id), 10)
    assert (payment_state(payment.id), load_stored_payment(payment.id).link_id) == (("APPROVED", True, []), link.id)
