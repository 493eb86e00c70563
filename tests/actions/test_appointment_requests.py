"""Requests for appointments: who may request, for whom, when, and what is stored."""

from datetime import timedelta

import pytest

from beneficiate.actions.appointment_requests import request_appointment
from beneficiate.actions.slots import PatientBusy, hold_slot
from beneficiate.domain.booking.lifecycle import CANCELLED, CONFIRMED, PENDING, TO_BE_CONFIRMED
from beneficiate.domain.booking.presentation import NO_REASON
from beneficiate.errors import Invalid, LimitReached, NotFound, PlanRequired, RateLimited, SlotTaken
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.appointments import Appointment, Hold
from beneficiate.models.consents import Consent
from beneficiate.models.payments import Subscription
from beneficiate.models.professionals import MANUAL_SCHEDULE, NO_SCHEDULE, AvailabilityException, Professional
from beneficiate.protocol import channels
from beneficiate.protocol.booking import AppointmentRequested
from beneficiate.queries.consents import HEALTH_DATA
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.appointment_steps import (
    EIGHT_OCLOCK,
    HALF_PAST,
    HOUR,
    MINUTE,
    NOW,
    book_appointment,
    cancel_appointment,
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
    specialty,
    supervisor,
    township,
)
from tests.unit_of_work import UNLIMITED

NOBODY = 2_000_000_000


def refused(act, problem, command, by, now=NOW):
    """Check that a command is refused with this problem and writes nothing."""
    before = count_booking_rows()
    with pytest.raises(problem) as caught:
        act(request_appointment, command, by.actor, now)
    assert type(caught.value) is problem
    assert count_booking_rows() == before
    return caught.value


def test_request_without_a_time_is_pending(act, db):
    ana = member_with_plan()
    payload, outgoing = act(
        request_appointment, request_command(ana, notes="  Dolor de rodilla \n", consent_version="1"), ana.actor, NOW
    )
    assert (payload.status, payload.version, payload.notes) == (PENDING, 0, "Dolor de rodilla")
    assert (payload.user_id, payload.beneficiary_id, payload.patient.first_name) == (ana.id, None, "Ana")
    assert (payload.professional_id, payload.starts_at, payload.duration_minutes) == (None, None, None)
    assert (payload.first_time, payload.control, payload.specialty_name) == (True, False, "Cardiología")
    assert payload.ticket_number.startswith("APT-")
    assert outgoing[0].event == AppointmentRequested(appointment=payload)
    assert history_of(payload) == [("", PENDING, ana.id, "member", "")]
    assert (taken_ticks(), reminders_of(payload), emails_of(payload)) == (set(), [], [("change", 0, False)])


def test_request_is_emitted_to_member_agents_and_supervisors_only(act, db):
    ana, yuliana = member_with_plan(), agent()
    for by in (ana, yuliana):
        _, outgoing = act(request_appointment, request_command(ana), by.actor, NOW)
        assert [one.channels for one in outgoing] == [
            (channels.user_channel(ana.id),),
            (channels.AGENTS_CHANNEL, channels.SUPERVISORS_CHANNEL),
        ]


def test_slot_chosen_by_a_member_is_to_be_confirmed(act, db):
    ana, german = member_with_plan(), professional(buffer_minutes=10)
    payload = book_appointment(act, ana, ana, german)
    assert (payload.status, payload.starts_at, payload.duration_minutes) == (TO_BE_CONFIRMED, EIGHT_OCLOCK, 30)
    assert payload.professional_name == german.name
    assert taken_ticks(payload) == ticks_of(f"p:{german.id}", EIGHT_OCLOCK, 40) | ticks_of(
        f"u:{ana.id}", EIGHT_OCLOCK, 30
    )
    assert reminders_of(payload) == []


def test_slot_of_a_self_confirming_professional_is_confirmed_at_once(act, db):
    ana, german = member_with_plan(), professional(confirms_itself=True)
    payload = book_appointment(act, ana, ana, german)
    assert payload.status == CONFIRMED
    assert Appointment.get_by_id(payload.id).expires_at is None
    assert reminders_of(payload) == [(0, 24, EIGHT_OCLOCK - 24 * HOUR), (0, 2, EIGHT_OCLOCK - 2 * HOUR)]


def test_booking_by_staff_is_always_confirmed(act, db):
    ana, german = member_with_plan(), professional(schedule_type=MANUAL_SCHEDULE)
    for by, when in ((agent(), EIGHT_OCLOCK), (supervisor(), HALF_PAST)):
        payload = book_appointment(act, by, ana, german, when)
        assert (payload.status, payload.user_id) == (CONFIRMED, ana.id)
        assert history_of(payload) == [("", CONFIRMED, by.id, by.actor.role, "")]


def test_beneficiary_is_the_patient_and_occupies_the_time(act, db):
    ana, german = member_with_plan(), professional()
    mateo = beneficiary(ana)
    payload = book_appointment(act, ana, ana, german, patient_key=f"b:{mateo.id}")
    assert (payload.user_id, payload.beneficiary_id, payload.patient.first_name) == (ana.id, mateo.id, "Mateo")
    assert taken_ticks(payload) == ticks_of(f"p:{german.id}", EIGHT_OCLOCK, 30) | ticks_of(
        f"b:{mateo.id}", EIGHT_OCLOCK, 30
    )
    assert book_appointment(act, ana, ana, professional()).starts_at == EIGHT_OCLOCK


def test_only_staff_requests_for_other_people(act, db):
    ana, beto = member_with_plan(), member_with_plan("Beto")
    refused(act, NotFound, request_command(ana), beto)
    refused(act, NotFound, request_command(ana, user_id=NOBODY, patient_key=f"u:{NOBODY}"), agent())


def test_patient_of_another_member_is_not_found(act, db):
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


def test_beneficiary_who_was_removed_meanwhile_is_refused_to_members_and_staff(act, db):
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


def test_current_plan_is_required(act, db):
    beto = member("Beto")
    refused(act, PlanRequired, request_command(beto), beto)
    refused(act, PlanRequired, request_command(beto), agent())
    add_plan(beto, starts_at=NOW + MINUTE, ends_at=NOW + HOUR)
    refused(act, PlanRequired, request_command(beto), beto)
    refused(act, PlanRequired, request_command(beto), beto, NOW + HOUR)
    assert act(request_appointment, request_command(beto), beto.actor, NOW + MINUTE)[0].status == PENDING
    Subscription.update(ends_at=NOW + 2 * MINUTE).execute()
    refused(act, PlanRequired, request_command(beto), beto, NOW + 2 * MINUTE)


def test_deactivated_member_gets_nothing(act, db):
    ana = member_with_plan()
    User.update(is_active=False).where(User.id == ana.id).execute()
    refused(act, NotFound, request_command(ana), agent())


@pytest.mark.parametrize("notes", ["ab", " ab ", "a" * 1001, "a" * 5000])
def test_reason_of_two_or_five_thousand_characters_is_refused(act, db, notes):
    ana = member_with_plan()
    assert "3 a 1.000" in str(refused(act, Invalid, request_command(ana, notes=notes), ana))


@pytest.mark.parametrize("notes", ["", "me duele la cabeza"])
def test_no_reason_is_needed_or_stored_of_who_refuses_it(act, db, notes):
    ana, desk = member_with_plan(), agent()
    refusal = {"kind": HEALTH_DATA, "version": "1", "address": "", "given_at": NOW, "withdrawn_at": NOW}
    Consent.create(user=ana.id, **refusal)
    for who in (ana, desk):
        assert act(request_appointment, request_command(ana, notes=notes), who.actor, NOW)[0].notes == NO_REASON
        Appointment.update(status=CANCELLED).execute()


@pytest.mark.parametrize("notes", ["abc", "a" * 1000, "  " + "ñ" * 1000 + "  "])
def test_shortest_and_longest_reason_are_accepted(act, db, notes):
    ana = member_with_plan()
    wanted = request_command(ana, notes=notes, consent_version="1")
    assert act(request_appointment, wanted, ana.actor, NOW)[0].notes == notes.strip()


@pytest.mark.parametrize("notes", ["", "  \n ", NO_REASON])
def test_nobody_has_to_give_a_reason(act, db, notes):
    ana = member_with_plan()
    assert act(request_appointment, request_command(ana, notes=notes, consent_version="1"), ana.actor, NOW)[
        0
    ].notes == (NO_REASON)
    assert not Consent.select().exists()


def test_unknown_specialty_or_city_is_refused(act, db):
    ana = member_with_plan()
    assert "especialidad" in str(refused(act, NotFound, request_command(ana, specialty_id=NOBODY), ana))
    assert "ciudad" in str(refused(act, NotFound, request_command(ana, township_id=NOBODY), ana))


def test_professional_must_practise_the_specialty_and_be_there(act, db):
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
    payload, _ = act(request_appointment, request_command(ana, professional_id=german.id), ana.actor, NOW)
    assert (payload.status, payload.professional_id, payload.starts_at) == (PENDING, german.id, None)


def test_time_without_a_professional_is_refused(act, db):
    ana = member_with_plan()
    for by in (ana, agent()):
        refused(act, Invalid, request_command(ana, starts_at=EIGHT_OCLOCK), by)


def test_past_time_is_refused_to_everybody(act, db):
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
def test_time_at_which_nobody_is_there_is_refused_to_members_and_staff(act, db, when):
    ana, german = member_with_plan(), professional()
    AvailabilityException.create(professional=german, day=at("2026-11-26 12:00").date())
    for by in (ana, agent()):
        refused(act, SlotTaken, timed_request_command(ana, german, at(when)), by)


def test_extra_opening_counts_on_a_holiday_too(act, db):
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


def test_taken_time_is_refused_with_its_buffer_before_and_after(act, db):
    ana, yuliana = member_with_plan(), agent()
    german = professional(buffer_minutes=10)
    book_appointment(act, ana, ana, german, at("2026-11-25 08:40"))
    beto = member_with_plan("Beto")
    refused(act, SlotTaken, timed_request_command(beto, german, at("2026-11-25 08:40")), beto)
    for when in ("2026-11-25 08:05", "2026-11-25 08:35", "2026-11-25 09:05", "2026-11-25 09:15"):
        refused(act, SlotTaken, timed_request_command(beto, german, at(when)), yuliana)
    book_appointment(act, yuliana, beto, german, at("2026-11-25 09:20"))
    book_appointment(act, yuliana, beto, german, EIGHT_OCLOCK)


@pytest.mark.parametrize("rules", [UNLIMITED], ids=[""])
def test_patient_cannot_be_in_two_places(act, db):
    ana, german, laura = member_with_plan(), professional(), professional("Laura", duration_minutes=60)
    mateo = beneficiary(ana)
    book_appointment(act, ana, ana, german, HALF_PAST)
    for by in (ana, agent()):
        assert "El paciente ya tiene una cita" in str(refused(act, PatientBusy, timed_request_command(ana, laura), by))
    book_appointment(act, ana, ana, laura, patient_key=f"b:{mateo.id}")
    refused(act, PatientBusy, timed_request_command(ana, professional(), patient_key=f"b:{mateo.id}"), ana)
    assert book_appointment(act, ana, ana, professional()).starts_at == EIGHT_OCLOCK


@pytest.mark.parametrize("rules", [UNLIMITED], ids=[""])
def test_pause_of_one_professional_is_not_the_patients(act, db):
    ana = member_with_plan()
    book_appointment(act, ana, ana, professional(buffer_minutes=15))
    assert book_appointment(act, ana, ana, professional(), HALF_PAST).starts_at == HALF_PAST


def test_same_key_twice_books_once(act, db):
    ana, german = member_with_plan(), professional()
    first, _ = act(request_appointment, timed_request_command(ana, german, request_key="k1"), ana.actor, NOW)
    before = count_booking_rows()
    again, outgoing = act(
        request_appointment, timed_request_command(ana, german, request_key="k1", notes="Otra cosa"), ana.actor, NOW
    )
    assert (again, outgoing, count_booking_rows()) == (first, [], before)
    Subscription.delete().execute()
    assert act(request_appointment, timed_request_command(ana, german, request_key="k1"), ana.actor, NOW)[0] == first


@pytest.mark.parametrize("rules", [UNLIMITED], ids=[""])
def test_another_key_or_none_is_another_request(act, db):
    ana = member_with_plan()
    keys = ("k1", "k2", None, None)
    assert (
        len({act(request_appointment, request_command(ana, request_key=key), ana.actor, NOW)[0].id for key in keys})
        == 4
    )


def test_own_hold_is_booked_and_a_foreign_one_blocks(act, db):
    ana, beto, german = member_with_plan(), member_with_plan("Beto"), professional()
    hold_slot(UnitOfWork(ana.actor, NOW), german, EIGHT_OCLOCK, timedelta(minutes=10), ana.id)
    refused(act, SlotTaken, timed_request_command(beto, german), beto)
    refused(act, SlotTaken, timed_request_command(beto, german), agent())
    payload = book_appointment(act, ana, ana, german)
    assert not Hold.select().exists()
    assert taken_ticks() == taken_ticks(payload)


def test_expired_hold_blocks_nobody(act, db):
    ana, beto, german = member_with_plan(), member_with_plan("Beto"), professional()
    hold_slot(UnitOfWork(ana.actor, NOW), german, EIGHT_OCLOCK, timedelta(minutes=10), ana.id)
    refused(act, SlotTaken, timed_request_command(beto, german), beto, NOW + 9 * MINUTE)
    payload = book_appointment(act, beto, beto, german, now=NOW + 10 * MINUTE)
    assert taken_ticks() == taken_ticks(payload)


def test_staff_books_in_another_city_within_the_professionals_hours(act, db):
    ana, there = member_with_plan(), professional(township=township(MEDELLIN_CODE).id)
    payload = book_appointment(act, agent(), ana, there, township_id=township(MEDELLIN_CODE).id)
    assert (payload.city_name, payload.professional_id) == (township(MEDELLIN_CODE).name, there.id)
    Professional.update(duration_minutes=60).execute()
    assert Appointment.get_by_id(payload.id).duration_minutes == 30


@pytest.mark.parametrize("rules", [UNLIMITED], ids=[""])
def test_request_has_a_deadline_of_72_working_hours_or_its_start(act, db):
    ana, german = member_with_plan(), professional()
    pending, _ = act(request_appointment, request_command(ana), ana.actor, NOW)
    # 11 hours on the Monday, 12 each until Friday, 5 on Saturday, 8 of the next Monday.
    assert Appointment.get_by_id(pending.id).expires_at == at("2026-11-30 15:00")
    soon = book_appointment(act, ana, ana, german)
    assert Appointment.get_by_id(soon.id).expires_at == EIGHT_OCLOCK
    later = book_appointment(act, ana, ana, german, at("2026-12-10 08:00"))
    assert Appointment.get_by_id(later.id).expires_at == at("2026-11-30 15:00")


# ---- How much one member may book ----------------------------------------------------------------


def named_request(of, name, **changes):
    return request_command(of, specialty_id=specialty(name).id, **changes)


def test_one_open_appointment_for_each_patient_and_specialty(act, db):
    ana = member_with_plan()
    mateo = beneficiary(ana)
    first, _ = act(request_appointment, request_command(ana), ana.actor, NOW)
    problem = refused(act, LimitReached, request_command(ana), ana)
    assert (problem.code, problem.status) == ("limit_reached", 409)
    assert "ya tiene una cita abierta de esa especialidad" in problem.sentence
    act(request_appointment, request_command(ana, patient_key=f"b:{mateo.id}"), ana.actor, NOW)
    act(request_appointment, named_request(ana, "Pediatría"), ana.actor, NOW)
    # The staff may have good reasons for another one, and a cancelled or past one does not count.
    act(request_appointment, request_command(ana), agent().actor, NOW)
    for appointment in Appointment.select().where(Appointment.specialty == specialty().id):
        cancel_appointment(act, agent(), appointment)
    act(request_appointment, request_command(ana), ana.actor, NOW)
    assert first.specialty_name == specialty().name


def test_five_open_appointments_for_each_patient(act, db):
    ana = member_with_plan()
    mateo = beneficiary(ana)
    names = ["Cardiología", "Pediatría", "Dermatología", "Neurología", "Psicología", "Urología"]
    for name in names[:5]:
        act(request_appointment, named_request(ana, name), ana.actor, NOW)
    problem = refused(act, LimitReached, named_request(ana, names[5]), ana)
    assert "ya tiene 5 citas abiertas" in problem.sentence
    act(request_appointment, named_request(ana, names[5], patient_key=f"b:{mateo.id}"), ana.actor, NOW)


def test_appointment_in_the_past_does_not_count(act, db):
    ana, german = member_with_plan(), professional()
    book_appointment(act, ana, ana, german)
    refused(act, LimitReached, request_command(ana), ana)
    act(request_appointment, request_command(ana), ana.actor, EIGHT_OCLOCK + HOUR)


def test_ten_requests_in_an_hour_whatever_becomes_of_them(act, db):
    ana = member_with_plan()
    for number in range(10):
        payload, _ = act(request_appointment, request_command(ana), ana.actor, NOW + number * MINUTE)
        Appointment.update(status=CANCELLED).where(Appointment.id == payload.id).execute()
    problem = refused(act, RateLimited, request_command(ana), ana, NOW + 10 * MINUTE)
    assert problem.sentence == "Ha pedido muchas citas seguidas. Intente de nuevo en 50 minutos."
    act(request_appointment, request_command(ana), ana.actor, NOW + 60 * MINUTE)
