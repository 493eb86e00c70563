"""Events of Wompi over HTTP: which are believed, what they do in whatever order and number, and who is notified."""

import asyncio
import json
import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import permutations
from urllib.parse import urlsplit

import psycopg2
import pytest
from peewee import OperationalError

from beneficiate.actions.settlement_batch import SettlementBatch
from beneficiate.limits import network_of
from beneficiate.models.base import database
from beneficiate.models.payments import PaymentReview, PaymentTransaction, Subscription, WompiEvent
from beneficiate.rate_limiters import WEBHOOK_FAILURES_PER_MINUTE
from beneficiate.sandbox.behaviour import Behaviour
from beneficiate.sandbox.objects import SandboxTransaction as AtWompi
from tests.conftest import stop_refilling
from tests.factories import agent, connect_socket, supervisor
from tests.flows.payment_steps import (
    CENTS,
    GET_TRANSACTION,
    ON_SQLITE,
    SEARCH_TRANSACTIONS,
    activations,
    change_status_at_wompi,
    create_transaction,
    expire_link,
    is_plan_running,
    load_stored_payment,
    make_events_due,
    open_payment_and_link,
    open_reviews,
    other_member,
    payment_state,
    plan_periods,
    post_event,
    post_events_at_once,
    signed_event_body,
    stored_events,
)
from tests.http_client import fetch
from tests.ws_client import wait_until

ID = "12000001-1767225600-10001"
SECRET_OF_THE_DOCS = "prod_events_OcHnIzeBl5socpwByQ4hA52Em3USQ93Z"
E1 = "5a18ec5e8fdb7df463e9f94774cba8f583ba21bd04a09ceff2ea68a4bc0aefbe"
E3 = "2464fc6a220809b17cc6c9d02e10187c70d0f6b6bcf113cda85c86ebb8cff377"
E4 = "7ddcec01935cf6835e318cef2d628aa3f97d51db58b5d3da45adec29ab784bbb"
E5 = "f4c22b36c84c98815f126fcb477829abbed2426c8208bc9f24cc1fd21fd6a0b5"
E6 = "0a1340797750ec56780525cf1fd6dc96317d63c58d14c3f7eb685eac431564e6"
E7 = "75171f7e0a69d3a6ecd9e6975b7f96a5b77d860cebe8e78e2ebdd140363ffa70"
E8 = "d58f4611a26e5522a523975fb60467c9e4096afd78846a94f59d10d0baa84461"
"""Computed outside of this program."""


def body(checksum, properties=("id", "status", "amount_in_cents"), timestamp=1767225660, **transaction):
    """An event whose checksum is given, not computed."""
    told = {"id": ID, "status": "APPROVED", "amount_in_cents": 8_990_000, "currency": "COP", **transaction}
    return {
        "event": "transaction.updated",
        "data": {"transaction": {"payment_link_id": "test_Ab3xYz", **told}},
        "environment": "test",
        "signature": {"properties": [f"transaction.{name}" for name in properties], "checksum": checksum},
        "timestamp": timestamp,
        "sent_at": "2026-01-01T00:01:00.000Z",
    }


async def at_wompi(shop, **fields):
    """A purchase of the vectors' price, and a transaction with the vectors' id over its link; the payment's id."""
    shop.lose_events()
    shop.plan.price = 89_900
    shop.plan.save()
    payment_id, link_id = await open_payment_and_link(shop.port, shop.member, shop.plan)
    made = await create_transaction(shop.sandbox, link_id)
    books = shop.sandbox._account
    known = {name: made[name] for name in AtWompi.__struct_fields__}
    books.transactions = {ID: AtWompi(**{**known, "id": ID, **fields})}
    return payment_id


@pytest.fixture
def opened(shop, io_loop):
    """A payment and its link, at a Wompi that sends no events of its own."""
    shop.lose_events()
    return io_loop.run_sync(lambda: open_payment_and_link(shop.port, shop.member, shop.plan))


# ---- What is believed -----------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_the_events_of_the_vectors_are_believed_and_the_plan_starts_once(shop):
    payment_id = await at_wompi(shop)
    e5 = body(E5, ("amount_in_cents", "id", "currency", "status", "payment_link_id"))
    e8 = body(E8, ("id", "payment_method.extra.last_four", "status"), payment_method={"extra": {"last_four": "4242"}})
    for one in (body(E3), body(E3.upper()), e5, e8):
        answer = await post_event(shop.port, one)
        assert (answer.status, answer.json["statusCode"]) == (200, 200)
        assert payment_state(payment_id) == ("APPROVED", True, [])
    assert (await post_event(shop.port, body(E3), "")).status == 200
    assert (await post_event(shop.port, {**body(E3), "signature": {**body("")["signature"]}}, E3)).status == 200
    assert (activations(payment_id), WompiEvent.get().copies) == (1, 6)


@ON_SQLITE
@pytest.mark.gen_test
async def test_the_official_string_of_the_docs_is_believed_with_its_own_hash(start):
    server = await start(wompi_events_secret=SECRET_OF_THE_DOCS)
    told = body(E1, timestamp=1530291411, id="1234-1610641025-49201", amount_in_cents=4_490_000)
    assert (await post_event(server.port, {**told, "environment": "prod"})).status == 200
    assert stored_events() == [("KEPT", "", "APPROVED")]
    assert (await post_event(server.port, told)).status == 401


@ON_SQLITE
@pytest.mark.gen_test
async def test_flood_of_bad_signatures_is_limited_and_a_good_one_taken(shop):
    failures = stop_refilling(shop.server).context.limiters.webhook_failures
    for _ in range(WEBHOOK_FAILURES_PER_MINUTE - 1):
        await failures.acquire(network_of("127.0.0.1"))
    answers = [await post_event(shop.port, body(E4), E3) for _ in range(2)]
    assert [(answer.status, answer.code) for answer in answers] == [(401, "invalid_signature"), (429, "rate_limited")]
    assert (await post_event(shop.port, {**body(E3), "signature": {**body("")["signature"]}}, E3)).status == 200


@ON_SQLITE
@pytest.mark.gen_test
async def test_what_wompi_did_not_sign_is_refused_and_not_stored(shop):
    payment_id = await at_wompi(shop)
    right = body(E3)
    wrong = {
        "altered checksum": body(E3[:-1] + "8"),
        "the checksum of another body": body(E4),
        "altered amount": body(E3, amount_in_cents=100),
        "altered status": body(E4, status="APPROVED"),
        "altered timestamp": body(E3, timestamp=1767225661),
        "missing path": body(E3, ("id", "status", "amount_in_cents", "nada")),
        "no properties": {**right, "signature": {"checksum": E3}},
        "empty properties": {**right, "signature": {"properties": [], "checksum": E3}},
        "properties that are a text": {**right, "signature": {"properties": "transaction.id", "checksum": E3}},
        "an object in the properties": body(E3, ("id", "status", "payment_method"), payment_method={"a": 1}),
        "another environment": {**right, "environment": "prod"},
        "no environment": {name: value for name, value in right.items() if name != "environment"},
        "no signature": {name: value for name, value in right.items() if name != "signature"},
        "no timestamp": {name: value for name, value in right.items() if name != "timestamp"},
        "no data": {**right, "data": None},
        "E9": body(E4, ("x",), x=f"{ID}DECLINED8990000"),
        "the secret of integrity": signed_event_body(
            right["data"]["transaction"], secret="test_integrity_unit_test_secret"
        ),
        "another secret": signed_event_body(right["data"]["transaction"], secret="test_events_de_otro"),
        "no secret": signed_event_body(right["data"]["transaction"], secret=""),
    }
    for why, one in wrong.items():
        answer = await post_event(shop.port, one)
        assert (answer.status, answer.code) == (401, "invalid_signature"), why
    for header in (E4, "x", f"{E3} {E3}"):
        assert (await post_event(shop.port, right, header)).status == 401, header
    unsigned = {**right, "signature": {"properties": right["signature"]["properties"]}}
    assert (await post_event(shop.port, unsigned, "")).status == 401

    assert not WompiEvent.select().exists()
    assert shop.sandbox.requests[GET_TRANSACTION] == 0
    assert payment_state(payment_id) == ("PENDING", False, [])


@ON_SQLITE
@pytest.mark.gen_test
async def test_a_forged_body_with_a_checksum_that_somebody_saw_is_refused(shop):
    payment_id = await at_wompi(shop)
    forged = body(E4, ("x",), x=f"{ID}DECLINED8990000")
    assert (await post_event(shop.port, forged, E4)).status == 401
    only_id = body(E4, ("id", "x"), x="DECLINED8990000")
    assert (await post_event(shop.port, only_id, E4)).status == 401
    assert not WompiEvent.select().exists()
    assert shop.sandbox.requests[GET_TRANSACTION] == 0
    assert payment_state(payment_id) == ("PENDING", False, [])


@ON_SQLITE
@pytest.mark.gen_test
async def test_what_is_no_event_at_all_is_refused_as_such(shop):
    for text in ("", "hola", "[]", '"a"', "null", "{", '{"a":NaN}', "[" * 50_000):
        answer = await post_event(shop.port, text)
        assert (answer.status, answer.code) == (400, "bad_frame"), text[:20]
    large = await post_event(shop.port, json.dumps({"relleno": "a" * 64 * 1024}))
    assert (large.status, large.code) == (413, "too_large")
    for method in ("GET", "PUT", "DELETE"):
        answer = await fetch(shop.port, "/api/v1/payments/webhook/wompi", method, None if method == "GET" else "")
        assert answer.status == 405
    assert not WompiEvent.select().exists()


@ON_SQLITE
@pytest.mark.gen_test
async def test_without_a_secret_nothing_is_believed_whatever_its_signature(start):
    server = await start()
    for secret in ("", "None", "test_events_unit_test_secret"):
        answer = await post_event(
            server.port, signed_event_body({"id": ID, "status": "APPROVED", "amount_in_cents": 1}, secret=secret)
        )
        assert (answer.status, answer.code) == (500, "not_configured")
    assert not WompiEvent.select().exists()


@pytest.mark.gen_test
async def test_an_event_of_the_right_signature_counts_only_as_far_as_wompi_confirms_it(shop, opened):
    payment_id, link_id = opened
    declined = await create_transaction(shop.sandbox, link_id, "DECLINED")
    assert (await post_event(shop.port, signed_event_body({**declined, "status": "APPROVED"}))).status == 200
    assert payment_state(payment_id) == ("DECLINED", False, [])
    unknown = {**declined, "id": "1-1-1", "status": "APPROVED"}
    assert (await post_event(shop.port, signed_event_body(unknown))).status == 200
    assert payment_state(payment_id) == ("DECLINED", False, [])
    assert stored_events()[-1] == ("KEPT", "NOT_FOUND", "APPROVED")


@pytest.mark.gen_test
async def test_an_old_event_is_believed_as_wompi_itself_tries_for_a_day(shop, opened):
    payment_id, link_id = opened
    paid = await create_transaction(shop.sandbox, link_id)
    assert (await post_event(shop.port, signed_event_body(paid, timestamp=1530291411))).status == 200
    assert payment_state(payment_id) == ("APPROVED", True, [])


# ---- Kept before anything else --------------------------------------------------------------------


def be_impatient(uow):
    """SQLite waits ten seconds for another program; here it shall not."""
    database.obj.pragma("busy_timeout", 50, permanent=True)


@contextmanager
def database_away(database_url, postgresql_url):
    """PostgreSQL lets nobody in, or another program holds the file of SQLite."""
    if database_url.startswith("sqlite"):
        other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.close()
        return
    name = urlsplit(database_url).path[1:]
    admin = psycopg2.connect(postgresql_url)
    admin.autocommit = True
    cursor = admin.cursor()
    cursor.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
    yield
    cursor.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    admin.close()


def has_no_event():
    """Return whether there is certainly no event: False while the database cannot be asked."""
    try:
        return not WompiEvent.select().exists()
    except OperationalError:
        return False


@pytest.mark.gen_test
async def test_while_the_database_is_away_the_answer_is_500_and_wompis_next_try_is_taken(
    shop, opened, database_url, request
):
    payment_id, link_id = opened
    paid = await create_transaction(shop.sandbox, link_id)
    url = ""
    if database_url.startswith("sqlite"):
        await shop.server.context.store.run(be_impatient)
    else:
        url = request.getfixturevalue("postgresql_url")
        database.obj.close_all()

    with database_away(database_url, url):
        answers = [await post_event(shop.port, signed_event_body(paid)) for _ in range(2)]
    assert [(answer.status, answer.code) for answer in answers] == [(500, "internal")] * 2
    # One attempt to connect each quarter of a second.
    await wait_until(has_no_event)

    assert (await post_event(shop.port, signed_event_body(paid))).status == 200
    assert payment_state(payment_id) == ("APPROVED", True, [])


@pytest.mark.gen_test
async def test_the_answer_is_200_once_the_event_is_committed(shop, opened):
    _, link_id = opened
    paid = await create_transaction(shop.sandbox, link_id)
    sent = signed_event_body(paid)
    answer = await post_event(shop.port, sent)
    assert (answer.status, answer.json) == (200, {"message": "OK", "data": None, "statusCode": 200})
    row = WompiEvent.get()
    assert json.loads(row.body) == sent
    assert (row.name, row.transaction_id, row.transaction_status) == ("transaction.updated", paid["id"], "APPROVED")
    assert (row.state, row.outcome, row.copies, row.next_try_at) == ("DONE", "ACTIVATED", 1, None)


@pytest.mark.gen_test
async def test_without_wompi_the_event_is_kept_and_the_clock_carries_it_out(shop, opened):
    payment_id, link_id = opened
    paid = await create_transaction(shop.sandbox, link_id)
    shop.sandbox.behaviour = Behaviour(fail_status=503, lose_events=True)
    assert (await post_event(shop.port, signed_event_body(paid))).status == 200
    assert (stored_events(), payment_state(payment_id)) == ([("KEPT", "", "APPROVED")], ("PENDING", False, []))

    assert not await shop.payments.retry_events()
    shop.sandbox.behaviour = Behaviour(lose_events=True)
    assert not await shop.payments.retry_events()
    make_events_due()
    assert await shop.payments.retry_events() == {"ACTIVATED": 1}
    assert payment_state(payment_id) == ("APPROVED", True, [])
    assert stored_events() == [("DONE", "ACTIVATED", "APPROVED")]
    assert not await shop.payments.retry_events()


@ON_SQLITE
@pytest.mark.gen_test
async def test_a_wompi_that_hangs_delays_the_answer_by_a_few_seconds_only(shop, opened, monkeypatch):
    payment_id, link_id = opened
    monkeypatch.setattr("beneficiate.services.payments.EVENT_TIMEOUT_S", 0.3)
    paid = await create_transaction(shop.sandbox, link_id)
    shop.sandbox.behaviour = Behaviour(hang=True, lose_events=True)
    async with asyncio.timeout(2):
        assert (await post_event(shop.port, signed_event_body(paid))).status == 200
    assert stored_events() == [("KEPT", "", "APPROVED")]
    shop.sandbox.behaviour = Behaviour(lose_events=True)
    make_events_due()
    await shop.payments.retry_events()
    assert payment_state(payment_id) == ("APPROVED", True, [])


@pytest.mark.gen_test
async def test_an_event_that_came_before_its_transaction_can_be_read_is_carried_out_later(shop, opened):
    payment_id, link_id = opened
    paid = await create_transaction(shop.sandbox, link_id)
    books = shop.sandbox._account.transactions
    hidden = books.pop(paid["id"])
    assert (await post_event(shop.port, signed_event_body(paid))).status == 200
    assert stored_events() == [("KEPT", "NOT_FOUND", "APPROVED")]
    books[paid["id"]] = hidden
    make_events_due()
    await shop.payments.retry_events()
    assert payment_state(payment_id) == ("APPROVED", True, [])


@pytest.mark.gen_test
async def test_an_event_that_nobody_could_carry_out_for_days_is_given_up_and_can_be_replayed(shop, opened):
    payment_id, link_id = opened
    paid = await create_transaction(shop.sandbox, link_id)
    shop.sandbox.behaviour.fail_status = 500
    await post_event(shop.port, signed_event_body(paid))
    WompiEvent.update(received_at=datetime.now(UTC) - timedelta(days=3, minutes=1)).execute()
    make_events_due()
    await shop.payments.retry_events()
    assert stored_events() == [("FAILED", "", "APPROVED")]
    shop.sandbox.behaviour.fail_status = 0
    assert await shop.payments.replay_events(only_failed=True) == {"ACTIVATED": 1}
    assert (payment_state(payment_id), stored_events()) == (("APPROVED", True, []), [("DONE", "ACTIVATED", "APPROVED")])


# ---- What they do ---------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_the_same_event_twice_starts_the_plan_once(shop, opened):
    payment_id, link_id = opened
    paid = await create_transaction(shop.sandbox, link_id)
    for timestamp in (1767225660, 1767225660, 1767229999):
        assert (await post_event(shop.port, signed_event_body(paid, timestamp=timestamp))).status == 200
    assert (activations(payment_id), WompiEvent.get().copies, shop.sandbox.requests[GET_TRANSACTION]) == (1, 3, 1)


@pytest.mark.gen_test
async def test_a_declined_try_does_not_end_a_payment_that_is_approved_at_the_next(shop):
    payment_id, link_id = await open_payment_and_link(shop.port, shop.member, shop.plan)
    await create_transaction(shop.sandbox, link_id, "DECLINED")
    await wait_until(lambda: load_stored_payment(payment_id).status == "DECLINED")
    await create_transaction(shop.sandbox, link_id, "ERROR")
    await create_transaction(shop.sandbox, link_id, "APPROVED")
    await wait_until(lambda: is_plan_running(payment_id))
    await wait_until(lambda: len(stored_events()) == 3)
    assert payment_state(payment_id) == ("APPROVED", True, [])


@pytest.mark.gen_test
async def test_what_another_try_becomes_later_does_not_touch_a_paid_plan(shop, opened):
    payment_id, link_id = opened
    await post_event(shop.port, signed_event_body(await create_transaction(shop.sandbox, link_id)))
    before = [row.ends_at for row in plan_periods(payment_id)]
    for late in ("DECLINED", "ERROR", "PENDING", "VOIDED"):
        await post_event(shop.port, signed_event_body(await create_transaction(shop.sandbox, link_id, late)))
        assert stored_events()[-1] == ("DONE", "RECORDED", late)
        assert payment_state(payment_id) == ("APPROVED", True, [])
        assert [row.ends_at for row in plan_periods(payment_id)] == before


@pytest.mark.gen_test
async def test_a_payment_that_is_voided_loses_its_plan_and_somebody_must_look_at_it(shop, opened):
    payment_id, link_id = opened
    paid = await create_transaction(shop.sandbox, link_id)
    await post_event(shop.port, signed_event_body(paid))
    voided = await change_status_at_wompi(shop.sandbox, paid, "VOIDED")
    await post_event(shop.port, signed_event_body(voided))

    assert payment_state(payment_id) == ("VOIDED", False, ["VOIDED"])
    assert load_stored_payment(payment_id).revoked_at is not None
    assert [row[1:] for row in stored_events()] == [("ACTIVATED", "APPROVED"), ("REVOKED", "VOIDED")]
    await post_event(shop.port, signed_event_body(paid))
    await post_event(shop.port, signed_event_body(voided))
    assert (payment_state(payment_id), activations(payment_id)) == (("VOIDED", False, ["VOIDED"]), 1)


@pytest.mark.gen_test
async def test_a_second_approved_payment_gives_nothing_twice_and_somebody_must_pay_it_back(shop, opened):
    payment_id, link_id = opened
    first, second = await create_transaction(shop.sandbox, link_id), await create_transaction(shop.sandbox, link_id)
    await post_event(shop.port, signed_event_body(first))
    ends_at = plan_periods(payment_id)[0].ends_at
    await post_event(shop.port, signed_event_body(second))
    await post_event(shop.port, signed_event_body(second))

    assert open_reviews(payment_id) == {("DOUBLE_CHARGE", second["id"]): True}
    assert payment_state(payment_id) == ("APPROVED", True, ["DOUBLE_CHARGE"])
    assert [row.ends_at for row in plan_periods(payment_id)] == [ends_at]

    await post_event(shop.port, signed_event_body(await change_status_at_wompi(shop.sandbox, second, "VOIDED")))
    assert open_reviews(payment_id) == {("DOUBLE_CHARGE", second["id"]): False}
    assert payment_state(payment_id) == ("APPROVED", True, [])
    assert PaymentReview.get().note


@pytest.mark.gen_test
async def test_an_approval_after_the_payment_expired_starts_the_plan(shop, opened):
    payment_id, link_id = opened
    expire_link(payment_id)
    await shop.payments.reconcile_with_wompi(everything=True)
    assert load_stored_payment(payment_id).status == "EXPIRED"
    await post_event(shop.port, signed_event_body(await create_transaction(shop.sandbox, link_id)))
    assert payment_state(payment_id) == ("APPROVED", True, [])


@pytest.mark.gen_test
async def test_an_approval_after_a_void_starts_nothing_and_somebody_must_look_at_it(shop, opened):
    payment_id, link_id = opened
    first = await create_transaction(shop.sandbox, link_id)
    await post_event(shop.port, signed_event_body(first))
    await post_event(shop.port, signed_event_body(await change_status_at_wompi(shop.sandbox, first, "VOIDED")))
    await post_event(shop.port, signed_event_body(await create_transaction(shop.sandbox, link_id)))
    assert payment_state(payment_id) == ("VOIDED", False, ["LATE_APPROVAL", "VOIDED"])


@pytest.mark.gen_test
async def test_another_amount_than_the_price_starts_nothing_and_somebody_must_look_at_it(shop):
    shop.lose_events()
    for offset in (-100, 100, 100 - CENTS):
        payment_id, link_id = await open_payment_and_link(shop.port, other_member(), shop.plan)
        shop.sandbox.behaviour.amount_offset_in_cents = offset
        paid = await create_transaction(shop.sandbox, link_id)
        # The amount that an event tells does not matter.
        for told in (paid, {**paid, "amount_in_cents": CENTS}):
            await post_event(shop.port, signed_event_body(told))
            assert open_reviews(payment_id) == {("WRONG_AMOUNT", paid["id"]): True}
    assert not Subscription.select().exists()


@ON_SQLITE
@pytest.mark.gen_test
async def test_the_vector_with_a_small_amount_is_stored_and_starts_nothing(shop):
    payment_id = await at_wompi(shop, amount_in_cents=100)
    assert (await post_event(shop.port, body(E7, amount_in_cents=100))).status == 200
    assert payment_state(payment_id)[1:] == (False, ["WRONG_AMOUNT"])
    assert stored_events() == [("DONE", "FLAGGED", "APPROVED")]


@ON_SQLITE
@pytest.mark.gen_test
async def test_another_currency_starts_nothing_and_somebody_must_look_at_it(shop):
    payment_id = await at_wompi(shop, currency="USD")
    assert (await post_event(shop.port, body(E3))).status == 200
    assert payment_state(payment_id)[1:] == (False, ["WRONG_AMOUNT"])


@pytest.mark.gen_test
async def test_a_transaction_of_a_link_that_is_not_ours_changes_nothing(shop, opened):
    payment_id, _ = opened
    foreign = shop.sandbox._account.make_link(
        {"name": "Otro", "description": "Otro", "single_use": True, "collect_shipping": False, "amount_in_cents": CENTS}
    )
    answer = await post_event(shop.port, signed_event_body(await create_transaction(shop.sandbox, foreign.id)))
    assert answer.status == 200
    assert stored_events() == [("DONE", "UNKNOWN_LINK", "APPROVED")]
    assert not PaymentTransaction.select().exists()
    assert payment_state(payment_id) == ("PENDING", False, [])


@pytest.mark.gen_test
async def test_a_transaction_of_another_customer_over_the_same_amount_is_not_taken_for_ones_own(shop, opened):
    payment_id, _ = opened
    luis = other_member()
    theirs, their_link = await open_payment_and_link(shop.port, luis, shop.plan)
    paid = await create_transaction(shop.sandbox, their_link)
    shop.member.user.email = paid["customer_email"] or shop.member.user.email
    await post_event(shop.port, signed_event_body(paid))
    await shop.payments.reconcile_with_wompi(everything=True)
    assert (payment_state(payment_id), payment_state(theirs)) == (("PENDING", False, []), ("APPROVED", True, []))
    assert PaymentTransaction.get().payment_id == theirs


@pytest.mark.gen_test
async def test_without_its_link_a_transaction_is_known_by_its_reference(shop, opened):
    payment_id, link_id = opened
    shop.sandbox.behaviour.null_link = True
    paid = await create_transaction(shop.sandbox, link_id)
    assert (paid["payment_link_id"], paid["reference"].startswith(f"{link_id}_")) == (None, True)
    await post_event(shop.port, signed_event_body(paid))
    assert payment_state(payment_id) == ("APPROVED", True, [])


@ON_SQLITE
@pytest.mark.gen_test
async def test_a_reference_that_only_begins_alike_is_not_ours(shop):
    payment_id = await at_wompi(shop, payment_link_id=None)
    link_id = load_stored_payment(payment_id).link_id
    transaction = shop.sandbox._account.transactions[ID]
    for reference in (f"{link_id}x_1767225600_a", f"{link_id}", f"x{link_id}_1767225600_a", ""):
        transaction.reference = reference
        assert (await post_event(shop.port, body(E3))).status == 200
        assert payment_state(payment_id) == ("PENDING", False, []), reference


@ON_SQLITE
@pytest.mark.gen_test
async def test_the_link_that_a_transaction_names_counts_whatever_its_reference_says(shop):
    payment_id = await at_wompi(shop, payment_link_id="test_deOtro", reference="")
    link_id = load_stored_payment(payment_id).link_id
    shop.sandbox._account.transactions[ID].reference = f"{link_id}_1767225600_a"
    assert (await post_event(shop.port, body(E3))).status == 200
    assert payment_state(payment_id) == ("PENDING", False, [])


@ON_SQLITE
@pytest.mark.gen_test
async def test_an_event_that_we_do_not_know_is_stored_and_ignored(shop):
    token = {"event": "nequi_token.updated", "data": {"nequi_token": {"id": "nequi_1", "status": "APPROVED"}}}
    signed = signed_event_body({}, ("nequi_token.id", "nequi_token.status"), **token)
    assert (await post_event(shop.port, signed)).status == 200
    assert (await post_event(shop.port, signed)).status == 200
    row = WompiEvent.get()
    assert (row.state, row.outcome, row.name, row.copies) == ("DONE", "IGNORED", "nequi_token.updated", 2)
    assert (await post_event(shop.port, {**signed, "signature": {**signed["signature"], "checksum": E3}})).status == 401
    assert not shop.sandbox.requests[GET_TRANSACTION]


@pytest.mark.gen_test
async def test_a_status_of_the_future_is_stored_and_an_approval_after_it_still_starts_the_plan(shop):
    payment_id = await at_wompi(shop, status="IN_REVIEW")
    transaction = shop.sandbox._account.transactions[ID]
    seen = {"id": ID, "status": "IN_REVIEW", "amount_in_cents": 8_990_000}
    assert (await post_event(shop.port, signed_event_body(seen))).status == 200
    assert (payment_state(payment_id), PaymentTransaction.get().status) == (("PENDING", False, []), "IN_REVIEW")
    assert stored_events() == [("DONE", "RECORDED", "IN_REVIEW")]

    transaction.status = "APPROVED"
    await post_event(shop.port, signed_event_body({**seen, "status": "APPROVED"}))
    assert payment_state(payment_id) == ("APPROVED", True, [])


# ---- Whatever comes how often in which order ------------------------------------------------------


@pytest.mark.gen_test
async def test_events_in_any_order_and_any_number_end_the_same(shop):
    shop.lose_events()
    for statuses, wanted in (
        (("DECLINED", "APPROVED", "PENDING"), ("APPROVED", True, [])),
        (("APPROVED", "APPROVED", "ERROR"), ("APPROVED", True, ["DOUBLE_CHARGE"])),
        (("VOIDED", "APPROVED", "DECLINED"), ("APPROVED", True, [])),
        (("DECLINED", "ERROR", "VOIDED"), ("DECLINED", False, [])),
    ):
        for number, order in enumerate(permutations(range(3))):
            payment_id, link_id = await open_payment_and_link(shop.port, other_member(), shop.plan)
            made = [await create_transaction(shop.sandbox, link_id, status) for status in statuses]
            for index in order:
                copies = [
                    post_event(shop.port, signed_event_body(made[index])) for _ in range(10 if number == 0 else 2)
                ]
                assert {answer.status for answer in await asyncio.gather(*copies)} == {200}
            assert payment_state(payment_id) == wanted, (statuses, order)
            assert activations(payment_id) == (1 if wanted[1] else 0)


@pytest.mark.gen_test
async def test_the_events_of_one_transaction_in_any_order_and_ten_times_each_end_the_same(shop):
    shop.lose_events()
    for order in permutations(("PENDING", "APPROVED", "VOIDED")):
        payment_id, link_id = await open_payment_and_link(shop.port, other_member(), shop.plan)
        paid = await create_transaction(shop.sandbox, link_id, "PENDING")
        await post_event(shop.port, signed_event_body(paid))
        await change_status_at_wompi(shop.sandbox, paid, "APPROVED")
        await post_event(shop.port, signed_event_body({**paid, "status": "APPROVED"}))
        await change_status_at_wompi(shop.sandbox, paid, "VOIDED")
        for status in order:
            await asyncio.gather(
                *(post_event(shop.port, signed_event_body({**paid, "status": status})) for _ in range(10))
            )
        assert payment_state(payment_id) == ("VOIDED", False, ["VOIDED"]), order
        assert activations(payment_id) == 1


@pytest.mark.gen_test
async def test_a_wompi_that_repeats_and_reorders_changes_nothing(shop):
    shop.sandbox.behaviour = Behaviour(repeat_events=10, reorder_events=True)
    opened = [await open_payment_and_link(shop.port, other_member(), shop.plan) for _ in range(3)]
    for (payment_id, link_id), voids in zip(opened, (False, True, False), strict=True):
        await create_transaction(shop.sandbox, link_id, "DECLINED")
        paid = await create_transaction(shop.sandbox, link_id)
        await wait_until(lambda payment_id=payment_id: is_plan_running(payment_id), 5)
        if voids:
            await change_status_at_wompi(shop.sandbox, paid, "VOIDED")
    sent = shop.sandbox.events
    await wait_until(lambda: len(sent) == 7 and all(len(one.statuses) == 10 for one in sent), 10)

    assert {status for one in sent for status in one.statuses} == {200}
    assert [payment_state(payment_id) for payment_id, _ in opened] == [
        ("APPROVED", True, []),
        ("VOIDED", False, ["VOIDED"]),
        ("APPROVED", True, []),
    ]
    assert sorted(row.copies for row in WompiEvent.select()) == [10] * 7
    assert Subscription.select().count() == 3


# ---- Many at once ---------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_one_event_two_hundred_times_at_once_is_one_activation_and_hardly_any_question(shop, opened):
    payment_id, link_id = opened
    one = signed_event_body(await create_transaction(shop.sandbox, link_id))

    assert set(await post_events_at_once(shop.port, [one] * 200)) == {200}
    assert (payment_state(payment_id), activations(payment_id)) == (("APPROVED", True, []), 1)
    asked = shop.sandbox.requests[GET_TRANSACTION]
    assert 1 <= asked <= 5
    assert WompiEvent.get().copies == 200

    assert set(await post_events_at_once(shop.port, [one] * 200)) == {200}
    assert shop.sandbox.requests[GET_TRANSACTION] == asked
    assert (activations(payment_id), WompiEvent.get().copies) == (1, 400)


@pytest.mark.gen_test
async def test_twenty_approved_transactions_of_one_link_at_once_are_one_activation_and_nineteen_reviews(shop, opened):
    payment_id, link_id = opened
    made = [await create_transaction(shop.sandbox, link_id) for _ in range(20)]

    assert set(await post_events_at_once(shop.port, [signed_event_body(one) for one in made])) == {200}
    assert payment_state(payment_id) == ("APPROVED", True, ["DOUBLE_CHARGE"] * 19)
    assert activations(payment_id) == 1
    assert {transaction for _, transaction in open_reviews(payment_id)} == {one["id"] for one in made} - {
        load_stored_payment(payment_id).paid_by
    }
    assert {row[:2] for row in stored_events()} == {("DONE", "ACTIVATED"), ("DONE", "FLAGGED")}


@pytest.mark.gen_test
async def test_a_flood_of_events_of_many_members_is_carried_out_to_the_last(shop):
    shop.lose_events()
    opened = [await open_payment_and_link(shop.port, other_member(), shop.plan) for _ in range(15)]
    made = [await create_transaction(shop.sandbox, link_id) for _, link_id in opened]
    assert set(await post_events_at_once(shop.port, [signed_event_body(one) for one in made for _ in range(6)])) == {
        200
    }
    assert [payment_state(payment_id) for payment_id, _ in opened] == [("APPROVED", True, [])] * 15
    assert Subscription.select().count() == 15


# ---- Who is notified ------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_the_member_and_the_supervisors_are_notified_of_a_payment_and_nobody_else(shop, opened):
    payment_id, link_id = opened
    luis, yuliana, marta = other_member(), agent(), supervisor()
    at_home, on_phone = [await connect_socket(shop.port, shop.member) for _ in range(2)]
    above = await connect_socket(shop.port, marta)
    others = [await connect_socket(shop.port, luis), await connect_socket(shop.port, yuliana, "/ws/agent")]

    await post_event(shop.port, signed_event_body(await create_transaction(shop.sandbox, link_id, "DECLINED")))
    for client in (at_home, on_phone, above):
        received = await client.receive("payment_updated")
        assert (received["payment"]["id"], received["payment"]["status"]) == (payment_id, "DECLINED")
        assert (received["payment"]["user_id"], received["ends_at"]) == (shop.member.id, None)

    paid = signed_event_body(await create_transaction(shop.sandbox, link_id))
    await asyncio.gather(*(post_event(shop.port, paid) for _ in range(5)))
    ends_at = plan_periods(payment_id)[0].ends_at
    for client in (at_home, on_phone, above):
        updated, activated = await client.receive("payment_updated"), await client.receive("plan_activated")
        assert updated["payment"] == activated["payment"]
        assert (activated["payment"]["status"], activated["plan"]["code"]) == ("APPROVED", "PRUEBA")
        assert datetime.fromisoformat(activated["ends_at"]) == ends_at
    rest = [
        [frame["event"] for frame in await client.receive_until_pong()]
        for client in (at_home, on_phone, above, *others)
    ]
    money = [name for names in rest for name in names if name.startswith(("payment", "plan"))]
    assert money == []


@pytest.mark.gen_test
async def test_nothing_is_said_of_a_payment_whose_transaction_was_not_committed(shop, opened, monkeypatch):
    payment_id, link_id = opened
    at_home = await connect_socket(shop.port, shop.member)

    write = SettlementBatch.flush

    def write_and_fail(self, uow):
        write(self, uow)
        raise RuntimeError("after the last statement of the unit")

    with monkeypatch.context() as broken:
        broken.setattr(SettlementBatch, "flush", write_and_fail)
        answer = await post_event(shop.port, signed_event_body(await create_transaction(shop.sandbox, link_id)))
        assert answer.status == 200
        assert await at_home.receive_until_pong() == []
    assert payment_state(payment_id) == ("PENDING", False, [])
    assert not PaymentTransaction.select().exists()
    assert stored_events() == [("KEPT", "", "APPROVED")]

    make_events_due()
    await shop.payments.retry_events()
    received = await at_home.receive("plan_activated")
    assert received["payment"]["id"] == payment_id
    assert payment_state(payment_id) == ("APPROVED", True, [])


@pytest.mark.gen_test
async def test_what_is_received_is_in_the_database_already(shop, opened):
    payment_id, link_id = opened
    at_home = await connect_socket(shop.port, shop.member)
    await create_transaction(shop.sandbox, link_id)
    shop.sandbox.behaviour.delay_s = 0.05
    asked = asyncio.create_task(shop.payments.reconcile_with_wompi(everything=True))
    await at_home.receive("plan_activated")
    assert payment_state(payment_id) == ("APPROVED", True, [])
    await asked
    assert shop.sandbox.requests[SEARCH_TRANSACTIONS] == 1
