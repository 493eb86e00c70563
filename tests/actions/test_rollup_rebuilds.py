"""Roll-ups are made again a day at a time, are right at each step, and go on where that was interrupted."""

from datetime import date, timedelta

import pytest

from beneficiate.actions.rollup_rebuilds import rebuild_next_day
from beneficiate.actions.rollups import FoldFacts, fold_facts, store_rollup_check
from beneficiate.models.rollups import AppointmentRollup, FactAgent, FactRollup, RollupState
from beneficiate.queries.rollups import differs_from_facts, read_rollup_rows
from tests.actions.test_rollups import NO_END, NOON, UOW, add_appointment_fact, add_fact

DAYS = 35
FIRST = NOON - timedelta(days=DAYS - 1)


@pytest.fixture
def rolled(db):
    """Facts of 35 days and two months, which are rolled up but for the last one."""
    for day in range(DAYS):
        for topic, agent_id in (("pagos", 7), ("", None)):
            add_fact(at=FIRST + timedelta(days=day), topic=topic, agent_id=agent_id, agent_name="Ana", duration_s=day)
    add_appointment_fact(1, "CONFIRMED")
    add_appointment_fact(2, "CONFIRMED")
    add_appointment_fact(1, "RESCHEDULED", days=1)
    fold_facts(UOW, FoldFacts(NO_END, 1000))
    add_fact()


def content():
    rollups = read_rollup_rows(row[1:] for row in FactRollup.select().tuples())
    appointments = AppointmentRollup.select().where(AppointmentRollup.times != 0)
    return rollups, {(row.day, row.detail, row.agent_id): row.times for row in appointments}


def rebuild_all():
    days = [rebuild_next_day(UOW)]
    while not days[-1].is_last:
        days.append(rebuild_next_day(UOW))
    return days


def spoil_everything():
    FactRollup.update(times=9, buckets="{}").execute()
    FactRollup.delete().where(FactRollup.topic == "pagos").execute()
    FactRollup.create(
        grain="day",
        topic="x",
        agent_id=1,
        kind="opened",
        day=NOON.date(),
        detail="",
        times=1,
        measured=0,
        total=0,
        buckets="{}",
        hours="{}",
    )
    without_facts = {
        "topic": "*",
        "agent_id": -1,
        "kind": "opened",
        "detail": "",
        "times": 1,
        "measured": 0,
        "total": 0,
    }
    for grain in ("day", "month"):
        FactRollup.create(grain=grain, day=date(2020, 1, 1), buckets="{}", hours="{}", **without_facts)
    AppointmentRollup.update(times=5).execute()
    FactAgent.delete().execute()


def test_roll_ups_that_were_wrong_are_those_of_the_facts_again(rolled):
    before = content()
    spoil_everything()
    store_rollup_check(UOW, (NOON.date(), NOON.date()))
    assert differs_from_facts(UOW, NOON.date())
    days = rebuild_all()
    assert (len(days), sum(day.facts for day in days)) == (DAYS, 2 * DAYS)
    assert content() == before
    assert list(FactAgent.select().tuples()) == [(7, "Ana", "")]
    state = RollupState.get()
    assert (state.rebuilt_until, state.differing_day) == (None, None)


def test_roll_ups_that_are_right_stay_right_at_each_step(rolled):
    before = content()
    for _ in range(DAYS - 1):
        assert not rebuild_next_day(UOW).is_last
        assert content() == before
    assert rebuild_next_day(UOW).is_last


def test_rebuild_goes_on_where_it_was_interrupted_and_new_facts_are_added_meanwhile(rolled):
    spoil_everything()
    for _ in range(20):
        rebuild_next_day(UOW)
    assert RollupState.get().rebuilt_until == (FIRST + timedelta(days=20)).date()
    for day in (3, DAYS - 1):
        add_fact(at=FIRST + timedelta(days=day), topic="pagos", duration_s=900)
    assert fold_facts(UOW, FoldFacts(NO_END)) == 3
    assert len(rebuild_all()) == DAYS - 20
    assert not any(differs_from_facts(UOW, (FIRST + timedelta(days=day)).date()) for day in range(DAYS))


def test_nothing_to_make_again(db):
    assert rebuild_next_day(UOW).is_last
    add_fact()
    assert rebuild_next_day(UOW).is_last
    assert not FactRollup.select().exists()
