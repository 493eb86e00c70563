"""A token opens the link of its kind, and no other."""

from datetime import timedelta

import pytest

from beneficiate.errors import NotFound
from beneficiate.models.account_emails import NEW_ADDRESS, RECOVERY, AccountEmail
from beneficiate.models.accounts import User
from beneficiate.queries.account_links import account_version, find_account_link, find_open_link
from beneficiate.queries.accounts import digest_secret
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.queue_steps import OPEN_HOURS_NOW as NOW
from tests.factories import member

TOKEN = "a-token-of-forty-three-characters-0123456789"


def link_of(user, kind=RECOVERY, **columns):
    given = {"email": user.email, "user": user.id, "token_hash": digest_secret(TOKEN), "created_at": NOW}
    version, expires_at = account_version(user), NOW + timedelta(hours=1)
    return AccountEmail.create(kind=kind, account_version=version, expires_at=expires_at, **{**given, **columns})


def test_link_is_found_by_its_token_and_kind(db):
    ana = member("Ana")
    link = link_of(ana.user)
    uow = UnitOfWork(SYSTEM, NOW)
    assert find_open_link(uow, RECOVERY, TOKEN).id == link.id
    for kind, token in ((RECOVERY, "x" * 43), (RECOVERY, ""), (NEW_ADDRESS, TOKEN)):
        with pytest.raises(NotFound):
            find_open_link(uow, kind, token)


def test_expired_link_is_found_but_not_open(db):
    link = link_of(member("Ana").user)
    with pytest.raises(NotFound):
        find_open_link(UnitOfWork(SYSTEM, NOW + timedelta(hours=1)), RECOVERY, TOKEN)
    assert find_account_link(RECOVERY, TOKEN).id == link.id


def test_version_changes_with_the_address_and_the_password(db):
    user = member("Ana").user
    versions = {account_version(user)}
    for change in ({"email": "otra@x.co"}, {"password_hash": "otra"}):
        User.update(**change).where(User.id == user.id).execute()
        versions.add(account_version(User.get_by_id(user.id)))
    assert len(versions) == 3
