"""The outbox of e-mails: claims and tries."""

import pytest

from beneficiate.actions.emails import EMAIL_CLAIM_LIFETIME, claim_emails, mark_emails_sent
from beneficiate.models.payments import PlanEmail
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.payment_steps import NOW, SECOND, get_plan
from tests.factories import member

MAX_TRIES = 3


@pytest.fixture
def email_id(db):
    row = {"kind": "receipt", "key": "receipt 1", "ends_at": NOW, "created_at": NOW}
    return PlanEmail.create(user=member().id, plan=get_plan(), **row).id


def claim(now):
    return [email.id for email in claim_emails(UnitOfWork(SYSTEM, now), PlanEmail, MAX_TRIES)]


def test_email_is_claimed_once_until_the_claim_expires(email_id):
    assert (claim(NOW), claim(NOW), claim(NOW + EMAIL_CLAIM_LIFETIME)) == ([email_id], [], [])
    assert claim(NOW + EMAIL_CLAIM_LIFETIME + SECOND) == [email_id]


def test_email_is_given_up_after_the_last_try(email_id):
    times = [NOW + 2 * n * EMAIL_CLAIM_LIFETIME for n in range(MAX_TRIES + 1)]
    assert [claim(at) for at in times] == [[email_id]] * MAX_TRIES + [[]]


def test_sent_email_is_not_claimed_again(email_id):
    claim(NOW)
    mark_emails_sent(UnitOfWork(SYSTEM, NOW), PlanEmail, [email_id])
    assert claim(NOW + 2 * EMAIL_CLAIM_LIFETIME) == []
