"""Sentences of the bot."""

from typing import get_args

import msgspec

from beneficiate.domain.bot.drafts import BookingDraft, DialogueState, NamedRef, Patient
from beneficiate.domain.bot.sentences import STATE_NAMES, booking_summary
from beneficiate.domain.patient_key import patient_key

DRAFT = BookingDraft(
    patient=Patient(patient_key(1, None), "Ana", "Ana Guzmán"),
    city=NamedRef(11001, "Bogotá D.C."),
    specialty=NamedRef(3, "Cardiología"),
    first_time=False,
    description="Control de la presión",
)


def test_summary_names_every_answer():
    summary = booking_summary(DRAFT)
    for text in ("Ana Guzmán", "Bogotá D.C.", "Cardiología", "Control de la presión", "lo contactamos"):
        assert text in summary
    assert "Profesional:" not in summary
    assert "Profesional: Laura" in booking_summary(msgspec.structs.replace(DRAFT, professional=NamedRef(7, "Laura")))


def test_every_step_to_resume_has_a_name():
    assert set(STATE_NAMES) <= set(get_args(DialogueState))
