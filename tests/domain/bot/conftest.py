"""What the tests of the bot share."""

import pytest

from beneficiate.domain.bot.dialogue import reply_booked
from tests.domain.bot.fake_choices import TICKET, TO_CONFIRMATION, FakeChoices, run_dialogue


@pytest.fixture
def clinic():
    return FakeChoices()


@pytest.fixture
def done(clinic):
    return reply_booked(run_dialogue(clinic, *TO_CONFIRMATION, "[Sí]").draft, TICKET, is_confirmed=False)
