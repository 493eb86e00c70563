"""Up to where facts may be rolled up, and what a check of the roll-ups finds."""

from contextlib import closing
from datetime import date, timedelta

import psycopg2
import pytest

from beneficiate.actions.rollups import FoldFacts, fold_facts
from beneficiate.models.base import is_postgresql
from beneficiate.models.facts import Fact
from beneficiate.models.rollups import FactRollup
from beneficiate.queries.rollups import (
    differs_from_facts,
    find_days_to_check,
    find_first_day,
    find_fold_bound,
    list_remaining_writers,
)
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.test_rollups import add_fact
from tests.databases import ROLLED_BACK_DATABASE, replace_database
from tests.domain.booking.moments import at

NOON = at("2026-11-25 12:00")
UOW = UnitOfWork(SYSTEM, NOON)


def test_bound_is_the_last_fact_when_nobody_writes(db):
    fact = add_fact()
    bound = find_fold_bound(UOW)
    assert (bound.fact_id, bound.writers) == (fact.id, frozenset())
    assert list_remaining_writers(UOW, bound) == frozenset()
    fold_facts(UOW, FoldFacts(bound.fact_id))
    assert find_fold_bound(UOW).fact_id == 0


def test_transaction_that_has_an_id_is_waited_for(db, request):
    if not is_postgresql():
        pytest.skip("SQLite has one writer")
    url = replace_database(request.getfixturevalue("postgresql_url"), ROLLED_BACK_DATABASE)
    with closing(psycopg2.connect(url)) as other, other.cursor() as cursor:
        cursor.execute(
            "INSERT INTO facts (at, kind, detail, agent_name, agent_code, actor_role, topic) "
            "VALUES (now(), 'opened', '', '', '', 'member', '') RETURNING id"
        )
        (taken,) = cursor.fetchone()
        later = add_fact()
        assert later.id > taken
        bound = find_fold_bound(UOW)
        assert bound.fact_id >= later.id
        assert len(bound.writers) == 1
        assert list_remaining_writers(UOW, bound) == bound.writers
        other.rollback()
        assert list_remaining_writers(UOW, bound) == frozenset()


def test_check_finds_a_row_that_is_wrong_missing_or_too_many(db):
    add_fact(duration_s=300)
    fold_facts(UOW, FoldFacts(2**31 - 1))
    day = NOON.date()
    assert not differs_from_facts(UOW, day)
    row = FactRollup.get(FactRollup.grain == "day")
    for change in ({"total": 301}, {"times": 2}, {"buckets": "{}"}, {"detail": "otro"}):
        FactRollup.update(change).where(FactRollup.id == row.id).execute()
        assert differs_from_facts(UOW, day), change
        FactRollup.update({name: getattr(row, name) for name in change}).where(FactRollup.id == row.id).execute()
    FactRollup.update(times=5).where(FactRollup.grain == "month").execute()
    assert differs_from_facts(UOW, day)
    assert not differs_from_facts(UOW, day + timedelta(days=40))


def test_days_to_check_end_yesterday(db):
    assert (find_first_day(), find_days_to_check(UOW)) == (None, None)
    add_fact()
    assert find_days_to_check(UOW) is None
    add_fact(at=NOON - timedelta(days=3), kind="reply")
    assert find_first_day() == date(2026, 11, 22)
    assert find_days_to_check(UOW) == (date(2026, 11, 22), date(2026, 11, 24))
    assert Fact.select().count() == 2
