"""A typing notice is relayed once per change, and again when it has to be kept alive."""

import pytest

from beneficiate.realtime.typing import TYPING_REPEAT_S, TypingState


@pytest.fixture
def state(scheduler):
    return TypingState(scheduler.time)


@pytest.mark.parametrize("is_typing", [True, False])
def test_first_notice_of_a_chat_is_a_change(state, is_typing):
    assert state.is_change(12, is_typing=is_typing)


def test_repeated_notice_is_no_change_until_it_has_to_be_renewed(state, scheduler):
    state.record(12, is_typing=True)
    scheduler.advance(TYPING_REPEAT_S - 0.1)
    assert not state.is_change(12, is_typing=True)
    scheduler.advance(0.1)
    assert state.is_change(12, is_typing=True)


def test_stop_is_a_change_once(state):
    state.record(12, is_typing=True)
    assert state.is_change(12, is_typing=False)
    state.record(12, is_typing=False)
    assert not state.is_change(12, is_typing=False)


def test_discarded_notice_is_relayed_again(state):
    state.record(12, is_typing=True)
    state.discard(12)
    assert state.is_change(12, is_typing=True)


def test_still_typing_leaves_out_stopped_and_expired_chats(state, scheduler):
    state.record(11, is_typing=True)
    scheduler.advance(TYPING_REPEAT_S)
    state.record(12, is_typing=True)
    state.record(13, is_typing=False)
    assert state.still_typing() == [12]
