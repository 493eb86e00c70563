"""Facts are added to the roll-ups once, in parts, and appointments move from one day to another."""

from datetime import date, timedelta

import pytest

from beneficiate.actions.rollups import FoldFacts, fold_facts, store_rollup_check
from beneficiate.models.facts import Fact
from beneficiate.models.rollups import AppointmentRollup, FactAgent, FactRollup, RollupState
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.domain.booking.moments import at

NOON = at("2026-11-25 12:00")
UOW = UnitOfWork(SYSTEM, NOON)
NO_END = 2**31 - 1


def add_fact(**columns):
    return Fact.create(**{"at": NOON, "kind": "opened", "actor_role": "member", "chat_id": 1, **columns})


def add_appointment_fact(id_, status, days=0):
    starts_at = NOON + timedelta(days=days)
    add_fact(kind="appointment", detail=status, chat_id=None, appointment_id=id_, starts_at=starts_at)


def appointments():
    rows = AppointmentRollup.select().where(AppointmentRollup.times != 0).order_by(AppointmentRollup.day)
    return [(row.day.day, row.detail, row.times) for row in rows]


def test_facts_are_added_once_and_in_parts(db):
    for _ in range(5):
        add_fact()
    assert [fold_facts(UOW, FoldFacts(NO_END, 2)) for _ in range(4)] == [2, 2, 1, 0]
    assert {row.times for row in FactRollup.select()} == {5}
    assert RollupState.get().folded_id == Fact.select().order_by(Fact.id.desc()).get().id


def test_facts_after_the_bound_wait(db):
    first, _ = add_fact(), add_fact()
    assert fold_facts(UOW, FoldFacts(first.id)) == 1
    assert fold_facts(UOW, FoldFacts(NO_END)) == 1


def test_appointment_moves_with_its_last_fact_also_in_another_part(db):
    add_appointment_fact(1, "CONFIRMED")
    add_appointment_fact(2, "CONFIRMED")
    add_appointment_fact(1, "RESCHEDULED", days=1)
    fold_facts(UOW, FoldFacts(NO_END, 2))
    assert appointments() == [(25, "CONFIRMED", 2)]
    fold_facts(UOW, FoldFacts(NO_END))
    assert appointments() == [(25, "CONFIRMED", 1), (26, "RESCHEDULED", 1)]
    add_appointment_fact(2, "CANCELLED")
    fold_facts(UOW, FoldFacts(NO_END))
    assert appointments() == [(25, "CANCELLED", 1), (26, "RESCHEDULED", 1)]


def test_difference_stays_whatever_the_next_check_finds(db):
    day = date(2026, 11, 24)
    store_rollup_check(UOW, (day, day))
    store_rollup_check(UOW, (day + timedelta(days=1), None))
    state = RollupState.get()
    assert (state.checked_on, state.differing_day) == (day + timedelta(days=1), day)


def test_board_is_told_of_a_difference_and_of_nothing_else(db):
    day = date(2026, 11, 24)
    for differing, is_told in ((None, False), (day, True)):
        uow = UnitOfWork(SYSTEM, NOON)
        store_rollup_check(uow, (day, differing))
        assert bool(uow.hints) == is_told


def test_agents_keep_the_name_of_their_last_fact(db):
    for name in ("Yuliana", "Yuliana Castaño"):
        add_fact(agent_id=7, agent_name=name, agent_code="AG-014")
        fold_facts(UOW, FoldFacts(NO_END))
    assert list(FactAgent.select().tuples()) == [(7, "Yuliana Castaño", "AG-014")]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_computing_may_take_longer_than_a_transaction_may_be_idle_elsewhere(db):
    """On a busy machine a part of 20,000 facts takes more than the five seconds of a session."""
    fold_facts(UOW, FoldFacts(NO_END))
    assert db.execute_sql("SHOW idle_in_transaction_session_timeout").fetchone() == ("1min",)
