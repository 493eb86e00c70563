"""Links and transactions of a merchant: their ids, what they keep, and when a link can be paid."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.sandbox import account as accounts
from beneficiate.sandbox.account import LINK_EXPIRED, LINK_INACTIVE, LINK_OPEN, LINK_PAID, RETRY_WINDOW_S, random_text
from beneficiate.sandbox.errors import EntityNotFound
from beneficiate.sandbox.methods import pse_payment
from beneficiate.sandbox.objects import APPROVED, DECLINED, ERROR, PENDING, VOIDED
from tests.sandbox.parts import create_account, create_link, create_transaction


def ago(seconds):
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def finish(transaction, status, seconds_ago=0):
    transaction.status, transaction.finalized_at = status, ago(seconds_ago)
    return transaction


def test_ids_are_those_of_wompi_and_none_is_given_twice(monkeypatch):
    account = create_account()
    texts = iter(["aaaaaa", "aaaaaa", "bbbbbb"])
    monkeypatch.setattr(accounts, "random_text", lambda length: next(texts))
    assert [create_link(account).id for _ in range(2)] == ["test_aaaaaa", "test_bbbbbb"]
    monkeypatch.undo()
    made = [create_transaction(account).id for _ in range(3)]
    assert len(set(made)) == 3
    assert all(re.fullmatch(r"[0-9]{7}-[0-9]{10}-[0-9]{5}", id_) for id_ in made)


def test_unknown_ids_are_not_found():
    account = create_account()
    for get in (account.get_link, account.get_transaction):
        with pytest.raises(EntityNotFound):
            get("test_nadie1")


def test_transaction_has_the_amount_of_its_link_or_that_of_the_payer():
    account = create_account(amount_offset_in_cents=100)
    assert create_transaction(account).amount_in_cents == 48_000_000 + 100
    open_link = create_link(account, amount_in_cents=None)
    made = account.make_transaction(open_link, pse_payment("1", "ana@x.co", 2_500_000))
    assert (made.amount_in_cents, made.customer_email, made.status) == (2_500_000 + 100, "ana@x.co", PENDING)


def test_link_is_known_to_the_account_when_the_transaction_does_not_name_it():
    account = create_account(null_link=True)
    link = create_link(account)
    made = create_transaction(account, link)
    assert (made.payment_link_id, account.link_of(made)) == (None, link)
    assert made.reference.startswith(f"{link.id}_")


@pytest.mark.parametrize(
    ("status", "seconds_ago", "is_kept"),
    [
        (DECLINED, 0, True),
        (ERROR, RETRY_WINDOW_S - 10, True),
        (DECLINED, RETRY_WINDOW_S + 1, False),
        (APPROVED, 0, False),
        (VOIDED, 0, False),
        (PENDING, 0, False),
    ],
)
def test_retry_keeps_the_reference_of_a_recent_failure_only(status, seconds_ago, is_kept):
    account = create_account()
    link = create_link(account)
    failed = finish(create_transaction(account, link), status, seconds_ago)
    assert (create_transaction(account, link, retried=failed.id).reference == failed.reference) is is_kept


def test_retry_of_another_link_or_of_nothing_has_its_own_reference():
    account = create_account()
    failed = finish(create_transaction(account), DECLINED)
    for retried in (failed.id, "1-1-1"):
        assert create_transaction(account, retried=retried).reference != failed.reference


@pytest.mark.parametrize(
    ("status", "state"),
    [(PENDING, LINK_OPEN), (DECLINED, LINK_OPEN), (ERROR, LINK_OPEN), (APPROVED, LINK_PAID), (VOIDED, LINK_PAID)],
)
def test_link_for_one_payment_is_paid_by_the_first_that_succeeds(status, state):
    account = create_account()
    link = create_link(account)
    finish(create_transaction(account, link), status)
    assert account.link_state(link) == state


def test_link_for_many_payments_and_one_of_a_careless_gateway_stay_open():
    account = create_account()
    many = create_link(account, single_use=False)
    finish(create_transaction(account, many), APPROVED)
    careless = create_account(allow_second=True)
    once = create_link(careless)
    finish(create_transaction(careless, once), APPROVED)
    assert (account.link_state(many), careless.link_state(once)) == (LINK_OPEN, LINK_OPEN)


def test_link_cannot_be_paid_once_it_is_inactive_or_expired():
    account = create_account()
    link = create_link(account)
    link.expires_at = ago(-60)
    assert account.link_state(link) == LINK_OPEN
    link.expires_at = ago(0)
    assert account.link_state(link) == LINK_EXPIRED
    link.active = False
    assert account.link_state(link) == LINK_INACTIVE


def test_newest_transactions_come_first():
    account = create_account()
    made = [create_transaction(account).id for _ in range(3)]
    assert [one.id for one in account.transactions_newest_first()] == made[::-1]


def test_random_text_has_letters_and_digits_and_is_never_the_same():
    texts = {random_text(20) for _ in range(50)}
    assert len(texts) == 50
    assert all(re.fullmatch(r"[A-Za-z0-9]{20}", text) for text in texts)
