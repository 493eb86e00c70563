"""A push is claimed once, tried again when its service asks for that, and a browser that is gone is forgotten."""

from datetime import timedelta

import pytest

from beneficiate.actions.notice_preferences import save_notice_choices
from beneficiate.actions.push_messages import (
    CLAIM_LIFETIME,
    MAX_PUSH_TRIES,
    PushOutcome,
    PushResult,
    claim_pushes,
    record_push_results,
)
from beneficiate.domain.notices import NoticeChoices
from beneficiate.formatting import BOGOTA
from beneficiate.models.notices import AwayNotice, PushMessage, PushSubscription
from beneficiate.queries.notices import chat_silence_key
from beneficiate.unit_of_work import SYSTEM, Actor
from tests.actions.queue_steps import OPEN_HOURS_NOW as NOW
from tests.actions.queue_steps import set_online
from tests.factories import agent, member, support_chat
from tests.models.test_notices import browser, notice

HOUR = timedelta(hours=1)


@pytest.fixture
def push(db):
    ana = member()
    support_chat(ana, agent(), updated_at=NOW, user_unread=2)
    row = notice(ana, chat_silence_key(ana.user), expires_at=NOW + HOUR, created_at=NOW, due_at=NOW)
    return PushMessage.create(notice=row, subscription=browser(ana), due_at=NOW)


@pytest.fixture
def claim(act):
    return lambda now=NOW: act(claim_pushes, None, SYSTEM, now)[0]


@pytest.fixture
def record(act):
    def record(push, outcome, wait=None, now=NOW):
        act(record_push_results, [PushResult(push.id, outcome, wait)], SYSTEM, now)

    return record


def test_push_is_claimed_once_until_the_claim_ends(push, claim):
    (pending,) = claim()
    assert (pending.message_id, pending.kind, pending.target.endpoint) == (
        push.id,
        "chat",
        "https://push.example.com/1",
    )
    assert claim() == []
    assert [one.message_id for one in claim(NOW + CLAIM_LIFETIME)] == [push.id]


@pytest.mark.parametrize("outcome", [PushOutcome.SENT, PushOutcome.DROPPED])
def test_push_that_is_done_is_not_sent_again(push, claim, record, outcome):
    claim()
    record(push, outcome)
    assert claim(NOW + HOUR / 2) == []
    assert PushSubscription.select().count() == 1


def test_browser_that_is_gone_is_forgotten(push, claim, record):
    claim()
    record(push, PushOutcome.GONE)
    assert (PushSubscription.select().count(), PushMessage.select().count()) == (0, 0)


@pytest.mark.parametrize(("wait", "seconds"), [(None, 30), (90, 90), (7200, 7200), (999_999_999, 86_400), (0, 30)])
def test_push_is_tried_again_never_sooner_than_asked_nor_at_once(push, claim, record, wait, seconds):
    claim()
    record(push, PushOutcome.LATER, wait)
    assert PushMessage.get().due_at == NOW + timedelta(seconds=seconds)


def test_tries_double_their_wait_and_end(push, claim, record):
    now, waits = NOW, []
    for _ in range(MAX_PUSH_TRIES):
        assert len(claim(now)) == 1
        record(push, PushOutcome.LATER, now=now)
        waits.append((PushMessage.get().due_at - now).total_seconds())
        now = PushMessage.get().due_at
    assert waits == [30, 60, 120, 240, 480]
    assert claim(now) == []
    assert PushMessage.get().done_at == now


def test_push_that_is_tried_again_after_its_person_came_back_is_not_sent(push, claim, record):
    claim()
    record(push, PushOutcome.LATER)
    set_online(push.notice.user)
    assert claim(NOW + HOUR / 2) == []
    assert PushMessage.get().done_at is not None


def test_push_whose_notice_has_expired_is_not_sent(push, claim):
    assert claim(NOW + HOUR) == []
    assert PushMessage.get().done_at is not None


@pytest.fixture
def choose(act, push):
    """The person chooses; NOW is eleven in the morning of Bogotá."""

    def choose(*off, quiet=(0, 0)):
        act(save_notice_choices, NoticeChoices(frozenset(off), *quiet), Actor(push.notice.user_id, "member"), NOW)

    return choose


def test_push_that_is_tried_again_in_quiet_hours_waits_for_their_end(push, claim, record, choose):
    AwayNotice.update(expires_at=NOW + 9 * HOUR).execute()
    claim()
    record(push, PushOutcome.LATER)
    begins = NOW.astimezone(BOGOTA).hour
    choose(quiet=(begins, begins + 2))
    assert claim(NOW + HOUR) == []
    row = PushMessage.get()
    assert (row.due_at, row.tries, row.done_at) == (floor_to_hour(NOW) + 2 * HOUR, 1, None)
    (pending,) = claim(row.due_at)
    assert pending.deliver_until == NOW + 9 * HOUR


def test_push_that_would_expire_in_the_quiet_hours_is_dropped(push, claim, record, choose):
    claim()
    record(push, PushOutcome.LATER)
    begins = NOW.astimezone(BOGOTA).hour
    choose(quiet=(begins, begins + 2))
    assert claim(NOW + HOUR / 2) == []
    assert PushMessage.get().done_at is not None


def test_push_service_may_deliver_until_the_quiet_hours_begin(push, claim, choose):
    AwayNotice.update(expires_at=NOW + 24 * HOUR).execute()
    begins = NOW.astimezone(BOGOTA).hour + 2
    choose(quiet=(begins, 7))
    (pending,) = claim()
    assert pending.deliver_until == floor_to_hour(NOW) + 2 * HOUR


def test_push_that_is_tried_again_after_such_pushes_were_switched_off_is_not_sent(push, claim, record, choose):
    claim()
    record(push, PushOutcome.LATER)
    choose("chat.push")
    assert claim(NOW + HOUR / 2) == []
    assert PushMessage.get().done_at is not None


def floor_to_hour(at):
    return at.replace(minute=0, second=0, microsecond=0)
