"""A year is read as few rows, each fact in one of them."""

from datetime import date, datetime, timedelta

import pytest

from beneficiate.actions.rollups import FoldFacts, fold_facts
from beneficiate.formatting import BOGOTA
from beneficiate.models.rollups import FactRollup
from beneficiate.queries.metrics import FactSelection
from beneficiate.queries.rollup_plans import Group, ReadingPlan
from beneficiate.queries.rollups import load_rolled_facts
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.test_rollups import add_fact

NEWEST = datetime(2026, 11, 25, 12, tzinfo=BOGOTA)
A_YEAR_BEFORE = datetime(2025, 11, 29, tzinfo=BOGOTA)


@pytest.fixture
def year(db):
    """A year of days with a fact of each of two topics."""
    for day in range((NEWEST - A_YEAR_BEFORE).days + 1):
        for topic in ("pagos", ""):
            add_fact(at=A_YEAR_BEFORE + timedelta(days=day, hours=12), topic=topic, agent_id=7)
    fold_facts(UnitOfWork(SYSTEM, NEWEST), FoldFacts(2**31 - 1, 10_000))


def read(until, group=Group.NOTHING, **chosen):
    plan = ReadingPlan(FactSelection(A_YEAR_BEFORE, until, **chosen), group, load_rolled_facts())
    return list(FactRollup.select().where(plan.conditions_of(["opened"])).order_by(FactRollup.day))


def test_month_that_goes_on_is_one_row_until_its_newest_fact(year):
    rows = read(NEWEST + timedelta(hours=1))
    assert [row.day for row in rows if row.grain == "day"] == [date(2025, 11, 29), date(2025, 11, 30)]
    assert len([row for row in rows if row.grain == "month"]) == 12
    assert sum(row.times for row in rows) == 2 * 362


def test_month_that_has_later_facts_is_read_by_days(year):
    rows = read(NEWEST - timedelta(days=5))
    assert len([row for row in rows if row.grain == "month"]) == 11
    assert {row.day for row in rows if row.grain == "day" and row.day.year == 2026} == {
        date(2026, 11, day) for day in range(1, 20)
    }


def test_agents_and_topics_are_those_of_the_facts(year):
    assert {row.agent_id for row in read(NEWEST, Group.AGENT)} == {7}
    assert {row.topic for row in read(NEWEST, Group.TOPIC)} == {"", "pagos"}
    assert {row.topic for row in read(NEWEST, Group.TOPIC, topic="pagos")} == {"pagos"}
