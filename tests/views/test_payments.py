"""A payment as its member reads it."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.protocol.payments import PaymentPayload, PlanName
from beneficiate.views.payments import (
    MemberPaymentView,
    describe_payment_state,
    method_text,
    payment_reference,
)
from beneficiate.views.site import RunningPlan

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
YEAR = timedelta(days=365)


def payment(status="PENDING", ends_at=None, **changes):
    plan = PlanName(id=1, code="FAMILY", name="Plan Familiar")
    payload = PaymentPayload(
        id="6f1c0c5e",
        status=status,
        user_id=1,
        plan=plan,
        amount=480_000,
        currency="COP",
        starts_at=None,
        ends_at=ends_at,
        created_at=NOW,
    )
    given = {"reference": "BNF-6F1C0C5E", "max_beneficiaries": 4, "link_id": None, "link_expires_at": NOW}
    flags = {"paid_at": None, "method": "", "method_detail": "", "is_processing": False, "is_in_review": False}
    return MemberPaymentView(payload=payload, **{**given, **flags, **changes})


@pytest.mark.parametrize(
    ("code", "detail", "text"),
    [
        ("CARD", "VISA 4242", "Tarjeta Visa, termina en 4242"),
        ("CARD", "VISA", "Tarjeta, VISA"),
        ("NEQUI", "", "Nequi"),
        ("NEW_WAY", "", "New way"),
    ],
)
def test_method_in_words(code, detail, text):
    assert method_text(code, detail) == text


def test_reference_is_the_start_of_the_id():
    assert payment_reference("6f1c0c5e-7d0e-4f57-9a4b-0c3f2f6f9a11") == "BNF-6F1C0C5E"


def test_badge_and_date_of_a_payment():
    assert (payment().badge.label, payment().at) == ("Por pagar", NOW)
    assert payment(is_processing=True).badge.label == "En confirmación"
    assert payment("APPROVED", paid_at=NOW + YEAR).at == NOW + YEAR


def test_state_of_a_payment_beside_the_running_plan():
    running = RunningPlan("FAMILY", "Plan Familiar", NOW + YEAR, NOW + YEAR)
    state = describe_payment_state(payment("APPROVED", NOW + YEAR), running, None, returned_from="")
    assert (state.title, state.phase, state.awaited) == ("Su plan Familiar está activo", "active", "")
    returned = describe_payment_state(payment(), None, "https://x.co/l/1", returned_from="1-9-17000")
    assert (returned.awaited, returned.mark.is_turning, returned.phase) == ("confirming", True, "over")


def test_who_returns_from_a_newer_attempt_than_the_declined_one_is_told_that_it_is_confirmed():
    declined = payment("DECLINED", ended_attempts=frozenset(["1-1-17000"]))
    states = [describe_payment_state(declined, None, None, returned_from=one) for one in ("1-2-17000", "1-1-17000", "")]
    assert [state.awaited for state in states] == ["confirming", "", ""]
    assert states[0].title == "Estamos confirmando su pago"
