"""Professionals as supervisors see them."""

from beneficiate.views.professionals import AffectedAppointment, PendingEffect, professional_labels
from tests.domain.booking.moments import at


def test_effect_is_counted_and_statuses_are_words():
    one = AffectedAppointment(1, "APT-1", at("2026-11-25 08:00"), "Cardiología", "CONFIRMED")
    assert one.status_name == "Confirmada"
    assert PendingEffect("x", [one]).title == "1 cita queda por fuera"
    assert PendingEffect("x", [one, one]).title == "2 citas quedan por fuera"


def test_options_are_described():
    labels = professional_labels({"3": "Cardiología"})
    assert labels.describe("especialidades", "3") == "Cardiología"
    assert labels.describe("agenda", "MANUAL") == "Solo los agentes"
