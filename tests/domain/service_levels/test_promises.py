"""What is promised, and how a fact says what became of it."""

from beneficiate.domain.service_levels.promises import (
    PROMISE_NAMES,
    Outcome,
    Promise,
    PromisedTimes,
    outcome_detail,
)

PROMISED = PromisedTimes(first_response_s=60, next_response_s=180, resolution_s=4 * 3600, warn_s=3600)


def test_every_promise_has_a_time_and_a_name():
    assert [PROMISED.seconds(promise) for promise in Promise] == [60, 180, 4 * 3600]
    assert list(PROMISE_NAMES) == list(Promise)


def test_warnings_come_at_half_time_at_the_earliest():
    assert PROMISED.seconds_until_warning(4 * 3600) == 3 * 3600
    assert PROMISED.seconds_until_warning(60) == 30
    assert PromisedTimes(warn_s=0).seconds_until_warning(60) == 60


def test_details_of_facts_fit_into_their_column():
    details = [outcome_detail(promise, is_met=is_met) for promise in Promise for is_met in (True, False)]
    assert details == ["first.met", "first.late", "next.met", "next.late", "resolve.met", "resolve.late"]
    assert Outcome(Promise.FIRST_RESPONSE, False, 61).detail == "first.late"
    assert all(len(detail) <= 16 for detail in details)
