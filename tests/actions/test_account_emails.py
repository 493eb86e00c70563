"""What is sent about an account is decided when it is sent; a request for a link looks at no account."""

from datetime import timedelta

import pytest

from beneficiate.actions import account_emails as actions
from beneficiate.actions.emails import FailedEmail
from beneficiate.models.account_emails import (
    IMPORTED,
    NEW_ADDRESS,
    NEW_DEVICE,
    RECOVERY,
    REGISTRATION,
    RESET,
    AccountEmail,
)
from beneficiate.queries.account_links import find_open_link
from beneficiate.queries.accounts import digest_secret
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.account_steps import send_all
from tests.actions.queue_steps import OPEN_HOURS_NOW as NOW
from tests.factories import member
from tests.models.test_account_emails import registration


@pytest.fixture
def uow(db):
    return UnitOfWork(SYSTEM, NOW)


def test_link_goes_to_an_account_and_a_sentence_to_everybody_else(uow):
    ana = member("Ana", email="ana@x.co")
    member("Luis", email="luis@x.co", is_active=False)
    member("Iris", email="iris@x.co", password_hash="")
    for email in ("ana@x.co", "luis@x.co", "iris@x.co", "nadie@x.co"):
        actions.queue_link(uow, RECOVERY, email)
    sent = send_all(NOW)
    assert [(one.email, one.kind, bool(one.token)) for one in sent] == [
        ("ana@x.co", RECOVERY, True),
        ("luis@x.co", actions.NO_ACCOUNT, False),
        ("iris@x.co", actions.NO_ACCOUNT, False),
        ("nadie@x.co", actions.NO_ACCOUNT, False),
    ]
    row = AccountEmail.get(AccountEmail.user == ana.id)
    assert row.token_hash == digest_secret(sent[0].token)
    assert send_all(NOW) == []


def test_links_of_an_import_come_after_what_somebody_waits_for(uow):
    member("Ana", email="ana@x.co")
    member("Luis", email="luis@x.co")
    actions.queue_link(uow, IMPORTED, "luis@x.co")
    actions.queue_link(uow, RECOVERY, "ana@x.co")
    assert [(one.email, one.kind) for one in send_all(NOW)] == [("ana@x.co", RECOVERY), ("luis@x.co", IMPORTED)]


def test_link_of_an_import_opens_the_page_of_a_new_password_and_nobody_else_is_written_to(uow):
    luis = member("Luis", email="luis@x.co")
    member("Iris", email="iris@x.co", is_active=False)
    rosa = member("Rosa", email="rosa@x.co")
    for email in ("luis@x.co", "iris@x.co", "nadie@x.co"):
        actions.queue_link(uow, IMPORTED, email)
    # She has set a password by herself meanwhile: hers is not missing.
    actions.queue_link(uow, IMPORTED, "rosa@x.co", user=rosa.id)
    actions.void_links(rosa.id)
    (sent,) = send_all(NOW)
    assert find_open_link(uow, RECOVERY, sent.token).user_id == luis.id
    assert not AccountEmail.select().where(AccountEmail.sent_at.is_null()).exists()


@pytest.mark.parametrize(
    ("columns", "owner"),
    [
        ({}, None),
        ({"email": "ana@x.co"}, "ana@x.co"),
        ({"document_number": "52123456"}, "ana@x.co"),
        ({"document_type": "CE", "document_number": "52123456"}, None),
    ],
)
def test_owner_of_the_address_or_document_is_told_that_they_have_an_account(uow, columns, owner):
    member("Ana", email="ana@x.co", document_type="CC", document_number="52123456")
    row = registration(**columns)
    actions.queue_link(uow, REGISTRATION, row.email, registration=row.id)
    (sent,) = send_all(NOW)
    expected = (actions.TAKEN, owner, False) if owner else (REGISTRATION, "iris@x.co", True)
    assert (sent.kind, sent.email, bool(sent.token)) == expected


def test_owner_of_a_document_is_told_three_times_a_day_at_most_and_who_asks_is_not_told(uow):
    for name, number in (("Ana", "52123456"), ("Luis", "52999999")):
        member(name, email=f"{name}@x.co".lower(), document_type="CC", document_number=number)
    for attempt in range(5):
        row = registration(email=f"{attempt}@thief.co", document_number="52123456")
        actions.queue_link(uow, REGISTRATION, row.email, registration=row.id)
    other = registration(email="9@thief.co", document_number="52999999")
    actions.queue_link(uow, REGISTRATION, other.email, registration=other.id)
    assert [one.email for one in send_all(NOW)] == ["ana@x.co"] * 3 + ["luis@x.co"]
    assert not AccountEmail.select().where(AccountEmail.sent_at.is_null()).exists()
    own = registration(email="ana@x.co", document_number="52123456")
    actions.queue_link(uow, REGISTRATION, own.email, registration=own.id)
    assert [one.email for one in send_all(NOW)] == ["ana@x.co"]
    for later, told in ((NOW + timedelta(hours=23), 0), (NOW + timedelta(days=1), 1)):
        tomorrow = UnitOfWork(SYSTEM, later)
        actions.queue_link(tomorrow, REGISTRATION, row.email, registration=row.id)
        assert len(send_all(later)) == told


def test_what_the_mail_server_did_not_take_is_counted_once(uow):
    member("Ana", email="ana@x.co", document_type="CC", document_number="52123456")
    row = registration(email="thief@x.co", document_number="52123456")
    actions.queue_link(uow, REGISTRATION, row.email, registration=row.id)
    for hours in range(4):
        (again,) = actions.claim_account_emails(UnitOfWork(SYSTEM, NOW + timedelta(hours=hours)))
        assert again.kind == actions.TAKEN


def test_owner_of_a_new_address_that_is_taken_is_told(uow):
    ana = member("Ana", email="ana@x.co")
    member("Luis", email="luis@x.co")
    for email in ("luis@x.co", "nueva@x.co"):
        actions.queue_link(uow, NEW_ADDRESS, email, user=ana.id)
    taken, free = send_all(NOW)
    assert (taken.kind, taken.email, taken.name) == (actions.TAKEN, "luis@x.co", "Luis")
    assert (free.kind, free.email, free.name, bool(free.token)) == (NEW_ADDRESS, "nueva@x.co", "Ana", True)


def test_notice_that_could_not_be_sent_for_two_days_is_dropped(uow):
    ana = member("Ana")
    actions.queue_notice(uow, NEW_DEVICE, ana.id, ana.user.email)
    assert send_all(NOW + actions.NOTICE_LIFETIME) == []
    assert AccountEmail.get().sent_at is not None


def test_notice_is_claimed_once_and_again_when_it_was_not_sent(uow):
    ana = member("Ana")
    actions.queue_notice(uow, RESET, ana.id)
    (pending,) = actions.claim_account_emails(uow)
    assert (pending.email, pending.name, pending.kind) == (ana.user.email, "Ana", RESET)
    assert actions.claim_account_emails(uow) == []
    later = UnitOfWork(SYSTEM, NOW + timedelta(minutes=6))
    (again,) = actions.claim_account_emails(later)
    assert again.key == pending.key
    actions.mark_account_emails_sent(later, [again.email_id])
    assert actions.claim_account_emails(UnitOfWork(SYSTEM, NOW + timedelta(days=1))) == []


def test_refused_email_is_not_tried_again(uow):
    actions.queue_link(uow, RECOVERY, "nadie@x.co")
    (sent,) = actions.claim_account_emails(uow)
    actions.record_account_email_failure(uow, FailedEmail(sent.email_id, is_refused=True))
    assert actions.claim_account_emails(UnitOfWork(SYSTEM, NOW + timedelta(minutes=30))) == []
