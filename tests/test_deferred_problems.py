"""Every step runs; what is raised is the first problem."""

import pytest

from beneficiate.deferred_problems import DeferredProblems
from beneficiate.errors import NotFound, RateLimited


def test_steps_behind_a_problem_run_and_the_first_is_raised():
    problems, ran = DeferredProblems(), []
    problems.raise_first()
    for number, problem in enumerate([None, NotFound(), RateLimited(1), None]):
        with problems.defer():
            ran.append(number)
            if problem is not None:
                raise problem
    assert ran == [0, 1, 2, 3]
    with pytest.raises(NotFound):
        problems.raise_first()


def test_a_bug_is_not_deferred():
    with pytest.raises(ZeroDivisionError), DeferredProblems().defer():
        raise ZeroDivisionError
