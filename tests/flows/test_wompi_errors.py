"""The mistakes that public integrations of Wompi make, one test for each, by the number in the list of mistakes."""

import ast
import hashlib
import hmac
import re
from datetime import timedelta
from pathlib import Path

import pytest

from beneficiate.domain.billing.money import pesos_to_cents
from beneficiate.models.payments import Payment, Subscription, WompiEvent
from beneficiate.sandbox.behaviour import Behaviour
from beneficiate.settings import InvalidSettings, Settings
from tests.factories import PASSWORD, SECRET, member
from tests.flows.payment_steps import (
    CENTS,
    GET_LINK,
    GET_TRANSACTION,
    ON_SQLITE,
    PRICE,
    SHOP_KEYS,
    activations,
    change_status_at_wompi,
    create_payment,
    create_plan,
    create_transaction,
    expire_link,
    is_plan_running,
    load_stored_payment,
    make_events_due,
    open_payment_and_link,
    other_member,
    payment_state,
    plan_periods,
    post_event,
    settings_over,
    signed_event_body,
    stored_events,
)
from tests.http_client import CookieClient, call_api
from tests.server_process import ROOT
from tests.ws_client import wait_until

CODE = sorted((ROOT / "beneficiate").rglob("*.py"))
OURS = [path for path in CODE if "sandbox" not in path.parts]
LIKE_A_SECRET = re.compile(r"(prv|pub)_(test|prod)_\w{6}|(test|prod)_(events|integrity)_\w{6}", re.IGNORECASE)


@pytest.fixture
def opened(shop, io_loop):
    """A payment and its link, at a Wompi that sends no events of its own."""
    shop.lose_events()
    return io_loop.run_sync(lambda: open_payment_and_link(shop.port, shop.member, shop.plan))


def texts_of(path: Path) -> list[str]:
    """Every text of a program that is no explanation of itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in told)
    return [node.value for node in texts if isinstance(node.value, str)]


@ON_SQLITE
@pytest.mark.gen_test
async def test_01_the_browser_that_comes_back_grants_nothing(shop, opened):
    payment_id, link_id = opened
    _, link_of_luis = await open_payment_and_link(shop.port, other_member(), shop.plan)
    declined = await create_transaction(shop.sandbox, link_of_luis, "DECLINED")
    paid_by_luis = await create_transaction(shop.sandbox, link_of_luis)
    browser = CookieClient(shop.port)
    await browser.sign_in(shop.member, PASSWORD)
    for id_ in (paid_by_luis["id"], declined["id"], "1-1-1", ""):
        for page in (f"/pagos/{payment_id}", f"/pagos/{payment_id}/estado"):
            answer = await browser.get(f"{page}?id={id_}&env=test&status=APPROVED")
            assert answer.status == 200
    assert (payment_state(payment_id), shop.sandbox.requests[GET_TRANSACTION]) == (("PENDING", False, []), 0)

    await post_event(shop.port, signed_event_body(await create_transaction(shop.sandbox, link_id)))
    assert payment_state(payment_id) == ("APPROVED", True, [])


@ON_SQLITE
@pytest.mark.gen_test
async def test_02_without_a_secret_no_event_is_taken_unchecked(start, sandbox):
    server = await start(**settings_over(sandbox, wompi_events_secret=""))
    payment_id, link_id = await open_payment_and_link(server.port, member(), create_plan())
    paid = await create_transaction(sandbox, link_id)
    for body in (signed_event_body(paid), signed_event_body(paid, secret=""), {"event": "transaction.updated"}):
        assert (await post_event(server.port, body)).status == 500
    assert not WompiEvent.select().exists()
    assert not is_plan_running(payment_id)


@ON_SQLITE
@pytest.mark.gen_test
async def test_03_the_signature_is_no_hmac_and_not_made_with_another_secret(shop, opened):
    payment_id, link_id = opened
    right = signed_event_body(await create_transaction(shop.sandbox, link_id))
    text = f"{right['data']['transaction']['id']}APPROVED{CENTS}{right['timestamp']}"
    key = SHOP_KEYS.events_secret.encode()
    assert right["signature"]["checksum"] == hashlib.sha256(text.encode() + key).hexdigest()
    wrong = [
        hmac.new(key, text.encode(), hashlib.sha256).hexdigest(),
        hashlib.sha256(text.encode() + SHOP_KEYS.integrity_secret.encode()).hexdigest(),
        hashlib.sha256(text.encode() + SHOP_KEYS.private_key.encode()).hexdigest(),
        hashlib.md5(text.encode() + key).hexdigest(),  # noqa: S324
    ]
    for checksum in wrong:
        assert (
            await post_event(shop.port, {**right, "signature": {**right["signature"], "checksum": checksum}})
        ).status == 401
    assert not is_plan_running(payment_id)
    assert (await post_event(shop.port, right)).status == 200
    assert is_plan_running(payment_id)


@ON_SQLITE
@pytest.mark.gen_test
async def test_04_the_signed_properties_are_those_that_the_event_names(shop, opened):
    payment_id, link_id = opened
    paid = await create_transaction(shop.sandbox, link_id)
    own = ("transaction.payment_method.extra.last_four", "transaction.status", "transaction.currency", "transaction.id")
    assert (await post_event(shop.port, signed_event_body(paid, own))).status == 200
    assert is_plan_running(payment_id)
    missing = signed_event_body(paid)
    missing["signature"]["properties"].append("transaction.nada")
    assert (await post_event(shop.port, missing)).status == 401


@ON_SQLITE
@pytest.mark.gen_test
async def test_05_capital_letters_are_no_other_signature(shop, opened):
    payment_id, link_id = opened
    right = signed_event_body(await create_transaction(shop.sandbox, link_id))
    checksum = right["signature"]["checksum"].upper()
    loud = {**right, "signature": {**right["signature"], "checksum": checksum}}
    assert (await post_event(shop.port, loud, checksum)).status == 200
    assert is_plan_running(payment_id)
    compares = (ROOT / "beneficiate/domain/billing/signature.py").read_text(encoding="utf-8")
    assert "hmac.compare_digest(" in compares


@ON_SQLITE
@pytest.mark.gen_test
async def test_06_every_event_that_is_kept_is_answered_with_200_and_nothing_else(shop):
    _, link_id = await open_payment_and_link(shop.port, shop.member, shop.plan)
    await create_transaction(shop.sandbox, link_id, "DECLINED")
    paid = await create_transaction(shop.sandbox, link_id)
    await create_transaction(shop.sandbox, link_id)
    await change_status_at_wompi(shop.sandbox, paid, "VOIDED")
    await wait_until(lambda: all(one.statuses for one in shop.sandbox.events))
    assert [one.statuses for one in shop.sandbox.events] == [[200]] * 4


@ON_SQLITE
@pytest.mark.gen_test
async def test_07_an_event_of_a_day_or_a_year_ago_is_taken(shop):
    shop.lose_events()
    for timestamp in (1530291411, 1767225660):
        payment_id, link_id = await open_payment_and_link(shop.port, other_member(), shop.plan)
        old = signed_event_body(await create_transaction(shop.sandbox, link_id), timestamp=timestamp)
        assert (await post_event(shop.port, old)).status == 200
        assert is_plan_running(payment_id)


@ON_SQLITE
@pytest.mark.gen_test
async def test_08_nothing_is_done_twice_and_the_same_transaction_may_say_something_new(shop, opened):
    payment_id, link_id = opened
    paid = await create_transaction(shop.sandbox, link_id)
    for _ in range(3):
        await post_event(shop.port, signed_event_body(paid))
    assert activations(payment_id) == 1
    await post_event(shop.port, signed_event_body(await change_status_at_wompi(shop.sandbox, paid, "VOIDED")))
    assert payment_state(payment_id) == ("VOIDED", False, ["VOIDED"])


@ON_SQLITE
@pytest.mark.gen_test
async def test_09_a_declined_try_ends_nothing_and_the_last_event_does_not_win(shop, opened):
    payment_id, link_id = opened
    declined = await create_transaction(shop.sandbox, link_id, "DECLINED")
    await post_event(shop.port, signed_event_body(declined))
    assert (load_stored_payment(payment_id).status, load_stored_payment(payment_id).is_open) == ("DECLINED", True)
    await post_event(shop.port, signed_event_body(await create_transaction(shop.sandbox, link_id)))
    await post_event(shop.port, signed_event_body(declined))
    await post_event(shop.port, signed_event_body(await create_transaction(shop.sandbox, link_id, "ERROR")))
    assert payment_state(payment_id) == ("APPROVED", True, [])


@ON_SQLITE
@pytest.mark.gen_test
async def test_10_a_payment_is_known_by_its_link_and_not_by_a_reference_of_ours(shop, opened):
    payment_id, link_id = opened
    paid = await create_transaction(shop.sandbox, link_id)
    assert payment_id not in paid["reference"]
    await post_event(shop.port, signed_event_body(paid))
    assert is_plan_running(payment_id)


@ON_SQLITE
@pytest.mark.gen_test
async def test_11_transactions_are_not_searched_by_link_and_the_first_or_last_is_not_taken(shop):
    shop.lose_events()
    luis = other_member()
    mine, _ = await open_payment_and_link(shop.port, shop.member, shop.plan)
    theirs, their_link = await open_payment_and_link(shop.port, luis, shop.plan)
    await create_transaction(shop.sandbox, their_link)
    assert await shop.payments.reconcile_with_wompi(everything=True) == {"ACTIVATED": 1}
    assert (payment_state(mine)[:2], payment_state(theirs)[:2]) == (("PENDING", False), ("APPROVED", True))
    assert not [path for path in OURS if any("payment_link_id=" in text for text in texts_of(path))]


@ON_SQLITE
@pytest.mark.gen_test
async def test_12_the_price_is_ours_and_what_was_paid_is_compared_with_it(shop):
    shop.lose_events()
    cheap = {"planId": shop.plan.id, "amount": 1000, "price": 1000, "currency": "USD"}
    answer = await call_api(shop.port, "payments/create", shop.member, cheap)
    payment = Payment.get()
    link = shop.sandbox._account.links[payment.link_id]
    assert (answer.status, payment.amount, link.amount_in_cents, link.currency) == (201, PRICE, CENTS, "COP")

    shop.sandbox.behaviour.amount_offset_in_cents = -CENTS + 100_000
    paid = await create_transaction(shop.sandbox, payment.link_id)
    await post_event(shop.port, signed_event_body(paid))
    assert payment_state(payment.id)[1:] == (False, ["WRONG_AMOUNT"])


@ON_SQLITE
@pytest.mark.gen_test
async def test_13_pesos_become_cents_once_and_never_by_way_of_a_float(shop):
    for price in (1_500, 19_999, 48_000, 2_500_000, 9_999_999):
        assert pesos_to_cents(price) == price * 100
        assert isinstance(pesos_to_cents(price), int)
        _, link_id = await open_payment_and_link(shop.port, member(), create_plan(f"P{price}", price))
        assert shop.sandbox._account.links[link_id].amount_in_cents == price * 100


@ON_SQLITE
@pytest.mark.gen_test
async def test_14_waiting_is_no_failure_and_the_end_of_the_link_is_not_the_end_of_the_payment(shop, opened):
    payment_id, link_id = opened
    waiting = await create_transaction(shop.sandbox, link_id, "PENDING", method="PSE")
    await post_event(shop.port, signed_event_body(waiting))
    expire_link(payment_id, timedelta(days=2))
    await shop.payments.reconcile_with_wompi(everything=True)
    assert payment_state(payment_id) == ("PENDING", False, [])
    browser = CookieClient(shop.port)
    await browser.sign_in(shop.member, PASSWORD)
    page = (await browser.get(f"/pagos/{payment_id}")).text.lower()
    assert "rechazad" not in page
    assert "venci" not in page

    await post_event(shop.port, signed_event_body(await change_status_at_wompi(shop.sandbox, waiting, "APPROVED")))
    assert payment_state(payment_id) == ("APPROVED", True, [])


@ON_SQLITE
@pytest.mark.gen_test
async def test_15_no_secret_is_in_what_a_browser_gets(shop, opened):
    payment_id, link_id = opened
    browser = CookieClient(shop.port)
    await browser.sign_in(shop.member, PASSWORD)
    pages = ["/planes", f"/pagos/nuevo?plan={shop.plan.id}", "/pagos", f"/pagos/{payment_id}"]
    await post_event(shop.port, signed_event_body(await create_transaction(shop.sandbox, link_id)))
    seen = [await browser.get(page) for page in [*pages, f"/pagos/{payment_id}/recibo"]]
    seen.append(await create_payment(shop.port, shop.member, shop.plan))
    assert {answer.status for answer in seen} == {200, 201}
    for secret in (SHOP_KEYS.private_key, SHOP_KEYS.events_secret, SHOP_KEYS.integrity_secret):
        assert not [answer for answer in seen if secret in answer.text]


def test_15_no_key_is_in_the_repository():
    files = [*ROOT.glob("templates/**/*.*"), *ROOT.glob("static/**/*.*")]
    assert len(files) > 50
    for path in files:
        text = path.read_bytes().decode("utf-8", "replace")
        assert not re.search(r"prv_|integrity_|signature:integrity", text), path
    for path in OURS:
        assert not LIKE_A_SECRET.search(path.read_text(encoding="utf-8")), path


@ON_SQLITE
@pytest.mark.gen_test
async def test_16_environments_are_not_mixed(shop, opened):
    payment_id, link_id = opened
    paid = await create_transaction(shop.sandbox, link_id)
    for environment in ("prod", "", "TEST", None, ["test"]):
        assert (await post_event(shop.port, signed_event_body(paid, environment=environment))).status == 401
    assert not WompiEvent.select().exists()
    mixed = {"wompi_private_key": "prv_prod_a", "wompi_public_key": "pub_test_a"}
    with pytest.raises(InvalidSettings):
        Settings(secret=SECRET, **mixed).validated()
    host = {"wompi_private_key": "prv_test_a", "wompi_base_url": "https://production.wompi.co/v1"}
    with pytest.raises(InvalidSettings):
        Settings(secret=SECRET, **host).validated()

    Payment.update(environment="prod").where(Payment.id == payment_id).execute()
    assert (await post_event(shop.port, signed_event_body(paid))).status == 200
    assert payment_state(payment_id) == ("PENDING", False, [])


@ON_SQLITE
@pytest.mark.gen_test
async def test_17_the_address_is_made_of_the_links_id_as_no_answer_has_one(shop):
    answer = await create_payment(shop.port, shop.member, shop.plan)
    (link,) = shop.sandbox._account.links.values()
    assert answer.data["redirectUrl"] == f"{shop.sandbox.url}/l/{link.id}"
    assert Settings(wompi_public_key="pub_test_a").checkout_url("x") == "https://checkout.wompi.co/l/x"


@ON_SQLITE
@pytest.mark.gen_test
async def test_17_an_error_without_a_message_is_understood_by_its_type(start, misbehaving_wompi, printed):
    misbehaving_wompi.answer_with(
        422, {"error": {"type": "INPUT_VALIDATION_ERROR", "messages": {"sku": ["Formato inválido"]}}}
    )
    server = await start(**settings_over(misbehaving_wompi))
    answer = await create_payment(server.port, member(), create_plan())
    assert (answer.status, answer.code) == (503, "unavailable")
    assert Payment.get().problem == "status 422 INPUT_VALIDATION_ERROR sku"
    assert "INPUT_VALIDATION_ERROR sku" in printed()
    assert "Formato" not in answer.text


@ON_SQLITE
@pytest.mark.gen_test
async def test_18_transactions_are_read_with_the_private_key_and_no_retired_call_is_made(shop, opened):
    payment_id, link_id = opened
    await post_event(shop.port, signed_event_body(await create_transaction(shop.sandbox, link_id)))
    await shop.payments.reconcile_with_wompi(everything=True)
    assert is_plan_running(payment_id)
    known = {"POST /v1/payment_links", "GET /v1/transactions/{id}", "GET /v1/transactions", "GET /v1/merchants/info"}
    assert set(shop.sandbox.requests) == known
    asked = [text for path in OURS for text in texts_of(path) if "/merchants/" in text]
    assert asked == ["/merchants/info"]


@ON_SQLITE
@pytest.mark.gen_test
async def test_19_an_answer_that_was_lost_is_no_failure_of_the_payment(shop):
    shop.sandbox.behaviour = Behaviour(fail_after=True, fail_status=504)
    assert (await create_payment(shop.port, shop.member, shop.plan)).code == "payment_in_doubt"
    payment_id = Payment.get().id
    (link,) = shop.sandbox._account.links.values()
    shop.sandbox.behaviour = Behaviour(fail_status=504)
    paid = await create_transaction(shop.sandbox, link.id)
    await wait_until(lambda: shop.sandbox.events[0].statuses == [200])
    assert stored_events() == [("KEPT", "", "APPROVED")]
    assert load_stored_payment(payment_id).status == "UNKNOWN"

    shop.sandbox.behaviour = Behaviour()
    make_events_due()
    await shop.payments.retry_events()
    assert (payment_state(payment_id), load_stored_payment(payment_id).paid_by) == (("APPROVED", True, []), paid["id"])
    assert shop.sandbox.requests[GET_LINK] == 1


def test_20_the_hash_that_the_docs_print_for_their_example_is_not_used():
    printed_there = "3476DDA50F64CD7CBD160689640506FEBEA93239BC524FC0469B2C68A3CC8BD0"[:10].lower()
    for path in [*CODE, *(ROOT / "static").rglob("*.js")]:
        assert printed_there not in path.read_text(encoding="utf-8").lower(), path


@ON_SQLITE
@pytest.mark.gen_test
async def test_the_time_of_a_plan_is_given_by_what_was_bought_and_not_by_what_is_sold_now(shop, opened):
    payment_id, link_id = opened
    shop.plan.duration_days, shop.plan.price, shop.plan.is_active = 30, 1_000_000, False
    shop.plan.save()
    await post_event(shop.port, signed_event_body(await create_transaction(shop.sandbox, link_id)))
    (period,) = plan_periods(payment_id)
    assert period.ends_at - period.starts_at == timedelta(days=365)
    assert Subscription.select().count() == 1
