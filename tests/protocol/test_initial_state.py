"""Which events a connection is sent first, and the version of a list of chats."""

import re

from hypothesis import given
from hypothesis import strategies as st

from beneficiate.protocol.initial_state import INITIAL_EVENTS, compute_chats_version
from beneficiate.protocol.reference import list_events

numbers = st.integers(0, 2**31 - 1)
chats = st.dictionaries(numbers, st.tuples(numbers, numbers)).map(
    lambda found: [(chat_id, *rest) for chat_id, rest in found.items()]
)


def test_initial_events_are_events_of_the_protocol():
    assert set(INITIAL_EVENTS.values()) <= set(list_events())


@given(chats)
def test_order_does_not_matter(found):
    version = compute_chats_version(found)
    assert version == compute_chats_version(reversed(found))
    assert re.fullmatch("[0-9a-f]{16}", version)


@given(chats, chats)
def test_another_list_has_another_version(one, other):
    assert (compute_chats_version(one) == compute_chats_version(other)) == (sorted(one) == sorted(other))
