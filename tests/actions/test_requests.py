"""Asking for a visit: who may, for whom, when, and what is written down."""

from datetime import timedelta

import pytest

from beneficiate.actions.requests import request
from beneficiate.actions.slots import PatientBusy, hold
from beneficiate.errors import Invalid, NotFound, PlanRequired, SlotTaken
from beneficiate.models.appointments import Appointment, Hold
from beneficiate.models.care import MANUAL, UNAVAILABLE, AvailabilityException, Professional
from beneficiate.models.payments import Subscription
from beneficiate.models.people import Beneficiary, User
from beneficiate.protocol import topics
from beneficiate.protocol.bookings import AppointmentRequested
from beneficiate.scheduling.lifecycle import CONFIRMED, PENDING, TO_BE_CONFIRMED
from beneficiate.store import Work
from tests.actions.visits import (
    EIGHT,
    HALF_PAST,
    HOUR,
    MINUTE,
    NOW,
    asked,
    booked,
    everything,
    history,
    letters,
    reminders,
    taken,
    time_of,
    timed,
)
from tests.people import (
    MEDELLIN_CODE,
    agent,
    beneficiary,
    insured,
    member,
    plan_for,
    professional,
    supervisor,
    township,
)
from tests.scheduling.moments import at

NOBODY = 2_000_000_000


def refused(act, problem, command, by, now=NOW):
    """The command is refused with this problem and nothing is written."""
    before = everything()
    with pytest.raises(problem) as caught:
        act(request, command, by.actor, now)
    assert type(caught.value) is problem
    assert everything() == before
    return caught.value


def test_without_a_time_it_waits_for_somebody(act, db):
    ana = insured()
    picture, said = act(request, asked(ana, notes="  Dolor de rodilla \n"), ana.actor, NOW)
    assert (picture.status, picture.version, picture.notes) == (PENDING, 0, "Dolor de rodilla")
    assert (picture.user_id, picture.beneficiary_id, picture.patient.first_name) == (ana.id, None, "Ana")
    assert (picture.professional_id, picture.starts_at, picture.duration_minutes) == (None, None, None)
    assert (picture.first_time, picture.control, picture.specialty_name) == (True, False, "Cardiología")
    assert picture.ticket_number.startswith("APT-")
    assert said[0].event == AppointmentRequested(appointment=picture)
    assert history(picture) == [("", PENDING, ana.id, "member", "")]
    assert (taken(), reminders(picture), letters(picture)) == (set(), [], [("change", 0, False)])


def test_it_is_told_to_the_member_the_agents_and_the_supervisors_and_to_nobody_else(act, db):
    ana, yuliana = insured(), agent()
    for by in (ana, yuliana):
        _, said = act(request, asked(ana), by.actor, NOW)
        assert [one.to for one in said] == [(topics.user(ana.id), topics.AGENTS, topics.SUPERVISORS)]


def test_a_time_that_a_member_chose_is_to_be_confirmed(act, db):
    ana, german = insured(), professional(buffer_minutes=10)
    picture = booked(act, ana, ana, german)
    assert (picture.status, picture.starts_at, picture.duration_minutes) == (TO_BE_CONFIRMED, EIGHT, 30)
    assert picture.professional_name == german.name
    assert taken(picture) == time_of(f"p:{german.id}", EIGHT, 40) | time_of(f"u:{ana.id}", EIGHT, 30)
    assert reminders(picture) == []


def test_or_confirmed_at_once_where_the_professional_wants_it_so(act, db):
    ana, german = insured(), professional(confirms_itself=True)
    picture = booked(act, ana, ana, german)
    assert picture.status == CONFIRMED
    assert Appointment.get_by_id(picture.id).expires_at is None
    assert reminders(picture) == [(0, 24, EIGHT - 24 * HOUR), (0, 2, EIGHT - 2 * HOUR)]


def test_what_the_staff_books_is_confirmed_whatever_the_professional_says(act, db):
    ana, german = insured(), professional(schedule_type=MANUAL)
    for by, when in ((agent(), EIGHT), (supervisor(), HALF_PAST)):
        picture = booked(act, by, ana, german, when)
        assert (picture.status, picture.user_id) == (CONFIRMED, ana.id)
        assert history(picture) == [("", CONFIRMED, by.id, by.actor.role, "")]


def test_a_beneficiary_is_the_patient_and_the_member_keeps_their_time(act, db):
    ana, german = insured(), professional()
    mateo = beneficiary(ana)
    picture = booked(act, ana, ana, german, patient=f"b:{mateo.id}")
    assert (picture.user_id, picture.beneficiary_id, picture.patient.first_name) == (ana.id, mateo.id, "Mateo")
    assert taken(picture) == time_of(f"p:{german.id}", EIGHT, 30) | time_of(f"b:{mateo.id}", EIGHT, 30)
    assert booked(act, ana, ana, professional()).starts_at == EIGHT


def test_nobody_asks_for_somebody_else_but_the_staff(act, db):
    ana, beto = insured(), insured("Beto")
    refused(act, NotFound, asked(ana), beto)
    refused(act, NotFound, asked(ana, user_id=NOBODY, patient=f"u:{NOBODY}"), agent())


def test_a_patient_is_ones_own_or_does_not_exist(act, db):
    ana, beto = insured(), insured("Beto")
    his = beneficiary(beto)
    sentences = {
        str(refused_patient(act, ana, patient))
        for patient in (f"b:{his.id}", f"u:{beto.id}", f"b:{NOBODY}", "b:", "b:x", "", "x:1", f"u:{ana.id} ", "b:١")
    }
    assert len(sentences) == 1


def refused_patient(act, ana, patient):
    before = everything()
    with pytest.raises(NotFound) as caught:
        act(request, asked(ana, patient=patient), ana.actor, NOW)
    assert everything() == before
    return caught.value


def test_a_beneficiary_who_was_removed_meanwhile_is_refused_to_members_and_staff(act, db):
    ana = insured()
    mateo = beneficiary(ana, removed_at=NOW)
    for by in (ana, agent()):
        with pytest.raises(NotFound, match="ya no está entre sus beneficiarios"):
            act(request, asked(ana, patient=f"b:{mateo.id}"), by.actor, NOW)
    Beneficiary.update(removed_at=None).execute()
    assert act(request, asked(ana, patient=f"b:{mateo.id}"), ana.actor, NOW)[0].beneficiary_id == mateo.id


def test_a_plan_has_to_run_at_that_moment(act, db):
    beto = member("Beto")
    refused(act, PlanRequired, asked(beto), beto)
    refused(act, PlanRequired, asked(beto), agent())
    plan_for(beto, starts_at=NOW + MINUTE, ends_at=NOW + HOUR)
    refused(act, PlanRequired, asked(beto), beto)
    refused(act, PlanRequired, asked(beto), beto, NOW + HOUR)
    assert act(request, asked(beto), beto.actor, NOW + MINUTE)[0].status == PENDING
    Subscription.update(ends_at=NOW + 2 * MINUTE).execute()
    refused(act, PlanRequired, asked(beto), beto, NOW + 2 * MINUTE)


def test_a_deactivated_member_gets_nothing(act, db):
    ana = insured()
    User.update(is_active=False).where(User.id == ana.id).execute()
    refused(act, NotFound, asked(ana), agent())


@pytest.mark.parametrize("notes", ["", "ab", " ab ", "a" * 1001, "a" * 5000, "  \n "])
def test_a_reason_of_two_letters_or_of_five_thousand_is_refused(act, db, notes):
    ana = insured()
    assert "3 a 1.000" in str(refused(act, Invalid, asked(ana, notes=notes), ana))


@pytest.mark.parametrize("notes", ["abc", "a" * 1000, "  " + "ñ" * 1000 + "  "])
def test_a_reason_may_be_as_short_and_as_long_as_that(act, db, notes):
    ana = insured()
    assert act(request, asked(ana, notes=notes), ana.actor, NOW)[0].notes == notes.strip()


def test_a_specialty_or_a_city_that_does_not_exist_is_said_so(act, db):
    ana = insured()
    assert "especialidad" in str(refused(act, NotFound, asked(ana, specialty_id=NOBODY), ana))
    assert "ciudad" in str(refused(act, NotFound, asked(ana, township_id=NOBODY), ana))


def test_a_professional_must_practise_the_specialty_and_be_there(act, db):
    ana = insured()
    others = [
        professional(practises=("Dermatología",)),
        professional(is_active=False),
        professional(schedule_type=UNAVAILABLE),
    ]
    for whom_id in (*(one.id for one in others), NOBODY):
        for by in (ana, agent()):
            refused(act, NotFound, asked(ana, professional_id=whom_id), by)
            refused(act, NotFound, asked(ana, professional_id=whom_id, starts_at=EIGHT), by)


def test_members_choose_a_time_of_online_professionals_only(act, db):
    ana, german = insured(), professional(schedule_type=MANUAL)
    refused(act, NotFound, timed(ana, german), ana)
    picture, _ = act(request, asked(ana, professional_id=german.id), ana.actor, NOW)
    assert (picture.status, picture.professional_id, picture.starts_at) == (PENDING, german.id, None)


def test_a_time_without_anybody_is_no_visit(act, db):
    ana = insured()
    for by in (ana, agent()):
        refused(act, Invalid, asked(ana, starts_at=EIGHT), by)


def test_the_past_is_over_for_everybody(act, db):
    ana, german = insured(), professional()
    for by in (ana, agent()):
        for when in (at("2026-11-20 08:00"), NOW - 30 * MINUTE, NOW):
            assert "ya pasó" in str(refused(act, Invalid, timed(ana, german, when), by))


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
    ana, german = insured(), professional()
    AvailabilityException.create(professional=german, day=at("2026-11-26 12:00").date())
    for by in (ana, agent()):
        refused(act, SlotTaken, timed(ana, german, at(when)), by)


def test_an_extra_opening_counts_on_a_holiday_too(act, db):
    ana, german = insured(), professional()
    day = at("2026-12-08 12:00").date()
    AvailabilityException.create(professional=german, day=day, starts=9 * 60, ends=10 * 60, is_open=True)
    assert booked(act, ana, ana, german, at("2026-12-08 09:30")).status == TO_BE_CONFIRMED


def test_members_keep_to_the_grid_and_to_the_notice_and_the_staff_need_not(act, db):
    ana, yuliana, german = insured(), agent(), professional()
    for when in ("2026-11-25 08:05", "2026-11-25 08:15", "2026-11-23 09:30"):
        refused(act, SlotTaken, timed(ana, german, at(when)), ana)
    assert booked(act, ana, ana, german, at("2026-11-23 10:00")).starts_at == NOW + 2 * HOUR
    assert booked(act, yuliana, insured(), german, at("2026-11-25 08:05")).status == CONFIRMED
    assert booked(act, yuliana, insured(), german, at("2026-11-23 08:05")).status == CONFIRMED


def test_a_taken_time_is_refused_with_its_buffer_before_and_after(act, db):
    ana, yuliana = insured(), agent()
    german = professional(buffer_minutes=10)
    booked(act, ana, ana, german, at("2026-11-25 08:40"))
    beto = insured("Beto")
    refused(act, SlotTaken, timed(beto, german, at("2026-11-25 08:40")), beto)
    for when in ("2026-11-25 08:05", "2026-11-25 08:35", "2026-11-25 09:05", "2026-11-25 09:15"):
        refused(act, SlotTaken, timed(beto, german, at(when)), yuliana)
    booked(act, yuliana, beto, german, at("2026-11-25 09:20"))
    booked(act, yuliana, beto, german, EIGHT)


def test_a_patient_cannot_be_in_two_places(act, db):
    ana, german, laura = insured(), professional(), professional("Laura", duration_minutes=60)
    mateo = beneficiary(ana)
    booked(act, ana, ana, german, HALF_PAST)
    for by in (ana, agent()):
        assert "El paciente ya tiene una cita" in str(refused(act, PatientBusy, timed(ana, laura), by))
    booked(act, ana, ana, laura, patient=f"b:{mateo.id}")
    refused(act, PatientBusy, timed(ana, professional(), patient=f"b:{mateo.id}"), ana)
    assert booked(act, ana, ana, professional()).starts_at == EIGHT


def test_the_pause_of_one_professional_is_not_the_patients(act, db):
    ana = insured()
    booked(act, ana, ana, professional(buffer_minutes=15))
    assert booked(act, ana, ana, professional(), HALF_PAST).starts_at == HALF_PAST


def test_the_same_key_twice_books_once(act, db):
    ana, german = insured(), professional()
    first, _ = act(request, timed(ana, german, request_key="k1"), ana.actor, NOW)
    before = everything()
    again, said = act(request, timed(ana, german, request_key="k1", notes="Otra cosa"), ana.actor, NOW)
    assert (again, said, everything()) == (first, [], before)
    Subscription.delete().execute()
    assert act(request, timed(ana, german, request_key="k1"), ana.actor, NOW)[0] == first


def test_another_key_or_none_is_another_request(act, db):
    ana = insured()
    keys = ("k1", "k2", None, None)
    assert len({act(request, asked(ana, request_key=key), ana.actor, NOW)[0].id for key in keys}) == 4


def test_ones_own_hold_becomes_the_visit_and_anothers_is_in_the_way(act, db):
    ana, beto, german = insured(), insured("Beto"), professional()
    hold(Work(ana.actor, NOW), german, EIGHT, timedelta(minutes=10), ana.id)
    refused(act, SlotTaken, timed(beto, german), beto)
    refused(act, SlotTaken, timed(beto, german), agent())
    picture = booked(act, ana, ana, german)
    assert not Hold.select().exists()
    assert taken() == taken(picture)


def test_a_hold_that_expired_is_in_nobodys_way(act, db):
    ana, beto, german = insured(), insured("Beto"), professional()
    hold(Work(ana.actor, NOW), german, EIGHT, timedelta(minutes=10), ana.id)
    refused(act, SlotTaken, timed(beto, german), beto, NOW + 9 * MINUTE)
    picture = booked(act, beto, beto, german, now=NOW + 10 * MINUTE)
    assert taken() == taken(picture)


def test_the_staff_may_book_in_another_city_and_the_hours_are_those_of_the_professional(act, db):
    ana, there = insured(), professional(township=township(MEDELLIN_CODE).id)
    picture = booked(act, agent(), ana, there, township_id=township(MEDELLIN_CODE).id)
    assert (picture.city_name, picture.professional_id) == (township(MEDELLIN_CODE).name, there.id)
    Professional.update(duration_minutes=60).execute()
    assert Appointment.get_by_id(picture.id).duration_minutes == 30


def test_a_request_has_to_be_handled_within_72_working_hours_or_before_the_visit(act, db):
    ana, german = insured(), professional()
    pending, _ = act(request, asked(ana), ana.actor, NOW)
    # 11 hours on the Monday, 12 each until Friday, 5 on Saturday, 8 of the next Monday.
    assert Appointment.get_by_id(pending.id).expires_at == at("2026-11-30 15:00")
    soon = booked(act, ana, ana, german)
    assert Appointment.get_by_id(soon.id).expires_at == EIGHT
    later = booked(act, ana, ana, german, at("2026-12-10 08:00"))
    assert Appointment.get_by_id(later.id).expires_at == at("2026-11-30 15:00")
