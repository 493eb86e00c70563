"""Constraints of appointments: no time twice, no e-mail or reminder twice, and what goes with an appointment."""

from datetime import timedelta

import pytest

from beneficiate.domain.booking.lifecycle import CONFIRMED
from beneficiate.models.appointments import (
    AppointmentChange,
    AppointmentEmail,
    Hold,
    Reminder,
    Tick,
    WaitingListEntry,
)
from tests.factories import beneficiary, member, professional
from tests.models.constraints import delete_row, insert_copy, is_there, refuse_delete, refuse_insert, reload
from tests.queries.appointment_rows import DAY, NOW, create_appointment

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


@pytest.fixture
def german():
    return professional()


@pytest.fixture
def appointment(german):
    return create_appointment(member(), CONFIRMED, NOW + DAY, professional=german)


def hold(whom):
    return Hold.create(user=member().id, professional=whom, starts_at=NOW, expires_at=NOW + timedelta(minutes=5))


def test_ticket_number_and_key_of_a_booking_are_unique(appointment):
    refuse_insert(appointment)
    keyed = insert_copy(appointment, ticket_number="APT-1", request_key="a")
    refuse_insert(keyed, ticket_number="APT-2")
    assert insert_copy(keyed, ticket_number="APT-2", request_key="b").id != keyed.id


def test_bookings_without_a_key_are_as_many_as_one_likes(appointment):
    assert appointment.request_key is None
    assert [insert_copy(appointment, ticket_number=f"APT-{n}").request_key for n in range(2)] == [None, None]


def test_five_minutes_of_one_professional_or_patient_are_taken_once(appointment, german):
    tick = Tick.create(resource=f"p:{german.id}", tick=1, appointment=appointment)
    kept = hold(german)
    for changes in ({}, {"appointment": None, "hold": kept}):
        refuse_insert(tick, **changes)
    assert insert_copy(tick, tick=2)
    assert insert_copy(tick, resource="u:1")


def test_time_goes_with_the_appointment_or_the_hold_that_has_it(appointment, german):
    kept = hold(german)
    booked = Tick.create(resource="p:1", tick=1, appointment=appointment)
    held = Tick.create(resource="p:1", tick=2, hold=kept)
    delete_row(kept)
    assert (is_there(booked), is_there(held)) == (True, False)
    delete_row(appointment)
    assert not is_there(booked)


def test_everything_about_an_appointment_goes_with_it(appointment):
    rows = [
        AppointmentChange.create(appointment=appointment, to_status=CONFIRMED, actor_role="member", at=NOW),
        Reminder.create(appointment=appointment, version=0, hours_before=24, due_at=NOW),
        WaitingListEntry.create(appointment=appointment, status="WAITING", created_at=NOW),
        AppointmentEmail.create(appointment=appointment, kind="confirmed", version=0, created_at=NOW),
    ]
    delete_row(appointment)
    assert [row for row in rows if is_there(row)] == []


def test_reminder_and_email_of_one_version_are_unique(appointment):
    reminder = Reminder.create(appointment=appointment, version=0, hours_before=24, due_at=NOW)
    email = AppointmentEmail.create(appointment=appointment, kind="confirmed", version=0, created_at=NOW)
    for row, others in (
        (reminder, ({"hours_before": 2}, {"version": 1})),
        (email, ({"kind": "moved"}, {"version": 1})),
    ):
        refuse_insert(row)
        assert [insert_copy(row, **changes).id != row.id for changes in others] == [True, True]


def test_appointment_waits_once_and_still_waits_when_its_offer_is_gone(appointment, german):
    kept = hold(german)
    given = {"offered_professional": german, "offered_at": NOW, "offer_expires_at": NOW, "hold": kept}
    entry = WaitingListEntry.create(appointment=appointment, status="OFFERED", created_at=NOW, **given)
    refuse_insert(entry)
    delete_row(kept)
    assert reload(entry).hold_id is None


def test_whoever_an_appointment_is_about_cannot_be_deleted_but_its_member_can(german):
    ana = member()
    mateo = beneficiary(ana)
    appointment = create_appointment(ana, CONFIRMED, NOW + DAY, professional=german, beneficiary=mateo)
    for row in (german, mateo, appointment.specialty, appointment.township):
        refuse_delete(row)
    appointment_of_ana = create_appointment(member(), professional=german)
    delete_row(appointment_of_ana.user)
    assert not is_there(appointment_of_ana)
