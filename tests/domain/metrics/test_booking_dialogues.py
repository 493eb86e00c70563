"""What the bot completes."""

import pytest

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Tally


def dialogue(detail, times):
    return Tally("booking", detail, None, "", None, times)


def test_completion_is_of_the_dialogues_that_ended():
    tallies = [dialogue("booked", 6), dialogue("slot", 3), dialogue("reason", 1)]
    figures = {code: METRICS[code].compute(tallies) for code in ("bot_booked", "bot_completion", "bot_left_slot")}
    assert (figures["bot_booked"].value, figures["bot_left_slot"].value) == (6, 3)
    assert figures["bot_completion"].value == pytest.approx(0.6)
    assert METRICS["bot_completion"].compute([]).value is None
