"""Events of payments state an end that is not known yet."""

import json

import msgspec

from beneficiate.protocol.payments import PaymentUpdated, PlanActivated
from tests.protocol.fields import is_valid


def test_declined_payment_has_no_end_and_says_so():
    event = msgspec.json.decode(json.dumps(PaymentUpdated.example), type=PaymentUpdated)
    assert msgspec.to_builtins(event)["ends_at"] is None


def test_activated_plan_has_an_end():
    assert not is_valid(PlanActivated, ends_at=None)


def test_status_is_one_of_ours():
    payment = PaymentUpdated.example["payment"]
    assert is_valid(PaymentUpdated, payment={**payment, "status": "UNKNOWN"})
    assert not is_valid(PaymentUpdated, payment={**payment, "status": "LOST"})
