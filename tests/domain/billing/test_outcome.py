"""What transactions mean for a payment: by table, then in any order, late and repeated."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beneficiate.domain.billing.outcome import (
    APPROVED,
    DECLINED,
    ERROR,
    EXPIRED,
    FINAL_STATUSES,
    PENDING,
    REFUSED_STATUSES,
    UNKNOWN,
    VOIDED,
    Decision,
    Money,
    PaymentState,
    ReviewKind,
    advance_transaction_status,
    decide_settlement,
    derive_payment_status,
)

PRICE = Money(8990000, "COP")
WRONG = [Money(100, "COP"), Money(8990001, "COP"), Money(8990000, "USD"), Money(89900, "COP"), Money(-8990000, "COP")]
STATES = [PENDING, APPROVED, DECLINED, ERROR, VOIDED]
FUTURE = "SOME_FUTURE_STATE"

OPEN = PaymentState(PRICE)
PAID = PaymentState(PRICE, is_activated=True, paid_by="t1")
BY_HAND = PaymentState(PRICE, is_activated=True)
REVOKED = PaymentState(PRICE, is_activated=True, is_revoked=True, paid_by="t1")
NOTHING = Decision()


@pytest.mark.parametrize(
    ("state", "transaction_id", "status", "decision"),
    [
        (OPEN, "t1", APPROVED, Decision(activates=True)),
        (OPEN, "t1", VOIDED, NOTHING),
        (PAID, "t1", APPROVED, NOTHING),
        (PAID, "t1", VOIDED, Decision(revokes=True, review=ReviewKind.VOIDED)),
        (PAID, "t2", APPROVED, Decision(review=ReviewKind.DOUBLE_CHARGE)),
        (PAID, "t2", VOIDED, NOTHING),
        (BY_HAND, "t1", APPROVED, Decision(matches_manual_activation=True)),
        (BY_HAND, "t1", VOIDED, NOTHING),
        (REVOKED, "t1", VOIDED, Decision(review=ReviewKind.VOIDED)),
        (REVOKED, "t1", APPROVED, NOTHING),
        (REVOKED, "t2", APPROVED, Decision(review=ReviewKind.LATE_APPROVAL)),
        (REVOKED, "t2", VOIDED, NOTHING),
    ],
    ids=[
        "paid", "voided-before-it-arrived", "repeated", "voided", "paid-twice", "second-charge-voided",
        "paid-after-a-person-activated", "voided-after-a-person-activated", "voided-again", "older-answer-after-voided",
        "paid-after-voided", "late-one-voided",
    ],
)  # fmt: skip
def test_what_is_done_about_a_transaction(state, transaction_id, status, decision):
    assert decide_settlement(state, transaction_id, status, PRICE) == decision


@pytest.mark.parametrize("state", [OPEN, PAID, BY_HAND, REVOKED], ids=["open", "paid", "by-hand", "revoked"])
@pytest.mark.parametrize("status", [PENDING, DECLINED, ERROR, FUTURE, "", "approved"])
def test_what_did_not_bring_money_asks_for_nothing(state, status):
    assert decide_settlement(state, "t1", status, PRICE) == decide_settlement(state, "t2", status, PRICE) == NOTHING


@pytest.mark.parametrize("paid", WRONG)
@pytest.mark.parametrize("state", [OPEN, PAID, BY_HAND, REVOKED], ids=["open", "paid", "by-hand", "revoked"])
def test_wrong_amount_or_currency_never_activates_and_a_person_looks_at_it(state, paid):
    assert decide_settlement(state, "t2", APPROVED, paid) == Decision(review=ReviewKind.WRONG_AMOUNT)


@pytest.mark.parametrize("paid", WRONG)
def test_activating_transaction_is_recognised_by_its_id(paid):
    assert decide_settlement(PAID, "t1", APPROVED, paid) == NOTHING
    assert decide_settlement(PAID, "t1", VOIDED, paid) == Decision(revokes=True, review=ReviewKind.VOIDED)


def test_transaction_without_an_id_is_not_the_person_who_activated():
    assert not decide_settlement(OPEN, "", VOIDED, PRICE).revokes


def test_state_moves_only_from_pending_and_from_approved_to_voided():
    moves = {
        (known, reported)
        for known, reported in product(STATES, STATES)
        if advance_transaction_status(known, reported) != known
    }
    assert moves == {(PENDING, status) for status in FINAL_STATUSES} | {(APPROVED, VOIDED)}


@pytest.mark.parametrize("reported", [*STATES, FUTURE])
def test_first_report_of_a_transaction_is_its_status(reported):
    assert advance_transaction_status(None, reported) == advance_transaction_status(PENDING, reported) == reported


@pytest.mark.parametrize("known", sorted(FINAL_STATUSES))
def test_state_that_nobody_knows_does_not_move_a_final_one(known):
    assert advance_transaction_status(known, FUTURE) == known


@pytest.mark.parametrize("reported", sorted(FINAL_STATUSES))
def test_after_a_state_that_nobody_knows_whatever_comes_counts(reported):
    assert advance_transaction_status(FUTURE, reported) == reported


def test_final_and_refused_states():
    assert {APPROVED, DECLINED, ERROR, VOIDED} == FINAL_STATUSES
    assert {DECLINED, ERROR} == REFUSED_STATUSES


@pytest.mark.parametrize(
    ("reported", "otherwise", "status"),
    [
        ([], PENDING, PENDING),
        ([], UNKNOWN, UNKNOWN),
        ([], EXPIRED, EXPIRED),
        ([PENDING], UNKNOWN, PENDING),
        ([PENDING], EXPIRED, PENDING),
        ([DECLINED, PENDING], PENDING, PENDING),
        ([DECLINED], PENDING, DECLINED),
        ([ERROR], PENDING, DECLINED),
        ([DECLINED, VOIDED], PENDING, DECLINED),
        ([DECLINED], EXPIRED, EXPIRED),
        ([VOIDED], PENDING, VOIDED),
        ([VOIDED], EXPIRED, EXPIRED),
        ([VOIDED, APPROVED], PENDING, PENDING),
        ([APPROVED], PENDING, PENDING),
        ([APPROVED], EXPIRED, EXPIRED),
        ([FUTURE], PENDING, PENDING),
    ],
)
def test_state_of_a_payment_that_nothing_has_activated(reported, otherwise, status):
    assert derive_payment_status(OPEN, [(one, WRONG[0]) for one in reported], otherwise) == status


@pytest.mark.parametrize("otherwise", [PENDING, UNKNOWN, EXPIRED])
@pytest.mark.parametrize("reported", [[], [PENDING], [DECLINED], [APPROVED, VOIDED], [APPROVED, DECLINED, ERROR]])
def test_payment_that_was_activated_is_approved_until_it_is_revoked(reported, otherwise):
    attempts = [(one, PRICE) for one in reported]
    assert (
        derive_payment_status(PAID, attempts, otherwise)
        == derive_payment_status(BY_HAND, attempts, otherwise)
        == APPROVED
    )
    assert derive_payment_status(REVOKED, attempts, otherwise) == VOIDED


HISTORIES = [
    (PENDING,), (PENDING, APPROVED), (PENDING, DECLINED), (PENDING, ERROR), (PENDING, APPROVED, VOIDED),
]  # fmt: skip
MOST_TIMES = 10
amounts = st.sampled_from([PRICE, PRICE, *WRONG[:3]])
attempts = st.lists(st.tuples(st.sampled_from(HISTORIES), amounts), min_size=1, max_size=5)


def named(made):
    """Return transactions by id: their history and what was paid."""
    return {f"t{n}": attempt for n, attempt in enumerate(made)}


def settle(transactions, reports, otherwise=PENDING):
    """Settle (id, status) pairs one after the other; return the end, all decisions, and the known statuses."""
    state, known, decisions = PaymentState(PRICE), {}, []
    for id_, reported in reports:
        known[id_] = advance_transaction_status(known.get(id_), reported)
        decision = decide_settlement(state, id_, known[id_], transactions[id_][1])
        if decision.activates:
            state = replace(state, is_activated=True, paid_by=id_)
        if decision.revokes:
            state = replace(state, is_revoked=True)
        decisions.append(
            (id_, reported, decision, derive_payment_status(state, paid_of(transactions, known), otherwise))
        )
    return state, decisions, known


def paid_of(transactions, known):
    return [(status, transactions[id_][1]) for id_, status in known.items()]


def any_order(reports, chance):
    """Return the reports in any order, each once to ten times."""
    repeated = [report for report in reports for _ in range(chance.randint(1, MOST_TIMES))]
    chance.shuffle(repeated)
    return repeated


def counted(decisions):
    activated = [id_ for id_, _, decision, _ in decisions if decision.activates]
    return activated, sum(decision.revokes for _, _, decision, _ in decisions)


@settings(max_examples=30, deadline=None)
@given(attempts, st.sampled_from([PENDING, UNKNOWN, EXPIRED]), st.randoms(use_true_random=False))
def test_hundred_orders_of_the_same_answers_come_to_the_same_end(made, otherwise, chance):
    """Every answer is true: the present status of the transaction."""
    transactions = named(made)
    answers = [(id_, history[-1]) for id_, (history, _) in transactions.items()]
    right = [id_ for id_, status in answers if status == APPROVED and transactions[id_][1] == PRICE]
    ends, reviews = set(), set()
    for _ in range(100):
        state, decisions, known = settle(transactions, any_order(answers, chance), otherwise)
        activated, revoked = counted(decisions)
        assert len(activated) == bool(right)
        assert set(activated) <= set(right)
        assert not revoked
        ends.add(derive_payment_status(state, paid_of(transactions, known), otherwise))
        kinds = [(id_, decision.review) for id_, _, decision, _ in decisions if decision.review]
        reviews.add((frozenset(kind for _, kind in kinds), len(set(kinds))))
    assert len(ends) == len(reviews) == 1
    assert (APPROVED in ends) is bool(right)


@settings(max_examples=100, deadline=None)
@given(attempts, st.randoms(use_true_random=False))
def test_stale_answers_in_any_order_activate_once_and_leave_no_money_unseen(made, chance):
    """Every status that a transaction ever had arrives, older ones also after later ones."""
    transactions = named(made)
    reports = any_order([(id_, state) for id_, (history, _) in transactions.items() for state in history], chance)
    state, decisions, known = settle(transactions, reports)
    first = {id_: next((s for one, s in reports if one == id_ and s != PENDING), PENDING) for id_ in transactions}
    seen = {id_ for id_, status in first.items() if status == APPROVED}
    right = {id_ for id_ in seen if transactions[id_][1] == PRICE}
    activated, revoked = counted(decisions)
    assert len(activated) == bool(right)
    assert set(activated) <= right
    assert known == {id_: history[-1] for id_, (history, _) in transactions.items()}
    assert revoked == state.is_revoked == any(known[id_] == VOIDED for id_ in activated)
    looked_at = {id_ for id_, _, decision, _ in decisions if decision.review not in (None, ReviewKind.VOIDED)}
    assert looked_at == seen - set(activated)


@settings(max_examples=100, deadline=None)
@given(attempts, st.randoms(use_true_random=False))
def test_what_is_declined_after_an_approval_changes_nothing(made, chance):
    transactions = named(made) | {f"d{n}": (history, PRICE) for n, history in enumerate(HISTORIES[2:4])}
    reports = any_order([(id_, state) for id_, (history, _) in transactions.items() for state in history], chance)
    _, decisions, _ = settle(transactions, reports)
    before = PENDING
    for _, reported, decision, status in decisions:
        if before in (APPROVED, VOIDED) and reported in (DECLINED, ERROR, PENDING):
            assert not decision.activates
            assert not decision.revokes
            assert before == VOIDED or status == APPROVED
        before = status


@settings(max_examples=100, deadline=None)
@given(attempts, st.randoms(use_true_random=False), st.integers(0, 20))
def test_reporting_all_of_it_again_changes_nothing(made, chance, more):
    transactions = named(made)
    reports = any_order([(id_, state) for id_, (history, _) in transactions.items() for state in history], chance)
    again = [(id_, transactions[id_][0][-1]) for id_ in chance.choices(sorted(transactions), k=more)]
    state, decisions, known = settle(transactions, reports)
    later, all_decisions, known_later = settle(transactions, reports + again)
    assert (later, known_later) == (state, known)
    assert counted(all_decisions) == counted(decisions)


def test_retry_of_a_declined_payment_activates_it():
    transactions = {"t1": ((PENDING, DECLINED), PRICE), "t2": ((PENDING, APPROVED), PRICE)}
    state, decisions, known = settle(transactions, [("t1", DECLINED), ("t2", APPROVED), ("t1", PENDING)])
    assert (state.paid_by, counted(decisions)) == ("t2", (["t2"], 0))
    assert known == {"t1": DECLINED, "t2": APPROVED}
