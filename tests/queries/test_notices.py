"""What the page of notices shows, and what is still unread."""

from datetime import UTC, datetime, timedelta

from beneficiate.actions.sign_ins import StartSignIn, start_sign_in
from beneficiate.domain.notices import NO_CHOICES
from beneficiate.models.accounts import PAGE_SIGN_IN, SignIn
from beneficiate.models.chats import CLOSED
from beneficiate.queries.notices import (
    BrowserQuery,
    chat_silence_key,
    count_unread_messages,
    filter_subscribed,
    find_browser_state,
    load_own_notices,
)
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.notices import BrowserState
from tests.factories import agent, direct_chat, member, support_chat
from tests.models.test_notices import browser, notice

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)


def test_page_has_the_browsers_of_the_actor_and_which_is_theirs(db):
    ana, luis = member("Ana"), member("Luis")
    uow = UnitOfWork(ana.actor, NOW)
    signed_in = start_sign_in(uow, StartSignIn(ana.id, PAGE_SIGN_IN))
    old = browser(ana, "https://push.example.com/old")
    own = browser(ana, "https://push.example.com/own", SignIn.get_by_id(signed_in.sign_in_id))
    browser(luis, "https://push.example.com/luis")
    found = load_own_notices(uow, signed_in.token)
    assert [(one.subscription_id, one.is_this) for one in found.browsers] == [(own.id, True), (old.id, False)]
    assert (found.choices, found.email, found.is_staff) == (NO_CHOICES, ana.user.email, False)
    assert load_own_notices(UnitOfWork(agent().actor, NOW), "").is_staff
    assert filter_subscribed([ana.id, agent().id]) == {ana.id}
    assert filter_subscribed([]) == set()


def test_browser_is_current_with_the_sign_in_that_it_takes_pushes_for(db):
    ana, luis = member("Ana"), member("Luis")
    uow = UnitOfWork(ana.actor, NOW)
    before, now = (start_sign_in(uow, StartSignIn(ana.id, PAGE_SIGN_IN)) for _ in range(2))
    own = browser(ana, "https://push.example.com/own", SignIn.get_by_id(before.sign_in_id)).endpoint_hash
    assert find_browser_state(uow, BrowserQuery(own, before.token)) == BrowserState(is_own=True, is_current=True)
    assert find_browser_state(uow, BrowserQuery(own, now.token)) == BrowserState(is_own=True, is_current=False)
    assert find_browser_state(uow, BrowserQuery(own, "ended")) == BrowserState(is_own=True, is_current=False)
    nothing = BrowserState(is_own=False, is_current=False)
    assert find_browser_state(UnitOfWork(luis.actor, NOW), BrowserQuery(own, before.token)) == nothing
    assert find_browser_state(uow, BrowserQuery("another", before.token)) == nothing


def test_unread_are_counted_in_support_chats_of_the_last_day(db):
    ana, yuliana = member("Ana"), agent()
    given = {"user_unread": 2, "updated_at": NOW}
    support_chat(ana, yuliana, **given)
    support_chat(ana, yuliana, status=CLOSED, **given)
    support_chat(ana, yuliana, user_unread=5, updated_at=NOW - timedelta(days=2), status=CLOSED)
    support_chat(member("Luis"), yuliana, **given)
    other = direct_chat(ana, yuliana)
    type(other).update(**given).where(type(other).id == other.id).execute()
    assert count_unread_messages(ana.id, notice(ana)) == 4


def test_silence_is_another_one_once_its_member_came_back(db):
    user = member("Ana").user
    before = chat_silence_key(user)
    user.last_seen = NOW
    assert chat_silence_key(user) != before
