"""The list of e-mails that were given up."""

from datetime import timedelta

import pytest

from beneficiate.actions.emails import RetryEmail, retry_email
from beneficiate.errors import Invalid, NotFound
from beneficiate.models.audit import AuditEntry
from beneficiate.models.payments import PlanEmail
from beneficiate.queries import undelivered_emails
from beneficiate.queries.undelivered_emails import (
    EMAIL_CLAIM_LIFETIME,
    MAX_EMAIL_TRIES,
    REFUSED_TRIES,
    list_undelivered_emails,
    parse_position,
)
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.payment_steps import NOW, get_plan
from tests.factories import member, supervisor

UOW = UnitOfWork(SYSTEM, NOW)


def create_email(number, tries, claimed_at=None, **columns):
    row = {"kind": "receipt", "key": f"receipt {number}", "ends_at": NOW, "created_at": NOW, **columns}
    return PlanEmail.create(user=member().id, plan=get_plan(), tries=tries, claimed_at=claimed_at, **row).id


def listed(after=None):
    return [one.email_id for one in list_undelivered_emails(UOW, after).emails]


def test_only_emails_that_no_process_tries_again_are_listed(db):
    tried_at = NOW - EMAIL_CLAIM_LIFETIME - timedelta(seconds=1)
    refused = create_email(1, REFUSED_TRIES, NOW)
    exhausted = create_email(2, MAX_EMAIL_TRIES, tried_at)
    create_email(3, MAX_EMAIL_TRIES, NOW)
    create_email(4, MAX_EMAIL_TRIES - 1, tried_at)
    create_email(5, REFUSED_TRIES, tried_at, sent_at=NOW)
    assert listed() == [exhausted, refused]
    reasons = [one.reason for one in list_undelivered_emails(UOW, None).emails]
    assert ["rechazó" in reason for reason in reasons] == [False, True]


def test_pages_have_each_email_once(db, monkeypatch):
    monkeypatch.setattr(undelivered_emails, "EMAILS_PER_PAGE", 2)
    ids = [create_email(n, REFUSED_TRIES, created_at=NOW + timedelta(seconds=n // 3)) for n in range(5)]
    seen, position = [], None
    for _ in ids:
        page = list_undelivered_emails(UOW, position)
        seen += [one.email_id for one in page.emails]
        if not page.next_position:
            break
        position = parse_position(page.next_position)
    assert seen == ids[::-1]


@pytest.mark.parametrize("text", ["x", "20261128143000000000-otro-1", "99999999999999999999-cita-1", "1-cita-x"])
def test_other_position_is_invalid(text):
    with pytest.raises(Invalid):
        parse_position(text)


def test_retried_email_has_all_its_tries_and_an_audit_entry(act):
    email_id, marta = create_email(1, REFUSED_TRIES, NOW), supervisor()
    act(retry_email, RetryEmail("plan", email_id), marta.actor, NOW)
    row = PlanEmail.get_by_id(email_id)
    assert (row.tries, row.claimed_at, listed()) == (0, None, [])
    entry = AuditEntry.get()
    assert (entry.what, entry.subject, entry.actor_id) == ("emails.retry", f"PlanEmail:{email_id}", marta.id)
    with pytest.raises(NotFound):
        act(retry_email, RetryEmail("plan", email_id), marta.actor, NOW)
