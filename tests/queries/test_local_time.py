"""The database tells the hours of Bogotá as Python does."""

from datetime import timedelta

from beneficiate.domain.metrics.rollups import HOURS_PER_DAY, hour_of_week
from beneficiate.models.facts import Fact
from beneficiate.queries.local_time import extract_hour_of_week
from tests.actions.test_rollups import NOON, add_fact


def test_each_hour_of_a_week(db):
    for hour in range(7 * HOURS_PER_DAY):
        add_fact(at=NOON + timedelta(hours=hour, minutes=59, seconds=59.999))
    rows = Fact.select(Fact.at, extract_hour_of_week(Fact.at)).tuples()
    assert len({hour for _, hour in rows}) == 7 * HOURS_PER_DAY
    for at, hour in rows:
        assert hour == hour_of_week(at)
