"""Changes of appointments: every transition from every status by everybody, and its effects."""

from datetime import timedelta

import msgspec
import pytest

from beneficiate.actions import appointments, slots
from beneficiate.actions.appointment_requests import request_appointment
from beneficiate.actions.appointments import ChangeAppointment, change_appointment, expire_appointments
from beneficiate.actions.slots import PatientBusy
from beneficiate.domain.booking.lifecycle import (
    ATTENDED,
    CANCELLED,
    CONFIRMED,
    EXPIRED,
    NO_SHOW,
    PENDING,
    RESCHEDULED,
    TO_BE_CONFIRMED,
)
from beneficiate.errors import IllegalTransition, Invalid, NotFound, RateLimited, SlotTaken
from beneficiate.models.appointments import Appointment, Hold
from beneficiate.models.professionals import MANUAL_SCHEDULE, Professional
from beneficiate.protocol import channels
from beneficiate.protocol.booking import AppointmentChanged
from beneficiate.queries.appointments import serialize_appointment
from beneficiate.unit_of_work import SYSTEM, Actor, UnitOfWork
from tests.actions.appointment_steps import (
    EIGHT_OCLOCK,
    HALF_PAST,
    HOUR,
    MINUTE,
    NOW,
    book_appointment,
    cancel_appointment,
    change_status,
    confirm_appointment,
    count_booking_rows,
    emails_of,
    history_of,
    move_appointment,
    reminders_of,
    request_command,
    taken_ticks,
    ticks_of,
    timed_request_command,
    update_appointment,
)
from tests.domain.booking.moments import at
from tests.factories import agent, beneficiary, member_with_plan, professional, supervisor
from tests.unit_of_work import UNLIMITED

TEN = at("2026-11-25 10:00")
AFTER = EIGHT_OCLOCK + HOUR
STATES = (PENDING, TO_BE_CONFIRMED, CONFIRMED, RESCHEDULED, CANCELLED, EXPIRED, ATTENDED, NO_SHOW)

# From the state of the row to that of the column: who may take the step (m member, s staff), the others may not.
STEPS = """
                  PENDING  TO_BE_CONFIRMED  CONFIRMED  RESCHEDULED  CANCELLED  EXPIRED  ATTENDED  NO_SHOW
PENDING           -        s                s          -            ms         s        -         -
TO_BE_CONFIRMED   -        s                s          ms           ms         s        -         -
CONFIRMED         -        -                -          ms           ms         -        s         s
RESCHEDULED       -        -                s          ms           ms         -        s         s
CANCELLED         -        -                -          -            -          -        -         -
EXPIRED           -        -                -          -            -          -        -         -
ATTENDED          -        -                -          -            -          -        -         -
NO_SHOW           -        -                -          -            -          -        -         -
"""


def table():
    head, *rows = STEPS.strip().splitlines()
    for row in rows:
        before, *cells = row.split()
        yield from ((before, after, cell) for after, cell in zip(head.split(), cells, strict=True))


@pytest.fixture
def ana(db):
    return member_with_plan()


@pytest.fixture
def german(db):
    return professional()


@pytest.fixture
def appointment(act, ana, german):
    """Return a confirmed appointment of Ana."""
    return book_appointment(act, agent(), ana, german)


def in_state(act, ana, german, status):
    """Return an appointment in this status; a request without a time if it is PENDING."""
    if status == PENDING:
        return act(request_appointment, request_command(ana), ana.actor, NOW)[0]
    appointment = book_appointment(act, ana, ana, german)
    update_appointment(appointment, status)
    return appointment


def taking(status, german):
    """Return the fields that a client sends with this transition, and the time of the request."""
    if status in (TO_BE_CONFIRMED, CONFIRMED, RESCHEDULED):
        return {"professional_id": german.id, "starts_at": TEN}, NOW
    return {}, AFTER if status in (ATTENDED, NO_SHOW) else NOW


@pytest.mark.parametrize("role", ["member", "agent", "supervisor"])
@pytest.mark.parametrize("before", STATES)
def test_only_the_steps_of_the_table_are_taken(act, ana, german, before, role, db):
    by = {"member": ana, "agent": agent(), "supervisor": supervisor()}[role]
    appointment = in_state(act, ana, german, before)
    until_now, untouched = history_of(appointment), count_booking_rows()
    for after, who in ((after, who) for one, after, who in table() if one == before):
        more, now = taking(after, german)
        if role[0].replace("a", "s") not in who:
            with pytest.raises(IllegalTransition):
                change_status(act, by, appointment, after, "Un motivo", now, **more)
            assert count_booking_rows() == untouched
            assert Appointment.get_by_id(appointment.id).status == before
            continue
        with db.atomic() as unit:
            payload = change_status(act, by, appointment, after, "Un motivo", now, **more)
            # What its member moves has to be confirmed at its new time too: Germán confirms by hand.
            is_unsure = (role, after) == ("member", RESCHEDULED)
            reached = TO_BE_CONFIRMED if is_unsure else after
            assert (payload.status, payload.version) == (reached, 1)
            assert history_of(appointment) == [*until_now, (before, reached, by.id, role, "Un motivo")]
            unit.rollback()


@pytest.mark.parametrize("status", ["", "pending", "DELETED", "CONFIRMADA", "None"])
def test_unknown_status_is_refused(act, appointment, status, db):
    with pytest.raises(IllegalTransition):
        change_status(act, agent(), appointment, status)


def test_foreign_appointment_is_not_found(act, ana, appointment):
    beto = member_with_plan("Beto")
    for status in STATES:
        with pytest.raises(NotFound) as theirs:
            change_status(act, beto, appointment, status, "Un motivo")
        with pytest.raises(NotFound) as nobodys:
            act(change_appointment, ChangeAppointment(2_000_000_000, status), beto.actor, NOW)
        assert str(theirs.value) == str(nobodys.value)
    assert serialize_appointment(appointment.id) == appointment


def test_each_change_is_emitted_to_its_member_and_without_reasons_to_the_staff_only(act, ana, appointment):
    update_appointment(appointment, PENDING, notes="Dolor de rodilla")
    command = ChangeAppointment(appointment.id, CANCELLED, "Está hospitalizada")
    payload, outgoing = act(change_appointment, command, supervisor().actor, NOW)
    assert (payload.notes, payload.cancellation_reason) == ("Dolor de rodilla", "Está hospitalizada")
    bare = msgspec.structs.replace(payload, notes="", cancellation_reason="")
    assert [(one.event, one.channels) for one in outgoing] == [
        (AppointmentChanged(appointment=payload), (channels.user_channel(ana.id),)),
        (AppointmentChanged(appointment=bare), (channels.AGENTS_CHANNEL, channels.SUPERVISORS_CHANNEL)),
    ]


def test_history_tells_who_why_and_for_when(act, ana, german, db):
    yuliana, marta = agent(), supervisor()
    appointment = book_appointment(act, ana, ana, german)
    confirm_appointment(act, yuliana, appointment)
    move_appointment(act, ana, appointment, TEN, "  No puedo antes ")
    cancel_appointment(act, marta, appointment, "El consultorio cierra")
    assert history_of(appointment) == [
        ("", TO_BE_CONFIRMED, ana.id, "member", ""),
        (TO_BE_CONFIRMED, CONFIRMED, yuliana.id, "agent", ""),
        (CONFIRMED, TO_BE_CONFIRMED, ana.id, "member", "No puedo antes"),
        (TO_BE_CONFIRMED, CANCELLED, marta.id, "supervisor", "El consultorio cierra"),
    ]
    assert serialize_appointment(appointment.id).version == 3
    assert [kind for kind, _, _ in emails_of(appointment)] == ["change"] * 4


# ---- The window ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [CANCELLED, RESCHEDULED])
def test_members_may_change_until_four_hours_before(act, ana, german, appointment, status, db):
    more = {"professional_id": german.id, "starts_at": TEN} if status == RESCHEDULED else {}
    with pytest.raises(IllegalTransition, match="4 horas antes"):
        change_status(
            act, ana, appointment, status, "Un buen motivo", EIGHT_OCLOCK - 4 * HOUR + timedelta(microseconds=1), **more
        )
    assert serialize_appointment(appointment.id) == appointment
    reached = TO_BE_CONFIRMED if status == RESCHEDULED else status
    assert change_status(act, ana, appointment, status, now=EIGHT_OCLOCK - 4 * HOUR, **more).status == reached


@pytest.mark.parametrize("status", [CANCELLED, RESCHEDULED])
def test_staff_may_change_later_with_a_reason(act, ana, german, appointment, status, db):
    more = {"professional_id": german.id, "starts_at": TEN} if status == RESCHEDULED else {}
    late, yuliana = EIGHT_OCLOCK - HOUR, agent()
    for reason in ("", "   ", " ya "):
        with pytest.raises(Invalid, match="motivo"):
            change_status(act, yuliana, appointment, status, reason, late, **more)
    assert change_status(act, yuliana, appointment, status, "Se enfermó", late, **more).status == status
    assert history_of(appointment)[-1][-1] == "Se enfermó"


def test_request_without_a_time_has_no_window(act, ana, db):
    pending, _ = act(request_appointment, request_command(ana), ana.actor, NOW)
    assert cancel_appointment(act, ana, pending, now=NOW + 30 * HOUR).status == CANCELLED


# ---- The time that it takes ----------------------------------------------------------------------


def test_move_occupies_the_new_time_and_frees_the_old_one(act, ana, german, appointment):
    assert taken_ticks() == ticks_of(f"p:{german.id}", EIGHT_OCLOCK, 30) | ticks_of(f"u:{ana.id}", EIGHT_OCLOCK, 30)
    payload = move_appointment(act, ana, appointment, TEN)
    assert (payload.status, payload.starts_at) == (TO_BE_CONFIRMED, TEN)
    assert taken_ticks() == ticks_of(f"p:{german.id}", TEN, 30) | ticks_of(f"u:{ana.id}", TEN, 30)
    assert book_appointment(act, agent(), member_with_plan(), german).starts_at == EIGHT_OCLOCK


def test_move_may_overlap_the_old_time_of_the_appointment(act, ana, german, appointment):
    assert (
        move_appointment(act, agent(), appointment, EIGHT_OCLOCK + 15 * MINUTE).starts_at == EIGHT_OCLOCK + 15 * MINUTE
    )
    assert taken_ticks() == ticks_of(f"p:{german.id}", EIGHT_OCLOCK + 15 * MINUTE, 30) | ticks_of(
        f"u:{ana.id}", EIGHT_OCLOCK + 15 * MINUTE, 30
    )


def test_move_may_be_to_another_professional_with_their_own_length(act, ana, german, appointment):
    laura = professional("Laura", duration_minutes=45, buffer_minutes=5)
    payload = move_appointment(act, ana, appointment, TEN - 20 * MINUTE, professional_id=laura.id)
    assert (payload.professional_id, payload.duration_minutes) == (laura.id, 45)
    assert taken_ticks() == ticks_of(f"p:{laura.id}", TEN - 20 * MINUTE, 50) | ticks_of(
        f"u:{ana.id}", TEN - 20 * MINUTE, 45
    )


@pytest.mark.parametrize("status", [CANCELLED, EXPIRED])
def test_ended_appointment_frees_its_time(act, ana, german, status):
    appointment = book_appointment(act, ana, ana, german)
    change_status(act, agent(), appointment, status)
    assert taken_ticks() == set()


@pytest.mark.parametrize("status", [ATTENDED, NO_SHOW])
def test_appointment_is_attended_or_missed_only_once_it_has_begun(act, ana, appointment, status):
    yuliana = agent()
    with pytest.raises(IllegalTransition, match="todavía no ha empezado"):
        change_status(act, yuliana, appointment, status, now=EIGHT_OCLOCK - MINUTE)
    assert change_status(act, yuliana, appointment, status, now=EIGHT_OCLOCK).status == status


def test_taken_time_is_refused_and_the_old_one_stays(act, ana, german, appointment):
    book_appointment(act, agent(), member_with_plan("Beto"), german, TEN)
    before = count_booking_rows(), taken_ticks()
    for by in (ana, agent()):
        with pytest.raises(SlotTaken):
            move_appointment(act, by, appointment, TEN)
    assert (count_booking_rows(), taken_ticks()) == before
    assert serialize_appointment(appointment.id) == appointment


def test_patient_with_another_appointment_is_refused(act, ana, german, appointment):
    book_appointment(act, agent(), ana, professional("Laura"), TEN)
    before = count_booking_rows(), taken_ticks()
    with pytest.raises(PatientBusy):
        move_appointment(act, ana, appointment, TEN)
    assert (count_booking_rows(), taken_ticks()) == before


def test_buffer_is_kept_on_both_sides_of_a_move(act, ana, db):
    german, yuliana = professional(buffer_minutes=10), agent()
    appointment = book_appointment(act, ana, ana, german)
    book_appointment(act, yuliana, member_with_plan("Beto"), german, TEN)
    for minutes in (-35, 5, 35):
        with pytest.raises(SlotTaken):
            move_appointment(act, yuliana, appointment, TEN + minutes * MINUTE)
    assert move_appointment(act, yuliana, appointment, TEN + 40 * MINUTE).starts_at == TEN + 40 * MINUTE
    assert move_appointment(act, yuliana, appointment, TEN - 40 * MINUTE).starts_at == TEN - 40 * MINUTE


def test_members_move_within_grid_and_notice_staff_anywhere(act, ana, german, appointment):
    off_the_grid, soon = EIGHT_OCLOCK + 5 * MINUTE, NOW + HOUR
    for when in (off_the_grid, soon):
        with pytest.raises(SlotTaken):
            move_appointment(act, ana, appointment, when)
    Professional.update(schedule_type=MANUAL_SCHEDULE).where(Professional.id == german.id).execute()
    with pytest.raises(NotFound):
        move_appointment(act, ana, appointment, TEN)
    yuliana = agent()
    for when in (off_the_grid, soon):
        assert move_appointment(act, yuliana, appointment, when).starts_at == when


def test_no_move_into_the_past_or_outside_the_hours(act, ana, appointment):
    for by in (ana, agent()):
        with pytest.raises(Invalid, match="ya pasó"):
            move_appointment(act, by, appointment, NOW - HOUR)
        with pytest.raises(SlotTaken):
            move_appointment(act, by, appointment, at("2026-11-25 14:00"))


def test_only_who_practises_the_specialty_can_be_assigned(act, ana, db):
    pending, _ = act(request_appointment, request_command(ana), ana.actor, NOW)
    for whom in (professional(specialties=("Dermatología",)), professional(is_active=False)):
        with pytest.raises(NotFound):
            confirm_appointment(act, agent(), pending, professional_id=whom.id, starts_at=EIGHT_OCLOCK)
    assert Appointment.get_by_id(pending.id).professional_id is None


@pytest.mark.parametrize("status", [TO_BE_CONFIRMED, CONFIRMED])
def test_request_needs_somebody_and_a_time_to_be_confirmed(act, ana, german, status):
    pending, _ = act(request_appointment, request_command(ana), ana.actor, NOW)
    for more in ({}, {"professional_id": german.id}, {"starts_at": EIGHT_OCLOCK}):
        with pytest.raises(Invalid):
            change_status(act, agent(), pending, status, **more)
    assert (
        change_status(act, agent(), pending, status, professional_id=german.id, starts_at=EIGHT_OCLOCK).starts_at
        == EIGHT_OCLOCK
    )
    assert taken_ticks(pending) == ticks_of(f"p:{german.id}", EIGHT_OCLOCK, 30) | ticks_of(
        f"u:{ana.id}", EIGHT_OCLOCK, 30
    )


def test_professional_who_was_asked_for_needs_only_a_time(act, ana, german):
    pending, _ = act(request_appointment, request_command(ana, professional_id=german.id), ana.actor, NOW)
    assert confirm_appointment(act, agent(), pending, starts_at=EIGHT_OCLOCK).professional_id == german.id


def test_moving_needs_a_new_time(act, ana, appointment):
    for by in (ana, agent()):
        with pytest.raises(Invalid):
            change_status(act, by, appointment, RESCHEDULED, "Un motivo")
    assert serialize_appointment(appointment.id) == appointment


@pytest.mark.parametrize("status", [CANCELLED, ATTENDED, NO_SHOW, EXPIRED])
def test_time_sent_along_with_an_end_changes_nothing(act, ana, german, status):
    appointment = book_appointment(act, ana, ana, german)
    update_appointment(appointment, TO_BE_CONFIRMED if status == EXPIRED else CONFIRMED)
    now = AFTER if status in (ATTENDED, NO_SHOW) else NOW
    payload = change_status(
        act, agent(), appointment, status, "Un motivo", now, professional_id=german.id, starts_at=TEN
    )
    assert (payload.status, payload.starts_at) == (status, EIGHT_OCLOCK)
    assert not ticks_of(f"p:{german.id}", TEN, 30) & taken_ticks()


def test_beneficiarys_time_is_theirs(act, ana, german):
    mateo = beneficiary(ana)
    appointment = book_appointment(act, ana, ana, german, patient_key=f"b:{mateo.id}")
    move_appointment(act, ana, appointment, TEN)
    assert taken_ticks() == ticks_of(f"p:{german.id}", TEN, 30) | ticks_of(f"b:{mateo.id}", TEN, 30)


def test_held_slot_is_not_assigned_to_another_member(act, ana, german, appointment):
    beto = member_with_plan("Beto")
    slots.hold_slot(UnitOfWork(beto.actor, NOW), german, TEN, 10 * MINUTE, beto.id)
    for by in (ana, agent()):
        with pytest.raises(SlotTaken):
            move_appointment(act, by, appointment, TEN)
    assert move_appointment(act, ana, appointment, TEN, now=NOW + 10 * MINUTE).starts_at == TEN
    assert not Hold.select().exists()


# ---- Expiry --------------------------------------------------------------------------------------


def expired(act, now):
    return act(expire_appointments, None, SYSTEM, now)


def test_request_that_nobody_handled_for_72_working_hours_expires(act, ana, db):
    pending, _ = act(request_appointment, request_command(ana), ana.actor, NOW)
    end = at("2026-11-30 15:00")
    assert expired(act, end - MINUTE) == (0, [])
    count, outgoing = expired(act, end)
    assert (count, outgoing[0].event) == (1, AppointmentChanged(appointment=serialize_appointment(pending.id)))
    assert [one.channels for one in outgoing] == [
        (channels.user_channel(ana.id),),
        (channels.AGENTS_CHANNEL, channels.SUPERVISORS_CHANNEL),
    ]
    assert history_of(pending)[-1] == (PENDING, EXPIRED, None, "system", "Nadie la atendió a tiempo.")
    assert expired(act, end + HOUR) == (0, [])


def test_request_that_cannot_expire_holds_up_no_other(act, ana, db, monkeypatch):
    broken, other = (
        act(request_appointment, request_command(who), who.actor, NOW)[0] for who in (ana, member_with_plan())
    )
    serialize = appointments.serialize_appointment

    def fail(appointment_id):
        if appointment_id == broken.id:
            raise ValueError
        return serialize(appointment_id)

    monkeypatch.setattr(appointments, "serialize_appointment", fail)
    count, outgoing = expired(act, at("2026-11-30 15:00"))
    assert (count, {one.event.appointment.id for one in outgoing}) == (1, {other.id})
    assert [Appointment.get_by_id(one.id).status for one in (broken, other)] == [PENDING, EXPIRED]


@pytest.mark.parametrize(
    ("asked_at", "until"),
    [("2026-12-04 18:00", "2026-12-15 08:00"), ("2026-12-05 23:00", "2026-12-15 14:00")],
    ids=["over a holiday", "asked at night"],
)
def test_holidays_and_nights_do_not_count(act, ana, asked_at, until, db):
    pending, _ = act(request_appointment, request_command(ana), ana.actor, at(asked_at))
    assert Appointment.get_by_id(pending.id).expires_at == at(until)


def test_unconfirmed_appointment_expires_at_its_start_and_frees_the_time(act, ana, german):
    appointment = book_appointment(act, ana, ana, german)
    assert expired(act, EIGHT_OCLOCK - MINUTE)[0] == 0
    assert expired(act, EIGHT_OCLOCK)[0] == 1
    assert (serialize_appointment(appointment.id).status, taken_ticks()) == (EXPIRED, set())


@pytest.mark.parametrize("rules", [UNLIMITED], ids=[""])
def test_what_was_handled_does_not_expire(act, ana, german, appointment):
    pending, _ = act(request_appointment, request_command(ana), ana.actor, NOW)
    cancel_appointment(act, ana, pending)
    to_be_confirmed = book_appointment(act, ana, ana, german, TEN)
    confirm_appointment(act, agent(), to_be_confirmed)
    assert expired(act, EIGHT_OCLOCK + 300 * HOUR) == (0, [])


@pytest.mark.parametrize("rules", [UNLIMITED], ids=[""])
def test_many_expire_a_hundred_at_a_time(act, ana, db):
    for _ in range(103):
        act(request_appointment, request_command(ana), ana.actor, NOW)
    assert [expired(act, NOW + 300 * HOUR)[0] for _ in range(3)] == [100, 3, 0]


def test_person_named_system_is_not_the_system(act, ana, appointment):
    for role in ("", "admin"):
        with pytest.raises(NotFound):
            act(change_appointment, ChangeAppointment(appointment.id, CANCELLED), Actor(ana.id + 1, role), NOW)


def test_moved_to_a_professional_who_confirms_by_hand_it_waits_for_the_staff_and_one_who_does_not_confirms_it(act, ana):
    laura, german = professional("Laura", confirms_itself=True), professional()
    appointment = book_appointment(act, ana, ana, laura)
    assert appointment.status == CONFIRMED
    moved = move_appointment(act, ana, appointment, TEN, professional_id=german.id)
    assert (moved.status, moved.professional_id) == (TO_BE_CONFIRMED, german.id)
    assert Appointment.get_by_id(appointment.id).expires_at is not None
    assert [version for version, _, _ in reminders_of(appointment)] == [0, 0]
    confirm_appointment(act, agent(), appointment)
    again = move_appointment(act, ana, appointment, EIGHT_OCLOCK, professional_id=laura.id)
    assert again.status == RESCHEDULED
    assert Appointment.get_by_id(appointment.id).expires_at is None
    by_staff = move_appointment(act, agent(), appointment, TEN, professional_id=german.id)
    assert by_staff.status == RESCHEDULED


def test_reminders_come_with_a_booking_and_with_a_move(act, ana):
    german = professional(confirms_itself=True)
    appointment = book_appointment(act, ana, ana, german)
    move_appointment(act, ana, appointment, TEN)
    assert reminders_of(appointment) == [
        (0, 24, EIGHT_OCLOCK - 24 * HOUR),
        (0, 2, EIGHT_OCLOCK - 2 * HOUR),
        (1, 24, TEN - 24 * HOUR),
        (1, 2, TEN - 2 * HOUR),
    ]


def test_one_of_two_simultaneous_requests_gets_the_slot(act, german):
    people = [member_with_plan() for _ in range(3)]
    book_appointment(act, people[0], people[0], german)
    for who in people[1:]:
        with pytest.raises(SlotTaken):
            act(request_appointment, timed_request_command(who, german), who.actor, NOW)
    assert book_appointment(act, people[1], people[1], german, HALF_PAST).starts_at == HALF_PAST


def test_ten_changes_in_an_hour_for_a_member(act, ana, german, appointment):
    times = [EIGHT_OCLOCK + number * HOUR / 2 for number in range(1, 6)]
    for number in range(10):
        move_appointment(act, ana, appointment, times[number % 5], now=NOW + number * MINUTE)
    with pytest.raises(RateLimited, match=r"Ha movido o cancelado .* en 50 minutos"):
        cancel_appointment(act, ana, appointment, now=NOW + 10 * MINUTE)
    assert cancel_appointment(act, agent(), appointment, now=NOW + 10 * MINUTE).status == CANCELLED


def test_form_that_is_sent_twice_is_answered_twice_the_same(act, ana, appointment):
    version = appointment.version
    moved = move_appointment(act, ana, appointment, TEN, version=version)
    before = history_of(appointment)
    assert move_appointment(act, ana, appointment, TEN, version=version) == moved
    with pytest.raises(appointments.AppointmentOutdated):
        move_appointment(act, agent(), appointment, TEN, version=version)
    assert history_of(appointment) == before
    cancelled = change_status(act, ana, appointment, CANCELLED, version=version + 1)
    assert change_status(act, ana, appointment, CANCELLED, version=version + 1) == cancelled
    assert len(history_of(appointment)) == len(before) + 1


def test_page_that_shows_an_older_version_changes_nothing(act, ana, appointment):
    moved = move_appointment(act, ana, appointment, TEN, version=appointment.version)
    before = history_of(appointment)
    for status, more in ((RESCHEDULED, {"starts_at": HALF_PAST}), (CANCELLED, {})):
        with pytest.raises(appointments.AppointmentOutdated) as refused:
            change_status(act, ana, appointment, status, version=appointment.version, **more)
        assert refused.value.code == "illegal_transition"
    assert history_of(appointment) == before
    assert serialize_appointment(appointment.id) == moved
