"""The outbox of e-mails: claims and tries."""

import pytest

from beneficiate.actions.emails import (
    EMAIL_BATCH_SIZE,
    EMAIL_CLAIM_LIFETIME,
    MAX_EMAIL_TRIES,
    FailedEmail,
    claim_emails,
    email_key,
    mark_emails_sent,
    record_email_failure,
)
from beneficiate.models.payments import PlanEmail
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.payment_steps import NOW, SECOND, get_plan
from tests.factories import member

WAITS = [EMAIL_CLAIM_LIFETIME * 2**n + SECOND for n in range(MAX_EMAIL_TRIES)]
"""How long to wait after each try."""


@pytest.fixture
def email_id(db):
    return create_email(1)


def create_email(number):
    row = {"kind": "receipt", "key": f"receipt {number}", "ends_at": NOW, "created_at": NOW}
    return PlanEmail.create(user=member().id, plan=get_plan(), **row).id


def claim(now):
    return [email.id for email in claim_emails(UnitOfWork(SYSTEM, now), PlanEmail)]


def test_email_is_claimed_once_until_the_claim_expires(email_id):
    assert (claim(NOW), claim(NOW), claim(NOW + EMAIL_CLAIM_LIFETIME)) == ([email_id], [], [])
    assert claim(NOW + EMAIL_CLAIM_LIFETIME + SECOND) == [email_id]


def claims_from(start, first=0):
    """Return how often an e-mail is claimed from a moment on, and when the last time was."""
    claimed, at = 0, start
    for wait in WAITS[first:]:
        if not claim(at):
            break
        claimed += 1
        assert claim(at + wait - 2 * SECOND) == []
        at += wait
    return claimed


def test_email_is_tried_later_and_later_and_then_given_up(email_id):
    assert claims_from(NOW) == MAX_EMAIL_TRIES
    assert claim(NOW + 1000 * EMAIL_CLAIM_LIFETIME) == []


def test_refused_email_is_given_up_at_once(email_id):
    claim(NOW)
    record_email_failure(PlanEmail, FailedEmail(email_id, is_refused=True))
    assert claim(NOW + 1000 * EMAIL_CLAIM_LIFETIME) == []


def test_email_that_may_have_arrived_is_sent_three_times_at_most(email_id):
    sent, at = 0, NOW
    while claim(at):
        sent += 1
        record_email_failure(PlanEmail, FailedEmail(email_id, is_refused=False))
        at += 1000 * EMAIL_CLAIM_LIFETIME
    assert sent == 3


def test_emails_are_claimed_in_batches_that_their_claim_outlives(db):
    for number in range(EMAIL_BATCH_SIZE + 1):
        create_email(number)
    assert [len(claim(NOW)), len(claim(NOW)), len(claim(NOW))] == [EMAIL_BATCH_SIZE, 1, 0]


def test_key_of_an_email_is_the_same_at_every_try(email_id):
    first, again = (email_key(PlanEmail.get_by_id(email_id)) for _ in range(2))
    assert first == again == f"PlanEmail.{email_id}.{NOW:%Y%m%d%H%M%S}"


def test_sent_email_is_not_claimed_again(email_id):
    claim(NOW)
    mark_emails_sent(UnitOfWork(SYSTEM, NOW), PlanEmail, [email_id])
    assert claim(NOW + 2 * EMAIL_CLAIM_LIFETIME) == []
