"""A professional who was chosen before the dialogue began."""

import pytest

from beneficiate.domain.bot.dialogue import start_dialogue
from beneficiate.domain.bot.drafts import NamedRef
from tests.domain.bot.fake_choices import (
    BOGOTA,
    CARDIOLOGY,
    TO_CONFIRMATION,
    labels,
    run_dialogue,
)


def test_professional_brings_city_specialty_and_slots(clinic):
    turn = run_dialogue(clinic, "52123456", professional=12)
    assert turn.reply.state == "awaiting_visit_type"
    assert (turn.draft.city, turn.draft.specialty) == (BOGOTA, NamedRef(*CARDIOLOGY))
    turn = run_dialogue(clinic, "[Control]", "Revisión anual", "8:40", "sí", turn=turn)
    assert turn.booking.professional == NamedRef(12, "Germán Cifuentes")
    assert turn.booking.slot.professional_id == 12


def test_going_back_skips_what_the_professional_settled(clinic):
    assert run_dialogue(clinic, "52123456", "volver", professional=12).reply.state == "awaiting_document"


def test_professional_of_several_specialties_is_asked_for_one_of_them(clinic):
    turn = run_dialogue(clinic, "52123456", professional=13)
    assert turn.reply.state == "awaiting_specialty_selection"
    assert (labels(turn), turn.reply.is_list) == (["Dermatología", "Medicina interna"], True)
    assert run_dialogue(clinic, "cardiologia", turn=turn).draft.failures == 1
    turn = run_dialogue(clinic, "dermatolgia", turn=turn)
    assert turn.draft.specialty.name == "Dermatología"
    assert run_dialogue(clinic, "volver", turn=turn).reply.state == "awaiting_specialty_selection"


def test_professional_without_a_city_leaves_it_to_the_patient(clinic):
    turn = run_dialogue(clinic, "52123456", professional=15)
    assert turn.reply.state == "awaiting_city_selection"
    assert run_dialogue(clinic, "[En Bogotá D.C.]", turn=turn).reply.state == "awaiting_visit_type"


@pytest.mark.parametrize("professional", [14, 99])
def test_professional_who_cannot_be_booked_is_left_out(clinic, professional):
    turn = start_dialogue(clinic, professional=professional)
    assert "no está disponible" in turn.reply.message
    assert turn.draft.professional is None


def test_professional_can_be_chosen_in_the_middle(clinic):
    draft = run_dialogue(clinic, *TO_CONFIRMATION).draft
    turn = start_dialogue(clinic, draft, professional=12)
    assert turn.reply.state == "awaiting_slot_selection"
    assert turn.draft.description == draft.description
    other = run_dialogue(clinic, "[Que me contacten]", "no", "el profesional", turn=turn)
    assert (other.draft.professional, other.reply.state) == (None, "awaiting_city_selection")


def test_professional_chosen_after_a_booking_begins_a_new_one(clinic, done):
    turn = start_dialogue(clinic, done.draft, professional=12)
    assert (turn.reply.state, turn.draft.ticket, turn.draft.professional.id) == ("awaiting_document", "", 12)


def test_professional_who_leaves_meanwhile_is_forgotten(clinic):
    turn = run_dialogue(clinic, "52123456", professional=13)
    del clinic.professionals[13]
    turn = run_dialogue(clinic, "cardio", turn=turn)
    assert turn.draft.professional is None
    assert turn.reply.state == "awaiting_specialty_selection"
