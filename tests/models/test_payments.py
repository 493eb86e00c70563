"""Constraints of payments: one open payment a plan, one activation a payment, no event twice, nothing lost."""

import uuid

import pytest

from beneficiate.domain.billing.outcome import PENDING
from beneficiate.models.payments import (
    EVENT_STORED,
    Payment,
    PaymentReview,
    PaymentTransaction,
    PlanEmail,
    Subscription,
    WompiEvent,
)
from tests.actions.payment_steps import DAY, NOW, get_cheap_plan, get_plan
from tests.factories import add_plan, member, supervisor
from tests.models.constraints import delete_row, insert_copy, is_there, refuse_delete, refuse_insert, reload

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


LARGEST_AMOUNT_IN_CENTS = 1_000_000_000_000


def new_id():
    return {"id": str(uuid.uuid4())}


def copy(row, **changes):
    """Insert a copy of a payment, whose id the application makes."""
    return insert_copy(row, **{**new_id(), **changes})


@pytest.fixture
def payment():
    plan = get_plan()
    money = {"amount": plan.price, "currency": "COP", "duration_days": 365, "environment": "test"}
    times = {"link_expires_at": NOW + DAY, "created_at": NOW, "updated_at": NOW}
    return Payment.create(**new_id(), user=member().id, plan=plan, status=PENDING, is_open=True, **money, **times)


def test_member_has_one_open_payment_of_a_plan(payment):
    refuse_insert(payment, **new_id())
    assert copy(payment, is_open=False)
    assert copy(payment, plan=get_cheap_plan().id)
    assert copy(payment, user=member("Beto").id)


def test_link_is_of_one_payment_and_many_have_none(payment):
    linked = copy(payment, is_open=False, link_id="test_a")
    refuse_insert(linked, **new_id())
    assert [copy(payment, is_open=False).link_id for _ in range(2)] == [None, None]


def test_payment_gives_its_plan_once(payment):
    period = add_plan(member(), payment=payment)
    refuse_insert(period)
    assert insert_copy(period, part=1)


def test_periods_without_a_payment_are_as_many_as_one_likes():
    period = add_plan(member())
    assert insert_copy(period).payment_id is None


def test_nobody_who_paid_and_nothing_that_was_paid_for_can_be_deleted(payment):
    add_plan(member(), payment=payment)
    for row in (payment.user, payment.plan, payment):
        refuse_delete(row)


def test_payment_stays_when_the_supervisor_who_activated_it_is_deleted(payment):
    marta = supervisor()
    activated = copy(payment, is_open=False, activated_by=marta.id)
    delete_row(marta.user)
    assert reload(activated).activated_by_id is None


def test_periods_go_with_their_member():
    ana = member()
    period = add_plan(ana)
    delete_row(ana.user)
    assert not is_there(period)
    assert not Subscription.select().exists()


def test_largest_amount_of_wompi_fits_a_transaction(payment):
    given = {"status": "APPROVED", "currency": "COP", "reference": "x", "created_at": NOW, "updated_at": NOW}
    paid = PaymentTransaction.create(id="1-1-1", payment=payment, amount_in_cents=LARGEST_AMOUNT_IN_CENTS, **given)
    assert reload(paid).amount_in_cents == LARGEST_AMOUNT_IN_CENTS
    refuse_insert(paid, id="1-1-1")
    refuse_delete(payment)


def test_event_is_stored_once_and_keeps_its_payment(payment):
    event = WompiEvent.create(dedupe_key="a", name="x", body="{}", state=EVENT_STORED, received_at=NOW, payment=payment)
    refuse_insert(event)
    assert insert_copy(event, dedupe_key="b").copies == 1
    refuse_delete(payment)


def test_review_of_one_kind_and_transaction_exists_once(payment):
    review = PaymentReview.create(payment=payment, kind="VOIDED", transaction_id="1-1-1", opened_at=NOW)
    refuse_insert(review)
    assert insert_copy(review, transaction_id="1-1-2")
    assert insert_copy(review, kind="AMOUNT")
    refuse_delete(payment)


def test_email_about_a_plan_is_sent_once(payment):
    given = {"kind": "receipt", "key": "receipt:1", "plan": payment.plan, "ends_at": NOW, "created_at": NOW}
    email = PlanEmail.create(user=payment.user_id, payment=payment, **given)
    refuse_insert(email)
    assert insert_copy(email, key="receipt:2").tries == 0
    delete_row(payment)
    assert not is_there(email)
