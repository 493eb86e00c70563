"""Asking for a visit: who may, for whom, when, and what is written down."""

from datetime import timedelta

import pytest

from beneficiate.actions.appointment_requests import request_appointment
from beneficiate.actions.slots import PatientBusy, hold_slot
from beneficiate.domain.booking.lifecycle import CONFIRMED, PENDING, TO_BE_CONFIRMED
from beneficiate.errors import Invalid, NotFound, PlanRequired, SlotTaken
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.appointments import Appointment, Hold
from beneficiate.models.payments import Subscription
from beneficiate.models.professionals import MANUAL_SCHEDULE, NO_SCHEDULE, AvailabilityException, Professional
from beneficiate.protocol import channels
from beneficiate.protocol.booking import AppointmentRequested
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.appointment_steps import (
    EIGHT_OCLOCK,
    HALF_PAST,
    HOUR,
    MINUTE,
    NOW,
    book_appointment,
    count_booking_rows,
    emails_of,
    history_of,
    reminders_of,
    request_command,
    taken_ticks,
    ticks_of,
    timed_request_command,
)
from tests.domain.booking.moments import at
from tests.factories import (
    MEDELLIN_CODE,
    add_plan,
    agent,
    beneficiary,
    member,
    member_with_plan,
    professional,
    supervisor,
    township,
)

NOBODY = 2_000_000_000


def refused(act, problem, command, by, now=NOW):
    """The command is refused with this problem and nothing is written."""
    before = count_booking_rows()
    with pytest.raises(problem) as caught:
        act(request_appointment, command, by.actor, now)
    assert type(caught.value) is problem
    assert count_booking_rows() == before
    return caught.value


def test_without_a_time_it_waits_for_somebody(act, db):
    ana = member_with_plan()
    picture, said = act(request_appointment, request_command(ana, notes="  Dolor de rodilla \n"), ana.actor, NOW)
    assert (picture.status, picture.version, picture.notes) == (PENDING, 0, "Dolor de rodilla")
    assert (picture.user_id, picture.beneficiary_id, picture.patient.first_name) == (ana.id, None, "Ana")
    assert (picture.professional_id, picture.starts_at, picture.duration_minutes) == (None, None, None)
    assert (picture.first_time, picture.control, picture.specialty_name) == (True, False, "Cardiología")
    assert picture.ticket_number.startswith("APT-")
    assert said[0].event == AppointmentRequested(appointment=picture)
    assert history_of(picture) == [("", PENDING, ana.id, "member", "")]
    assert (taken_ticks(), reminders_of(picture), emails_of(picture)) == (set(), [], [("change", 0, False)])


def test_it_is_told_to_the_member_the_agents_and_the_supervisors_and_to_nobody_else(act, db):
    ana, yuliana = member_with_plan(), agent()
    for by in (ana, yuliana):
        _, said = act(request_appointment, request_command(ana), by.actor, NOW)
        assert [one.channels for one in said] == [
            (channels.user_channel(ana.id), channels.AGENTS_CHANNEL, channels.SUPERVISORS_CHANNEL)
        ]


def test_a_time_that_a_member_chose_is_to_be_confirmed(act, db):
    ana, german = member_with_plan(), professional(buffer_minutes=10)
    picture = book_appointment(act, ana, ana, german)
    assert (picture.status, picture.starts_at, picture.duration_minutes) == (TO_BE_CONFIRMED, EIGHT_OCLOCK, 30)
    assert picture.professional_name == german.name
    assert taken_ticks(picture) == ticks_of(f"p:{german.id}", EIGHT_OCLOCK, 40) | ticks_of(
        f"u:{ana.id}", EIGHT_OCLOCK, 30
    )
    assert reminders_of(picture) == []


def test_or_confirmed_at_once_where_the_professional_wants_it_so(act, db):
    ana, german = member_with_plan(), professional(confirms_itself=True)
    picture = book_appointment(act, ana, ana, german)
    assert picture.status == CONFIRMED
    assert Appointment.get_by_id(picture.id).expires_at is None
    assert reminders_of(picture) == [(0, 24, EIGHT_OCLOCK - 24 * HOUR), (0, 2, EIGHT_OCLOCK - 2 * HOUR)]


def test_what_the_staff_books_is_confirmed_whatever_the_professional_says(act, db):
    ana, german = member_with_plan(), professional(schedule_type=MANUAL_SCHEDULE)
    for by, when in ((agent(), EIGHT_OCLOCK), (supervisor(), HALF_PAST)):
        picture = book_appointment(act, by, ana, german, when)
        assert (picture.status, picture.user_id) == (CONFIRMED, ana.id)
        assert history_of(picture) == [("", CONFIRMED, by.id, by.actor.role, "")]


def test_a_beneficiary_is_the_patient_and_the_member_keeps_their_time(act, db):
    ana, german = member_with_plan(), professional()
    mateo = beneficiary(ana)
    picture = book_appointment(act, ana, ana, german, patient_key=f"b:{mateo.id}")
    assert (picture.user_id, picture.beneficiary_id, picture.patient.first_name) == (ana.id, mateo.id, "Mateo")
    assert taken_ticks(picture) == ticks_of(f"p:{german.id}", EIGHT_OCLOCK, 30) | ticks_of(
        f"b:{mateo.id}", EIGHT_OCLOCK, 30
    )
    assert book_appointment(act, ana, ana, professional()).starts_at == EIGHT_OCLOCK


def test_nobody_asks_for_somebody_else_but_the_staff(act, db):
    ana, beto = member_with_plan(), member_with_plan("Beto")
    refused(act, NotFound, request_command(ana), beto)
    refused(act, NotFound, request_command(ana, user_id=NOBODY, patient_key=f"u:{NOBODY}"), agent())


def test_a_patient_is_ones_own_or_does_not_exist(act, db):
    ana, beto = member_with_plan(), member_with_plan("Beto")
    his = beneficiary(beto)
    sentences = {
        str(refused_patient(act, ana, patient))
        for patient in (f"b:{his.id}", f"u:{beto.id}", f"b:{NOBODY}", "b:", "b:x", "", "x:1", f"u:{ana.id} ", "b:١")
    }
    assert len(sentences) == 1


def refused_patient(act, ana, patient):
    before = count_booking_rows()
    with pytest.raises(NotFound) as caught:
        act(request_appointment, request_command(ana, patient_key=patient), ana.actor, NOW)
    assert count_booking_rows() == before
    return caught.value


def test_a_beneficiary_who_was_removed_meanwhile_is_refused_to_members_and_staff(act, db):
    ana = member_with_plan()
    mateo = beneficiary(ana, removed_at=NOW)
    for by in (ana, agent()):
        with pytest.raises(NotFound, match="ya no está entre sus beneficiarios"):
            act(request_appointment, request_command(ana, patient_key=f"b:{mateo.id}"), by.actor, NOW)
    Beneficiary.update(removed_at=None).execute()
    assert (
        act(request_appointment, request_command(ana, patient_key=f"b:{mateo.id}"), ana.actor, NOW)[0].beneficiary_id
        == mateo.id
    )


def test_a_plan_has_to_run_at_that_moment(act, db):
    beto = member("Beto")
    refused(act, PlanRequired, request_command(beto), beto)
    refused(act, PlanRequired, request_command(beto), agent())
    add_plan(beto, starts_at=NOW + MINUTE, ends_at=NOW + HOUR)
    refused(act, PlanRequired, request_command(beto), beto)
    refused(act, PlanRequired, request_command(beto), beto, NOW + HOUR)
    assert act(request_appointment, request_command(beto), beto.actor, NOW + MINUTE)[0].status == PENDING
    Subscription.update(ends_at=NOW + 2 * MINUTE).execute()
    refused(act, PlanRequired, request_command(beto), beto, NOW + 2 * MINUTE)


def test_a_deactivated_member_gets_nothing(act, db):
    ana = member_with_plan()
    User.update(is_active=False).where(User.id == ana.id).execute()
    refused(act, NotFound, request_command(ana), agent())


@pytest.mark.parametrize("notes", ["", "ab", " ab ", "a" * 1001, "a" * 5000, "  \n "])
def test_a_reason_of_two_letters_or_of_five_thousand_is_refused(act, db, notes):
    ana = member_with_plan()
    assert "3 a 1.000" in str(refused(act, Invalid, request_command(ana, notes=notes), ana))


@pytest.mark.parametrize("notes", ["abc", "a" * 1000, "  " + "ñ" * 1000 + "  "])
def test_a_reason_may_be_as_short_and_as_long_as_that(act, db, notes):
    ana = member_with_plan()
    assert act(request_appointment, request_command(ana, notes=notes), ana.actor, NOW)[0].notes == notes.strip()


def test_a_specialty_or_a_city_that_does_not_exist_is_said_so(act, db):
    ana = member_with_plan()
    assert "especialidad" in str(refused(act, NotFound, request_command(ana, specialty_id=NOBODY), ana))
    assert "ciudad" in str(refused(act, NotFound, request_command(ana, township_id=NOBODY), ana))


def test_a_professional_must_practise_the_specialty_and_be_there(act, db):
    ana = member_with_plan()
    others = [
        professional(specialties=("Dermatología",)),
        professional(is_active=False),
        professional(schedule_type=NO_SCHEDULE),
    ]
    for whom_id in (*(one.id for one in others), NOBODY):
        for by in (ana, agent()):
            refused(act, NotFound, request_command(ana, professional_id=whom_id), by)
            refused(act, NotFound, request_command(ana, professional_id=whom_id, starts_at=EIGHT_OCLOCK), by)


def test_members_choose_a_time_of_online_professionals_only(act, db):
    ana, german = member_with_plan(), professional(schedule_type=MANUAL_SCHEDULE)
    refused(act, NotFound, timed_request_command(ana, german), ana)
    picture, _ = act(request_appointment, request_command(ana, professional_id=german.id), ana.actor, NOW)
    assert (picture.status, picture.professional_id, picture.starts_at) == (PENDING, german.id, None)


def test_a_time_without_anybody_is_no_visit(act, db):
    ana = member_with_plan()
    for by in (ana, agent()):
        refused(act, Invalid, request_command(ana, starts_at=EIGHT_OCLOCK), by)


def test_the_past_is_over_for_everybody(act, db):
    ana, german = member_with_plan(), professional()
    for by in (ana, agent()):
        for when in (at("2026-11-20 08:00"), NOW - 30 * MINUTE, NOW):
            assert "ya pasó" in str(refused(act, Invalid, timed_request_command(ana, german, when), by))


OUTSIDE = {
    "before the hours": "2026-11-25 07:30",
    "half in the lunch break": "2026-11-25 11:45",
    "in the afternoon": "2026-11-25 14:00",
    "on a Saturday": "2026-11-28 08:00",
    "on a holiday": "2026-12-08 08:00",
    "on a closed day": "2026-11-26 08:00",
    "after the horizon": "2027-01-26 08:00",
    "not on five minutes": "2026-11-25 08:02",
}


@pytest.mark.parametrize("when", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_a_time_at_which_nobody_is_there_is_refused_to_members_and_staff(act, db, when):
    ana, german = member_with_plan(), professional()
    AvailabilityException.create(professional=german, day=at("2026-11-26 12:00").date())
    for by in (ana, agent()):
        refused(act, SlotTaken, timed_request_command(ana, german, at(when)), by)


def test_an_extra_opening_counts_on_a_holiday_too(act, db):
    ana, german = member_with_plan(), professional()
    day = at("2026-12-08 12:00").date()
    AvailabilityException.create(professional=german, day=day, starts=9 * 60, ends=10 * 60, is_open=True)
    assert book_appointment(act, ana, ana, german, at("2026-12-08 09:30")).status == TO_BE_CONFIRMED


def test_members_keep_to_the_grid_and_to_the_notice_and_the_staff_need_not(act, db):
    ana, yuliana, german = member_with_plan(), agent(), professional()
    for when in ("2026-11-25 08:05", "2026-11-25 08:15", "2026-11-23 09:30"):
        refused(act, SlotTaken, timed_request_command(ana, german, at(when)), ana)
    assert book_appointment(act, ana, ana, german, at("2026-11-23 10:00")).starts_at == NOW + 2 * HOUR
    assert book_appointment(act, yuliana, member_with_plan(), german, at("2026-11-25 08:05")).status == CONFIRMED
    assert book_appointment(act, yuliana, member_with_plan(), german, at("2026-11-23 08:05")).status == CONFIRMED


def test_a_taken_time_is_refused_with_its_buffer_before_and_after(act, db):
    ana, yuliana = member_with_plan(), agent()
    german = professional(buffer_minutes=10)
    book_appointment(act, ana, ana, german, at("2026-11-25 08:40"))
    beto = member_with_plan("Beto")
    refused(act, SlotTaken, timed_request_command(beto, german, at("2026-11-25 08:40")), beto)
    for when in ("2026-11-25 08:05", "2026-11-25 08:35", "2026-11-25 09:05", "2026-11-25 09:15"):
        refused(act, SlotTaken, timed_request_command(beto, german, at(when)), yuliana)
    book_appointment(act, yuliana, beto, german, at("2026-11-25 09:20"))
    book_appointment(act, yuliana, beto, german, EIGHT_OCLOCK)


def test_a_patient_cannot_be_in_two_places(act, db):
    ana, german, laura = member_with_plan(), professional(), professional("Laura", duration_minutes=60)
    mateo = beneficiary(ana)
    book_appointment(act, ana, ana, german, HALF_PAST)
    for by in (ana, agent()):
        assert "El paciente ya tiene una cita" in str(refused(act, PatientBusy, timed_request_command(ana, laura), by))
    book_appointment(act, ana, ana, laura, patient_key=f"b:{mateo.id}")
    refused(act, PatientBusy, timed_request_command(ana, professional(), patient_key=f"b:{mateo.id}"), ana)
    assert book_appointment(act, ana, ana, professional()).starts_at == EIGHT_OCLOCK


def test_the_pause_of_one_professional_is_not_the_patients(act, db):
    ana = member_with_plan()
    book_appointment(act, ana, ana, professional(buffer_minutes=15))
    assert book_appointment(act, ana, ana, professional(), HALF_PAST).starts_at == HALF_PAST


def test_the_same_key_twice_books_once(act, db):
    ana, german = member_with_plan(), professional()
    first, _ = act(request_appointment, timed_request_command(ana, german, request_key="k1"), ana.actor, NOW)
    before = count_booking_rows()
    again, said = act(
        request_appointment, timed_request_command(ana, german, request_key="k1", notes="Otra cosa"), ana.actor, NOW
    )
    assert (again, said, count_booking_rows()) == (first, [], before)
    Subscription.delete().execute()
    assert act(request_appointment, timed_request_command(ana, german, request_key="k1"), ana.actor, NOW)[0] == first


def test_another_key_or_none_is_another_request(act, db):
    ana = member_with_plan()
    keys = ("k1", "k2", None, None)
    assert (
        len({act(request_appointment, request_command(ana, request_key=key), ana.actor, NOW)[0].id for key in keys})
        == 4
    )


def test_ones_own_hold_becomes_the_visit_and_anothers_is_in_the_way(act, db):
    ana, beto, german = member_with_plan(), member_with_plan("Beto"), professional()
    hold_slot(UnitOfWork(ana.actor, NOW), german, EIGHT_OCLOCK, timedelta(minutes=10), ana.id)
    refused(act, SlotTaken, timed_request_command(beto, german), beto)
    refused(act, SlotTaken, timed_request_command(beto, german), agent())
    picture = book_appointment(act, ana, ana, german)
    assert not Hold.select().exists()
    assert taken_ticks() == taken_ticks(picture)


def test_a_hold_that_expired_is_in_nobodys_way(act, db):
    ana, beto, german = member_with_plan(), member_with_plan("Beto"), professional()
    hold_slot(UnitOfWork(ana.actor, NOW), german, EIGHT_OCLOCK, timedelta(minutes=10), ana.id)
    refused(act, SlotTaken, timed_request_command(beto, german), beto, NOW + 9 * MINUTE)
    picture = book_appointment(act, beto, beto, german, now=NOW + 10 * MINUTE)
    assert taken_ticks() == taken_ticks(picture)


def test_the_staff_may_book_in_another_city_and_the_hours_are_those_of_the_professional(act, db):
    ana, there = member_with_plan(), professional(township=township(MEDELLIN_CODE).id)
    picture = book_appointment(act, agent(), ana, there, township_id=township(MEDELLIN_CODE).id)
    assert (picture.city_name, picture.professional_id) == (township(MEDELLIN_CODE).name, there.id)
    Professional.update(duration_minutes=60).execute()
    assert Appointment.get_by_id(picture.id).duration_minutes == 30


def test_a_request_has_to_be_handled_within_72_working_hours_or_before_the_visit(act, db):
    ana, german = member_with_plan(), professional()
    pending, _ = act(request_appointment, request_command(ana), ana.actor, NOW)
    # 11 hours on the Monday, 12 each until Friday, 5 on Saturday, 8 of the next Monday.
    assert Appointment.get_by_id(pending.id).expires_at == at("2026-11-30 15:00")
    soon = book_appointment(act, ana, ana, german)
    assert Appointment.get_by_id(soon.id).expires_at == EIGHT_OCLOCK
    later = book_appointment(act, ana, ana, german, at("2026-12-10 08:00"))
    assert Appointment.get_by_id(later.id).expires_at == at("2026-11-30 15:00")
