"""The step of the slots."""

import pytest

from beneficiate.domain.booking.presentation import NO_REASON
from beneficiate.domain.bot.drafts import BookingDraft
from beneficiate.domain.bot.slot_step import find_next_slots
from tests.domain.bot.fake_choices import (
    TO_CONFIRMATION,
    TO_SLOT,
    FakeChoices,
    labels,
    run_dialogue,
)

SHOWN = "jue 26 de noviembre"


def times(turn):
    return [label.removesuffix(", con Germán Cifuentes") for label in labels(turn) if "con Germán" in label]


@pytest.mark.parametrize("more", ["[Más horarios]", "más tarde", "otro horario"])
def test_more_slots_follow_the_last_one_and_begin_again_at_the_end(clinic, more):
    turn = run_dialogue(clinic, *TO_SLOT, more)
    assert times(turn) == [f"{SHOWN}, 10:00 a. m.", f"{SHOWN}, 2:40 p. m.", "sáb 28 de noviembre, 8:00 a. m."]
    turn = run_dialogue(clinic, *[more] * 4, turn=turn)
    assert "No hay más horarios" in turn.reply.message
    assert times(turn)[0] == f"{SHOWN}, 8:00 a. m."


@pytest.mark.parametrize(
    ("typed", "first", "sentence"),
    [
        ("el jueves por la tarde", "jue 26 de noviembre, 2:40 p. m.", ""),
        ("mañana después de las 9", "jue 26 de noviembre, 9:20 a. m.", ""),
        ("el sábado", "sáb 28 de noviembre, 8:00 a. m.", ""),
        ("otro día", "sáb 28 de noviembre, 8:00 a. m.", "El viernes 27 de noviembre no hay cupos"),
        ("el 27", "sáb 28 de noviembre, 8:00 a. m.", "El viernes 27 de noviembre no hay cupos"),
        ("el 1 de enero", "jue 26 de noviembre, 8:00 a. m.", "No hay más horarios"),
    ],
)
def test_day_and_hours_can_be_asked_for(clinic, typed, first, sentence):
    turn = run_dialogue(clinic, *TO_SLOT, typed)
    assert times(turn)[0] == first
    assert sentence in turn.reply.message
    assert (turn.reply.state, turn.draft.failures) == ("awaiting_slot_selection", 0)
    assert run_dialogue(clinic, "1", turn=turn).draft.slot.label.startswith(first)


def test_another_professional_can_be_asked_for():
    clinic = FakeChoices(has_colleague=True)
    turn = run_dialogue(clinic, *TO_SLOT, "otro médico")
    assert labels(turn) == ["Germán Cifuentes", "Rosa Albán", "Con cualquiera"]
    of_rosa = run_dialogue(clinic, "Rosa", turn=turn)
    assert all(slot.professional_name == "Rosa Albán" for slot in of_rosa.draft.slots)
    later = run_dialogue(clinic, "por la tarde", turn=of_rosa)
    assert {slot.professional_name for slot in later.draft.slots} == {"Rosa Albán"}
    assert run_dialogue(clinic, "volver", turn=turn).draft.slots
    either = run_dialogue(clinic, "otra doctora", "cualquiera", turn=of_rosa)
    assert {slot.professional_name for slot in either.draft.slots} == {"Germán Cifuentes", "Rosa Albán"}


def test_slots_need_a_city_and_a_specialty():
    choices = FakeChoices()
    assert find_next_slots(BookingDraft(), choices) == ()
    assert len(find_next_slots(run_dialogue(choices, *TO_CONFIRMATION).draft, choices)) == 3


def test_reason_is_not_asked_for_where_it_may_not_be_stored_and_back_goes_before_it(clinic):
    clinic.keeps_reasons = False
    answers = [answer for answer in TO_SLOT if answer != TO_SLOT[-1]]
    turn = run_dialogue(clinic, *answers)
    assert (turn.draft.state, turn.draft.description) == ("awaiting_slot_selection", NO_REASON)
    back = run_dialogue(clinic, "volver", turn=turn)
    assert (back.draft.state, back.draft.description) == ("awaiting_visit_type", "")
    summary = run_dialogue(clinic, *TO_CONFIRMATION[:-2], TO_CONFIRMATION[-1])
    assert f"Motivo: {NO_REASON}" in summary.reply.message
    change = run_dialogue(clinic, "no", turn=summary)
    assert "El motivo" not in labels(change)
