"""Who is blocked: what the page lists, and that every limit has a name."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.limits import CHATS, Quota, Quotas
from beneficiate.models.quotas import QuotaUse
from beneficiate.queries import blocks
from beneficiate.queries.blocks import find_blocked_user, list_blocks
from beneficiate.rate_limiters import RateLimiters, Refusal
from beneficiate.settings import Settings
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from beneficiate.views.blocks import QUOTA_LABELS, RATE_LABELS
from tests.factories import member

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
UOW = UnitOfWork(SYSTEM, NOW)


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


def test_every_limit_has_a_name():
    quotas = Quotas.from_settings(Settings())
    found = (getattr(quotas, one.name) for one in fields(quotas))
    assert {quota.name for quota in found if isinstance(quota, Quota)} == set(QUOTA_LABELS)
    assert set(RateLimiters.from_settings(Settings())._by_name()) == set(RATE_LABELS)


def test_who_waits_longest_is_first_and_lists_are_bounded(db, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCKS_PER_KIND", 2)
    people = [member() for _ in range(3)]
    for minutes, person in enumerate(people):
        began_at = NOW - timedelta(minutes=20 * minutes)
        QuotaUse.create(user=person.id, quota=CHATS.name, used=CHATS.amount, began_at=began_at)
    refusals = [Refusal("links", "203.0.113.0/24", 2.0)]
    found, has_more = list_blocks(UOW, refusals)
    assert has_more
    assert [(one.kind, one.until - NOW) for one in found] == [
        ("cupo", timedelta(minutes=60)),
        ("cupo", timedelta(minutes=40)),
        ("ritmo", timedelta(seconds=2)),
    ]


def test_what_is_over_is_not_listed(db):
    ana = member()
    QuotaUse.create(user=ana.id, quota=CHATS.name, used=CHATS.amount, began_at=NOW - CHATS.period)
    QuotaUse.create(user=ana.id, quota="notes", used=1, began_at=NOW)
    assert list_blocks(UOW, []) == ([], False)


def test_key_of_a_rate_is_a_person_or_a_network(db):
    ana = member()
    found = [find_blocked_user(key) for key in (str(ana.id), "203.0.113.0/24", "", "²", "9" * 30, "999999")]
    assert found == [ana.user, None, None, None, None, None]
    # One who is gone meanwhile has no address to show.
    assert list_blocks(UOW, [Refusal("slots", "999999", 0.0)])[0][0].who == "••••@"
