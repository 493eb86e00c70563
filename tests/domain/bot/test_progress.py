"""The steps of the dialogue."""

from typing import get_args

from beneficiate.domain.bot.drafts import DialogueState
from beneficiate.domain.bot.progress import STEP_NAMES, STEP_OF_STATE
from beneficiate.models.facts import Fact


def test_every_state_but_the_last_is_of_a_step_with_a_name():
    assert set(get_args(DialogueState)) - set(STEP_OF_STATE) == {"completed"}
    assert set(STEP_OF_STATE.values()) == set(STEP_NAMES)


def test_step_fits_where_facts_store_it():
    assert max(map(len, STEP_NAMES)) <= Fact.detail.max_length
