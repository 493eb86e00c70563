"""The open question of a draft: side questions, the plan that ends, buttons that keep their ids."""

from datetime import date

import pytest
from msgspec.structs import replace

from beneficiate.domain.bot import questions
from beneficiate.domain.bot.step_types import Question
from tests.domain.bot.fake_choices import TO_SLOT, FakeChoices, labels, run_dialogue


@pytest.fixture
def clinic():
    return FakeChoices()


def test_slots_end_with_the_plan_and_the_request_says_why(clinic):
    clinic.plan_ends_on = date(2026, 11, 25)
    turn = run_dialogue(clinic, *TO_SLOT)
    assert turn.reply.state == "confirmation"
    assert (
        "Los próximos cupos en línea para Cardiología en Bogotá D.C. son después del 25 de noviembre de 2026, cuando "
        "termina su plan. Renuévelo en /planes"
    ) in turn.reply.message
    assert turn.reply.redirect_url == "/planes"
    assert run_dialogue(clinic, "ayuda", turn=turn).reply.redirect_url is None


def test_without_any_slot_the_plan_is_not_blamed(clinic):
    clinic.times, clinic.plan_ends_on = 0, date.max
    turn = run_dialogue(clinic, *TO_SLOT)
    assert "No hay cupos en línea para Cardiología" in turn.reply.message
    assert turn.reply.redirect_url is None


def test_side_question_of_another_step_is_dropped(clinic):
    draft = run_dialogue(clinic, *TO_SLOT).draft
    assert questions.resolve_state(replace(draft, aside="professional"), clinic).aside == "professional"
    assert questions.resolve_state(replace(draft, aside="change"), clinic).aside == ""


def test_buttons_keep_their_ids_while_they_are_the_same(clinic):
    turn = run_dialogue(clinic, *TO_SLOT)
    again = questions.ask_open_question(turn.draft, clinic, "Otra vez.")
    assert again.reply.choices == turn.reply.choices
    assert again.reply.message.startswith("Otra vez.\n\n")
    other = questions.build_turn(turn.draft, Question("¿Y ahora?"))
    assert (labels(other), other.draft.turn) == ([], turn.draft.turn + 1)
