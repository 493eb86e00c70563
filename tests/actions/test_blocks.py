"""Lifting a block: what somebody used up counts as unused, and it is recorded for whom."""

import pytest

from beneficiate.actions.blocks import LiftBlock, lift_block
from beneficiate.actions.email_requests import count_email_request
from beneficiate.actions.sign_in_throttles import (
    SettledAttempt,
    SignInAttempt,
    begin_sign_in_attempt,
    forget_account_throttles,
    settle_sign_in_attempt,
)
from beneficiate.errors import NotFound, RateLimited
from beneficiate.limits import EMAILS_PER_ADDRESS
from beneficiate.models.account_emails import EmailRequestCount
from beneficiate.models.accounts import SignInThrottle
from beneficiate.models.quotas import QuotaUse
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.appointment_steps import NOW
from tests.factories import member, supervisor

UOW = UnitOfWork(SYSTEM, NOW)


@pytest.fixture
def lift(act):
    marta = supervisor()
    return lambda kind, reference: act(lift_block, LiftBlock(kind, str(reference)), marta.actor, NOW)


def fail_once(email, device=""):
    attempt = SignInAttempt(email, "203.0.113.7", 1, 600, device)
    begin_sign_in_attempt(UOW, attempt)
    settle_sign_in_attempt(UOW, SettledAttempt(attempt, is_correct=False))
    return attempt


def test_wrong_passwords_of_an_account_are_forgiven_and_no_others(db, lift):
    ana, beto = fail_once("ana@x.co"), fail_once("beto@x.co")
    row = SignInThrottle.get(SignInThrottle.blocked == "an••••@x.co")
    lift("ingreso", row.id)
    begin_sign_in_attempt(UOW, ana)
    with pytest.raises(RateLimited):
        begin_sign_in_attempt(UOW, beto)
    with pytest.raises(NotFound):
        lift("ingreso", row.id)


def test_who_is_blocked_is_forgotten_with_the_account(db):
    fail_once("ana@x.co")
    fail_once("ana@x.co", device="laptop")
    assert SignInThrottle.select().where(SignInThrottle.blocked != "").count() == 2
    forget_account_throttles(UOW, "ana@x.co")
    assert SignInThrottle.select().where(SignInThrottle.blocked != "").count() == 0


def test_emails_and_quotas_can_be_used_again(db, lift):
    for _ in range(EMAILS_PER_ADDRESS):
        count_email_request(UOW, "ana@x.co", "203.0.113.7")
    row = EmailRequestCount.get(EmailRequestCount.blocked == "an••••@x.co")
    lift("correo", row.id)
    count_email_request(UOW, "ana@x.co", "203.0.113.7")
    use = QuotaUse.create(user=member().id, quota="chats", used=20, began_at=NOW)
    lift("cupo", use.id)
    assert QuotaUse.get_by_id(use.id).used == 0


@pytest.mark.parametrize(
    ("kind", "reference"), [("ingreso", 1), ("correo", 1), ("cupo", 1), ("ritmo", "nada:1"), ("x", 1), ("cupo", "x")]
)
def test_what_is_no_block_is_not_found(db, lift, kind, reference):
    with pytest.raises(NotFound):
        lift(kind, reference)
