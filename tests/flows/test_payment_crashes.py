"""A process that is killed in the middle of a payment, at Wompi's side and at ours: nothing is lost or given twice."""

from datetime import UTC, datetime, timedelta

import pytest
from tornado.httpclient import HTTPError

from beneficiate.app import WEBHOOK
from beneficiate.models.payments import Payment, WompiEvent
from beneficiate.sandbox.behaviour import Behaviour
from tests.flows.payments import (
    KEYS,
    LINKS,
    LOOK,
    ON_SQLITE,
    OWN_URL,
    activations,
    bought,
    buy,
    kept_events,
    make_events_due,
    make_plan,
    pay,
    runs,
    standing,
    stored,
)
from tests.people import member
from tests.plugs import until

pytestmark = pytest.mark.slow


@pytest.fixture
def process(new_process, sandbox):
    """A process of its own that takes payments at the sandbox of this one."""
    made = new_process(
        WOMPI_BASE_URL=sandbox.api_url,
        WOMPI_CHECKOUT_URL=sandbox.url,
        WOMPI_PUBLIC_KEY=KEYS.public_key,
        WOMPI_PRIVATE_KEY=KEYS.private_key,
        WOMPI_EVENTS_SECRET=KEYS.events_secret,
        BENEFICIATE_PUBLIC_URL=OWN_URL,
        BENEFICIATE_RECONCILE_S=0.5,
    )
    sandbox.events_url = f"http://127.0.0.1:{made.port}{WEBHOOK}"
    return made


@pytest.mark.gen_test(timeout=60)
async def test_an_event_that_was_kept_by_a_killed_process_is_carried_out_by_the_next_one(process, sandbox):
    ana, plan = member(), make_plan()
    await process.start()
    payment_id, link_id = await bought(process.port, ana, plan)

    sandbox.behaviour = Behaviour(hang=True)
    await pay(sandbox, link_id)
    await until(lambda: WompiEvent.select().exists() and sandbox.requests[LOOK])
    process.kill()
    assert (kept_events(), standing(payment_id)) == ([("KEPT", "", "APPROVED")], ("PENDING", False, []))
    await until(lambda: len(sandbox.events[0].statuses) == 4)
    assert set(sandbox.events[0].statuses) == {599}

    sandbox.behaviour = Behaviour()
    # Ten seconds after it came its turn would come by itself.
    make_events_due()
    await process.start()
    await until(lambda: runs(payment_id), 25)
    assert (standing(payment_id), activations(payment_id)) == (("APPROVED", True, []), 1)
    assert kept_events() == [("DONE", "ACTIVATED", "APPROVED")]
    assert KEYS.private_key not in process.printed


@ON_SQLITE
@pytest.mark.gen_test(timeout=60)
async def test_a_process_that_is_killed_while_wompi_makes_a_link_leaves_no_second_one(process, sandbox, io_loop):
    ana, plan = member(), make_plan()
    await process.start()
    sandbox.behaviour = Behaviour(hang=True, fail_after=True)
    lost = buy(process.port, ana, plan)
    task = io_loop.asyncio_loop.create_task(lost)
    await until(lambda: sandbox._account.links)
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
    await until(lambda: stored(payment.id).status == "UNKNOWN", 10)
    assert (await buy(process.port, ana, plan)).code == "payment_in_doubt"
    assert sandbox.requests[LINKS] == 1

    await pay(sandbox, link.id)
    await until(lambda: runs(payment.id), 10)
    assert (standing(payment.id), stored(payment.id).link_id) == (("APPROVED", True, []), link.id)
