"""A notice is one for each key; a browser goes with its sign-in, and with it what was on its way there."""

from datetime import UTC, datetime, timedelta

from beneficiate.models.accounts import PAGE_SIGN_IN, SignIn
from beneficiate.models.notices import AwayNotice, NoticeEmail, PushMessage, PushSubscription
from tests.factories import member
from tests.models.constraints import delete_row, is_there, refuse_insert

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)


def sign_in(who):
    return SignIn.create(
        family=f"family-{SignIn.select().count()}",
        user=who.id,
        kind=PAGE_SIGN_IN,
        secret_hash="",
        created_at=NOW,
        expires_at=NOW + timedelta(hours=12),
    )


def browser(who, endpoint="https://push.example.com/1", of=None):
    columns = {"endpoint": endpoint, "endpoint_hash": endpoint[-64:], "p256dh": "p", "auth": "a", "created_at": NOW}
    return PushSubscription.create(user=who.id, sign_in=of or sign_in(who), **columns)


def notice(who, key="chat 1", **columns):
    given = {"kind": "chat", "created_at": NOW, "due_at": NOW, "expires_at": NOW + timedelta(days=1)}
    return AwayNotice.create(user=who.id, key=key, **{**given, **columns})


def test_notice_is_one_for_each_key_and_takes_its_pushes_and_email_with_it(db):
    ana = member()
    row = notice(ana)
    refuse_insert(row)
    push = PushMessage.create(notice=row, subscription=browser(ana), due_at=NOW)
    refuse_insert(push)
    email = NoticeEmail.create(notice=row, created_at=NOW)
    refuse_insert(email)
    delete_row(row)
    assert not is_there(push)
    assert not is_there(email)


def test_browser_goes_with_its_sign_in_and_what_was_on_its_way(db):
    ana = member()
    row = browser(ana)
    push = PushMessage.create(notice=notice(ana), subscription=row, due_at=NOW)
    delete_row(row.sign_in)
    assert not is_there(row)
    assert not is_there(push)
