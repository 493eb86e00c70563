"""The steps of a move, one by one."""

import pytest

from beneficiate.domain.bot import move_steps
from beneficiate.domain.bot.drafts import BookingDraft, NamedRef
from beneficiate.domain.bot.step_types import ParsedAnswer
from tests.domain.bot.fake_choices import BOGOTA, DERMATOLOGY, FakeChoices, movable_appointment, run_dialogue

MOVE = BookingDraft(is_move=True)


@pytest.fixture
def clinic():
    return FakeChoices(movable=[movable_appointment(), movable_appointment(82, "Ana", DERMATOLOGY)])


def test_chosen_appointment_decides_what_slots_are_of(clinic):
    draft = move_steps.choose_appointment(MOVE, clinic.movable[1])
    assert (draft.specialty, draft.city) == (NamedRef(*DERMATOLOGY), BOGOTA)
    assert draft.preference.professional == NamedRef(12, "Germán Cifuentes")
    assert draft.next_state == "awaiting_new_slot_selection"


def test_appointment_that_is_gone_by_now_is_not_taken(clinic):
    pressed = ParsedAnswer("appointment:82", "Dermatología para Ana")
    assert move_steps.handle_appointment(MOVE, pressed, clinic).draft.appointment.id == 82
    del clinic.movable[1]
    assert move_steps.handle_appointment(MOVE, pressed, clinic).draft is None


def test_going_back_from_the_slots_asks_for_the_appointment_if_there_are_several(clinic):
    draft = move_steps.choose_appointment(MOVE, clinic.movable[0])
    assert move_steps.back_from_new_slot(draft, clinic).next_state == "awaiting_appointment_selection"
    del clinic.movable[1]
    assert move_steps.back_from_new_slot(draft, clinic) == draft


@pytest.mark.parametrize(
    ("key", "is_booking", "state"), [("yes", True, "move_confirmation"), ("no", False, "awaiting_new_slot_selection")]
)
def test_confirmation_is_a_yes_or_a_no(clinic, key, is_booking, state):
    del clinic.movable[1]
    draft = run_dialogue(clinic, "mover mi cita", "1").draft
    outcome = move_steps.handle_move_confirmation(draft, ParsedAnswer(key, ""), clinic)
    assert (outcome.is_booking, outcome.draft.next_state) == (is_booking, state)
    assert move_steps.handle_move_confirmation(draft, ParsedAnswer("", "tal vez"), clinic).draft is None
