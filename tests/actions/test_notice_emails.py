"""An e-mail about a notice is claimed once, and not sent when its person came back while it waited."""

from datetime import timedelta

import pytest

from beneficiate.actions import notice_emails
from beneficiate.actions.emails import EMAIL_CLAIM_LIFETIME, FailedEmail
from beneficiate.actions.notice_preferences import EndEmails, end_emails
from beneficiate.models.chats import Chat
from beneficiate.models.notices import NoticeEmail
from beneficiate.queries.notices import chat_silence_key
from beneficiate.queries.undelivered_emails import REFUSED_TRIES
from beneficiate.unit_of_work import SYSTEM
from tests.actions.queue_steps import OPEN_HOURS_NOW as NOW
from tests.actions.queue_steps import set_online
from tests.factories import agent, member, support_chat
from tests.models.test_notices import notice


@pytest.fixture
def ana(db):
    ana = member("Ana")
    support_chat(ana, agent(), updated_at=NOW, user_unread=2)
    row = notice(ana, chat_silence_key(ana.user), created_at=NOW, expires_at=NOW + timedelta(days=1))
    NoticeEmail.create(notice=row, count=2, created_at=NOW)
    return ana


@pytest.fixture
def claim(act):
    return lambda now=NOW: act(notice_emails.claim_notice_emails, None, SYSTEM, now)[0]


def test_email_is_claimed_once_and_counts_what_is_unread_then(ana, claim):
    Chat.update(user_unread=3).execute()
    (pending,) = claim()
    assert (pending.email, pending.count, pending.kind, pending.user_id) == (ana.user.email, 3, "chat", ana.id)
    assert claim() == []


def test_who_came_back_gets_none(ana, claim):
    set_online(ana)
    assert claim() == []
    assert NoticeEmail.get().sent_at == NOW


def test_email_that_waited_longer_than_its_notice_is_not_sent(ana, claim):
    assert len(claim()) == 1
    assert claim(NOW + timedelta(days=1) + EMAIL_CLAIM_LIFETIME) == []
    assert NoticeEmail.get().sent_at is not None


def test_who_has_ended_them_meanwhile_gets_none(ana, act, claim):
    act(end_emails, EndEmails(ana.id, "chat"), SYSTEM, NOW)
    assert claim() == []
    assert NoticeEmail.get().sent_at == NOW


def test_outcome_is_stored(ana, act, claim):
    (pending,) = claim()
    act(notice_emails.record_notice_email_failure, FailedEmail(pending.email_id, is_refused=True), SYSTEM, NOW)
    assert NoticeEmail.get().tries == REFUSED_TRIES
    act(notice_emails.mark_notice_emails_sent, [pending.email_id], SYSTEM, NOW)
    assert NoticeEmail.get().sent_at == NOW
