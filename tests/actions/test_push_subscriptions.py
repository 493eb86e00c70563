"""A browser takes pushes for one person and one sign-in, and ends with it however that ends."""

import pytest

from beneficiate.actions import accounts, backups, push_subscriptions, sign_ins
from beneficiate.actions.push_subscriptions import (
    MAX_BROWSERS,
    AddPushSubscription,
    PushTarget,
    ReplacePushSubscription,
)
from beneficiate.actions.sign_ins import SignOutDevice, StartSignIn, start_sign_in
from beneficiate.errors import Invalid, NotFound, RateLimited, Unauthorized
from beneficiate.models.accounts import PAGE_SIGN_IN, SignIn
from beneficiate.models.notices import PushMessage, PushSubscription
from beneficiate.unit_of_work import SYSTEM
from tests.actions.queue_steps import OPEN_HOURS_NOW as NOW
from tests.factories import member
from tests.models.test_notices import notice
from tests.push_service import Browser

BROWSER = Browser("https://push.example.com/ana")


def target(endpoint=BROWSER.endpoint):
    return PushTarget(endpoint, BROWSER.p256dh, BROWSER.json["keys"]["auth"])


@pytest.fixture
def enter(act):
    def enter(who):
        return act(start_sign_in, StartSignIn(who.id, PAGE_SIGN_IN), who.actor, NOW)[0]

    return enter


@pytest.fixture
def add(act, enter):
    def add(who, endpoint=BROWSER.endpoint, signed_in=None):
        signed_in = signed_in or enter(who)
        command = AddPushSubscription(target(endpoint), signed_in.sign_in_id)
        act(push_subscriptions.add_push_subscription, command, who.actor, NOW)
        return signed_in

    return add


def owners():
    return [row.user_id for row in PushSubscription.select().order_by(PushSubscription.id)]


def test_browser_is_stored_once_and_follows_the_latest_sign_in(add):
    ana = member()
    add(ana)
    row = PushSubscription.get()
    again = add(ana)
    assert (owners(), PushSubscription.get().id) == ([ana.id], row.id)
    assert PushSubscription.get().sign_in_id == again.sign_in_id


def test_browser_that_another_person_uses_now_takes_nothing_of_the_one_before(add):
    ana, luis = member(), member("Luis")
    add(ana)
    PushMessage.create(notice=notice(ana), subscription=PushSubscription.get(), due_at=NOW)
    add(luis)
    assert owners() == [luis.id]
    assert PushMessage.select().count() == 0


def test_ten_browsers_at_most_the_oldest_end(add):
    ana = member()
    signed_in = add(ana)
    for number in range(MAX_BROWSERS):
        add(ana, f"https://push.example.com/{number}", signed_in)
    assert PushSubscription.select().count() == MAX_BROWSERS
    assert not PushSubscription.select().where(PushSubscription.endpoint == BROWSER.endpoint).exists()


def test_new_browsers_have_a_quota(add, rules):
    ana = member()
    signed_in = add(ana)
    for number in range(1, rules.quotas.notice_changes.amount):
        add(ana, f"https://push.example.com/{number}", signed_in)
    with pytest.raises(RateLimited):
        add(ana, "https://push.example.com/more", signed_in)
    add(ana, f"https://push.example.com/{number}", signed_in)


@pytest.mark.parametrize("keys", [("x", "y"), (BROWSER.p256dh, "AAAA"), ("A" * 87, BROWSER.json["keys"]["auth"])])
def test_keys_that_are_none_are_refused(act, enter, keys):
    ana = member()
    command = AddPushSubscription(PushTarget(BROWSER.endpoint, *keys), enter(ana).sign_in_id)
    with pytest.raises(Invalid):
        act(push_subscriptions.add_push_subscription, command, ana.actor, NOW)


def test_address_is_replaced_by_who_knows_the_old_one(act, add):
    ana = member()
    add(ana)
    command = ReplacePushSubscription(BROWSER.endpoint, target("https://push.example.com/new"))
    act(push_subscriptions.replace_push_subscription, command, SYSTEM, NOW)
    assert PushSubscription.get().endpoint == "https://push.example.com/new"
    with pytest.raises(NotFound):
        act(push_subscriptions.replace_push_subscription, command, SYSTEM, NOW)


def test_nobody_removes_the_browser_of_another(act, add):
    ana, luis = member(), member("Luis")
    add(ana)
    row = PushSubscription.get()
    act(push_subscriptions.remove_push_subscription, row.id, luis.actor, NOW)
    act(push_subscriptions.remove_push_endpoint, row.endpoint, luis.actor, NOW)
    assert owners() == [ana.id]
    act(push_subscriptions.remove_push_endpoint, row.endpoint, ana.actor, NOW)
    assert owners() == []


def sign_out(act, who, signed_in, other):
    act(sign_ins.end_sign_in, signed_in.token, who.actor, NOW)


def close_device(act, who, signed_in, other):
    act(sign_ins.sign_out_device, SignOutDevice(signed_in.sign_in_id, other.token), who.actor, NOW)


def close_others(act, who, signed_in, other):
    act(sign_ins.sign_out_other_devices, other.token, who.actor, NOW)


def close_others_after_it_expired(act, who, signed_in, other):
    SignIn.update(expires_at=NOW).where(SignIn.id == signed_in.sign_in_id).execute()
    close_others(act, who, signed_in, other)


def deactivate(act, who, signed_in, other):
    act(accounts.set_account_active, (who.user.email, False), SYSTEM, NOW)


def restore(act, who, signed_in, other):
    act(backups.record_restore, NOW, SYSTEM, NOW)


@pytest.mark.parametrize(
    "end", [sign_out, close_device, close_others, close_others_after_it_expired, deactivate, restore]
)
def test_browser_ends_with_its_sign_in(act, enter, add, end):
    ana, luis = member(), member("Luis")
    other = enter(ana)
    signed_in = add(ana)
    if end is not restore:
        add(luis, "https://push.example.com/luis")
    end(act, ana, signed_in, other)
    assert owners() == ([] if end is restore else [luis.id])


def test_page_that_says_it_while_it_is_signed_out_subscribes_nobody(act, enter, add):
    ana, luis = member(), member("Luis")
    signed_in = add(ana)
    sign_out(act, ana, signed_in, None)
    with pytest.raises(Unauthorized):
        add(ana, signed_in=signed_in)
    with pytest.raises(Unauthorized):
        add(ana, signed_in=enter(luis))
    assert owners() == []
