"""The demo payments are in several states, as the actions left them; loading them again adds nothing."""

from collections import Counter
from datetime import timedelta

import pytest

from beneficiate.demo.dataset import load_demo_data
from beneficiate.demo.payments import load_demo_payments
from beneficiate.domain.billing.outcome import APPROVED, DECLINED, EXPIRED, PENDING, VOIDED, ReviewKind
from beneficiate.models import TABLES
from beneficiate.models.payments import Payment, PaymentReview
from tests.actions.payment_steps import NOW

URL = "http://x.co"


@pytest.fixture
def summary(load_once):
    """Load the demo data and its payments; return what is printed."""

    def load():
        load_demo_data("hash", NOW)
        return load_demo_payments(NOW, URL)

    return load_once("payments", load)


def test_payments_are_in_several_states_and_two_need_a_review(summary):
    found = Counter(payment.status for payment in Payment.select())
    assert found == {APPROVED: 3, PENDING: 1, DECLINED: 1, EXPIRED: 1, VOIDED: 1}
    assert {one.kind for one in PaymentReview.select()} == {ReviewKind.DOUBLE_CHARGE, ReviewKind.VOIDED}
    assert all(one.created_at < NOW - timedelta(minutes=20) for one in Payment.select())


def test_second_run_adds_nothing(summary):
    before = {table.__name__: table.select().count() for table in TABLES}
    assert load_demo_payments(NOW, URL) == summary == "7 payments."
    assert {table.__name__: table.select().count() for table in TABLES} == before
