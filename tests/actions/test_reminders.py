"""Reminders and e-mails: bound to a version, at most once each."""

import threading
from datetime import timedelta

import pytest

from beneficiate.actions import reminders
from beneficiate.actions.appointment_requests import request_appointment
from beneficiate.actions.away_notices import dispatch_due_notices
from beneficiate.actions.emails import EMAIL_CLAIM_LIFETIME
from beneficiate.actions.notice_preferences import EndEmails, end_emails
from beneficiate.actions.reminders import (
    MAX_REMINDERS_PER_RUN,
    claim_appointment_emails,
    emit_due_reminders,
    mark_appointment_emails_sent,
)
from beneficiate.domain.booking.ics import render_ics
from beneficiate.domain.booking.lifecycle import ATTENDED, EXPIRED, TO_BE_CONFIRMED
from beneficiate.models.appointments import AppointmentEmail, Reminder
from beneficiate.models.base import database, open_database, write_transaction
from beneficiate.protocol import channels
from beneficiate.protocol.booking import AppointmentReminded
from beneficiate.queries.appointments import serialize_appointment
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.appointment_steps import (
    EIGHT_OCLOCK,
    HOUR,
    MINUTE,
    NOW,
    book_appointment,
    cancel_appointment,
    change_status,
    confirm_appointment,
    emails_of,
    move_appointment,
    reminders_of,
    request_command,
)
from tests.domain.booking.moments import at
from tests.factories import agent, member_with_plan, professional
from tests.unit_of_work import UNLIMITED, call

DAY_BEFORE, TWO_HOURS = EIGHT_OCLOCK - 24 * HOUR, EIGHT_OCLOCK - 2 * HOUR
LATER = at("2026-11-27 10:00")


@pytest.fixture
def ana(db):
    return member_with_plan()


@pytest.fixture
def appointment(act, ana):
    return book_appointment(act, agent(), ana, professional(confirms_itself=True))


def reminded(act, now):
    """Return the events that the job emits at this moment."""
    _, outgoing = act(emit_due_reminders, None, SYSTEM, now)
    return [one.event.hours_before for one in outgoing]


def claimed(act, now):
    return act(claim_appointment_emails, None, SYSTEM, now)[0]


def test_reminders_are_emitted_a_day_and_two_hours_before_once(act, appointment):
    assert reminded(act, DAY_BEFORE - MINUTE) == []
    assert reminded(act, DAY_BEFORE) == [24]
    assert reminded(act, DAY_BEFORE) == []
    assert reminded(act, TWO_HOURS - MINUTE) == []
    assert reminded(act, TWO_HOURS) == [2]
    assert reminded(act, EIGHT_OCLOCK - MINUTE) == []


def test_reminder_that_cannot_be_emitted_holds_up_no_other(act, appointment, monkeypatch):
    other = book_appointment(act, agent(), member_with_plan(), professional())
    serialize = reminders.serialize_appointment

    def fail(appointment_id):
        if appointment_id == appointment.id:
            raise ValueError
        return serialize(appointment_id)

    monkeypatch.setattr(reminders, "serialize_appointment", fail)
    _, outgoing = act(emit_due_reminders, None, SYSTEM, DAY_BEFORE)
    assert [one.event.appointment.id for one in outgoing] == [other.id]
    assert reminded(act, DAY_BEFORE) == []


def test_email_that_cannot_be_loaded_holds_up_no_other(act, appointment, monkeypatch):
    other = book_appointment(act, agent(), member_with_plan(), professional())
    load = reminders.load_invitation

    def fail(uow, appointment_id):
        if appointment_id == appointment.id:
            raise ValueError
        return load(uow, appointment_id)

    monkeypatch.setattr(reminders, "load_invitation", fail)
    assert [one.appointment.id for one in claimed(act, NOW)] == [other.id]
    assert claimed(act, NOW) == []


def test_only_the_member_is_notified(act, ana, appointment):
    _, outgoing = act(emit_due_reminders, None, SYSTEM, DAY_BEFORE)
    assert [(one.event, one.channels) for one in outgoing] == [
        (
            AppointmentReminded(hours_before=24, appointment=serialize_appointment(appointment.id)),
            (channels.user_channel(ana.id),),
        )
    ]


def test_after_a_cancel_there_is_none(act, ana, appointment):
    cancel_appointment(act, ana, appointment)
    assert [reminded(act, when) for when in (DAY_BEFORE, TWO_HOURS)] == [[], []]


def test_after_a_move_there_is_none_at_the_old_time_and_both_at_the_new_one(act, ana, appointment):
    move_appointment(act, ana, appointment, LATER)
    assert [reminded(act, when) for when in (DAY_BEFORE, TWO_HOURS, EIGHT_OCLOCK)] == [[], [], []]
    assert [reminded(act, when) for when in (LATER - 24 * HOUR, LATER - 2 * HOUR)] == [[24], [2]]


def test_move_after_the_first_reminder_brings_new_ones(act, ana, appointment):
    assert reminded(act, DAY_BEFORE) == [24]
    move_appointment(act, ana, appointment, LATER, now=DAY_BEFORE + HOUR)
    assert [reminded(act, when) for when in (TWO_HOURS, LATER - 24 * HOUR)] == [[], [24]]


def test_confirmation_of_a_move_does_not_remind_twice(act, ana, appointment):
    move_appointment(act, ana, appointment, LATER)
    confirm_appointment(act, agent(), appointment)
    assert reminded(act, LATER - 24 * HOUR) == [24]


def test_one_that_would_be_in_the_past_is_not_planned(act, ana, db):
    soon = book_appointment(act, agent(), ana, professional(), now=EIGHT_OCLOCK - 3 * HOUR)
    assert reminders_of(soon) == [(0, 2, TWO_HOURS)]


@pytest.mark.parametrize("rules", [UNLIMITED], ids=[""])
def test_unconfirmed_appointment_gets_no_reminder(act, ana, db):
    to_be_confirmed = book_appointment(act, ana, ana, professional())
    pending, _ = act(request_appointment, request_command(ana), ana.actor, NOW)
    assert reminders_of(to_be_confirmed) == reminders_of(pending) == []


def test_late_job_does_not_remind_of_past_appointments(act, appointment):
    assert reminded(act, EIGHT_OCLOCK) == []
    assert not Reminder.select().where(Reminder.sent_at.is_null()).exists()


def test_appointment_attended_early_gets_no_reminder(act, appointment):
    Reminder.update(due_at=EIGHT_OCLOCK + MINUTE).execute()
    change_status(act, agent(), appointment, ATTENDED, now=EIGHT_OCLOCK)
    assert reminded(act, EIGHT_OCLOCK + MINUTE) == []


def test_more_than_fit_into_one_round_come_in_the_next(act, ana, db):
    for _ in range(MAX_REMINDERS_PER_RUN + 3):
        book_appointment(act, agent(), member_with_plan(), professional())
    assert [len(reminded(act, DAY_BEFORE)) for _ in range(3)] == [MAX_REMINDERS_PER_RUN, 3, 0]


# ---- E-mails ------------------------------------------------------------------------------------


def test_only_the_email_of_the_last_version_is_sent(act, ana, appointment):
    move_appointment(act, ana, appointment, LATER)
    due = claimed(act, NOW)
    assert [(one.kind, one.appointment.version, one.appointment.starts_at) for one in due] == [("change", 1, LATER)]
    assert (due[0].email, due[0].name, due[0].is_cancelled) == (ana.user.email, "Ana", False)
    assert emails_of(appointment) == [("change", 0, True), ("change", 1, False)]


def test_emails_are_claimed_once_and_again_after_five_minutes_until_sent(act, appointment):
    due = claimed(act, NOW)
    assert len(due) == 1
    assert claimed(act, NOW) == claimed(act, NOW + EMAIL_CLAIM_LIFETIME) == []
    later = NOW + EMAIL_CLAIM_LIFETIME + timedelta(microseconds=1)
    assert [one.email_id for one in claimed(act, later)] == [due[0].email_id]
    act(mark_appointment_emails_sent, [due[0].email_id], SYSTEM, later)
    assert claimed(act, later + EMAIL_CLAIM_LIFETIME + MINUTE) == []


def test_email_that_cannot_be_looked_at_holds_up_no_other(act, appointment, spoil):
    other = book_appointment(act, agent(), member_with_plan(), professional())
    spoil(reminders, "_is_needless", lambda uow, row: row.appointment_id == appointment.id)
    assert [one.appointment.id for one in claimed(act, NOW)] == [other.id]


def test_reminder_of_what_has_begun_is_not_sent(act, appointment):
    AppointmentEmail.update(sent_at=NOW).execute()
    reminded(act, TWO_HOURS)
    assert claimed(act, appointment.starts_at) == []
    assert not AppointmentEmail.select().where(AppointmentEmail.sent_at.is_null()).exists()


def test_reminder_is_sent_by_email_too(act, appointment):
    AppointmentEmail.update(sent_at=NOW).execute()
    reminded(act, DAY_BEFORE)
    act(dispatch_due_notices, None, SYSTEM, DAY_BEFORE)
    assert [(one.kind, one.change_hours) for one in claimed(act, DAY_BEFORE)] == [("reminder-24", 4)]
    AppointmentEmail.update(sent_at=DAY_BEFORE).execute()
    reminded(act, TWO_HOURS)
    act(dispatch_due_notices, None, SYSTEM, TWO_HOURS)
    assert [(one.kind, one.change_hours) for one in claimed(act, TWO_HOURS)] == [("reminder-2", None)]


def test_reminder_that_waits_for_its_email_is_dropped_by_a_cancel(act, ana, appointment):
    reminded(act, DAY_BEFORE)
    cancel_appointment(act, ana, appointment, now=DAY_BEFORE)
    assert [(one.kind, one.is_cancelled) for one in claimed(act, DAY_BEFORE)] == [("change", True)]


def test_reminder_that_waits_for_its_email_is_dropped_by_its_unsubscribe_and_a_change_is_not(act, ana, appointment):
    reminded(act, DAY_BEFORE)
    act(dispatch_due_notices, None, SYSTEM, DAY_BEFORE)
    act(end_emails, EndEmails(ana.id, "reminder"), SYSTEM, DAY_BEFORE)
    assert [one.kind for one in claimed(act, DAY_BEFORE)] == ["change"]
    AppointmentEmail.update(sent_at=NOW).where(AppointmentEmail.kind == "change").execute()
    assert not AppointmentEmail.select().where(AppointmentEmail.sent_at.is_null()).exists()


def test_calendar_comes_with_a_time_and_is_cancelled_with_it(act, ana, db):
    pending, _ = act(request_appointment, request_command(ana), ana.actor, NOW)
    appointment = book_appointment(act, agent(), ana, professional())
    due = {one.appointment.id: one for one in claimed(act, NOW)}
    assert due[pending.id].invitation is None
    assert b"METHOD:REQUEST" in render_ics(due[appointment.id].invitation, "citas@otra.co")
    cancel_appointment(act, ana, appointment)
    (due,) = claimed(act, NOW)
    assert due.is_cancelled
    assert b"METHOD:CANCEL" in render_ics(due.invitation, "citas@otra.co")
    assert b"STATUS:CANCELLED" in render_ics(due.invitation, "citas@otra.co")


def test_unconfirmed_appointment_has_no_calendar_entry(act, ana, db):
    appointment = book_appointment(act, ana, ana, professional())
    assert claimed(act, NOW)[0].invitation is None
    change_status(act, agent(), appointment, EXPIRED)
    (due,) = claimed(act, NOW)
    assert (due.invitation, due.is_cancelled) == (None, True)


def test_calendar_follows_a_move_that_waits_for_a_confirmation_and_its_end(act, ana, db):
    appointment = book_appointment(act, agent(), ana, professional())
    move_appointment(act, ana, appointment, LATER)
    (due,) = claimed(act, NOW)
    ics = render_ics(due.invitation, "citas@otra.co")
    assert due.appointment.status == TO_BE_CONFIRMED
    assert all(line in ics for line in (b"METHOD:REQUEST", b"STATUS:TENTATIVE", b"SEQUENCE:1"))
    assert due.invitation.starts_at == LATER
    change_status(act, agent(), appointment, EXPIRED)
    (due,) = claimed(act, NOW)
    ics = render_ics(due.invitation, "citas@otra.co")
    assert due.is_cancelled
    assert all(line in ics for line in (b"METHOD:CANCEL", b"STATUS:CANCELLED", b"SEQUENCE:2"))


# ---- Two jobs at once ----------------------------------------------------------------------------


@pytest.fixture
def committed(database_url):
    """Yield a database of this test alone, in which several threads see each other's commits."""
    database.initialize(open_database(database_url))
    database.obj.connect()
    yield database.obj
    database.obj.close_all()


def in_threads(count, do):
    """Call `do` on several threads at once, each with a connection and a transaction of its own."""
    ready, results = threading.Barrier(count), []

    def run():
        with database.obj.connection_context():
            ready.wait()
            with write_transaction():
                found = do()
        results.append(found)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == count
    return results


def test_parallel_jobs_remind_and_claim_once(committed, act_committed):
    appointments = [book_appointment(act_committed, agent(), member_with_plan(), professional()) for _ in range(8)]

    def both():
        uow = UnitOfWork(SYSTEM, DAY_BEFORE)
        emit_due_reminders(uow)
        return [one.event.appointment.id for one in uow.outgoing]

    outgoing = [id_ for ids in in_threads(6, both) for id_ in ids]
    assert sorted(outgoing) == [appointment.id for appointment in appointments]
    assert sum(in_threads(6, lambda: dispatch_due_notices(UnitOfWork(SYSTEM, DAY_BEFORE)))) == 8
    taken = in_threads(6, lambda: [one.email_id for one in claim_appointment_emails(UnitOfWork(SYSTEM, DAY_BEFORE))])
    ids = [id_ for some in taken for id_ in some]
    assert len(ids) == len(set(ids)) == 16


@pytest.fixture
def act_committed(committed):
    def run(action, command, actor, now=NOW):
        uow = UnitOfWork(actor, now)
        with write_transaction():
            return call(action, uow, command), uow.outgoing

    return run
