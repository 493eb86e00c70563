"""The members' pages about money, with a Wompi beside them."""

import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from beneficiate.actions import sign_ins
from beneficiate.actions.payments import MarkLinkUnknown, mark_link_unknown
from beneficiate.actions.settlements import ActivatePlanManually, activate_plan_manually
from beneficiate.app import Server
from beneficiate.domain.billing.outcome import APPROVED, DECLINED, EXPIRED, PENDING, UNKNOWN, VOIDED
from beneficiate.handlers.signed_in import SESSION_COOKIE
from beneficiate.models.accounts import PAGE_SIGN_IN
from beneficiate.models.payments import Payment, Plan
from beneficiate.sandbox.behaviour import Behaviour
from beneficiate.sandbox.server import Sandbox
from beneficiate.services import requested_checks
from beneficiate.unit_of_work import SYSTEM
from beneficiate.views.payments import payment_reference
from tests import factories
from tests.actions.payment_steps import (
    get_cheap_plan,
    get_plan,
    load_payment,
    open_checkout,
    paid_payment,
    payment_with_link,
    run_committed,
    settle_one,
    update_columns,
    wompi_transaction,
)
from tests.factories import add_plan, agent, member, supervisor
from tests.flows.payment_steps import SEARCH_TRANSACTIONS, create_transaction
from tests.http_client import CookieClient, fetch
from tests.ws_client import wait_until

NBSP = "\u00a0"


@pytest.fixture
def server(io_loop, settings):
    """A server with a Wompi of its own; nothing happens because time passes."""
    running = Server(replace(settings, public_url="http://beneficiate.test"), Sandbox("http://x"))
    io_loop.run_sync(running.start)
    for clock in running._jobs:
        clock.stop()
    yield running
    io_loop.run_sync(factories.close_all_sockets)
    io_loop.run_sync(running.stop)


@pytest.fixture
def enter(server):
    return lambda who: entered(server, who)


async def entered(server, who):
    """The browser of somebody who has signed in, as `/login` would have left it."""
    command = sign_ins.StartSignIn(who.id, PAGE_SIGN_IN)
    browser = CookieClient(server.port)
    browser.cookies[SESSION_COOKIE] = (await server.context.store.run(sign_ins.start_sign_in, command)).token
    await browser.get("/logout")
    return browser


def now():
    return datetime.now(UTC)


def link_of(payment_id):
    return load_payment(payment_id).link_id


# ---- Plans ---------------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_plans_are_for_everybody_to_see_and_say_so_when_there_are_none(server):
    answer = await fetch(server.port, "/planes")
    assert (answer.status, 'id="plans-none"' in answer.text) == (200, True)
    get_plan(description="<b>Todo</b>")
    get_cheap_plan()
    get_plan("OLD", is_active=False)
    answer = await fetch(server.port, "/planes")
    assert (answer.status, 'id="plans-none"' in answer.text) == (200, False)
    for said in ("Family", "Single", f"${NBSP}480.000", f"${NBSP}250.000", "&lt;b&gt;Todo", "/login?next=/planes"):
        assert said in answer.text, said
    assert "Old" not in answer.text
    assert "checked" not in answer.text
    assert 'id="test-bar"' in answer.text


@pytest.mark.gen_test
async def test_a_plan_may_be_chosen_by_the_address(server):
    cheap = get_cheap_plan()
    get_plan()
    answer = await fetch(server.port, f"/planes?plan={cheap.id}")
    assert re.findall(r'value="(\d+)"\s+required\s+checked', answer.text) == [str(cheap.id)]
    for odd in ("x", "", "-1", "99999999999", "1.5", "%00", "٣"):
        answer = await fetch(server.port, f"/planes?plan={odd if odd != '٣' else '%D9%A3'}")
        assert (answer.status, "checked" in answer.text) == (200, False), odd


@pytest.mark.gen_test
async def test_a_number_of_thousands_of_digits_chooses_no_plan(server):
    get_plan()
    answer = await fetch(server.port, f"/planes?plan={'9' * 5000}")
    assert answer.status == 200


@pytest.mark.gen_test
async def test_who_is_signed_in_sees_their_name_and_their_plan(server, enter):
    get_plan()
    ana, marta = member("Anamaría"), supervisor("Marta")
    add_plan(ana, plan=get_plan())
    page = (await (await enter(ana)).get("/planes")).text
    assert 'id="running"' in page
    assert "Anamaría" in page
    assert "Su plan actual" in page
    assert 'id="site-login"' not in page
    page = await (await enter(marta)).get("/planes")
    assert (page.status, 'id="running"' in page.text) == (200, False)


# ---- A purchase ----------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_quote_says_what_the_purchase_brings(server, enter):
    family, alone = get_plan(), get_cheap_plan()
    ana = member()
    browser = await enter(ana)

    async def kind(of):
        answer = await browser.get(f"/pagos/nuevo?plan={of.id}")
        assert (answer.status, 'id="pay-form"' in answer.text) == (200, True)
        return re.search(r'id="bill" data-kind="(\w+)"', answer.text)[1]

    assert await kind(family) == "first"
    paid_payment(run_committed, ana, family, now())
    assert [await kind(one) for one in (family, alone, get_plan("GOLD", 900_000))] == ["renewal", "later", "upgrade"]


@pytest.mark.gen_test
async def test_a_purchase_leads_to_the_checkout_and_the_page_may_be_left_for_it(server, enter):
    family, ana = get_plan(), member()
    browser = await enter(ana)
    page = await browser.get(f"/pagos/nuevo?plan={family.id}")
    targets = re.search(r"form-action ([^;]+);", page.headers["Content-Security-Policy"])[1]
    assert targets == f"'self' {server.sandbox.url}"
    answer = await browser.post("/pagos/nuevo", plan=str(family.id))
    row = Payment.get()
    assert (answer.status, answer.headers["Location"]) == (303, f"{server.sandbox.url}/l/{row.link_id}")
    assert (row.user_id, row.amount, row.status) == (ana.id, 480_000, PENDING)
    assert (await fetch(server.sandbox.port, f"/l/{row.link_id}")).status == 200
    again = await browser.post("/pagos/nuevo", plan=str(family.id))
    assert (again.headers["Location"], Payment.select().count()) == (answer.headers["Location"], 1)
    assert server.sandbox.requests["POST /v1/payment_links"] == 1


@pytest.mark.gen_test
async def test_no_other_page_may_be_left_for_the_checkout(server, enter):
    browser = await enter(member())
    for path in ("/planes", "/pagos", "/login"):
        assert "form-action 'self';" in (await browser.get(path)).headers["Content-Security-Policy"]


@pytest.mark.gen_test
async def test_what_keeps_from_paying_is_drawn_on_the_page(server, enter):
    family, ana = get_plan(), member()
    browser = await enter(ana)
    payment_id = payment_with_link(run_committed, ana, family, now())
    settle_one(run_committed, wompi_transaction(payment_id, PENDING), now())
    answer = await browser.post("/pagos/nuevo", plan=str(family.id))
    assert (answer.status, 'data-code="payment_in_progress"' in answer.text) == (200, True)
    assert 'id="pay-form"' not in answer.text
    assert f"/pagos/{payment_id}" in answer.text


@pytest.mark.gen_test
async def test_when_wompi_does_not_say_there_is_no_second_link(server, enter):
    family = get_plan()
    browser = await enter(member())
    server.sandbox.behaviour = Behaviour(fail_status=503)
    for _ in range(2):
        answer = await browser.post("/pagos/nuevo", plan=str(family.id))
        assert (answer.status, 'data-code="payment_in_doubt"' in answer.text) == (200, True)
    assert Payment.get().status == UNKNOWN
    assert server.sandbox.requests["POST /v1/payment_links"] == 1


@pytest.mark.gen_test
async def test_when_wompi_refuses_one_may_try_again(server, enter):
    family = get_plan()
    browser = await enter(member())
    server.sandbox.behaviour = Behaviour(fail_status=422)
    answer = await browser.post("/pagos/nuevo", plan=str(family.id))
    assert (answer.status, 'data-code="unavailable"' in answer.text, 'id="pay-form"' in answer.text) == (
        200,
        True,
        True,
    )
    server.sandbox.behaviour = Behaviour()
    assert (await browser.post("/pagos/nuevo", plan=str(family.id))).status == 303
    assert Payment.select().count() == 1


@pytest.mark.gen_test
async def test_who_has_a_payment_under_way_is_told_before_paying_again(server, enter):
    family, ana = get_plan(), member()
    payment_id = payment_with_link(run_committed, ana, family, now())
    answer = await (await enter(ana)).get(f"/pagos/nuevo?plan={family.id}")
    assert f'href="/pagos/{payment_id}"' in answer.text


@pytest.mark.gen_test
async def test_a_pending_payment_of_another_plan_is_said_with_both_amounts_before_paying(server, enter):
    family, single, ana = get_plan(), get_cheap_plan(), member()
    pending = payment_with_link(run_committed, ana, family, now())
    browser = await enter(ana)
    assert 'id="pending-payment"' not in (await browser.get(f"/pagos/nuevo?plan={single.id}")).text
    settle_one(run_committed, wompi_transaction(pending, PENDING, method="PSE"), now())
    text = (await browser.get(f"/pagos/nuevo?plan={single.id}")).text.replace(NBSP, " ")
    assert "Tiene un pago pendiente de $ 480.000 por el plan Family." in text
    assert "Si paga también estos $ 250.000" in text
    assert f'href="/pagos/{pending}"' in text
    assert 'id="pay"' in text


@pytest.mark.gen_test
async def test_the_staff_does_not_buy(server, enter):
    family = get_plan()
    for who in (agent(), supervisor()):
        answer = await (await enter(who)).post("/pagos/nuevo", plan=str(family.id))
        assert (answer.status, 'data-code="forbidden"' in answer.text) == (200, True)
    assert not Payment.select().exists()


@pytest.mark.gen_test
async def test_a_plan_that_is_not_on_sale_cannot_be_bought(server, enter):
    old = get_plan("OLD", is_active=False)
    browser = await enter(member())
    for odd in (str(old.id), "", "x", "0", "99999999999"):
        assert (await browser.get(f"/pagos/nuevo?plan={odd}")).status == 404
        assert (await browser.post("/pagos/nuevo", plan=odd)).status == 404
    assert not Payment.select().exists()


@pytest.mark.gen_test
async def test_a_purchase_without_its_token_or_without_a_sign_in_is_refused(server, enter):
    family, browser = get_plan(), await enter(member())
    assert (await browser.post("/pagos/nuevo", plan=str(family.id), _xsrf="")).status == 403
    answer = await fetch(server.port, f"/pagos/nuevo?plan={family.id}")
    assert (answer.status, answer.headers["Location"]) == (302, f"/login?next=%2Fpagos%2Fnuevo%3Fplan%3D{family.id}")
    stranger = CookieClient(server.port)
    await stranger.get("/login")
    assert (await stranger.post("/pagos/nuevo", plan=str(family.id))).status == 401
    assert not Payment.select().exists()


@pytest.mark.gen_test
async def test_without_keys_nobody_pays(start):
    server = await start()
    family = get_plan()
    browser = await entered(server, member())
    answer = await browser.post("/pagos/nuevo", plan=str(family.id))
    assert (answer.status, 'id="pay-problem"' in answer.text) == (200, True)
    assert not Payment.select().exists()
    assert 'id="test-bar"' not in answer.text


# ---- A payment -----------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_payment_is_drawn_in_every_state_by_the_page_and_by_its_partial(server, enter):
    ana = member("Ana")
    browser = await enter(ana)
    payment_id = payment_with_link(run_committed, ana, now=now())
    titles = set()
    for status in (PENDING, UNKNOWN, APPROVED, DECLINED, EXPIRED, VOIDED):
        update_columns(payment_id, status=status)
        page, part = [await browser.get(f"/pagos/{payment_id}{more}") for more in ("", "/estado")]
        assert (page.status, part.status) == (200, 200), status
        assert f'data-status="{status}"' in part.text
        assert part.text.strip() in page.text
        assert "<html" not in part.text
        assert payment_reference(payment_id) in page.text
        titles.add(re.search(r'data-title="([^"]+)"', part.text)[1])
    assert len(titles) == 6


@pytest.mark.gen_test
async def test_a_payment_that_can_be_paid_leads_to_its_link_and_a_closed_one_does_not(server, enter):
    ana = member()
    browser, payment_id = await enter(ana), payment_with_link(run_committed, ana, now=now())
    checkout = f"{server.sandbox.url}/l/{link_of(payment_id)}"
    assert f'href="{checkout}"' in (await browser.get(f"/pagos/{payment_id}")).text
    settle_one(run_committed, wompi_transaction(payment_id), now())
    assert checkout not in (await browser.get(f"/pagos/{payment_id}")).text


@pytest.mark.gen_test
async def test_money_that_does_not_fit_is_awaited_by_no_bank(server, enter):
    ana = member()
    browser, payment_id = await enter(ana), payment_with_link(run_committed, ana, now=now())
    settle_one(run_committed, wompi_transaction(payment_id, amount_in_cents=1), now())
    update_columns(payment_id, status=EXPIRED)
    assert 'data-awaits="review"' in (await browser.get(f"/pagos/{payment_id}/estado")).text


@pytest.mark.gen_test
async def test_what_is_in_the_address_says_nothing_about_a_payment(server, enter):
    ana = member()
    browser, payment_id = await enter(ana), payment_with_link(run_committed, ana, now=now())
    for query in ("?id=1-2-3&status=APPROVED&env=prod", "?id=%3Cscript%3E"):
        page = (await browser.get(f"/pagos/{payment_id}{query}")).text
        assert 'data-status="PENDING"' in page
        assert 'data-awaits="confirming"' in page
        assert "<script>" not in page
    assert "data-awaits" not in (await browser.get(f"/pagos/{payment_id}")).text
    assert load_payment(payment_id).status == PENDING


@pytest.mark.gen_test
async def test_after_a_declined_card_the_attempt_that_the_member_returns_from_speaks(server, enter):
    ana = member()
    browser, payment_id = await enter(ana), payment_with_link(run_committed, ana, now=now())
    declined = wompi_transaction(payment_id, DECLINED)
    settle_one(run_committed, declined, now())
    page = f"/pagos/{payment_id}"
    for address, is_awaited in ((page, False), (f"{page}?id={declined.id}", False), (f"{page}?id=1-99-17000", True)):
        assert ('data-awaits="confirming"' in (await browser.get(address)).text) == is_awaited


@pytest.mark.gen_test
async def test_wompi_is_asked_when_the_page_is_opened_but_not_for_its_state(server, enter):
    ana = member()
    browser, payment_id = await enter(ana), payment_with_link(run_committed, ana, now=now())
    settle_one(run_committed, wompi_transaction(payment_id, DECLINED), now())
    await browser.get(f"/pagos/{payment_id}/estado")
    assert server.sandbox.requests[SEARCH_TRANSACTIONS] == 0
    for _ in range(2):
        await browser.get(f"/pagos/{payment_id}")
        assert server.sandbox.requests[SEARCH_TRANSACTIONS] == 1


async def buy(browser, server, plan):
    """Buy a plan on the pages; the payment's id and its link's, with the events of the sandbox lost."""
    server.sandbox.behaviour.lose_events = True
    answer = await browser.post("/pagos/nuevo", plan=str(plan.id))
    link_id = answer.headers["Location"].rsplit("/", 1)[1]
    return Payment.get(Payment.link_id == link_id).id, link_id


@pytest.mark.gen_test
async def test_a_pending_attempt_speaks_over_a_declined_one_when_the_page_is_opened(server, enter):
    ana = member()
    browser = await enter(ana)
    payment_id, link_id = await buy(browser, server, get_plan())
    settle_one(run_committed, wompi_transaction(payment_id, DECLINED), now())
    await create_transaction(server.sandbox, link_id, PENDING, method="PSE")
    text = (await browser.get(f"/pagos/{payment_id}")).text
    assert ('data-status="PENDING"' in text, 'data-awaits="confirming"' in text) == (True, True)


@pytest.mark.gen_test
async def test_a_slow_wompi_delays_the_page_of_a_payment_by_a_limit(server, enter, monkeypatch):
    monkeypatch.setattr(requested_checks, "CHECK_WAIT_S", 0.01)
    browser = await enter(member())
    payment_id, link_id = await buy(browser, server, get_plan())
    await create_transaction(server.sandbox, link_id, DECLINED)
    server.sandbox.behaviour.delay_s = 0.3
    assert 'data-status="PENDING"' in (await browser.get(f"/pagos/{payment_id}")).text
    await wait_until(lambda: load_payment(payment_id).status == DECLINED)


@pytest.mark.gen_test
async def test_a_purchase_beside_one_that_a_bank_has_got_meanwhile_is_said_before_it_is_paid(server, enter):
    family, single = get_plan(), get_cheap_plan()
    browser = await enter(member())
    assert 'name="pending"' not in (await browser.get(f"/pagos/nuevo?plan={single.id}")).text
    payment_id, link_id = await buy(browser, server, family)
    await create_transaction(server.sandbox, link_id, PENDING, method="PSE")
    answer = await browser.post("/pagos/nuevo", plan=str(single.id))
    assert (answer.status, 'id="pending-payment"' in answer.text, 'id="pay"' in answer.text) == (200, True, True)
    assert f'name="pending" value="{payment_id}"' in answer.text
    assert Payment.select().count() == 1
    assert (await browser.post("/pagos/nuevo", plan=str(single.id), pending=payment_id)).status == 303


@pytest.mark.gen_test
async def test_somebody_elses_payment_does_not_exist(server, enter):
    payment_id = paid_payment(run_committed, member(), now=now())
    for who in (member(), agent(), supervisor()):
        browser = await enter(who)
        for more in ("", "/estado", "/recibo"):
            assert (await browser.get(f"/pagos/{payment_id}{more}")).status == 404
            assert (await browser.get(f"/pagos/{uuid.uuid4()}{more}")).status == 404
        assert (await browser.get(f"/pagos/{payment_id.upper()}")).status == 404
    for more in ("", "/estado", "/recibo"):
        assert (await fetch(server.port, f"/pagos/{payment_id}{more}")).status == 302


@pytest.mark.gen_test
async def test_a_receipt_is_for_what_was_paid(server, enter):
    ana = member("Ana <i>")
    browser = await enter(ana)
    waiting, approved, by_hand = (
        payment_with_link(run_committed, ana, get_plan(code), now()) for code in ("A", "B", "C")
    )
    settle_one(run_committed, wompi_transaction(approved), now())
    run_committed(activate_plan_manually, ActivatePlanManually(by_hand, "Consignó en la oficina"), supervisor().actor)
    assert (await browser.get(f"/pagos/{waiting}/recibo")).status == 404
    for payment_id in (approved, by_hand):
        answer = await browser.get(f"/pagos/{payment_id}/recibo")
        assert answer.status == 200
        for said in (
            payment_reference(payment_id),
            f"CC {ana.user.document_number}",
            f"${NBSP}480.000",
            "Pago de prueba",
        ):
            assert said in answer.text, said
        assert "<i>" not in answer.text
    assert "VISA" in (await browser.get(f"/pagos/{approved}/recibo")).text.upper()
    one = Payment.get_by_id(approved).paid_by
    settle_one(run_committed, wompi_transaction(approved, VOIDED, id=one), now())
    assert "Este pago fue anulado" in (await browser.get(f"/pagos/{approved}/recibo")).text


# ---- The history ---------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_ones_payments_are_listed_and_nobody_elses(server, enter):
    ana, beto = member(), member()
    browser = await enter(ana)
    page = await browser.get("/pagos")
    assert (page.status, 'id="payments-none"' in page.text) == (200, True)
    mine = [payment_with_link(run_committed, ana, now=now()), paid_payment(run_committed, ana, get_cheap_plan(), now())]
    mine.append(open_checkout(run_committed, ana, get_plan("X"), now()).payment_id)
    run_committed(mark_link_unknown, MarkLinkUnknown(mine[2], "timeout"), SYSTEM)
    other = payment_with_link(run_committed, beto, now=now())
    page = (await browser.get("/pagos")).text
    assert re.findall(r'class="payment-history-row" data-id="([^"]+)"', page) == mine[::-1]
    assert other not in page
    assert 'id="running"' in page
    answer = await fetch(server.port, "/pagos")
    assert (answer.status, answer.headers["Location"]) == (302, "/login?next=%2Fpagos")


@pytest.mark.gen_test
async def test_pages_need_nothing_that_their_policy_forbids(server, enter):
    ana = member()
    browser, payment_id = await enter(ana), paid_payment(run_committed, ana, now=now())
    of = Plan.get().id
    paths = ("/planes", "/pagos", f"/pagos/nuevo?plan={of}", f"/pagos/{payment_id}", f"/pagos/{payment_id}/recibo")
    for path in paths:
        text = (await browser.get(path)).text
        assert not re.search(r"<script(?![^>]*\bsrc=\"/static/)[^>]*>\s*[^<\s]", text), path
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|javascript:|src=\"(?:https?:)?//", text), path
