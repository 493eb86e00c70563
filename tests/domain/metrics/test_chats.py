"""The figures about chats: a chat that was resolved and reopened was resolved that day."""

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Tally


def values(tallies):
    return {code: METRICS[code].compute(tallies).value for code in ("closed", "resolved", "missed", "chat_length")}


def test_closings_are_resolved_or_missed():
    tallies = [
        Tally("closed", "answered", 1, "", 100),
        Tally("closed", "answered", 1, "", 300),
        Tally("closed", "missed", None, "", None),
        Tally("reopened", "", 1, "", None),
    ]
    assert values(tallies) == {"closed": 3, "resolved": 2, "missed": 1, "chat_length": 200}


def test_share_of_missed_is_over_all_that_were_closed():
    tallies = [Tally("closed", "answered", 1, "", 1, 3), Tally("closed", "missed", None, "", None)]
    assert METRICS["missed_share"].compute(tallies).value == 0.25
