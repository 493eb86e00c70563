"""Reminders and letters: bound to a version, at most once each."""

import threading
from datetime import timedelta

import pytest

from beneficiate.actions.letters import CLAIM_LASTS
from beneficiate.actions.reminders import AT_ONCE, MOST_TRIES, claim_letters, note_sent, remind
from beneficiate.actions.requests import request
from beneficiate.models.appointments import Letter, Reminder
from beneficiate.models.base import database, open_database, transaction
from beneficiate.protocol import topics
from beneficiate.protocol.bookings import AppointmentDue
from beneficiate.queries.appointments import picture_of
from beneficiate.scheduling.lifecycle import ATTENDED, EXPIRED
from beneficiate.store import SYSTEM, Work
from tests.actions.visits import (
    EIGHT,
    HOUR,
    MINUTE,
    NOW,
    asked,
    booked,
    cancelled,
    confirmed,
    letters,
    moved,
    reminders,
    step,
)
from tests.people import agent, insured, professional
from tests.scheduling.moments import at

DAY_BEFORE, TWO_HOURS = EIGHT - 24 * HOUR, EIGHT - 2 * HOUR
LATER = at("2026-11-27 10:00")


@pytest.fixture
def ana(db):
    return insured()


@pytest.fixture
def visit(act, ana):
    return booked(act, agent(), ana, professional())


def reminded(act, now):
    """What the clock says at this moment."""
    _, said = act(remind, None, SYSTEM, now)
    return [one.event.hours_before for one in said]


def claimed(act, now):
    return act(claim_letters, None, SYSTEM, now)[0]


def test_a_visit_is_remembered_a_day_and_two_hours_before_once_each(act, visit):
    assert reminded(act, DAY_BEFORE - MINUTE) == []
    assert reminded(act, DAY_BEFORE) == [24]
    assert reminded(act, DAY_BEFORE) == []
    assert reminded(act, TWO_HOURS - MINUTE) == []
    assert reminded(act, TWO_HOURS) == [2]
    assert reminded(act, EIGHT - MINUTE) == []


def test_only_the_member_hears_of_it(act, ana, visit):
    _, said = act(remind, None, SYSTEM, DAY_BEFORE)
    assert [(one.event, one.to) for one in said] == [
        (AppointmentDue(hours_before=24, appointment=picture_of(visit.id)), (topics.user(ana.id),))
    ]


def test_after_a_cancel_there_is_none(act, ana, visit):
    cancelled(act, ana, visit)
    assert [reminded(act, when) for when in (DAY_BEFORE, TWO_HOURS)] == [[], []]


def test_after_a_move_there_is_none_at_the_old_time_and_both_at_the_new_one(act, ana, visit):
    moved(act, ana, visit, LATER)
    assert [reminded(act, when) for when in (DAY_BEFORE, TWO_HOURS, EIGHT)] == [[], [], []]
    assert [reminded(act, when) for when in (LATER - 24 * HOUR, LATER - 2 * HOUR)] == [[24], [2]]


def test_a_move_after_the_first_reminder_brings_new_ones(act, ana, visit):
    assert reminded(act, DAY_BEFORE) == [24]
    moved(act, ana, visit, LATER, now=DAY_BEFORE + HOUR)
    assert [reminded(act, when) for when in (TWO_HOURS, LATER - 24 * HOUR)] == [[], [24]]


def test_a_confirmation_of_a_move_does_not_remind_twice(act, ana, visit):
    moved(act, ana, visit, LATER)
    confirmed(act, agent(), visit)
    assert reminded(act, LATER - 24 * HOUR) == [24]


def test_one_that_would_be_in_the_past_is_not_planned(act, ana, db):
    soon = booked(act, agent(), ana, professional(), now=EIGHT - 3 * HOUR)
    assert reminders(soon) == [(0, 2, TWO_HOURS)]


def test_what_is_not_confirmed_is_not_remembered(act, ana, db):
    to_be_confirmed = booked(act, ana, ana, professional())
    pending, _ = act(request, asked(ana), ana.actor, NOW)
    assert reminders(to_be_confirmed) == reminders(pending) == []


def test_a_clock_that_stood_still_does_not_remind_of_what_is_over(act, visit):
    assert reminded(act, EIGHT) == []
    assert not Reminder.select().where(Reminder.sent_at.is_null()).exists()


def test_a_visit_that_was_attended_early_is_not_remembered(act, visit):
    Reminder.update(due_at=EIGHT + MINUTE).execute()
    step(act, agent(), visit, ATTENDED, now=EIGHT)
    assert reminded(act, EIGHT + MINUTE) == []


def test_more_than_fit_into_one_round_come_in_the_next(act, ana, db):
    for _ in range(AT_ONCE + 3):
        booked(act, agent(), insured(), professional())
    assert [len(reminded(act, DAY_BEFORE)) for _ in range(3)] == [AT_ONCE, 3, 0]


# ---- Letters -------------------------------------------------------------------------------------


def test_every_version_is_owed_one_letter_and_only_the_last_is_sent(act, ana, visit):
    moved(act, ana, visit, LATER)
    due = claimed(act, NOW)
    assert [(one.kind, one.appointment.version, one.appointment.starts_at) for one in due] == [("change", 1, LATER)]
    assert (due[0].email, due[0].name, due[0].is_cancelled) == (ana.user.email, "Ana", False)
    assert letters(visit) == [("change", 0, True), ("change", 1, False)]


def test_letters_are_claimed_once_and_again_after_five_minutes_until_sent(act, visit):
    due = claimed(act, NOW)
    assert len(due) == 1
    assert claimed(act, NOW) == claimed(act, NOW + CLAIM_LASTS) == []
    later = NOW + CLAIM_LASTS + timedelta(microseconds=1)
    assert [one.letter_id for one in claimed(act, later)] == [due[0].letter_id]
    act(note_sent, [due[0].letter_id], SYSTEM, later)
    assert claimed(act, later + CLAIM_LASTS + MINUTE) == []


def test_a_letter_that_nobody_takes_is_given_up(act, visit):
    rounds = [len(claimed(act, NOW + n * (CLAIM_LASTS + MINUTE))) for n in range(MOST_TRIES + 2)]
    assert rounds == [1] * MOST_TRIES + [0, 0]


def test_a_reminder_is_a_letter_too(act, visit):
    Letter.update(sent_at=NOW).execute()
    reminded(act, DAY_BEFORE)
    assert [one.kind for one in claimed(act, DAY_BEFORE)] == ["reminder-24"]
    Letter.update(sent_at=DAY_BEFORE).execute()
    reminded(act, TWO_HOURS)
    assert [one.kind for one in claimed(act, TWO_HOURS)] == ["reminder-2"]


def test_a_reminder_that_waits_for_its_letter_is_dropped_by_a_cancel(act, ana, visit):
    reminded(act, DAY_BEFORE)
    cancelled(act, ana, visit, now=DAY_BEFORE)
    assert [(one.kind, one.is_cancelled) for one in claimed(act, DAY_BEFORE)] == [("change", True)]


def test_the_calendar_comes_with_a_time_and_is_cancelled_with_it(act, ana, db):
    pending, _ = act(request, asked(ana), ana.actor, NOW)
    visit = booked(act, agent(), ana, professional())
    due = {one.appointment.id: one for one in claimed(act, NOW)}
    assert due[pending.id].calendar is None
    assert b"METHOD:REQUEST" in due[visit.id].calendar
    cancelled(act, ana, visit)
    (due,) = claimed(act, NOW)
    assert due.is_cancelled
    assert b"METHOD:CANCEL" in due.calendar
    assert b"STATUS:CANCELLED" in due.calendar


def test_what_never_was_certain_is_in_no_calendar(act, ana, db):
    visit = booked(act, ana, ana, professional())
    assert claimed(act, NOW)[0].calendar is None
    step(act, agent(), visit, EXPIRED)
    (due,) = claimed(act, NOW)
    assert (due.calendar, due.is_cancelled) == (None, True)


# ---- Two clocks at once --------------------------------------------------------------------------


@pytest.fixture
def committed(database_url):
    """A database of this test alone, in which several threads see each other's work."""
    database.initialize(open_database(database_url))
    database.obj.connect()
    yield database.obj
    database.obj.close_all()


def in_threads(count, do):
    """Call `do` on several threads at once, each on a connection and in a unit of its own."""
    ready, results = threading.Barrier(count), []

    def run():
        with database.obj.connection_context():
            ready.wait()
            with transaction():
                found = do()
        results.append(found)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == count
    return results


def test_clocks_of_several_threads_remind_once_and_claim_once(committed, act_committed):
    visits = [booked(act_committed, agent(), insured(), professional()) for _ in range(8)]

    def both():
        work = Work(SYSTEM, DAY_BEFORE)
        remind(work)
        return [one.event.appointment.id for one in work.emissions]

    said = [id_ for ids in in_threads(6, both) for id_ in ids]
    assert sorted(said) == [visit.id for visit in visits]
    taken = in_threads(6, lambda: [one.letter_id for one in claim_letters(Work(SYSTEM, DAY_BEFORE))])
    ids = [id_ for some in taken for id_ in some]
    assert len(ids) == len(set(ids)) == 16


@pytest.fixture
def act_committed(committed):
    def run(action, command, actor, now=NOW):
        work = Work(actor, now)
        with transaction():
            return action(work, command), work.emissions

    return run
