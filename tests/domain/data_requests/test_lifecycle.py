"""What may be done with a request in each state, and until when."""

from dataclasses import replace
from datetime import date

import pytest

from beneficiate.domain.data_requests.lifecycle import (
    ANSWERED,
    EXTENDED,
    IN_PROGRESS,
    NEEDS_INFORMATION,
    OPEN_STATES,
    RECEIVED,
    STATES,
    WITHDRAWN,
    RequestState,
)
from beneficiate.domain.data_requests.terms import CLAIM, QUERY

CLAIMED = RequestState(CLAIM, RECEIVED, date(2026, 8, 5), date(2026, 8, 28), was_asked=False, was_extended=False)
IN_TIME, TOO_LATE = date(2026, 8, 13), date(2026, 8, 14)


@pytest.mark.parametrize("state", [RECEIVED, IN_PROGRESS])
def test_claim_is_found_incomplete_within_five_working_days(state):
    claim = replace(CLAIMED, state=state)
    assert claim.explain_no_question(IN_TIME) == ""
    assert "5 días" in claim.explain_no_question(TOO_LATE)


@pytest.mark.parametrize(
    "state",
    [
        replace(CLAIMED, kind=QUERY),
        replace(CLAIMED, was_asked=True),
        replace(CLAIMED, state=EXTENDED, was_extended=True),
        *(replace(CLAIMED, state=state) for state in (NEEDS_INFORMATION, ANSWERED, WITHDRAWN)),
    ],
)
def test_nothing_else_is_found_incomplete(state):
    assert state.explain_no_question(IN_TIME) != ""


def test_term_is_extended_once_until_its_last_day():
    assert CLAIMED.explain_no_extension(date(2026, 8, 28)) == ""
    assert "ya venció" in CLAIMED.explain_no_extension(date(2026, 8, 29))
    assert "una vez" in replace(CLAIMED, state=EXTENDED, was_extended=True).explain_no_extension(IN_TIME)
    for state in (NEEDS_INFORMATION, ANSWERED, WITHDRAWN):
        assert replace(CLAIMED, state=state).explain_no_extension(IN_TIME) != ""
    assert CLAIMED.latest_day == date(2026, 9, 9)


def test_open_states_are_those_without_an_answer():
    assert [state for state in STATES if not replace(CLAIMED, state=state).is_open] == [ANSWERED, WITHDRAWN]
    assert [state for state in OPEN_STATES if not replace(CLAIMED, state=state).is_counting] == [NEEDS_INFORMATION]
