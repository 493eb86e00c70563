"""Appointments are counted where they were at an instant, whatever the roll-ups know already."""

from datetime import date, timedelta

from beneficiate.actions.rollups import FoldFacts, fold_facts
from beneficiate.models.rollups import AppointmentRollup, RollupState
from beneficiate.queries.appointment_tallies import appointments_differ, count_appointments
from beneficiate.queries.metrics import FactSelection
from beneficiate.queries.rollups import RolledFacts
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.test_rollups import NOON, add_appointment_fact, add_fact

TODAY, TOMORROW = date(2026, 11, 25), date(2026, 11, 26)


def count(as_of=NOON, folded_id=0, by_day=True, **chosen):
    rolled = RolledFacts(folded_id, None, has_newer=True)
    selection = FactSelection(NOON, NOON + timedelta(days=1), as_of=as_of, **chosen)
    return dict(count_appointments(selection, rolled, by_day=by_day))


def test_later_steps_are_added_and_those_after_the_instant_are_not(db):
    add_appointment_fact(1, "CONFIRMED")
    later = {"at": NOON + timedelta(hours=1), "kind": "appointment", "chat_id": None, "appointment_id": 1}
    add_fact(**later, detail="RESCHEDULED", starts_at=NOON + timedelta(days=1), agent_id=7)
    before, after = {(TODAY, "CONFIRMED", 0): 1}, {(TOMORROW, "RESCHEDULED", 7): 1}
    for limit in (0, 1, 1):
        if limit:
            fold_facts(UnitOfWork(SYSTEM, NOON), FoldFacts(2**31 - 1, limit))
        state = RollupState.get_or_none() or RollupState()
        assert count(folded_id=state.folded_id) == before
        assert count(NOON + timedelta(hours=1), state.folded_id) == after
        assert count(NOON + timedelta(hours=1), state.folded_id, agent_id=8) == {}


def test_days_are_summed_where_they_are_not_told_apart(db):
    for appointment_id, days in ((1, 0), (2, 0), (3, 1), (4, 2)):
        add_appointment_fact(appointment_id, "CONFIRMED", days=days)
    fold_facts(UnitOfWork(SYSTEM, NOON), FoldFacts(2**31 - 1, 3))
    known = RollupState.get().folded_id
    add_appointment_fact(1, "ATTENDED", days=1)
    assert count(folded_id=known) == {(TODAY, "CONFIRMED", 0): 1, (TOMORROW, "CONFIRMED", 0): 1,
                                      (TOMORROW, "ATTENDED", 0): 1}  # fmt: skip
    summed = {(TODAY, "CONFIRMED", 0): 2, (TODAY, "ATTENDED", 0): 1}
    assert count(folded_id=known, by_day=False) == summed
    assert count(folded_id=known, by_day=False, agent_id=7) == {}


def test_appointment_without_a_time_is_on_no_day(db):
    add_fact(kind="appointment", detail="PENDING", chat_id=None, appointment_id=1, starts_at=None)
    assert count() == {}


def test_check_finds_a_row_that_is_wrong_missing_or_too_many(db):
    uow = UnitOfWork(SYSTEM, NOON)
    add_appointment_fact(1, "CONFIRMED")
    add_appointment_fact(2, "CONFIRMED")
    add_appointment_fact(2, "CONFIRMED", days=1)
    fold_facts(uow, FoldFacts(2**31 - 1))
    assert not any(appointments_differ(uow, day) for day in (TODAY, TOMORROW))
    for change in ({"times": 2}, {"detail": "ATTENDED"}, {"agent_id": 7}):
        with db.atomic() as unit:
            AppointmentRollup.update(change).where(AppointmentRollup.day == TODAY).execute()
            assert appointments_differ(uow, TODAY), change
            assert not appointments_differ(uow, TOMORROW)
            unit.rollback()
    AppointmentRollup.delete().where(AppointmentRollup.day == TODAY).execute()
    assert appointments_differ(uow, TODAY)
    RollupState.update(facts_since=TODAY - timedelta(days=366)).execute()
    assert not appointments_differ(uow, TODAY)
