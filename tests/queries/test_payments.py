"""Payments as their members see them, and what buying a plan would bring."""

import uuid

import pytest

from beneficiate.actions.payments import MarkLinkUnknown, mark_link_unknown, record_link_refusal
from beneficiate.actions.settlements import ActivatePlanManually, activate_plan_manually
from beneficiate.domain.billing.outcome import APPROVED, DECLINED, PENDING, UNKNOWN, VOIDED
from beneficiate.errors import NotFound
from beneficiate.models.payments import Plan
from beneficiate.queries import accounts, payments
from beneficiate.unit_of_work import SYSTEM, Actor, UnitOfWork
from beneficiate.views.payments import payment_reference
from tests.actions.payment_steps import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    get_cheap_plan,
    get_plan,
    load_payment,
    open_checkout,
    paid_payment,
    payment_with_link,
    settle_one,
    update_columns,
    wompi_transaction,
)
from tests.factories import agent, member, supervisor
from tests.unit_of_work import call

YEAR = 365 * DAY


@pytest.fixture
def ana(db):
    return member()


def run_query(query, command, who, now=NOW):
    return call(query, UnitOfWork(who.actor if who else Actor(0, ""), now), command)


def quoted(who, of, now=NOW):
    found = run_query(payments.quote_plan, of.id, who, now)
    return found.kind, found.starts_at, found.ends_at, found.running_name


# ---- A quote -------------------------------------------------------------------------------------


def test_a_first_plan_starts_at_once(act, ana):
    assert quoted(ana, get_plan()) == ("first", NOW, NOW + YEAR, None)
    assert run_query(payments.quote_plan, get_plan().id, ana).plan.price == 480_000


def test_after_a_plan_has_ended_the_next_is_a_first_one_again(act, ana):
    paid_payment(act, ana)
    assert quoted(ana, get_plan(), NOW + YEAR) == ("first", NOW + YEAR, NOW + 2 * YEAR, None)


def test_the_same_plan_is_added_to_the_end(act, ana):
    paid_payment(act, ana)
    assert quoted(ana, get_plan(), NOW + DAY) == ("renewal", NOW + YEAR, NOW + 2 * YEAR, "Family")


def test_a_costlier_plan_starts_at_once(act, ana):
    paid_payment(act, ana, get_cheap_plan())
    assert quoted(ana, get_plan(), NOW + DAY) == ("upgrade", NOW + DAY, NOW + DAY + YEAR, "Single")


def test_a_cheaper_plan_starts_later(act, ana):
    paid_payment(act, ana)
    assert quoted(ana, get_cheap_plan(), NOW + DAY) == ("later", NOW + YEAR, NOW + 2 * YEAR, "Family")


def test_another_plan_of_the_same_price_starts_later(act, ana):
    paid_payment(act, ana)
    assert quoted(ana, get_plan("OTHER"), NOW + DAY)[:2] == ("later", NOW + YEAR)


def test_what_comes_after_the_running_plan_counts_too(act, ana):
    paid_payment(act, ana)
    paid_payment(act, ana)
    assert quoted(ana, get_plan(), NOW + DAY) == ("renewal", NOW + 2 * YEAR, NOW + 3 * YEAR, "Family")


def test_a_plan_that_has_become_costlier_is_compared_with_what_was_paid(act, ana):
    paid_payment(act, ana)
    Plan.update(price=500_000).execute()
    assert quoted(ana, get_plan(), NOW + DAY)[:2] == ("upgrade", NOW + DAY)
    Plan.update(price=400_000).execute()
    assert quoted(ana, get_plan(), NOW + DAY)[:2] == ("renewal", NOW + YEAR)


def test_a_quote_is_what_a_purchase_brings(act, ana):
    for of in (get_cheap_plan(), get_plan(), get_cheap_plan(), get_plan()):
        _, starts_at, ends_at, _ = quoted(ana, of, NOW + MINUTE)
        payment_id = paid_payment(act, ana, of, NOW + MINUTE)
        payment_payload = payments.serialize_payment(payment_id)
        assert (payment_payload.starts_at, payment_payload.ends_at) == (starts_at, ends_at)


def test_what_is_not_on_sale_has_no_quote(act, ana):
    for plan_id in (get_plan("OLD", is_active=False).id, 2_000_000_000):
        with pytest.raises(NotFound):
            run_query(payments.quote_plan, plan_id, ana)


# ---- One's own -----------------------------------------------------------------------------------


def test_a_payload_has_the_span_of_an_approved_payment_only(act, ana):
    waiting, approved = payment_with_link(act, ana), paid_payment(act, member(), now=NOW + DAY)
    first = payments.serialize_payment(waiting)
    assert (first.id, first.status, first.user_id, first.amount, first.currency) == (
        waiting,
        PENDING,
        ana.id,
        480_000,
        "COP",
    )
    assert (first.starts_at, first.ends_at, first.created_at) == (None, None, NOW)
    assert (first.plan.id, first.plan.code, first.plan.name) == (get_plan().id, "FAMILY", "Plan Family")
    second = payments.serialize_payment(approved)
    assert (second.status, second.starts_at, second.ends_at) == (APPROVED, NOW + DAY, NOW + DAY + YEAR)


def test_the_span_of_a_plan_that_was_split_reaches_to_the_end_of_its_last_part(act, ana):
    cheap = paid_payment(act, ana, get_cheap_plan())
    paid_payment(act, ana, now=NOW + 100 * DAY)
    payment_payload = payments.serialize_payment(cheap)
    assert (payment_payload.starts_at, payment_payload.ends_at) == (NOW, NOW + 2 * YEAR)


def test_a_payment_is_seen_by_its_member_and_by_supervisors(act, ana):
    payment_id = payment_with_link(act, ana)
    assert run_query(payments.load_payment, payment_id, ana) == payments.serialize_payment(payment_id)
    assert run_query(payments.load_payment, payment_id, supervisor()) == payments.serialize_payment(payment_id)
    for who in (member(), agent()):
        with pytest.raises(NotFound):
            run_query(payments.load_payment, payment_id, who)
    with pytest.raises(NotFound):
        run_query(payments.load_payment, str(uuid.uuid4()), supervisor())


def test_on_their_page_a_payment_is_seen_by_its_member_alone(act, ana):
    payment_id = payment_with_link(act, ana)
    for who in (member(), agent(), supervisor()):
        with pytest.raises(NotFound):
            run_query(payments.load_own_payment, payment_id, who)
    found = run_query(payments.load_own_payment, payment_id, ana)
    assert found.payload.id == payment_id
    assert found.reference == payment_reference(payment_id) == f"BNF-{payment_id[:8].upper()}"
    assert (found.link_id, found.link_expires_at) == (load_payment(payment_id).link_id, NOW + HOUR)
    assert (found.max_beneficiaries, found.paid_at, found.method, found.is_processing) == (4, None, "", False)


def test_the_link_of_a_payment_that_is_closed_is_not_shown(act, ana):
    payment_id = paid_payment(act, ana)
    assert run_query(payments.load_own_payment, payment_id, ana).link_id is None
    other = open_checkout(act, ana, get_cheap_plan()).payment_id
    act(mark_link_unknown, MarkLinkUnknown(other, "another link", "odd"), SYSTEM, NOW)
    assert run_query(payments.load_own_payment, other, ana).link_id is None


def test_the_last_attempt_says_how_and_whether_a_bank_still_thinks(act, ana):
    payment_id = payment_with_link(act, ana)
    settle_one(act, wompi_transaction(payment_id, DECLINED, created_at=NOW, method="CARD", method_detail="VISA 4242"))
    found = run_query(payments.load_own_payment, payment_id, ana)
    assert (found.method, found.method_detail, found.is_processing) == ("CARD", "VISA 4242", False)
    settle_one(act, wompi_transaction(payment_id, PENDING, created_at=NOW + MINUTE, method="PSE", method_detail=""))
    found = run_query(payments.load_own_payment, payment_id, ana)
    assert (found.method, found.method_detail, found.is_processing) == ("PSE", "", True)


def test_a_pending_attempt_speaks_though_a_newer_one_was_declined(act, ana):
    payment_id = payment_with_link(act, ana)
    settle_one(act, wompi_transaction(payment_id, PENDING, created_at=NOW, method="PSE", method_detail=""))
    declined = wompi_transaction(payment_id, DECLINED, created_at=NOW + MINUTE)
    settle_one(act, declined)
    found = run_query(payments.load_own_payment, payment_id, ana)
    assert (found.method, found.is_processing, found.ended_attempts) == ("PSE", True, {declined.id})


def test_a_pending_purchase_of_another_plan_is_found_until_the_bank_answers(act, ana):
    pending, cheap = payment_with_link(act, ana), get_cheap_plan()
    assert run_query(payments.find_pending_purchase, cheap.id, ana) is None
    transaction = wompi_transaction(pending, PENDING, method="PSE")
    settle_one(act, transaction)
    found = run_query(payments.find_pending_purchase, cheap.id, ana)
    assert (found.payment_id, found.plan_name, found.amount) == (pending, "Family", 480_000)
    assert run_query(payments.find_pending_purchase, load_payment(pending).plan_id, ana) is None
    assert run_query(payments.find_pending_purchase, cheap.id, member()) is None
    settle_one(act, wompi_transaction(pending, id=transaction.id))
    assert run_query(payments.find_pending_purchase, cheap.id, ana) is None


def test_money_that_must_be_looked_at_is_in_process_and_what_is_paid_is_not(act, ana):
    wrong, right = payment_with_link(act, ana), paid_payment(act, ana, get_cheap_plan())
    settle_one(act, wompi_transaction(wrong, amount_in_cents=1))
    assert run_query(payments.load_own_payment, wrong, ana).is_in_review
    assert not run_query(payments.load_own_payment, right, ana).is_in_review
    assert run_query(payments.load_own_payment, right, ana).paid_at == NOW


def test_ones_payments_are_the_newest_first_and_nobody_elses(act, ana):
    ids = [
        payment_with_link(act, ana, of, NOW + n * HOUR)
        for n, of in enumerate((get_plan(), get_cheap_plan(), get_plan("OTHER")))
    ]
    payment_with_link(act, member())
    for query in (payments.list_own_payments, payments.list_own_payment_views):
        found = [getattr(one, "payload", one).id for one in run_query(query, None, ana)]
        assert found == ids[::-1]
    assert run_query(payments.list_own_payments, None, member()) == []


def test_no_more_than_a_hundred_are_shown(act, ana, monkeypatch):
    assert payments.MAX_PAYMENTS_SHOWN == 100
    monkeypatch.setattr(payments, "MAX_PAYMENTS_SHOWN", 2)
    for n in range(3):
        payment_with_link(act, ana, get_plan(f"P{n}"), NOW + n * HOUR)
    assert len(run_query(payments.list_own_payment_views, None, ana)) == 2


def test_a_receipt_is_only_of_what_started_a_plan(act, ana):
    waiting, approved, by_hand, voided = (payment_with_link(act, ana, get_plan(code)) for code in "ABCD")
    settle_one(act, wompi_transaction(approved))
    act(activate_plan_manually, ActivatePlanManually(by_hand, "Consignó en la oficina"), supervisor().actor, NOW)
    one = wompi_transaction(voided)
    settle_one(act, one)
    settle_one(act, wompi_transaction(voided, VOIDED, id=one.id))
    for payment_id in (approved, by_hand, voided):
        assert run_query(payments.load_receipt, payment_id, ana).payload.id == payment_id
        with pytest.raises(NotFound):
            run_query(payments.load_receipt, payment_id, member())
    with pytest.raises(NotFound):
        run_query(payments.load_receipt, waiting, ana)


def test_the_open_payment_of_a_plan_is_found_until_it_is_closed(act, ana):
    payment_id = open_checkout(act, ana).payment_id
    for change in ({"status": PENDING}, {"status": UNKNOWN}, {"status": DECLINED}):
        update_columns(payment_id, **change)
        assert run_query(payments.find_open_payment_id, get_plan().id, ana) == payment_id
    assert run_query(payments.find_open_payment_id, get_cheap_plan().id, ana) is None
    assert run_query(payments.find_open_payment_id, get_plan().id, member()) is None
    update_columns(payment_id, is_open=False)
    assert run_query(payments.find_open_payment_id, get_plan().id, ana) is None


def test_a_payment_without_a_link_has_none_to_show(act, ana):
    payment_id = open_checkout(act, ana).payment_id
    act(record_link_refusal, (payment_id, "status 422"), SYSTEM, NOW)
    assert run_query(payments.load_own_payment, payment_id, ana).link_id is None


# ---- Who pays ------------------------------------------------------------------------------------


def test_ones_own_plan_is_the_one_that_runs_now(act, ana):
    assert run_query(accounts.find_own_plan, None, ana) is None
    paid_payment(act, ana, get_cheap_plan())
    paid_payment(act, ana, now=NOW + DAY)
    found = [run_query(accounts.find_own_plan, None, ana, NOW + wait) for wait in (HOUR, DAY, DAY + YEAR, 3 * YEAR)]
    assert [(one or {}).get("code") for one in found] == ["SINGLE", "FAMILY", "SINGLE", None]
    assert found[1] == {"code": "FAMILY", "name": "Plan Family", "ends_at": NOW + DAY + YEAR}
    assert run_query(accounts.find_own_plan, None, member()) is run_query(accounts.find_own_plan, None, None) is None


def test_a_receipt_names_its_payer(act, ana):
    assert run_query(accounts.load_payer, None, ana) == {
        "name": ana.user.name,
        "document": f"CC {ana.user.document_number}",
    }
