"""A password is set again by a link, once, for the account as it was; every sign-in ends, and its person is told."""

from datetime import timedelta

import pytest

from beneficiate.actions import passwords as actions
from beneficiate.actions import sign_in_throttles, sign_ins
from beneficiate.errors import Conflict, NotFound, RateLimited
from beneficiate.limits import EMAILS_PER_ADDRESS
from beneficiate.models.account_emails import PASSWORD_CHANGED, AccountEmail
from beneficiate.models.accounts import PAGE_SIGN_IN, SignIn, User
from beneficiate.models.audit import AuditEntry
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.account_steps import send_all
from tests.actions.queue_steps import OPEN_HOURS_NOW as NOW
from tests.factories import PASSWORD_HASH, agent, member

HASH = "$argon2id$another"


@pytest.fixture
def uow(db):
    return UnitOfWork(SYSTEM, NOW)


def ask_for_link(who, now=NOW):
    actions.request_recovery(UnitOfWork(SYSTEM, now), actions.RequestRecovery(who.user.email, "203.0.113.7"))
    return send_all(now)[-1].token


def reset(token, now=NOW):
    uow = UnitOfWork(SYSTEM, now)
    user_id = actions.reset_password(uow, actions.ResetPassword(token, HASH))
    uow.finish()
    return user_id


def test_link_sets_a_password_once_and_ends_every_sign_in(uow):
    ana = member("Ana")
    sign_ins.start_sign_in(uow, sign_ins.StartSignIn(ana.id, PAGE_SIGN_IN))
    token = ask_for_link(ana)
    assert reset(token) == ana.id
    user = User.get_by_id(ana.id)
    assert (user.password_hash, user.tokens_valid_after) == (HASH, NOW)
    assert SignIn.get().ended_at == NOW
    (notice,) = send_all(NOW)
    assert (notice.kind, notice.email) == (PASSWORD_CHANGED, ana.user.email)
    with pytest.raises(NotFound):
        reset(token)


@pytest.mark.parametrize(
    "change",
    [{"password_hash": "otra"}, {"email": "otro@x.co"}, {"is_active": False}],
    ids=["password", "address", "inactive"],
)
def test_link_is_for_the_account_as_it_was(uow, change):
    ana = member("Ana")
    token = ask_for_link(ana)
    User.update(**change).where(User.id == ana.id).execute()
    with pytest.raises(NotFound):
        reset(token)


def test_link_expires_after_an_hour(uow):
    ana = member("Ana")
    token = ask_for_link(ana)
    with pytest.raises(NotFound):
        reset(token, NOW + timedelta(hours=1))
    assert reset(token, NOW + timedelta(minutes=59)) == ana.id


def test_every_link_of_an_hour_works_until_one_is_used(uow):
    ana = member("Ana")
    first, second = ask_for_link(ana), ask_for_link(ana)
    assert reset(first) == ana.id
    with pytest.raises(NotFound):
        reset(second)


def test_request_looks_at_no_account(uow):
    member("Ana", email="ana@x.co")
    for email in ("ana@x.co", "nadie@x.co"):
        actions.request_recovery(uow, actions.RequestRecovery(email, "203.0.113.7"))
    assert list(AccountEmail.select(AccountEmail.user, AccountEmail.token_hash).tuples()) == [(None, ""), (None, "")]


def test_person_may_ask_for_some_links_an_hour(uow):
    ana = member("Ana")
    for _ in range(EMAILS_PER_ADDRESS):
        ask_for_link(ana)
    with pytest.raises(RateLimited):
        ask_for_link(ana)


def test_who_recovers_need_not_wait_for_the_failures_of_others(uow):
    ana = member("Ana")
    attempt = sign_in_throttles.SignInAttempt(ana.user.email, "203.0.113.7", 1, 600)
    sign_in_throttles.begin_sign_in_attempt(uow, attempt)
    sign_in_throttles.settle_sign_in_attempt(uow, sign_in_throttles.SettledAttempt(attempt, is_correct=False))
    elsewhere = sign_in_throttles.SignInAttempt(ana.user.email, "198.51.100.9", 1, 600)
    with pytest.raises(RateLimited):
        sign_in_throttles.begin_sign_in_attempt(uow, elsewhere)
    reset(ask_for_link(ana))
    sign_in_throttles.begin_sign_in_attempt(uow, elsewhere)


def test_change_keeps_the_device_and_ends_the_others(uow):
    ana = member("Ana")
    kept, other = (sign_ins.start_sign_in(uow, sign_ins.StartSignIn(ana.id, PAGE_SIGN_IN)) for _ in range(2))
    command = actions.ChangePassword(PASSWORD_HASH, HASH, kept.token)
    actions.change_password(UnitOfWork(ana.actor, NOW), command)
    assert SignIn.get_by_id(kept.sign_in_id).ended_at is None
    assert SignIn.get_by_id(other.sign_in_id).ended_at == NOW
    assert [one.kind for one in send_all(NOW)] == [PASSWORD_CHANGED]
    with pytest.raises(Conflict):
        actions.change_password(UnitOfWork(ana.actor, NOW), command)


def test_passwords_of_the_staff_are_recorded_and_those_of_members_not(uow):
    for who in (agent(), member()):
        reset(ask_for_link(who))
        change = UnitOfWork(who.actor, NOW)
        actions.change_password(change, actions.ChangePassword(HASH, PASSWORD_HASH, ""))
        change.finish()
    kinds = [entry.what for entry in AuditEntry.select().order_by(AuditEntry.id)]
    assert kinds == ["accounts.reset_password", "accounts.change_password"]
