"""A member asks to be erased, once, with the password and a confirmation; for seven days they may keep the account."""

from datetime import timedelta

import pytest

from beneficiate.actions.erasures import (
    STAFF_SENTENCE,
    RequestErasure,
    begin_regret_anew,
    cancel_erasure,
    check_may_ask,
    request_erasure,
)
from beneficiate.errors import Conflict, InvalidForm, RateLimited
from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.accounts import INACTIVE_STAFF, Agent
from beneficiate.models.erasures import CANCELLED, ERASING, REQUESTED, Erasure
from beneficiate.queries.erasures import load_erasure_state
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.account_steps import send_all
from tests.actions.queue_steps import seconds_after_now
from tests.factories import agent, member, supervisor

NOW = seconds_after_now(0)
WEEK = timedelta(days=7)


def ask(act, who, now=NOW, **changes):
    command = {"present_hash": who.user.password_hash, "is_confirmed": True, **changes}
    return act(request_erasure, RequestErasure(**command), who.actor, now)


def kinds():
    return sorted(row.kind for row in AccountEmail.select())


def test_it_is_asked_for_once_and_the_person_is_told_when(act):
    ana = member()
    ask(act, ana)
    ask(act, ana, NOW + timedelta(days=1))
    row = Erasure.get()
    assert (row.state, row.requested_at, row.due_at) == (REQUESTED, NOW, NOW + WEEK)
    assert load_erasure_state(UnitOfWork(ana.actor, NOW)).due_at == NOW + WEEK
    (told,) = send_all(NOW)
    assert (told.kind, told.email, told.expires_at) == ("erasure_asked", ana.user.email, NOW + WEEK)


def test_without_the_confirmation_or_with_another_password_nothing_is_asked_for(act):
    ana = member()
    with pytest.raises(InvalidForm) as refused:
        ask(act, ana, is_confirmed=False)
    assert list(refused.value.fields) == ["confirmo"]
    with pytest.raises(Conflict):
        ask(act, ana, present_hash="another")
    assert not Erasure.select().exists()


@pytest.mark.parametrize("role", [agent, supervisor])
def test_staff_accounts_are_refused_with_a_reason_former_ones_too(act, role):
    who = role()
    Agent.update(status=INACTIVE_STAFF).where(Agent.user == who.id).execute()
    for ask_for_it in (lambda: ask(act, who), lambda: check_may_ask(UnitOfWork(who.actor, NOW))):
        with pytest.raises(Conflict, match="auditoría") as refused:
            ask_for_it()
        assert refused.value.sentence == STAFF_SENTENCE


def test_who_keeps_the_account_is_told_and_may_ask_again(act):
    ana, other = member(), member()
    ask(act, ana)
    ask(act, other)
    for _ in range(2):
        act(cancel_erasure, None, ana.actor, NOW)
    assert [row.state for row in Erasure.select().where(Erasure.user == ana.id)] == [CANCELLED]
    assert kinds() == ["erasure_asked", "erasure_left"]
    assert load_erasure_state(UnitOfWork(ana.actor, NOW)) is None
    ask(act, ana)
    assert load_erasure_state(UnitOfWork(ana.actor, NOW)) is not None


def test_what_has_begun_cannot_be_cancelled(act):
    ana = member()
    ask(act, ana)
    Erasure.update(state=ERASING).execute()
    with pytest.raises(Conflict, match="ya empezó"):
        act(cancel_erasure, None, ana.actor, NOW)


def test_asking_and_keeping_again_and_again_has_a_limit(act):
    ana = member()
    for _ in range(10):
        ask(act, ana)
        act(cancel_erasure, None, ana.actor, NOW)
    with pytest.raises(RateLimited):
        ask(act, ana)


def test_after_a_restore_everybody_has_the_days_anew_and_is_told(act):
    ana, omar = member(), member()
    ask(act, ana)
    ask(act, omar)
    act(cancel_erasure, None, omar.actor, NOW)
    later = NOW + timedelta(days=9)
    assert act(begin_regret_anew, None, SYSTEM, later)[0] == 1
    assert Erasure.get(Erasure.user == ana.id).due_at == later + WEEK
    assert kinds() == ["erasure_asked", "erasure_left"]
    assert {one.expires_at for one in send_all(later) if one.kind == "erasure_asked"} == {later + WEEK}
