"""Threads have short turns while something computes for long, and the usual ones afterwards."""

import sys
import threading

import pytest

from beneficiate.thread_turns import SHORT_TURN_S, with_short_turns

USUAL_S = sys.getswitchinterval()


def test_turns_are_short_until_the_last_one_ends():
    go_on, inside = threading.Event(), threading.Barrier(2)

    @with_short_turns
    def compute():
        inside.wait(10)
        go_on.wait(10)

    thread = threading.Thread(target=compute)
    thread.start()
    inside.wait(10)
    assert with_short_turns(lambda one, other: one + other)(1, 2) == 3
    assert sys.getswitchinterval() == pytest.approx(SHORT_TURN_S)
    go_on.set()
    thread.join(10)
    assert sys.getswitchinterval() == pytest.approx(USUAL_S)


def test_turns_are_as_before_when_it_fails():
    @with_short_turns
    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert sys.getswitchinterval() == pytest.approx(USUAL_S)
