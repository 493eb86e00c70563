"""The table of steps."""

from typing import get_args

import pytest

from beneficiate.domain.bot.drafts import DialogueState
from beneficiate.domain.bot.steps import STEPS
from tests.domain.bot.fake_choices import TO_CONFIRMATION, FakeChoices, run_dialogue


def test_every_state_has_a_step():
    assert set(STEPS) == set(get_args(DialogueState))


@pytest.mark.parametrize("state", ["awaiting_visit_type", "awaiting_description"])
def test_back_from_a_step_asks_an_earlier_one(state):
    choices = FakeChoices()
    draft = run_dialogue(choices, *TO_CONFIRMATION).draft
    states = list(get_args(DialogueState))
    assert states.index(STEPS[state].step_back(draft, choices).next_state) < states.index(state)
