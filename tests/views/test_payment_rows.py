"""A payment as a row of the supervisors' list."""

from datetime import UTC, datetime

from beneficiate.models.accounts import User
from beneficiate.models.payments import Payment, Plan
from beneficiate.views.payment_rows import build_payment_row

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)


def test_row_names_plan_status_and_reviews():
    user = User(id=1, first_name="Ana", last_name="Rojas", document_type="CC", document_number="52123456")
    user.email, user.phone = "ana@x.co", ""
    payment = Payment(
        id="6f1c0c5e-7d0e", user=user, plan=Plan(name="Familiar"), amount=1, status="UNKNOWN", created_at=NOW
    )
    row = build_payment_row(payment, ["DOUBLE_CHARGE", "NEW"])
    assert (row.reference, row.member, row.document) == ("BNF-6F1C0C5E", "Ana Rojas", "CC •••• 3456")
    assert (row.badge.label, row.plan_title, row.review_names) == (
        "Por verificar",
        "Plan Familiar",
        ["Cobro doble", "NEW"],
    )
