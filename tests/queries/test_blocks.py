"""Who is blocked: what the page lists, and that every limit has a name."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.limits import CHATS, Quota, Quotas
from beneficiate.models.quotas import QuotaUse
from beneficiate.queries import blocks
from beneficiate.queries.blocks import BlockQuery, find_blocked_user, list_blocks
from beneficiate.rate_limiters import RateLimiters, Refusal
from beneficiate.settings import Settings
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from beneficiate.views.administration import ListFilters, NewestRows
from beneficiate.views.blocks import QUOTA_LABELS, RATE_LABELS, FoundBlocks
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
    found = list_blocks(UOW, BlockQuery(ListFilters(), refusals))
    assert found.is_cut
    assert [(one.kind, one.until - NOW) for one in found.rows.rows] == [
        ("cupo", timedelta(minutes=60)),
        ("cupo", timedelta(minutes=40)),
        ("ritmo", timedelta(seconds=2)),
    ]


def test_what_is_over_is_not_listed(db):
    ana = member()
    QuotaUse.create(user=ana.id, quota=CHATS.name, used=CHATS.amount, began_at=NOW - CHATS.period)
    QuotaUse.create(user=ana.id, quota="notes", used=1, began_at=NOW)
    assert list_blocks(UOW, BlockQuery(ListFilters(), [])) == FoundBlocks(
        NewestRows(ListFilters(), [], 0), is_cut=False
    )


def test_key_of_a_rate_is_a_person_or_a_network(db):
    ana = member()
    found = [find_blocked_user(key) for key in (str(ana.id), "203.0.113.0/24", "", "²", "9" * 30, "999999")]
    assert found == [ana.user, None, None, None, None, None]
    # One who is gone meanwhile has no address to show.
    found = list_blocks(UOW, BlockQuery(ListFilters(), [Refusal("slots", "999999", 0.0)]))
    assert found.rows.rows[0].who == "••••@"


def test_pages_have_every_block_once_and_lead_back_when_the_last_ones_are_over(db, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCKS_PER_PAGE", 2)
    refusals = [Refusal("links", f"203.0.{number}.0/24", float(number)) for number in range(5)]
    after, seen = 0, []
    while not seen or after:
        page = list_blocks(UOW, BlockQuery(ListFilters(after=after), refusals)).rows
        seen += [one.who for one in page.rows]
        after = page.next_id
    assert seen == [f"Red 203.0.{number}.0/24" for number in (4, 3, 2, 1, 0)]
    page = list_blocks(UOW, BlockQuery(ListFilters(after=4), refusals[:3])).rows
    assert (page.filters.after, len(page.rows), page.next_id) == (0, 2, 2)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["an••••@x.co", "an••••@yahoo.com", "Red 203.0.113.0/24"]),
        ("ana@x.co", ["an••••@x.co"]),
        ("an••••@yahoo.com", ["an••••@yahoo.com"]),
        (" ANA@X.CO ", ["an••••@x.co"]),
        ("203.0.113.7", ["Red 203.0.113.0/24"]),
        ("203.0.114.7", []),
        ("enlaces", ["Red 203.0.113.0/24"]),
        ("chats abiertos", ["an••••@x.co", "an••••@yahoo.com"]),
        ("%", []),
        ("@", ["an••••@x.co", "an••••@yahoo.com"]),
        ("zoe@x.co", []),
        ("999.1.1.1", []),
        ("\0\ud800", []),
    ],
)
def test_block_is_found_as_whoever_calls_says_it(db, text, found):
    """They say their e-mail or their address, which the list does not show."""
    for minutes, email in enumerate(("ana@x.co", "andres@yahoo.com")):
        began_at = NOW - timedelta(minutes=minutes)
        QuotaUse.create(user=member(email=email).id, quota=CHATS.name, used=CHATS.amount, began_at=began_at)
    query = BlockQuery(ListFilters(text=text), [Refusal("links", "203.0.113.0/24", 2.0)])
    assert [one.who for one in list_blocks(UOW, query).rows.rows] == found
