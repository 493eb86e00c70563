"""One payment for supervisors: attempts, events and history in words."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.models.payments import PaymentReview, PaymentTransaction
from beneficiate.views.payment_detail import (
    HistoryEntry,
    build_attempt_view,
    build_review_view,
    event_badge,
    mask_event_body,
    merge_history,
)

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def review(kind="DOUBLE_CHARGE", resolved_at=None):
    return build_review_view(PaymentReview(id=1, kind=kind, opened_at=NOW, resolved_at=resolved_at, note="Devuelto"))


def test_history_has_resolved_reviews_and_audit_entries_in_order():
    entries = [
        HistoryEntry(NOW + HOUR, "payments.resolve", "Marta", "Devuelto"),
        HistoryEntry(NOW, "payments.release", "Marta", "No hay enlace"),
        HistoryEntry(NOW + 3 * HOUR, "payments.new", "", ""),
    ]
    history = merge_history([review(), review(resolved_at=NOW + HOUR)], entries)
    assert [(one.what, one.note) for one in history] == [
        ("Liberó un pago en duda", "No hay enlace"),
        ("Resuelto: cobro doble", "Devuelto"),
        ("payments.new", ""),
    ]


def test_unknown_review_has_a_general_text():
    assert (review("NEW").text.name, review("NEW").text.title) == ("NEW", "Este pago necesita una revisión")


@pytest.mark.parametrize(
    ("state", "outcome", "label"),
    [
        ("FAILED", "ACTIVATED", "No se pudo procesar"),
        ("DONE", "ACTIVATED", "Activó el plan"),
        ("KEPT", "", "Por procesar"),
        ("DONE", "NEW", "NEW"),
    ],
)
def test_event_badge(state, outcome, label):
    assert event_badge(state, outcome).label == label


@pytest.mark.parametrize(
    ("method", "detail", "currency", "text", "suffix"),
    [
        ("CARD", "VISA 4242", "COP", "Tarjeta VISA 4242", ""),
        ("", "", "COP", "Sin medio de pago", ""),
        ("NEW", "", "USD", "NEW", " USD"),
    ],
)
def test_attempt_names_its_method_and_a_foreign_currency(method, detail, currency, text, suffix):
    attempt = PaymentTransaction(
        id="1", status="ERROR", amount_in_cents=1, currency=currency, method=method, created_at=NOW
    )
    attempt.method_detail = detail
    view = build_attempt_view(attempt)
    assert (view.method, view.currency_suffix, view.badge.label) == (text, suffix, "Con error")


def test_body_of_an_event_is_indented_with_its_numbers_as_written():
    assert mask_event_body('{"a":1.50}') == '{\n  "a": "1.50"\n}'


@pytest.mark.parametrize("body", ["[" * 100_000, "ana@x.co", '{"a":' + "9" * 5_000 + "}"])
def test_body_that_cannot_be_read_is_not_shown(body):
    assert mask_event_body(body) == f"{len(body)} bytes que no se pueden leer como JSON."
