"""Which payments are looked for at Wompi, and when the next look is."""

import pytest

from beneficiate.actions import checks
from beneficiate.actions.checks import Check, Round
from beneficiate.billing.checks import FOLLOWED, RARELY, SELDOM, SOON, WHILE_FRESH
from beneficiate.billing.outcome import PENDING
from beneficiate.store import SYSTEM
from tests.actions.buying import DAY, HOUR, MINUTE, NOW, SECOND, heard, linked, opened, paid, payment, put, settled
from tests.people import member


@pytest.fixture
def ana(db):
    return member()


def claimed(act, now, everything=False):
    return act(checks.claim, everything, SYSTEM, now)[0]


def noted(act, payment_id, now):
    """When a payment is looked for again after a look at this moment."""
    act(checks.note, [payment_id], SYSTEM, now)
    return payment(payment_id).check_at


def test_a_payment_is_due_soon_after_its_link_was_made_and_claimed_once(act, ana):
    payment_id = linked(act, ana)
    link = payment(payment_id).link_id
    assert claimed(act, NOW + SOON - SECOND) == Round([], set())
    round_ = claimed(act, NOW + SOON)
    assert round_ == Round([Check(payment_id, link, NOW)], set())
    assert claimed(act, NOW + SOON).checks == []
    assert [one.payment_id for one in claimed(act, NOW + 2 * SOON).checks] == [payment_id]


def test_a_round_names_the_transactions_that_are_known(act, ana):
    payment_id = linked(act, ana)
    one = heard(payment_id, PENDING)
    settled(act, one)
    settled(act, heard(linked(act, member())))
    put(payment_id, check_at=NOW - MINUTE)
    assert claimed(act, NOW).known == {(one.id, PENDING)}


def test_on_demand_all_that_are_still_looked_for_are_claimed(act, ana):
    ids = [linked(act, ana), linked(act, member())]
    put(ids[1], check_at=NOW + DAY)
    over = linked(act, member())
    put(over, check_at=None)
    assert {one.payment_id for one in claimed(act, NOW, everything=True).checks} == set(ids)
    assert claimed(act, NOW).checks == []


def test_a_payment_whose_link_is_only_being_made_is_not_looked_for(act, ana):
    opened(act, ana)
    assert claimed(act, NOW + MINUTE).checks == []


def test_the_longest_due_come_first_and_no_more_than_fit(act, ana, monkeypatch):
    monkeypatch.setattr(checks, "AT_ONCE", 2)
    ids = [linked(act, member()) for _ in range(3)]
    for minutes, payment_id in enumerate(ids):
        put(payment_id, check_at=NOW - minutes * MINUTE)
    assert {one.payment_id for one in claimed(act, NOW).checks} == {ids[2], ids[1]}
    assert [one.payment_id for one in claimed(act, NOW).checks] == [ids[0]]


def test_looks_become_rare_as_a_payment_grows_old_and_end_after_a_week(act, ana):
    payment_id = linked(act, ana)
    fresh_until = NOW + HOUR + WHILE_FRESH
    for now, wait in (
        (NOW + MINUTE, SOON),
        (fresh_until - SECOND, SOON),
        (fresh_until, SELDOM),
        (NOW + DAY - SECOND, SELDOM),
        (NOW + DAY, RARELY),
        (NOW + FOLLOWED, RARELY),
    ):
        assert noted(act, payment_id, now) == now + wait, now
        assert payment(payment_id).checked_at == now
    assert noted(act, payment_id, NOW + FOLLOWED + SECOND) is None


def test_a_settled_payment_is_looked_at_rarely_since_it_may_be_voided(act, ana):
    payment_id = paid(act, ana)
    assert noted(act, payment_id, NOW + MINUTE) == NOW + MINUTE + RARELY
    assert noted(act, payment_id, NOW + FOLLOWED + SECOND) is None


def test_nothing_but_what_was_looked_for_is_noted(act, ana):
    payment_id = linked(act, ana)
    act(checks.note, [], SYSTEM, NOW + MINUTE)
    act(checks.note, ["00000000-0000-0000-0000-000000000000"], SYSTEM, NOW + MINUTE)
    assert payment(payment_id).checked_at is None


def test_links_of_nobody_are_told_from_ours(act, ana):
    link = payment(linked(act, ana)).link_id
    assert act(checks.unknown_links, {link, "foreign"}, SYSTEM, NOW)[0] == {"foreign"}
    assert act(checks.unknown_links, set(), SYSTEM, NOW)[0] == set()
