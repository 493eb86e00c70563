"""Which payments are checked at Wompi, and when next."""

import pytest

from beneficiate.actions import payment_checks
from beneficiate.actions.payment_checks import PaymentCheck, PaymentCheckBatch
from beneficiate.domain.billing.outcome import PENDING
from beneficiate.domain.billing.payment_checks import (
    CHECKED_PERIOD,
    FIRST_DAY_CHECK_INTERVAL,
    FRESH_CHECK_INTERVAL,
    FRESH_PERIOD,
    LATER_CHECK_INTERVAL,
)
from beneficiate.queries.payments import find_unknown_links
from beneficiate.unit_of_work import SYSTEM
from tests.actions.payment_steps import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    get_cheap_plan,
    load_payment,
    open_checkout,
    paid_payment,
    payment_with_link,
    settle_one,
    update_columns,
    wompi_transaction,
)
from tests.factories import member


@pytest.fixture
def ana(db):
    return member()


def requested(act, who, payment_id=None, now=NOW + SECOND):
    return act(payment_checks.request_checks, payment_id, who.actor, now)[0]


def test_who_asks_after_a_payment_of_their_own_makes_it_due(act, ana):
    payment_id, other = payment_with_link(act, ana), payment_with_link(act, member())
    assert claimed(act, NOW + SECOND).checks == []
    assert [requested(act, ana, one) for one in (payment_id, other, "nothing")] == [True, False, False]
    assert [requested(act, member(), one) for one in (payment_id, other, "nothing")] == [False] * 3
    assert [check.payment_id for check in claimed(act, NOW + SECOND).checks] == [payment_id]
    done = paid_payment(act, ana, get_cheap_plan())
    before = load_payment(done).check_at
    assert not requested(act, ana, done)
    assert load_payment(done).check_at == before


def test_who_asks_after_all_of_their_payments_makes_those_due_that_no_plan_came_of(act, ana):
    paid_payment(act, ana)
    pending = payment_with_link(act, ana, get_cheap_plan())
    assert requested(act, ana)
    assert [check.payment_id for check in claimed(act, NOW + SECOND).checks] == [pending]


def test_what_was_checked_seconds_ago_is_not_checked_again_because_somebody_asks(act, ana):
    payment_id = payment_with_link(act, ana)
    noted(act, payment_id, NOW)
    assert not requested(act, ana, payment_id, NOW + payment_checks.MIN_CHECK_GAP)
    assert requested(act, ana, payment_id, NOW + payment_checks.MIN_CHECK_GAP + SECOND)


def test_an_old_payment_is_due_but_nobody_waits_for_its_search(act, ana):
    payment_id = payment_with_link(act, ana)
    later = NOW + payment_checks.ASKED_AT_ONCE_AGE + SECOND
    update_columns(payment_id, check_at=later + HOUR)
    assert not requested(act, ana, payment_id, later)
    assert load_payment(payment_id).check_at == later


def claimed(act, now, everything=False):
    return act(payment_checks.claim_due_checks, everything, SYSTEM, now)[0]


def noted(act, payment_id, now):
    """Return when a payment is checked again after a check at this moment."""
    act(payment_checks.record_check, [payment_id], SYSTEM, now)
    return load_payment(payment_id).check_at


def test_payment_is_due_soon_after_its_link_was_made_and_claimed_once(act, ana):
    payment_id = payment_with_link(act, ana)
    link = load_payment(payment_id).link_id
    assert claimed(act, NOW + FRESH_CHECK_INTERVAL - SECOND) == PaymentCheckBatch([], set())
    round_ = claimed(act, NOW + FRESH_CHECK_INTERVAL)
    assert round_ == PaymentCheckBatch([PaymentCheck(payment_id, link, NOW)], set())
    assert claimed(act, NOW + FRESH_CHECK_INTERVAL).checks == []
    assert [one.payment_id for one in claimed(act, NOW + 2 * FRESH_CHECK_INTERVAL).checks] == [payment_id]


def test_round_names_the_transactions_that_are_known(act, ana):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id, PENDING)
    settle_one(act, one)
    settle_one(act, wompi_transaction(payment_with_link(act, member())))
    update_columns(payment_id, check_at=NOW - MINUTE)
    assert claimed(act, NOW).known_transactions == {(one.id, PENDING)}


def test_on_demand_all_that_are_still_checked_are_claimed(act, ana):
    ids = [payment_with_link(act, ana), payment_with_link(act, member())]
    update_columns(ids[1], check_at=NOW + DAY)
    over = payment_with_link(act, member())
    update_columns(over, check_at=None)
    assert {one.payment_id for one in claimed(act, NOW, everything=True).checks} == set(ids)
    assert claimed(act, NOW).checks == []


def test_payment_whose_link_is_only_being_made_is_not_checked(act, ana):
    open_checkout(act, ana)
    assert claimed(act, NOW + MINUTE).checks == []


def test_longest_due_come_first_and_no_more_than_fit(act, ana, monkeypatch):
    monkeypatch.setattr(payment_checks, "MAX_CHECKS_PER_RUN", 2)
    ids = [payment_with_link(act, member()) for _ in range(3)]
    for minutes, payment_id in enumerate(ids):
        update_columns(payment_id, check_at=NOW - minutes * MINUTE)
    assert {one.payment_id for one in claimed(act, NOW).checks} == {ids[2], ids[1]}
    assert [one.payment_id for one in claimed(act, NOW).checks] == [ids[0]]


def test_checks_become_rare_as_a_payment_grows_old_and_end_after_a_week(act, ana):
    payment_id = payment_with_link(act, ana)
    fresh_until = NOW + HOUR + FRESH_PERIOD
    for now, wait in (
        (NOW + MINUTE, FRESH_CHECK_INTERVAL),
        (fresh_until - SECOND, FRESH_CHECK_INTERVAL),
        (fresh_until, FIRST_DAY_CHECK_INTERVAL),
        (NOW + DAY - SECOND, FIRST_DAY_CHECK_INTERVAL),
        (NOW + DAY, LATER_CHECK_INTERVAL),
        (NOW + CHECKED_PERIOD, LATER_CHECK_INTERVAL),
    ):
        assert noted(act, payment_id, now) == now + wait, now
        assert load_payment(payment_id).checked_at == now
    assert noted(act, payment_id, NOW + CHECKED_PERIOD + SECOND) is None


def test_settled_payment_is_checked_rarely_since_it_may_be_voided(act, ana):
    payment_id = paid_payment(act, ana)
    assert noted(act, payment_id, NOW + MINUTE) == NOW + MINUTE + LATER_CHECK_INTERVAL
    assert noted(act, payment_id, NOW + CHECKED_PERIOD + SECOND) is None


def test_nothing_but_what_was_checked_is_noted(act, ana):
    payment_id = payment_with_link(act, ana)
    act(payment_checks.record_check, [], SYSTEM, NOW + MINUTE)
    act(payment_checks.record_check, ["00000000-0000-0000-0000-000000000000"], SYSTEM, NOW + MINUTE)
    assert load_payment(payment_id).checked_at is None


def test_unknown_links_are_those_of_no_payment(act, ana):
    link = load_payment(payment_with_link(act, ana)).link_id
    assert act(find_unknown_links, {link, "foreign"}, SYSTEM, NOW)[0] == {"foreign"}
    assert act(find_unknown_links, set(), SYSTEM, NOW)[0] == set()
