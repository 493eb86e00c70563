"""Settlement of transactions: one activation per payment, however often and in whatever order they arrive."""

import json
import uuid
from dataclasses import replace
from itertools import permutations

import pytest
from peewee import IntegrityError
from structlog.testing import capture_logs

from beneficiate.actions import payments, settlements
from beneficiate.actions.settlement_batch import RECEIPT_EMAIL, load_settlement_batch
from beneficiate.actions.settlements import ActivatePlanManually, CloseReview, SettleTransaction
from beneficiate.domain.billing.outcome import APPROVED, DECLINED, EXPIRED, PENDING, VOIDED, ReviewKind
from beneficiate.errors import AlreadySettled, Internal, NotFound
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import database, open_database
from beneficiate.models.payments import (
    Payment,
    PaymentReview,
    PaymentTransaction,
    Plan,
    PlanEmail,
    Subscription,
    WompiEvent,
)
from beneficiate.protocol.payments import PaymentUpdated
from beneficiate.queries.payments import serialize_payment
from beneficiate.store import Store
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.payment_steps import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    audit_entries,
    event_names,
    get_cheap_plan,
    get_plan,
    load_payment,
    member_and_supervisor_channels,
    open_checkout,
    paid_payment,
    payment_with_link,
    plan_emails_of,
    plan_periods_of,
    reviews_of,
    run_committed,
    settle_batch,
    settle_one,
    update_columns,
    wompi_transaction,
)
from tests.factories import member, supervisor

YEAR = 365 * DAY


@pytest.fixture
def ana(db):
    return member()


def activated(act, payment_id, by, now=NOW, reason="Consignó en la oficina"):
    return act(settlements.activate_plan_manually, ActivatePlanManually(payment_id, reason), by.actor, now)


def resolved(act, payment_id, review_id, by, note="Se devolvió en el panel", now=NOW):
    return act(settlements.close_review, CloseReview(payment_id, review_id, note), by.actor, now)


def attempts(payment_id):
    rows = PaymentTransaction.select().where(PaymentTransaction.payment == payment_id).order_by(PaymentTransaction.id)
    return {row.id: row.status for row in rows}


# ---- Approved ------------------------------------------------------------------------------------


def test_approved_transaction_activates_the_plan_and_is_emitted(act, ana):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id)
    result, outgoing = act(settlements.settle_transactions, SettleTransaction(one, "test"), SYSTEM, NOW + MINUTE)
    assert result == "ACTIVATED"
    row = load_payment(payment_id)
    assert (row.status, row.is_open, row.paid_by, row.activated_by_id) == (APPROVED, False, one.id, None)
    assert (row.activated_at, row.revoked_at) == (NOW + MINUTE, None)
    until = NOW + MINUTE + YEAR
    assert plan_periods_of(ana) == [("FAMILY", 0, NOW + MINUTE, until)]
    assert plan_emails_of(ana) == [(RECEIPT_EMAIL, until, payment_id)]
    assert sorted(event_names(outgoing)) == [
        ("PaymentUpdated", member_and_supervisor_channels(ana)),
        ("PlanActivated", member_and_supervisor_channels(ana)),
    ]  # fmt: skip
    payload = serialize_payment(payment_id)
    assert [(one.event.payment, one.event.ends_at, one.event.plan.code) for one in outgoing] == [
        (payload, until, "FAMILY")
    ] * 2
    assert reviews_of(payment_id) == []


def test_transaction_is_stored_as_reported(act, ana):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id, DECLINED, reason="Fondos insuficientes", created_at=NOW - MINUTE)
    settle_one(act, one)
    row = PaymentTransaction.get_by_id(one.id)
    assert (row.payment_id, row.status, row.amount_in_cents, row.currency) == (payment_id, DECLINED, 48_000_000, "COP")
    assert (row.method, row.method_detail, row.reason) == ("CARD", "VISA 4242", "Fondos insuficientes")
    assert (row.reference, row.created_at, row.updated_at) == (one.reference, NOW - MINUTE, NOW)


def test_same_transaction_again_changes_nothing_and_says_nothing(act, ana):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id)
    settle_one(act, one)
    before = Payment.select().dicts().get(), plan_periods_of(ana), plan_emails_of(ana)
    for now in (NOW, NOW + DAY):
        result, outgoing = act(settlements.settle_transactions, SettleTransaction(one, "test"), SYSTEM, now)
        assert (result, outgoing) == ("RECORDED", [])
    assert (Payment.select().dicts().get(), plan_periods_of(ana), plan_emails_of(ana)) == before


@pytest.mark.parametrize("late", [PENDING, DECLINED, "ERROR"])
def test_older_answer_does_not_undo_an_approval(act, ana, late):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id)
    settle_one(act, one)
    assert settle_one(act, wompi_transaction(payment_id, late, id=one.id)) == "RECORDED"
    assert (load_payment(payment_id).status, attempts(payment_id)) == (APPROVED, {one.id: APPROVED})


def test_expired_payment_is_started_by_money_that_comes_after_all(act, ana):
    payment_id = payment_with_link(act, ana)
    update_columns(payment_id, status=EXPIRED, is_open=False)
    assert settle_one(act, wompi_transaction(payment_id), NOW + DAY) == "ACTIVATED"
    assert load_payment(payment_id).status == APPROVED


def test_price_is_that_of_the_payment_and_not_of_today(act, ana):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id)
    Plan.update(price=900_000, duration_days=1, is_active=False).execute()
    assert settle_one(act, one) == "ACTIVATED"
    assert plan_periods_of(ana) == [("FAMILY", 0, NOW, NOW + YEAR)]


def test_transaction_without_a_link_is_known_by_its_reference(act, ana):
    payment_id = payment_with_link(act, ana)
    assert settle_one(act, wompi_transaction(payment_id, link_id=None)) == "ACTIVATED"


@pytest.mark.parametrize("change", [{"link_id": "test_foreign"}, {"link_id": None, "reference": "BNF-1"}])
def test_transaction_of_no_link_of_ours_leaves_nothing_behind(act, ana, change):
    one = wompi_transaction(payment_with_link(act, ana), **change)
    assert act(settlements.settle_transactions, SettleTransaction(one, "test"), SYSTEM, NOW) == ("UNKNOWN_LINK", [])
    assert not PaymentTransaction.select().exists()


def test_transaction_of_the_other_environment_starts_nothing(act, ana):
    payment_id = payment_with_link(act, ana)
    assert settle_one(act, wompi_transaction(payment_id), environment="prod") == "UNKNOWN_LINK"
    assert load_payment(payment_id).status == PENDING


def test_reference_that_fits_two_payments_belongs_to_neither(act, ana):
    first, second = payment_with_link(act, ana), payment_with_link(act, ana, get_cheap_plan())
    update_columns(first, link_id="a")
    update_columns(second, link_id="a_b")
    assert settle_one(act, wompi_transaction(first, link_id=None, reference="a_b_1")) == "UNKNOWN_LINK"


# ---- Refused, waiting ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "becomes"), [(PENDING, PENDING), (DECLINED, DECLINED), ("ERROR", DECLINED), (VOIDED, VOIDED)]
)
def test_unapproved_transaction_activates_nothing_and_is_emitted(act, ana, status, becomes):
    payment_id = payment_with_link(act, ana)
    result, outgoing = act(
        settlements.settle_transactions, SettleTransaction(wompi_transaction(payment_id, status), "test"), SYSTEM, NOW
    )
    assert (result, load_payment(payment_id).status, plan_periods_of(ana)) == ("RECORDED", becomes, [])
    assert [(one.event.payment.status, one.channels) for one in outgoing] == [
        (becomes, member_and_supervisor_channels(ana))
    ]


def test_bank_that_answers_at_last_is_believed(act, ana):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id, PENDING)
    settle_one(act, one)
    assert settle_one(act, wompi_transaction(payment_id, id=one.id, reason="ok"), NOW + MINUTE) == "ACTIVATED"
    row = PaymentTransaction.get_by_id(one.id)
    assert (row.status, row.reason, row.created_at, row.updated_at) == (APPROVED, "ok", NOW, NOW + MINUTE)


def test_refusal_does_not_end_a_payment(act, ana):
    payment_id = payment_with_link(act, ana)
    settle_one(act, wompi_transaction(payment_id, DECLINED))
    assert load_payment(payment_id).is_open
    assert settle_one(act, wompi_transaction(payment_id, PENDING)) == "RECORDED"
    assert load_payment(payment_id).status == PENDING
    assert settle_one(act, wompi_transaction(payment_id)) == "ACTIVATED"


def test_expired_payment_stays_so_when_its_last_attempt_is_refused(act, ana):
    payment_id = payment_with_link(act, ana)
    update_columns(payment_id, status=EXPIRED, is_open=False)
    settle_one(act, wompi_transaction(payment_id, DECLINED))
    assert load_payment(payment_id).status == EXPIRED


# ---- Reviews of payments --------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"amount_in_cents": 47_999_900}, {"amount_in_cents": 1}, {"currency": "USD"}])
def test_another_amount_starts_nothing_and_needs_a_review(act, ana, change):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id, **change)
    result, outgoing = act(settlements.settle_transactions, SettleTransaction(one, "test"), SYSTEM, NOW)
    assert (result, plan_periods_of(ana), plan_emails_of(ana)) == ("FLAGGED", [], [])
    assert reviews_of(payment_id) == [(ReviewKind.WRONG_AMOUNT, one.id, True)]
    assert (load_payment(payment_id).status, load_payment(payment_id).is_open) == (PENDING, False)
    assert event_names(outgoing) == [("PaymentUpdated", member_and_supervisor_channels(ana))]
    assert act(settlements.settle_transactions, SettleTransaction(one, "test"), SYSTEM, NOW) == ("RECORDED", [])
    assert len(reviews_of(payment_id)) == 1


def test_wrong_amount_withdraws_the_link_after_any_attempt(act, ana):
    payment_id = payment_with_link(act, ana)
    settle_one(act, wompi_transaction(payment_id, DECLINED))
    waiting = wompi_transaction(payment_id, PENDING, amount_in_cents=1)
    settle_one(act, waiting)
    settle_one(act, wompi_transaction(payment_id, id=waiting.id, amount_in_cents=1))
    assert not load_payment(payment_id).is_open
    assert open_checkout(act, ana, now=NOW + MINUTE).payment_id != payment_id


def test_wrong_amount_withdraws_the_link_within_a_batch(act, ana):
    payment_id = payment_with_link(act, ana)
    settle_batch([wompi_transaction(payment_id, amount_in_cents=1), wompi_transaction(payment_id, DECLINED)])
    assert not load_payment(payment_id).is_open


def test_second_charge_starts_no_second_plan_and_needs_a_review(act, ana):
    payment_id = paid_payment(act, ana)
    one = wompi_transaction(payment_id)
    assert settle_one(act, one, NOW + MINUTE) == "FLAGGED"
    assert reviews_of(payment_id) == [(ReviewKind.DOUBLE_CHARGE, one.id, True)]
    assert plan_periods_of(ana) == [("FAMILY", 0, NOW, NOW + YEAR)]
    assert load_payment(payment_id).paid_by != one.id
    another = wompi_transaction(payment_id)
    assert settle_one(act, another) == "FLAGGED"
    assert len(reviews_of(payment_id)) == 2


@pytest.mark.parametrize("in_one_batch", [False, True])
def test_two_purchases_that_were_open_at_once_and_both_paid_need_a_review(act, ana, in_one_batch):
    first = payment_with_link(act, ana)
    second = payment_with_link(act, ana, get_cheap_plan(), NOW + MINUTE)
    paid = [wompi_transaction(second), wompi_transaction(first)]
    if in_one_batch:
        assert settle_batch(paid, NOW + HOUR)[0] == ["ACTIVATED", "ACTIVATED"]
    else:
        assert [settle_one(act, one, NOW + HOUR) for one in paid] == ["ACTIVATED", "ACTIVATED"]
    assert reviews_of(second) == []
    assert reviews_of(first) == [(ReviewKind.TWO_PLANS, paid[1].id, True)]
    settle_one(act, wompi_transaction(first, VOIDED, id=paid[1].id), NOW + 2 * HOUR)
    assert (ReviewKind.TWO_PLANS, paid[1].id, False) in reviews_of(first)


def test_purchase_that_began_after_the_last_one_was_paid_needs_no_review(act, ana):
    paid_payment(act, ana)
    paid_payment(act, member(), now=NOW + HOUR)
    later = payment_with_link(act, ana, now=NOW + MINUTE)
    settle_one(act, wompi_transaction(later), NOW + HOUR)
    assert reviews_of(later) == []


def test_voided_second_charge_closes_its_review_and_revokes_nothing(act, ana):
    payment_id = paid_payment(act, ana)
    one = wompi_transaction(payment_id)
    settle_one(act, one)
    assert settle_one(act, wompi_transaction(payment_id, VOIDED, id=one.id), NOW + MINUTE) == "RECORDED"
    assert reviews_of(payment_id) == [(ReviewKind.DOUBLE_CHARGE, one.id, False)]
    assert (PaymentReview.get().resolved_at, PaymentReview.get().resolved_by_id, bool(PaymentReview.get().note)) == (
        NOW + MINUTE,
        None,
        True,
    )
    assert (load_payment(payment_id).status, plan_periods_of(ana)) == (APPROVED, [("FAMILY", 0, NOW, NOW + YEAR)])


def test_another_amount_that_is_voided_needs_no_review(act, ana):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id, amount_in_cents=1)
    settle_one(act, one)
    settle_one(act, wompi_transaction(payment_id, VOIDED, id=one.id, amount_in_cents=1))
    assert reviews_of(payment_id) == [(ReviewKind.WRONG_AMOUNT, one.id, False)]
    assert load_payment(payment_id).status == VOIDED


def test_voided_payment_revokes_its_plan_and_needs_a_review(act, ana):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id)
    settle_one(act, one)
    voided = SettleTransaction(wompi_transaction(payment_id, VOIDED, id=one.id), "test")
    result, outgoing = act(settlements.settle_transactions, voided, SYSTEM, NOW + DAY)
    assert result == "REVOKED"
    row = load_payment(payment_id)
    assert (row.status, row.activated_at, row.revoked_at) == (VOIDED, NOW, NOW + DAY)
    assert plan_periods_of(ana) == [("FAMILY", 0, NOW, NOW + DAY)]
    assert reviews_of(payment_id) == [(ReviewKind.VOIDED, one.id, True)]
    assert [(one.event.payment.status, one.event.ends_at, one.channels) for one in outgoing] == [
        (VOIDED, None, member_and_supervisor_channels(ana))
    ]  # fmt: skip
    assert act(settlements.settle_transactions, voided, SYSTEM, NOW + 2 * DAY) == ("RECORDED", [])
    assert plan_periods_of(ana) == [("FAMILY", 0, NOW, NOW + DAY)]


def test_money_after_the_plan_was_revoked_needs_a_review(act, ana):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id)
    settle_one(act, one)
    settle_one(act, wompi_transaction(payment_id, VOIDED, id=one.id))
    late = wompi_transaction(payment_id)
    assert settle_one(act, late, NOW + MINUTE) == "FLAGGED"
    assert reviews_of(payment_id)[1:] == [(ReviewKind.LATE_APPROVAL, late.id, True)]
    assert load_payment(payment_id).status == VOIDED
    settle_one(act, wompi_transaction(payment_id, VOIDED, id=late.id))
    assert reviews_of(payment_id)[1:] == [(ReviewKind.LATE_APPROVAL, late.id, False)]


def test_approval_that_comes_after_its_own_void_changes_nothing(act, ana):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id, VOIDED)
    settle_one(act, one)
    assert settle_one(act, wompi_transaction(payment_id, id=one.id)) == "RECORDED"
    assert (load_payment(payment_id).status, plan_periods_of(ana), reviews_of(payment_id)) == (VOIDED, [], [])


# ---- The event that a transaction is the answer to -----------------------------------------------


def test_event_is_done_with_its_outcome_and_its_payment(act, ana):
    payment_id = payment_with_link(act, ana)
    event = WompiEvent.create(
        dedupe_key="k", name="transaction.updated", body="{}", state="KEPT", received_at=NOW, next_try_at=NOW
    )
    assert settle_one(act, wompi_transaction(payment_id), NOW + MINUTE, event_id=event.id) == "ACTIVATED"
    row = WompiEvent.get_by_id(event.id)
    assert (row.state, row.outcome, row.payment_id) == ("DONE", "ACTIVATED", payment_id)
    assert (row.processed_at, row.next_try_at) == (NOW + MINUTE, None)


def test_event_of_no_payment_of_ours_is_left_as_it_is(act, ana):
    event = WompiEvent.create(
        dedupe_key="k", name="transaction.updated", body="{}", state="KEPT", received_at=NOW, next_try_at=NOW
    )
    before = WompiEvent.select().dicts().get()
    settle_one(act, wompi_transaction(payment_with_link(act, ana), link_id="foreign"), event_id=event.id)
    assert WompiEvent.select().dicts().get() == before


# ---- Two activations -----------------------------------------------------------------------------


def test_database_itself_refuses_a_second_activation(act, db, ana):
    paid_payment(act, ana)
    row = Subscription.select().dicts().get()
    del row["id"]
    with pytest.raises(IntegrityError), db.atomic():
        Subscription.insert(row).execute()
    assert plan_periods_of(ana) == [("FAMILY", 0, NOW, NOW + YEAR)]


def test_who_does_not_know_of_an_activation_cannot_repeat_it(act, db, ana):
    payment_id, uow = payment_with_link(act, ana), UnitOfWork(SYSTEM, NOW)
    old = load_settlement_batch(Payment.id == payment_id)
    settle_one(act, wompi_transaction(payment_id))
    old.activate_plan(uow, old.payments[0], "another", None)
    with pytest.raises(IntegrityError), db.atomic():
        old.flush(uow)
    assert plan_periods_of(ana) == [("FAMILY", 0, NOW, NOW + YEAR)]
    assert uow.outgoing == []


def test_plans_without_a_payment_are_not_mistaken_for_one_another(act, ana):
    for _ in range(2):
        Subscription.create(user=ana.id, plan=get_plan(), starts_at=NOW, ends_at=NOW + DAY, created_at=NOW)
    assert len(plan_periods_of(ana)) == 2


# ---- One plan after another ----------------------------------------------------------------------


def test_renewal_adds_to_the_end(act, ana):
    paid_payment(act, ana)
    paid_payment(act, ana, now=NOW + DAY)
    assert plan_periods_of(ana) == [("FAMILY", 0, NOW, NOW + YEAR), ("FAMILY", 0, NOW + YEAR, NOW + 2 * YEAR)]


def test_cheaper_plan_starts_when_the_more_expensive_one_has_ended(act, ana):
    paid_payment(act, ana)
    paid_payment(act, ana, get_cheap_plan(), NOW + DAY)
    assert plan_periods_of(ana) == [("FAMILY", 0, NOW, NOW + YEAR), ("SINGLE", 0, NOW + YEAR, NOW + 2 * YEAR)]


def test_more_expensive_plan_splits_the_running_one_and_no_day_is_lost(act, ana):
    cheap, dear = paid_payment(act, ana, get_cheap_plan()), paid_payment(act, ana, now=NOW + 100 * DAY)
    cut, back = NOW + 100 * DAY, NOW + 100 * DAY + YEAR
    assert plan_periods_of(ana) == [
        ("SINGLE", 0, NOW, cut),
        ("FAMILY", 0, cut, back),
        ("SINGLE", 1, back, back + 265 * DAY),
    ]  # fmt: skip
    assert {row.part: row.payment_id for row in Subscription.select().where(Subscription.payment == cheap)} == {
        0: cheap,
        1: cheap,
    }
    assert serialize_payment(cheap).ends_at == back + 265 * DAY
    assert serialize_payment(dear).ends_at == back


def test_what_was_split_is_split_again_with_the_next_part(act, ana):
    paid_payment(act, ana, get_cheap_plan())
    paid_payment(act, ana, now=NOW + 100 * DAY)
    back = NOW + 100 * DAY + YEAR
    paid_payment(act, ana, now=back + DAY)
    assert [(code, part) for code, part, *_ in plan_periods_of(ana)] == [
        ("SINGLE", 0),
        ("FAMILY", 0),
        ("SINGLE", 1),
        ("FAMILY", 0),
        ("SINGLE", 2),
    ]
    assert plan_periods_of(ana)[-1][3] - plan_periods_of(ana)[-1][2] == 264 * DAY


def test_plan_that_nobody_paid_for_here_is_split_too(act, ana):
    until = NOW + 10 * DAY
    Subscription.create(user=ana.id, plan=get_cheap_plan(), starts_at=NOW - DAY, ends_at=until, created_at=NOW)
    paid_payment(act, ana)
    assert plan_periods_of(ana) == [
        ("SINGLE", 0, NOW - DAY, NOW),
        ("FAMILY", 0, NOW, NOW + YEAR),
        ("SINGLE", 1, NOW + YEAR, NOW + YEAR + 10 * DAY),
    ]  # fmt: skip


def test_revoked_upgrade_lets_the_cheaper_plan_continue_at_once(act, ana):
    paid_payment(act, ana, get_cheap_plan())
    dear = payment_with_link(act, ana, now=NOW + 100 * DAY)
    one = wompi_transaction(dear)
    settle_one(act, one, NOW + 100 * DAY)
    assert settle_one(act, wompi_transaction(dear, VOIDED, id=one.id), NOW + 110 * DAY) == "REVOKED"
    cut, void = NOW + 100 * DAY, NOW + 110 * DAY
    assert plan_periods_of(ana) == [
        ("SINGLE", 0, NOW, cut),
        ("FAMILY", 0, cut, void),
        ("SINGLE", 1, void, void + 265 * DAY),
    ]  # fmt: skip


def test_split_plan_that_is_revoked_loses_both_parts_ahead(act, ana):
    cheap = payment_with_link(act, ana, get_cheap_plan())
    one = wompi_transaction(cheap)
    settle_one(act, one)
    paid_payment(act, ana, now=NOW + 100 * DAY)
    settle_one(act, wompi_transaction(cheap, VOIDED, id=one.id), NOW + 110 * DAY)
    cut, back = NOW + 100 * DAY, NOW + 100 * DAY + YEAR
    assert [row for row in plan_periods_of(ana) if row[3] > row[2]] == [
        ("SINGLE", 0, NOW, cut),
        ("FAMILY", 0, cut, back),
    ]


def test_renewal_that_is_revoked_before_it_began_has_no_length(act, ana):
    paid_payment(act, ana)
    renewal = payment_with_link(act, ana, now=NOW + DAY)
    one = wompi_transaction(renewal)
    settle_one(act, one, NOW + DAY)
    paid_payment(act, ana, get_cheap_plan(), NOW + 2 * DAY)
    settle_one(act, wompi_transaction(renewal, VOIDED, id=one.id), NOW + 3 * DAY)
    end = NOW + YEAR
    assert [row for row in plan_periods_of(ana) if row[3] > row[2]] == [
        ("FAMILY", 0, NOW, end),
        ("SINGLE", 0, end, end + YEAR),
    ]  # fmt: skip
    assert ("FAMILY", 0, end, end) in plan_periods_of(ana)


def test_plans_of_others_are_not_touched(act, ana):
    beto = member("Beto")
    paid_payment(act, beto, get_cheap_plan())
    before = plan_periods_of(beto)
    paid_payment(act, ana)
    assert plan_periods_of(beto) == before


# ---- Receipts ------------------------------------------------------------------------------------


def test_every_activation_sends_a_receipt(act, ana):
    ids = [
        paid_payment(act, ana, get_cheap_plan()),
        paid_payment(act, ana, now=NOW + DAY),
        paid_payment(act, ana, now=NOW + 2 * DAY),
    ]
    assert [(kind, payment_id) for kind, _, payment_id in plan_emails_of(ana)] == [(RECEIPT_EMAIL, id_) for id_ in ids]
    for kind, ends_at, payment_id in plan_emails_of(ana)[1:]:
        assert (kind, serialize_payment(payment_id).ends_at) == (RECEIPT_EMAIL, ends_at)


def test_renewal_that_is_bought_again_after_a_void_has_a_receipt_of_its_own(act, ana):
    paid_payment(act, ana)
    first = payment_with_link(act, ana, now=NOW + DAY)
    one = wompi_transaction(first)
    settle_one(act, one, NOW + DAY)
    settle_one(act, wompi_transaction(first, VOIDED, id=one.id), NOW + 2 * DAY)
    second = paid_payment(act, ana, now=NOW + 3 * DAY)
    assert serialize_payment(second).ends_at == NOW + 2 * YEAR
    assert second in [payment_id for _, _, payment_id in plan_emails_of(ana)]


# ---- Batches -------------------------------------------------------------------------------------


def test_several_payments_of_one_member_in_one_batch_follow_one_another(act, ana):
    family, alone = payment_with_link(act, ana), payment_with_link(act, ana, get_cheap_plan())
    results, outgoing = settle_batch([wompi_transaction(alone), wompi_transaction(family)])
    assert results == ["ACTIVATED", "ACTIVATED"]
    assert plan_periods_of(ana) == [
        ("FAMILY", 0, NOW, NOW + YEAR),
        ("SINGLE", 0, NOW + YEAR, NOW + 2 * YEAR),
    ]  # fmt: skip
    assert {one.event.payment.id for one in outgoing} == {family, alone}


def test_two_plans_that_start_in_one_batch_have_a_receipt_each(act, ana):
    family, alone = payment_with_link(act, ana), payment_with_link(act, ana, get_cheap_plan())
    settle_batch([wompi_transaction(alone), wompi_transaction(family)])
    assert {payment_id for _, _, payment_id in plan_emails_of(ana)} == {family, alone}


@pytest.mark.parametrize("order", [*permutations("ABC"), "ABCa", "ABaC", "CBAb", "ACcB", "BAAbC", "CAcBb"])
def test_batch_does_what_its_transactions_do_one_by_one(act, db, order):
    """A capital is the payment of a plan, from the cheapest to the most expensive; a small letter voids it."""
    together, apart = member(), member()
    running = get_plan("RUNS", 300_000, 100)
    for who in (together, apart):
        Subscription.create(user=who.id, plan=running, starts_at=NOW - DAY, ends_at=NOW + 99 * DAY, created_at=NOW)
    prices = {"A": 200_000, "B": 400_000, "C": 600_000}

    def ordered(who):
        bought = {code: payment_with_link(act, who, get_plan(code, price, 30)) for code, price in prices.items()}
        approved = {code: wompi_transaction(payment_id) for code, payment_id in bought.items()}
        voided = {code: replace(approved[code.upper()], status=VOIDED) for code in "abc"}
        return list(bought.values()), [{**approved, **voided}[one] for one in order]

    ids, ones = ordered(together)
    results, outgoing = settle_batch(ones)
    others, alone = ordered(apart)
    assert results == [settle_one(act, one) for one in alone]
    assert sorted(plan_periods_of(together)) == sorted(plan_periods_of(apart))
    assert [load_payment(id_).status for id_ in ids] == [load_payment(id_).status for id_ in others]
    assert [[row[::2] for row in reviews_of(id_)] for id_ in ids] == [
        [row[::2] for row in reviews_of(id_)] for id_ in others
    ]
    last = {one.event.payment.id: one.event.payment.status for one in outgoing}
    assert last == {id_: load_payment(id_).status for id_ in last}


def test_many_transactions_of_one_payment_in_one_batch_start_it_once(act, ana):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id)
    pending, void = wompi_transaction(payment_id, PENDING, id=one.id), wompi_transaction(payment_id, VOIDED, id=one.id)
    other = wompi_transaction(payment_id)
    results, _ = settle_batch([pending, one, one, other, pending, void, void])
    assert results == ["RECORDED", "ACTIVATED", "RECORDED", "FLAGGED", "RECORDED", "REVOKED", "RECORDED"]
    assert Subscription.select().count() == 1
    assert load_payment(payment_id).status == VOIDED
    assert reviews_of(payment_id) == [(ReviewKind.DOUBLE_CHARGE, other.id, True), (ReviewKind.VOIDED, one.id, True)]


def test_what_belongs_to_nobody_does_not_keep_the_others_of_its_batch(act, ana):
    payment_id, beto = payment_with_link(act, ana), member("Beto")
    other = payment_with_link(act, beto)
    foreign = wompi_transaction(payment_id, link_id="foreign")
    assert settle_batch([wompi_transaction(payment_id), foreign, wompi_transaction(other)])[0] == [
        "ACTIVATED",
        "UNKNOWN_LINK",
        "ACTIVATED",
    ]


@pytest.fixture
def store(database_url, io_loop):
    """Yield a store on a database of this test alone, and the events that it published."""
    database.initialize(open_database(database_url))
    database.obj.connect()
    outgoing = []
    made = Store(database.obj, outgoing.extend)
    made.bot_messages = outgoing
    yield made
    io_loop.run_sync(made.close)


@pytest.fixture
def logged():
    with capture_logs() as entries:
        yield entries


@pytest.mark.gen_test
async def test_one_that_cannot_be_stored_harms_no_neighbour_of_its_batch(store, logged):
    people = [member() for _ in range(3)]
    ids = [payment_with_link(run_committed, who) for who in people]
    ones = [wompi_transaction(id_) for id_ in ids]
    poison = wompi_transaction(ids[1], amount_in_cents=10**30)
    futures = [
        store.run(settlements.settle_transactions, SettleTransaction(one, "test")) for one in (ones[0], poison, ones[2])
    ]
    assert await futures[0] == await futures[2] == "ACTIVATED"
    with pytest.raises(Internal):
        await futures[1]
    assert [entry["event"] for entry in logged] == ["action_failed"]
    assert [load_payment(id_).status for id_ in ids] == [APPROVED, PENDING, APPROVED]
    updates = [one.event for one in store.bot_messages if isinstance(one.event, PaymentUpdated)]
    assert {event.payment.user_id for event in updates} == {people[0].id, people[2].id}
    assert await store.run(settlements.settle_transactions, SettleTransaction(ones[1], "test")) == "ACTIVATED"


# ---- By hand -------------------------------------------------------------------------------------


def test_supervisor_starts_a_plan_by_hand_and_it_is_recorded(act, ana):
    marta, payment_id = supervisor(), payment_with_link(act, ana)
    _, outgoing = activated(act, payment_id, marta, NOW + MINUTE)
    row = load_payment(payment_id)
    assert (row.status, row.is_open, row.paid_by, row.activated_by_id) == (APPROVED, False, "", marta.id)
    assert plan_periods_of(ana) == [("FAMILY", 0, NOW + MINUTE, NOW + MINUTE + YEAR)]
    assert plan_emails_of(ana) == [(RECEIPT_EMAIL, NOW + MINUTE + YEAR, payment_id)]
    assert sorted(event_names(outgoing)) == [
        ("PaymentUpdated", member_and_supervisor_channels(ana)),
        ("PlanActivated", member_and_supervisor_channels(ana)),
    ]  # fmt: skip
    subject = f"payment:{payment_id}"
    assert audit_entries() == [("payments.activate", subject, marta.id, "supervisor", "", "Consignó en la oficina")]
    entry = AuditEntry.get()
    assert (json.loads(entry.before), json.loads(entry.after)) == ({"status": PENDING}, {"status": APPROVED})


def test_activated_payment_is_not_activated_by_hand(act, ana):
    marta, by_wompi, by_hand = supervisor(), paid_payment(act, ana), payment_with_link(act, ana, get_cheap_plan())
    activated(act, by_hand, marta)
    before = plan_periods_of(ana)
    for payment_id in (by_wompi, by_hand):
        with pytest.raises(AlreadySettled):
            activated(act, payment_id, marta)
    assert (plan_periods_of(ana), len(audit_entries())) == (before, 1)


def test_plan_that_was_revoked_is_not_started_by_hand(act, ana):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id)
    settle_one(act, one)
    settle_one(act, wompi_transaction(payment_id, VOIDED, id=one.id))
    with pytest.raises(AlreadySettled):
        activated(act, payment_id, supervisor())


def test_expired_payment_may_be_started_by_hand(act, ana):
    payment_id = payment_with_link(act, ana)
    update_columns(payment_id, status=EXPIRED, is_open=False)
    activated(act, payment_id, supervisor())
    assert load_payment(payment_id).status == APPROVED


def test_transaction_after_manual_activation_is_its_payment(act, ana):
    payment_id = payment_with_link(act, ana)
    activated(act, payment_id, supervisor())
    one, other = wompi_transaction(payment_id), wompi_transaction(payment_id)
    assert settle_one(act, one) == "RECORDED"
    assert (Payment.get_by_id(payment_id).paid_by, reviews_of(payment_id)) == (one.id, [])
    assert settle_one(act, other) == "FLAGGED"
    assert reviews_of(payment_id) == [(ReviewKind.DOUBLE_CHARGE, other.id, True)]
    assert plan_periods_of(ana) == [("FAMILY", 0, NOW, NOW + YEAR)]
    assert settle_one(act, wompi_transaction(payment_id, VOIDED, id=one.id)) == "REVOKED"
    assert plan_periods_of(ana) == [("FAMILY", 0, NOW, NOW)]


def test_what_does_not_exist_or_is_somebody_elses_is_not_started(act, ana):
    payment_id = payment_with_link(act, ana)
    for who, id_ in ((supervisor(), str(uuid.uuid4())), (member(), payment_id)):
        with pytest.raises(NotFound):
            activated(act, id_, who)
    assert (plan_periods_of(ana), audit_entries()) == ([], [])


# ---- Reviews -------------------------------------------------------------------------------------


def test_supervisor_says_once_what_was_done_about_a_review(act, ana):
    marta, payment_id = supervisor(), payment_with_link(act, ana)
    settle_one(act, wompi_transaction(payment_id, amount_in_cents=1))
    review = PaymentReview.get()
    _, outgoing = resolved(act, payment_id, review.id, marta, now=NOW + HOUR)
    row = PaymentReview.get()
    assert (row.resolved_at, row.resolved_by_id, row.note) == (NOW + HOUR, marta.id, "Se devolvió en el panel")
    assert event_names(outgoing) == [("PaymentUpdated", member_and_supervisor_channels(ana))]
    subject = f"payment:{payment_id}"
    assert audit_entries() == [("payments.resolve", subject, marta.id, "supervisor", "", "Se devolvió en el panel")]
    with pytest.raises(AlreadySettled):
        resolved(act, payment_id, review.id, supervisor(), "Otra cosa, más tarde")
    assert (PaymentReview.get().note, len(audit_entries())) == ("Se devolvió en el panel", 1)


def test_review_is_resolved_at_its_own_payment_only(act, ana):
    marta, payment_id, other = supervisor(), payment_with_link(act, ana), payment_with_link(act, ana, get_cheap_plan())
    settle_one(act, wompi_transaction(payment_id, amount_in_cents=1))
    review_id = PaymentReview.get().id
    for where, which in ((other, review_id), (payment_id, review_id + 1), (str(uuid.uuid4()), review_id)):
        with pytest.raises(NotFound):
            resolved(act, where, which, marta)
    assert PaymentReview.get().resolved_at is None


def test_what_was_resolved_is_not_asked_again(act, ana):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id, amount_in_cents=1)
    settle_one(act, one)
    resolved(act, payment_id, PaymentReview.get().id, supervisor())
    settle_one(act, one)
    assert reviews_of(payment_id) == [(ReviewKind.WRONG_AMOUNT, one.id, False)]
    assert payments.open_review(UnitOfWork(SYSTEM, NOW), payment_id, ReviewKind.WRONG_AMOUNT, one.id) is False
    assert not PlanEmail.select().exists()
