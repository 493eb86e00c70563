"""Each fact is in the rows of its day and its month, of its agent and topic, of each alone and of all."""

from datetime import date

from beneficiate.domain.metrics.rollups import EVERY_AGENT, EVERY_TOPIC, NOBODY, RolledFact, roll_up
from tests.domain.booking.moments import at

EVENING = at("2026-11-25 23:30")
"""A Wednesday in Bogotá, and already Thursday in UTC."""


def test_fact_is_in_eight_rows():
    rollups = roll_up([RolledFact(EVENING, "reply", "", 7, "pagos", 40)])
    assert {(key.grain, key.day) for key in rollups} == {("day", date(2026, 11, 25)), ("month", date(2026, 11, 1))}
    assert {(key.topic, key.agent_id) for key in rollups} == {
        ("pagos", 7),
        ("pagos", EVERY_AGENT),
        (EVERY_TOPIC, 7),
        (EVERY_TOPIC, EVERY_AGENT),
    }
    assert len(rollups) == 8
    for rollup in rollups.values():
        assert (rollup.times, rollup.measures.total, rollup.hours) == (1, 40, {2 * 24 + 23: 1})


def test_facts_of_nobody_have_rows_of_their_own():
    rollups = roll_up([RolledFact(EVENING, "opened", "", None, "", None)] * 2)
    assert {(key.topic, key.agent_id) for key in rollups} == {
        (topic, agent_id) for topic in ("", EVERY_TOPIC) for agent_id in (NOBODY, EVERY_AGENT)
    }
    assert {(one.times, one.measures.count) for one in rollups.values()} == {(2, 0)}


def test_appointments_are_counted_elsewhere():
    assert roll_up([RolledFact(EVENING, "appointment", "CONFIRMED", None, "", None)]) == {}


def test_rows_are_merged():
    rows = list(roll_up([RolledFact(EVENING, "reply", "", 7, "", one) for one in (10, 30)]).values())
    rows[0].merge(rows[1])
    assert (rows[0].times, rows[0].measures.greatest, rows[0].hours) == (4, 30, {2 * 24 + 23: 4})
