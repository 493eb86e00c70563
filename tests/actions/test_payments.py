"""Payments until they are paid: one open payment per plan, never a second link while the first is unknown."""

import json
import uuid

import pytest
from peewee import IntegrityError

from beneficiate.actions import payments
from beneficiate.actions.payments import (
    BANK_ANSWER_TIMEOUT,
    LINK_CLAIM_LIFETIME,
    MIN_REMAINING_LINK_TIME,
    CancelUnknown,
    MarkLinkUnknown,
    open_payment,
)
from beneficiate.domain.billing.outcome import APPROVED, DECLINED, EXPIRED, PENDING, UNKNOWN, VOIDED, ReviewKind
from beneficiate.domain.billing.payment_checks import FRESH_CHECK_INTERVAL
from beneficiate.errors import (
    AlreadySettled,
    Forbidden,
    NotFound,
    PaymentBeingPrepared,
    PaymentInDoubt,
    PaymentInProgress,
)
from beneficiate.models.accounts import User
from beneficiate.models.audit import AuditEntry
from beneficiate.models.payments import Payment, PaymentTransaction, Plan
from beneficiate.unit_of_work import SYSTEM
from tests.actions.payment_steps import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    SITE_URL,
    audit_entries,
    event_names,
    get_cheap_plan,
    get_plan,
    load_payment,
    member_and_supervisor_channels,
    open_checkout,
    paid_payment,
    payment_with_link,
    purchase_command,
    reviews_of,
    settle_one,
    update_columns,
    wompi_transaction,
)
from tests.factories import agent, member, supervisor


@pytest.fixture
def ana(db):
    return member()


def expired(act, now):
    return act(payments.expire_payments, None, SYSTEM, now)


# ---- Opening -------------------------------------------------------------------------------------


def test_new_payment_has_the_price_of_this_moment_and_asks_for_its_link(act, ana):
    got, outgoing = act(open_payment, purchase_command(), ana.actor, NOW)
    row = load_payment(got.payment_id)
    assert str(uuid.UUID(got.payment_id)) == got.payment_id
    assert (row.user_id, row.plan_id, row.amount, row.currency) == (ana.id, get_plan().id, 480_000, "COP")
    assert (row.duration_days, row.environment, row.status, row.is_open) == (365, "test", PENDING, True)
    assert (row.link_id, row.link_claimed_at, row.link_expires_at) == (None, NOW, NOW + HOUR)
    assert (got.link_id, got.retired_link_id, outgoing) == (None, None, [])
    order = got.link_order
    assert (order.payment_id, order.amount, order.expires_at) == (got.payment_id, 480_000, NOW + HOUR)
    assert order.redirect_url == f"{SITE_URL}/pagos/{got.payment_id}"
    assert "365" in order.description


def test_open_payment_is_given_again_with_its_link(act, ana):
    payment_id = payment_with_link(act, ana)
    got = open_checkout(act, ana, now=NOW + MINUTE)
    assert (got.payment_id, got.link_id, got.link_order, got.retired_link_id) == (
        payment_id,
        load_payment(payment_id).link_id,
        None,
        None,
    )
    assert Payment.select().count() == 1


def test_each_member_and_each_plan_has_a_payment_of_its_own(act, ana):
    ids = {payment_with_link(act, who, of) for who in (ana, member()) for of in (get_plan(), get_cheap_plan())}
    assert len(ids) == 4


def test_closed_account_buys_nothing(act, ana):
    User.update(is_active=False).where(User.id == ana.id).execute()
    with pytest.raises(Forbidden, match="cerrada"):
        open_checkout(act, ana)
    assert not Payment.select().exists()


def test_database_itself_refuses_a_second_open_payment_of_a_plan(act, db, ana):
    payment_id = payment_with_link(act, ana)
    row = Payment.select().where(Payment.id == payment_id).dicts().get()
    second = {**row, "id": str(uuid.uuid4()), "link_id": None}
    with pytest.raises(IntegrityError), db.atomic():
        Payment.insert(second).execute()
    Payment.insert({**second, "is_open": False}).execute()


@pytest.mark.parametrize("change", [{"price": 500_000}, {"duration_days": 180}])
def test_new_price_or_duration_makes_a_new_payment_and_closes_the_link(act, ana, change):
    payment_id = payment_with_link(act, ana)
    Plan.update(change).execute()
    got = open_checkout(act, ana, now=NOW + MINUTE)
    assert got.payment_id != payment_id
    assert got.retired_link_id == load_payment(payment_id).link_id
    assert not load_payment(payment_id).is_open
    fresh = load_payment(got.payment_id)
    assert (fresh.amount, fresh.duration_days) == (change.get("price", 480_000), change.get("duration_days", 365))


def test_payment_of_another_environment_is_not_returned(act, ana):
    payment_id = payment_with_link(act, ana)
    got = open_checkout(act, ana, now=NOW + MINUTE, environment="prod")
    assert got.payment_id != payment_id
    assert load_payment(got.payment_id).environment == "prod"


def test_link_that_is_about_to_end_is_not_returned(act, ana):
    payment_id = payment_with_link(act, ana)
    assert open_checkout(act, ana, now=NOW + HOUR - MIN_REMAINING_LINK_TIME - SECOND).payment_id == payment_id
    got = open_checkout(act, ana, now=NOW + HOUR - MIN_REMAINING_LINK_TIME)
    assert got.payment_id != payment_id
    assert got.retired_link_id == load_payment(payment_id).link_id


def test_link_that_has_ended_needs_no_closing(act, ana):
    payment_id = payment_with_link(act, ana)
    got = open_checkout(act, ana, now=NOW + HOUR)
    assert (got.payment_id != payment_id, got.retired_link_id) == (True, None)


def test_after_a_refusal_the_same_link_may_be_tried_again(act, ana):
    payment_id = payment_with_link(act, ana)
    settle_one(act, wompi_transaction(payment_id, DECLINED))
    assert open_checkout(act, ana, now=NOW + MINUTE).link_id == load_payment(payment_id).link_id


@pytest.mark.parametrize("status", [VOIDED, EXPIRED])
def test_what_can_no_longer_be_paid_is_not_returned(act, ana, status):
    payment_id = payment_with_link(act, ana)
    update_columns(payment_id, status=status)
    assert open_checkout(act, ana, now=NOW + MINUTE).payment_id != payment_id


def test_after_one_was_paid_the_next_is_a_new_one(act, ana):
    payment_id = paid_payment(act, ana)
    got = open_checkout(act, ana, now=NOW + DAY)
    assert (got.payment_id != payment_id, got.retired_link_id) == (True, None)


def test_while_a_link_is_being_made_nobody_makes_another(act, ana):
    open_checkout(act, ana)
    with pytest.raises(PaymentBeingPrepared):
        open_checkout(act, ana, now=NOW + SECOND)
    assert Payment.select().count() == 1


def test_unknown_link_blocks_another_until_it_would_have_expired(act, ana):
    payment_id = open_checkout(act, ana).payment_id
    act(payments.mark_link_unknown, MarkLinkUnknown(payment_id, "timeout"), SYSTEM, NOW)
    for wait in (SECOND, HOUR - SECOND):
        with pytest.raises(PaymentInDoubt):
            open_checkout(act, ana, now=NOW + wait)
    got = open_checkout(act, ana, now=NOW + HOUR)
    assert (got.payment_id != payment_id, got.retired_link_id) == (True, None)


def test_unknown_payment_of_one_plan_does_not_block_another(act, ana):
    act(payments.mark_link_unknown, MarkLinkUnknown(open_checkout(act, ana).payment_id, "timeout"), SYSTEM, NOW)
    assert open_checkout(act, ana, get_cheap_plan()).link_order
    assert open_checkout(act, member()).link_order


def test_while_a_bank_has_not_answered_for_half_an_hour_nobody_pays_twice(act, ana):
    payment_id = payment_with_link(act, ana)
    settle_one(act, wompi_transaction(payment_id, PENDING), NOW + MINUTE)
    with pytest.raises(PaymentInProgress) as caught:
        open_checkout(act, ana, now=NOW + MINUTE + BANK_ANSWER_TIMEOUT - SECOND)
    assert not isinstance(caught.value, PaymentBeingPrepared)
    assert open_checkout(act, ana, now=NOW + MINUTE + BANK_ANSWER_TIMEOUT).payment_id == payment_id


def test_price_that_changes_meanwhile_is_no_way_around_it(act, ana):
    settle_one(act, wompi_transaction(payment_with_link(act, ana), PENDING), NOW + MINUTE)
    Plan.update(price=500_000).execute()
    with pytest.raises(PaymentInProgress):
        open_checkout(act, ana, now=NOW + 2 * MINUTE)


def test_only_members_buy_and_only_what_is_on_sale(act, db):
    for somebody in (agent(), supervisor()):
        with pytest.raises(Forbidden):
            open_checkout(act, somebody)
    ana, old = member(), get_plan("OLD", is_active=False)
    with pytest.raises(NotFound):
        open_checkout(act, ana, old)
    with pytest.raises(NotFound):
        act(open_payment, payments.Purchase(2_000_000_000, "test", HOUR, SITE_URL), ana.actor, NOW)
    assert not Payment.select().exists()


# ---- The link ------------------------------------------------------------------------------------


def test_link_is_stored_once_and_emitted(act, ana):
    payment_id = open_checkout(act, ana).payment_id
    _, outgoing = act(payments.store_link, (payment_id, "abc"), SYSTEM, NOW)
    row = load_payment(payment_id)
    assert (row.link_id, row.link_claimed_at, row.check_at) == ("abc", None, NOW + FRESH_CHECK_INTERVAL)
    assert event_names(outgoing) == [("PaymentUpdated", member_and_supervisor_channels(ana))]
    act(payments.store_link, (payment_id, "other"), SYSTEM, NOW)
    assert load_payment(payment_id).link_id == "abc"


def test_link_that_was_refused_may_be_asked_for_again(act, ana):
    payment_id = open_checkout(act, ana).payment_id
    _, outgoing = act(payments.record_link_refusal, (payment_id, "x" * 100), SYSTEM, NOW)
    assert (load_payment(payment_id).link_claimed_at, load_payment(payment_id).problem, outgoing) == (
        None,
        "x" * 64,
        [],
    )
    again = open_checkout(act, ana, now=NOW + MINUTE)
    assert (again.payment_id, again.link_order.payment_id) == (payment_id, payment_id)
    assert again.link_order.expires_at == load_payment(payment_id).link_expires_at == NOW + MINUTE + HOUR
    act(payments.store_link, (payment_id, "abc"), SYSTEM, NOW + MINUTE)
    assert load_payment(payment_id).problem == ""


def test_payment_that_has_a_link_is_not_put_back_and_not_doubted(act, ana):
    payment_id = payment_with_link(act, ana)
    before = Payment.select().where(Payment.id == payment_id).dicts().get()
    act(payments.record_link_refusal, (payment_id, "late"), SYSTEM, NOW + MINUTE)
    act(payments.mark_link_unknown, MarkLinkUnknown(payment_id, "late"), SYSTEM, NOW + MINUTE)
    assert Payment.select().where(Payment.id == payment_id).dicts().get() == before


def test_unknown_payment_is_emitted_and_stays_open(act, ana):
    payment_id = open_checkout(act, ana).payment_id
    _, outgoing = act(payments.mark_link_unknown, MarkLinkUnknown(payment_id, "status 503"), SYSTEM, NOW)
    row = load_payment(payment_id)
    assert (row.status, row.is_open, row.problem, row.link_id, row.link_claimed_at) == (
        UNKNOWN,
        True,
        "status 503",
        None,
        None,
    )
    assert [(one.event.payment.status, one.channels) for one in outgoing] == [
        (UNKNOWN, member_and_supervisor_channels(ana))
    ]
    assert reviews_of(payment_id) == []


def test_unknown_payment_is_checked(act, ana):
    payment_id = open_checkout(act, ana).payment_id
    act(payments.mark_link_unknown, MarkLinkUnknown(payment_id, "timeout"), SYSTEM, NOW)
    assert load_payment(payment_id).check_at is not None


def test_link_that_is_not_what_was_asked_for_is_never_returned(act, ana):
    payment_id = open_checkout(act, ana).payment_id
    act(payments.mark_link_unknown, MarkLinkUnknown(payment_id, "another link", "odd"), SYSTEM, NOW)
    row = load_payment(payment_id)
    assert (row.status, row.is_open, row.link_id) == (UNKNOWN, False, "odd")
    assert reviews_of(payment_id) == [(ReviewKind.LINK_MISMATCH, "", True)]
    fresh = open_checkout(act, ana, now=NOW + MINUTE)
    assert (fresh.payment_id != payment_id, fresh.link_id, fresh.retired_link_id) == (True, None, None)


def test_money_for_a_link_that_is_not_what_was_asked_for_is_checked(act, ana):
    payment_id = open_checkout(act, ana).payment_id
    act(payments.mark_link_unknown, MarkLinkUnknown(payment_id, "another link", "odd"), SYSTEM, NOW)
    assert load_payment(payment_id).check_at is not None


def test_link_that_is_found_later_ends_the_unknown_state(act, ana):
    payment_id = open_checkout(act, ana).payment_id
    act(payments.mark_link_unknown, MarkLinkUnknown(payment_id, "timeout"), SYSTEM, NOW)
    assert act(payments.attach_found_link, ("found", payment_id), SYSTEM, NOW + MINUTE)[0] is True
    row = load_payment(payment_id)
    assert (row.status, row.link_id, row.check_at) == (PENDING, "found", NOW + MINUTE + FRESH_CHECK_INTERVAL)
    assert open_checkout(act, ana, now=NOW + 2 * MINUTE).link_id == "found"


@pytest.mark.parametrize("sku", ["", "nothing of ours", "95bc9cca-7333-4643-964a-fa539e66a4cd"])
def test_link_of_somebody_else_is_not_linked(act, ana, sku):
    act(payments.mark_link_unknown, MarkLinkUnknown(open_checkout(act, ana).payment_id, "timeout"), SYSTEM, NOW)
    assert act(payments.attach_found_link, ("foreign", sku), SYSTEM, NOW)[0] is False


def test_payment_that_has_a_link_gets_no_other(act, ana):
    payment_id = payment_with_link(act, ana)
    link = load_payment(payment_id).link_id
    assert act(payments.attach_found_link, ("second", payment_id), SYSTEM, NOW)[0] is False
    assert load_payment(payment_id).link_id == link


# ---- Released by a supervisor --------------------------------------------------------------------


def test_supervisor_lets_a_member_try_again_and_it_is_recorded(act, ana):
    marta, payment_id = supervisor(), open_checkout(act, ana).payment_id
    act(payments.mark_link_unknown, MarkLinkUnknown(payment_id, "timeout"), SYSTEM, NOW)
    command = CancelUnknown(payment_id, "No hay enlace en Wompi")
    _, outgoing = act(payments.cancel_unknown, command, marta.actor, NOW + MINUTE)
    assert (load_payment(payment_id).status, load_payment(payment_id).is_open) == (EXPIRED, False)
    assert event_names(outgoing) == [("PaymentUpdated", member_and_supervisor_channels(ana))]
    subject = f"payment:{payment_id}"
    assert audit_entries() == [
        ("payments.release", subject, marta.id, "supervisor", "", "No hay enlace en Wompi")
    ]  # fmt: skip
    entry = AuditEntry.get()
    assert (json.loads(entry.before), json.loads(entry.after)) == ({"status": UNKNOWN}, {"status": EXPIRED})
    assert open_checkout(act, ana, now=NOW + 2 * MINUTE).payment_id != payment_id


def test_only_an_unknown_payment_is_cancelled_and_only_once(act, ana):
    marta = supervisor()
    in_doubt = open_checkout(act, ana, get_cheap_plan()).payment_id
    act(payments.mark_link_unknown, MarkLinkUnknown(in_doubt, "timeout"), SYSTEM, NOW)
    act(payments.cancel_unknown, CancelUnknown(in_doubt, "sin enlace"), marta.actor, NOW)
    for payment_id in (in_doubt, payment_with_link(act, ana), paid_payment(act, member())):
        with pytest.raises(AlreadySettled):
            act(payments.cancel_unknown, CancelUnknown(payment_id, "sin enlace"), marta.actor, NOW)
    assert len(audit_entries()) == 1


def test_what_does_not_exist_or_is_somebody_elses_is_not_released(act, ana):
    payment_id = open_checkout(act, ana).payment_id
    act(payments.mark_link_unknown, MarkLinkUnknown(payment_id, "timeout"), SYSTEM, NOW)
    for whose, id_ in ((supervisor(), str(uuid.uuid4())), (member(), payment_id), (agent(), payment_id)):
        with pytest.raises(NotFound):
            act(payments.cancel_unknown, CancelUnknown(id_, "sin enlace"), whose.actor, NOW)
    assert audit_entries() == []


# ---- Expiry ---------------------------------------------------------------------------------------


def test_payment_expires_only_after_a_check_later_than_its_link(act, ana):
    payment_id = payment_with_link(act, ana)
    for checked_at in (None, NOW + HOUR - SECOND, NOW + HOUR):
        update_columns(payment_id, checked_at=checked_at)
        assert expired(act, NOW + 2 * HOUR) == (0, [])
    update_columns(payment_id, checked_at=NOW + HOUR + SECOND)
    count, outgoing = expired(act, NOW + 2 * HOUR)
    assert (count, event_names(outgoing)) == (1, [("PaymentUpdated", member_and_supervisor_channels(ana))])
    assert (load_payment(payment_id).status, load_payment(payment_id).is_open) == (EXPIRED, False)
    assert expired(act, NOW + 3 * HOUR) == (0, [])


def test_payment_that_cannot_expire_holds_up_no_other(act, ana, spoil):
    payment_ids = [payment_with_link(act, who) for who in (ana, member())]
    for payment_id in payment_ids:
        update_columns(payment_id, checked_at=NOW + 2 * HOUR)
    spoil(payments, "emit_payment_updated", lambda uow, payment_id: payment_id == payment_ids[0])
    assert expired(act, NOW + 2 * HOUR)[0] == 1
    assert [load_payment(payment_id).status for payment_id in payment_ids] == [PENDING, EXPIRED]


def test_payment_of_a_dead_process_that_fails_holds_up_no_other(act, ana, spoil):
    payment_ids = [open_checkout(act, who).payment_id for who in (ana, member())]
    spoil(payments, "emit_payment_updated", lambda uow, payment_id: payment_id == payment_ids[0])
    expired(act, NOW + LINK_CLAIM_LIFETIME + SECOND)
    assert [load_payment(payment_id).status for payment_id in payment_ids] == [PENDING, UNKNOWN]


def test_payment_whose_link_can_still_be_paid_does_not_end(act, ana):
    payment_id = payment_with_link(act, ana)
    update_columns(payment_id, checked_at=NOW + 2 * HOUR)
    assert expired(act, NOW + HOUR)[0] == 0
    assert expired(act, NOW + HOUR + SECOND)[0] == 1


@pytest.mark.parametrize("status", [PENDING, APPROVED])
def test_payment_does_not_expire_while_pending_or_in_review(act, ana, status):
    payment_id = payment_with_link(act, ana)
    settle_one(act, wompi_transaction(payment_id, status, amount_in_cents=1))
    update_columns(payment_id, checked_at=NOW + 2 * HOUR)
    assert expired(act, NOW + 2 * HOUR)[0] == 0


@pytest.mark.parametrize("status", [DECLINED, "ERROR"])
def test_refused_payment_ends_with_its_link(act, ana, status):
    payment_id = payment_with_link(act, ana)
    settle_one(act, wompi_transaction(payment_id, status))
    update_columns(payment_id, checked_at=NOW + 2 * HOUR)
    assert expired(act, NOW + 2 * HOUR)[0] == 1


@pytest.mark.parametrize("change", [{"status": VOIDED}, {"status": APPROVED, "is_open": False}])
def test_what_is_settled_does_not_end(act, ana, change):
    update_columns(payment_with_link(act, ana), checked_at=NOW + 2 * HOUR, **change)
    assert expired(act, NOW + 2 * HOUR)[0] == 0


def test_one_whose_link_was_refused_ends_without_asking(act, ana):
    payment_id = open_checkout(act, ana).payment_id
    act(payments.record_link_refusal, (payment_id, "status 422"), SYSTEM, NOW)
    assert expired(act, NOW + HOUR)[0] == 0
    assert expired(act, NOW + HOUR + SECOND)[0] == 1
    assert load_payment(payment_id).status == EXPIRED


def test_payment_of_a_dead_process_is_unknown_until_a_link_would_expire(act, ana):
    payment_id = open_checkout(act, ana).payment_id
    expired(act, NOW + LINK_CLAIM_LIFETIME)
    assert load_payment(payment_id).status == PENDING
    assert expired(act, NOW + LINK_CLAIM_LIFETIME + SECOND)[0] == 0
    row = load_payment(payment_id)
    assert (row.status, row.link_claimed_at, row.is_open, row.problem) == (UNKNOWN, None, True, "process ended")
    with pytest.raises(PaymentInDoubt):
        open_checkout(act, ana, now=NOW + MINUTE)
    assert expired(act, NOW + HOUR + SECOND)[0] == 1
    assert (load_payment(payment_id).status, load_payment(payment_id).is_open) == (EXPIRED, False)


def test_payment_of_a_dead_process_is_checked(act, ana):
    payment_id = open_checkout(act, ana).payment_id
    expired(act, NOW + MINUTE)
    assert load_payment(payment_id).check_at is not None


def test_payment_of_a_dead_process_is_emitted_as_unknown(act, ana):
    open_checkout(act, ana)
    _, outgoing = expired(act, NOW + MINUTE)
    assert [(one.event.payment.status, one.channels) for one in outgoing] == [
        (UNKNOWN, member_and_supervisor_channels(ana))
    ]


def test_link_that_was_answered_for_late_ends_the_unknown_state(act, ana):
    payment_id = open_checkout(act, ana).payment_id
    expired(act, NOW + MINUTE)
    act(payments.store_link, (payment_id, "late"), SYSTEM, NOW + MINUTE)
    assert (load_payment(payment_id).status, load_payment(payment_id).link_id) == (PENDING, "late")
    assert open_checkout(act, ana, now=NOW + 2 * MINUTE).link_id == "late"


def test_several_end_at_once_and_each_member_is_notified_of_their_own(act, db):
    people = [member() for _ in range(3)]
    for who in people:
        update_columns(payment_with_link(act, who), checked_at=NOW + 2 * HOUR)
    count, outgoing = expired(act, NOW + 2 * HOUR)
    assert count == 3
    assert {(one.event.payment.user_id, one.channels) for one in outgoing} == {
        (w.id, member_and_supervisor_channels(w)) for w in people
    }
    assert not PaymentTransaction.select().exists()
