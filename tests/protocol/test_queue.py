"""Commands of the queue accept what they document and nothing else."""

from beneficiate.protocol.queue import RateChat, RequestAgent, SetAvailability, TransferChat
from tests.protocol.fields import is_valid


def test_score_is_1_to_5():
    assert [is_valid(RateChat, score=score) for score in (0, 1, 5, 6, 2.5)] == [False, True, True, False, False]


def test_topic_is_optional():
    assert is_valid(RequestAgent, topic=...)
    assert is_valid(TransferChat, topic=..., agent_id=7)
    assert not is_valid(RequestAgent, topic="")


def test_availability_is_one_of_three():
    states = ("available", "away", "offline", "busy")
    assert [is_valid(SetAvailability, availability=one) for one in states] == [True, True, True, False]
    assert not is_valid(SetAvailability, reason="a" * 101)


def test_note_has_at_most_1000_characters():
    assert [is_valid(TransferChat, note="a" * size) for size in (0, 1000, 1001)] == [True, True, False]
