"""Sentences of the bot."""

from datetime import UTC, datetime
from typing import get_args

import msgspec

from beneficiate.domain.bot.drafts import BookingDraft, DialogueState, NamedRef, Patient
from beneficiate.domain.bot.sentences import STATE_NAMES, booking_summary, format_slot_label
from beneficiate.domain.patient_key import patient_key

DRAFT = BookingDraft(
    patient=Patient(patient_key(1, None), "Ana", "Ana Guzmán"),
    city=NamedRef(11001, "Bogotá D.C."),
    specialty=NamedRef(3, "Cardiología"),
    first_time=False,
    description="Control de la presión",
)


def test_slot_label_is_in_bogota_with_ordinary_spaces():
    label = format_slot_label(datetime(2026, 11, 26, 19, 40, tzinfo=UTC), "Germán Cifuentes")
    assert label == "jue 26 de noviembre, 2:40 p. m., con Germán Cifuentes"
    assert format_slot_label(datetime(2026, 11, 28, 5, 5, tzinfo=UTC), "X").startswith(
        "sáb 28 de noviembre, 12:05 a. m."
    )


def test_summary_names_every_answer():
    summary = booking_summary(DRAFT)
    for text in ("Ana Guzmán", "Bogotá D.C.", "Cardiología", "Control de la presión", "lo contactamos"):
        assert text in summary
    assert "Profesional:" not in summary
    assert "Profesional: Laura" in booking_summary(msgspec.structs.replace(DRAFT, professional=NamedRef(7, "Laura")))


def test_every_step_to_resume_has_a_name():
    assert set(STATE_NAMES) <= set(get_args(DialogueState))
