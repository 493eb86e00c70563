"""The life of an appointment: every step from every state by everybody, and what each leaves behind."""

from datetime import timedelta

import pytest

from beneficiate.actions import slots
from beneficiate.actions.appointments import ChangeVisit, change, expire
from beneficiate.actions.requests import request
from beneficiate.actions.slots import PatientBusy
from beneficiate.errors import IllegalTransition, Invalid, NotFound, SlotTaken
from beneficiate.models.appointments import Appointment, Hold
from beneficiate.models.care import MANUAL, Professional
from beneficiate.protocol import topics
from beneficiate.protocol.bookings import AppointmentChanged
from beneficiate.queries.appointments import picture_of
from beneficiate.scheduling.lifecycle import (
    ATTENDED,
    CANCELLED,
    CONFIRMED,
    EXPIRED,
    NO_SHOW,
    PENDING,
    RESCHEDULED,
    TO_BE_CONFIRMED,
)
from beneficiate.store import SYSTEM, Actor, Work
from tests.actions.visits import (
    EIGHT,
    HALF_PAST,
    HOUR,
    MINUTE,
    NOW,
    asked,
    booked,
    cancelled,
    confirmed,
    everything,
    history,
    letters,
    moved,
    put,
    reminders,
    step,
    taken,
    time_of,
    timed,
)
from tests.people import agent, beneficiary, insured, professional, supervisor
from tests.scheduling.moments import at

TEN = at("2026-11-25 10:00")
AFTER = EIGHT + HOUR
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
    return insured()


@pytest.fixture
def german(db):
    return professional()


@pytest.fixture
def visit(act, ana, german):
    """A confirmed visit of Ana."""
    return booked(act, agent(), ana, german)


def in_state(act, ana, german, status):
    """A visit that is in this state; a request without a time when it is PENDING."""
    if status == PENDING:
        return act(request, asked(ana), ana.actor, NOW)[0]
    visit = booked(act, ana, ana, german)
    put(visit, status)
    return visit


def taking(status, german):
    """What a client sends along for this step, and when."""
    if status in (TO_BE_CONFIRMED, CONFIRMED, RESCHEDULED):
        return {"professional_id": german.id, "starts_at": TEN}, NOW
    return {}, AFTER if status in (ATTENDED, NO_SHOW) else NOW


@pytest.mark.parametrize("role", ["member", "agent", "supervisor"])
@pytest.mark.parametrize("before", STATES)
def test_only_the_steps_of_the_table_are_taken(act, ana, german, before, role, db):
    by = {"member": ana, "agent": agent(), "supervisor": supervisor()}[role]
    visit = in_state(act, ana, german, before)
    until_now, untouched = history(visit), everything()
    for after, who in ((after, who) for one, after, who in table() if one == before):
        more, now = taking(after, german)
        if role[0].replace("a", "s") not in who:
            with pytest.raises(IllegalTransition):
                step(act, by, visit, after, "Un motivo", now, **more)
            assert everything() == untouched
            assert Appointment.get_by_id(visit.id).status == before
            continue
        with db.atomic() as unit:
            picture = step(act, by, visit, after, "Un motivo", now, **more)
            # What a member moves before anybody confirmed it has to be confirmed at its new time too.
            is_unsure = (role, before, after) == ("member", TO_BE_CONFIRMED, RESCHEDULED)
            reached = TO_BE_CONFIRMED if is_unsure else after
            assert (picture.status, picture.version) == (reached, 1)
            assert history(visit) == [*until_now, (before, reached, by.id, role, "Un motivo")]
            unit.rollback()


@pytest.mark.parametrize("status", ["", "pending", "DELETED", "CONFIRMADA", "None"])
def test_a_state_that_there_is_not_is_no_step(act, visit, status, db):
    with pytest.raises(IllegalTransition):
        step(act, agent(), visit, status)


def test_somebody_elses_appointment_does_not_exist(act, ana, visit):
    beto = insured("Beto")
    for status in STATES:
        with pytest.raises(NotFound) as theirs:
            step(act, beto, visit, status, "Un motivo")
        with pytest.raises(NotFound) as nobodys:
            act(change, ChangeVisit(2_000_000_000, status), beto.actor, NOW)
        assert str(theirs.value) == str(nobodys.value)
    assert picture_of(visit.id) == visit


def test_each_step_is_told_to_the_member_the_agents_and_the_supervisors_and_to_nobody_else(act, ana, visit):
    picture, said = act(change, ChangeVisit(visit.id, CANCELLED), ana.actor, NOW)
    assert [(one.event, one.to) for one in said] == [
        (AppointmentChanged(appointment=picture), (topics.user(ana.id), topics.AGENTS, topics.SUPERVISORS))
    ]


def test_the_history_tells_who_why_and_for_when(act, ana, german, db):
    yuliana, marta = agent(), supervisor()
    visit = booked(act, ana, ana, german)
    confirmed(act, yuliana, visit)
    moved(act, ana, visit, TEN, "  No puedo antes ")
    cancelled(act, marta, visit, "El consultorio cierra")
    assert history(visit) == [
        ("", TO_BE_CONFIRMED, ana.id, "member", ""),
        (TO_BE_CONFIRMED, CONFIRMED, yuliana.id, "agent", ""),
        (CONFIRMED, RESCHEDULED, ana.id, "member", "No puedo antes"),
        (RESCHEDULED, CANCELLED, marta.id, "supervisor", "El consultorio cierra"),
    ]
    assert picture_of(visit.id).version == 3
    assert [kind for kind, _, _ in letters(visit)] == ["change"] * 4


# ---- The window ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [CANCELLED, RESCHEDULED])
def test_members_may_until_four_hours_before(act, ana, german, visit, status, db):
    more = {"professional_id": german.id, "starts_at": TEN} if status == RESCHEDULED else {}
    with pytest.raises(IllegalTransition, match="4 horas antes"):
        step(act, ana, visit, status, "Un buen motivo", EIGHT - 4 * HOUR + timedelta(microseconds=1), **more)
    assert picture_of(visit.id) == visit
    assert step(act, ana, visit, status, now=EIGHT - 4 * HOUR, **more).status == status


@pytest.mark.parametrize("status", [CANCELLED, RESCHEDULED])
def test_the_staff_may_later_with_a_reason(act, ana, german, visit, status, db):
    more = {"professional_id": german.id, "starts_at": TEN} if status == RESCHEDULED else {}
    late, yuliana = EIGHT - HOUR, agent()
    for reason in ("", "   ", " ya "):
        with pytest.raises(Invalid, match="motivo"):
            step(act, yuliana, visit, status, reason, late, **more)
    assert step(act, yuliana, visit, status, "Se enfermó", late, **more).status == status
    assert history(visit)[-1][-1] == "Se enfermó"


def test_a_request_without_a_time_has_no_window(act, ana, db):
    pending, _ = act(request, asked(ana), ana.actor, NOW)
    assert cancelled(act, ana, pending, now=NOW + 30 * HOUR).status == CANCELLED


# ---- The time that it takes ----------------------------------------------------------------------


def test_a_move_takes_the_new_time_and_gives_the_old_one_back(act, ana, german, visit):
    assert taken() == time_of(f"p:{german.id}", EIGHT, 30) | time_of(f"u:{ana.id}", EIGHT, 30)
    picture = moved(act, ana, visit, TEN)
    assert (picture.status, picture.starts_at) == (RESCHEDULED, TEN)
    assert taken() == time_of(f"p:{german.id}", TEN, 30) | time_of(f"u:{ana.id}", TEN, 30)
    assert booked(act, agent(), insured(), german).starts_at == EIGHT


def test_a_move_by_a_few_minutes_over_oneself_is_no_collision(act, ana, german, visit):
    assert moved(act, agent(), visit, EIGHT + 15 * MINUTE).starts_at == EIGHT + 15 * MINUTE
    assert taken() == time_of(f"p:{german.id}", EIGHT + 15 * MINUTE, 30) | time_of(
        f"u:{ana.id}", EIGHT + 15 * MINUTE, 30
    )


def test_a_move_may_be_to_another_professional_with_their_own_length(act, ana, german, visit):
    laura = professional("Laura", duration_minutes=45, buffer_minutes=5)
    picture = moved(act, ana, visit, TEN - 20 * MINUTE, professional_id=laura.id)
    assert (picture.professional_id, picture.duration_minutes) == (laura.id, 45)
    assert taken() == time_of(f"p:{laura.id}", TEN - 20 * MINUTE, 50) | time_of(f"u:{ana.id}", TEN - 20 * MINUTE, 45)


@pytest.mark.parametrize("status", [CANCELLED, EXPIRED])
def test_what_ends_gives_its_time_back(act, ana, german, status):
    visit = booked(act, ana, ana, german)
    step(act, agent(), visit, status)
    assert taken() == set()


@pytest.mark.parametrize("status", [ATTENDED, NO_SHOW])
def test_a_visit_is_attended_or_missed_only_once_it_has_begun(act, ana, visit, status):
    yuliana = agent()
    with pytest.raises(IllegalTransition, match="todavía no ha empezado"):
        step(act, yuliana, visit, status, now=EIGHT - MINUTE)
    assert step(act, yuliana, visit, status, now=EIGHT).status == status


def test_a_taken_time_is_refused_and_the_old_one_stays(act, ana, german, visit):
    booked(act, agent(), insured("Beto"), german, TEN)
    before = everything(), taken()
    for by in (ana, agent()):
        with pytest.raises(SlotTaken):
            moved(act, by, visit, TEN)
    assert (everything(), taken()) == before
    assert picture_of(visit.id) == visit


def test_a_patient_who_is_elsewhere_then_is_refused(act, ana, german, visit):
    booked(act, agent(), ana, professional("Laura"), TEN)
    before = everything(), taken()
    with pytest.raises(PatientBusy):
        moved(act, ana, visit, TEN)
    assert (everything(), taken()) == before


def test_the_buffer_is_kept_on_both_sides_of_a_move(act, ana, db):
    german, yuliana = professional(buffer_minutes=10), agent()
    visit = booked(act, ana, ana, german)
    booked(act, yuliana, insured("Beto"), german, TEN)
    for minutes in (-35, 5, 35):
        with pytest.raises(SlotTaken):
            moved(act, yuliana, visit, TEN + minutes * MINUTE)
    assert moved(act, yuliana, visit, TEN + 40 * MINUTE).starts_at == TEN + 40 * MINUTE
    assert moved(act, yuliana, visit, TEN - 40 * MINUTE).starts_at == TEN - 40 * MINUTE


def test_members_move_on_the_grid_with_notice_to_online_professionals_and_the_staff_anywhere(act, ana, german, visit):
    off_the_grid, soon = EIGHT + 5 * MINUTE, NOW + HOUR
    for when in (off_the_grid, soon):
        with pytest.raises(SlotTaken):
            moved(act, ana, visit, when)
    Professional.update(schedule_type=MANUAL).where(Professional.id == german.id).execute()
    with pytest.raises(NotFound):
        moved(act, ana, visit, TEN)
    yuliana = agent()
    for when in (off_the_grid, soon):
        assert moved(act, yuliana, visit, when).starts_at == when


def test_nobody_moves_a_visit_into_the_past_or_outside_the_hours(act, ana, visit):
    for by in (ana, agent()):
        with pytest.raises(Invalid, match="ya pasó"):
            moved(act, by, visit, NOW - HOUR)
        with pytest.raises(SlotTaken):
            moved(act, by, visit, at("2026-11-25 14:00"))


def test_only_who_practises_the_specialty_can_be_assigned(act, ana, db):
    pending, _ = act(request, asked(ana), ana.actor, NOW)
    for whom in (professional(practises=("Dermatología",)), professional(is_active=False)):
        with pytest.raises(NotFound):
            confirmed(act, agent(), pending, professional_id=whom.id, starts_at=EIGHT)
    assert Appointment.get_by_id(pending.id).professional_id is None


@pytest.mark.parametrize("status", [TO_BE_CONFIRMED, CONFIRMED])
def test_a_request_needs_somebody_and_a_time_to_be_confirmed(act, ana, german, status):
    pending, _ = act(request, asked(ana), ana.actor, NOW)
    for more in ({}, {"professional_id": german.id}, {"starts_at": EIGHT}):
        with pytest.raises(Invalid):
            step(act, agent(), pending, status, **more)
    assert step(act, agent(), pending, status, professional_id=german.id, starts_at=EIGHT).starts_at == EIGHT
    assert taken(pending) == time_of(f"p:{german.id}", EIGHT, 30) | time_of(f"u:{ana.id}", EIGHT, 30)


def test_a_professional_who_was_asked_for_needs_only_a_time(act, ana, german):
    pending, _ = act(request, asked(ana, professional_id=german.id), ana.actor, NOW)
    assert confirmed(act, agent(), pending, starts_at=EIGHT).professional_id == german.id


def test_moving_needs_a_new_time(act, ana, visit):
    for by in (ana, agent()):
        with pytest.raises(Invalid):
            step(act, by, visit, RESCHEDULED, "Un motivo")
    assert picture_of(visit.id) == visit


@pytest.mark.parametrize("status", [CANCELLED, ATTENDED, NO_SHOW, EXPIRED])
def test_a_time_sent_along_with_an_end_changes_nothing(act, ana, german, status):
    visit = booked(act, ana, ana, german)
    put(visit, TO_BE_CONFIRMED if status == EXPIRED else CONFIRMED)
    now = AFTER if status in (ATTENDED, NO_SHOW) else NOW
    picture = step(act, agent(), visit, status, "Un motivo", now, professional_id=german.id, starts_at=TEN)
    assert (picture.status, picture.starts_at) == (status, EIGHT)
    assert not time_of(f"p:{german.id}", TEN, 30) & taken()


def test_a_beneficiarys_time_is_theirs(act, ana, german):
    mateo = beneficiary(ana)
    visit = booked(act, ana, ana, german, patient=f"b:{mateo.id}")
    moved(act, ana, visit, TEN)
    assert taken() == time_of(f"p:{german.id}", TEN, 30) | time_of(f"b:{mateo.id}", TEN, 30)


def test_what_somebody_is_about_to_confirm_is_not_given_to_another(act, ana, german, visit):
    beto = insured("Beto")
    slots.hold(Work(beto.actor, NOW), german, TEN, 10 * MINUTE, beto.id)
    for by in (ana, agent()):
        with pytest.raises(SlotTaken):
            moved(act, by, visit, TEN)
    assert moved(act, ana, visit, TEN, now=NOW + 10 * MINUTE).starts_at == TEN
    assert not Hold.select().exists()


# ---- Expiry --------------------------------------------------------------------------------------


def expired(act, now):
    return act(expire, None, SYSTEM, now)


def test_a_request_that_nobody_handled_for_72_working_hours_expires(act, ana, db):
    pending, _ = act(request, asked(ana), ana.actor, NOW)
    end = at("2026-11-30 15:00")
    assert expired(act, end - MINUTE) == (0, [])
    count, said = expired(act, end)
    assert (count, [one.event for one in said]) == (1, [AppointmentChanged(appointment=picture_of(pending.id))])
    assert said[0].to == (topics.user(ana.id), topics.AGENTS, topics.SUPERVISORS)
    assert history(pending)[-1] == (PENDING, EXPIRED, None, "system", "Nadie la atendió a tiempo.")
    assert expired(act, end + HOUR) == (0, [])


@pytest.mark.parametrize(
    ("asked_at", "until"),
    [("2026-12-04 18:00", "2026-12-15 08:00"), ("2026-12-05 23:00", "2026-12-15 14:00")],
    ids=["over a holiday", "asked at night"],
)
def test_holidays_and_nights_do_not_count(act, ana, asked_at, until, db):
    pending, _ = act(request, asked(ana), ana.actor, at(asked_at))
    assert Appointment.get_by_id(pending.id).expires_at == at(until)


def test_a_visit_that_nobody_confirmed_expires_when_it_begins_and_is_free_again(act, ana, german):
    visit = booked(act, ana, ana, german)
    assert expired(act, EIGHT - MINUTE)[0] == 0
    assert expired(act, EIGHT)[0] == 1
    assert (picture_of(visit.id).status, taken()) == (EXPIRED, set())


def test_what_was_handled_does_not_expire(act, ana, german, visit):
    pending, _ = act(request, asked(ana), ana.actor, NOW)
    cancelled(act, ana, pending)
    to_be_confirmed = booked(act, ana, ana, german, TEN)
    confirmed(act, agent(), to_be_confirmed)
    assert expired(act, EIGHT + 300 * HOUR) == (0, [])


def test_many_expire_a_hundred_at_a_time(act, ana, db):
    for _ in range(103):
        act(request, asked(ana), ana.actor, NOW)
    assert [expired(act, NOW + 300 * HOUR)[0] for _ in range(3)] == [100, 3, 0]


def test_a_person_named_system_is_no_clock(act, ana, visit):
    for role in ("", "admin"):
        with pytest.raises(NotFound):
            act(change, ChangeVisit(visit.id, CANCELLED), Actor(ana.id + 1, role), NOW)


def test_reminders_come_with_a_confirmation_and_with_a_move(act, ana, german):
    visit = booked(act, ana, ana, german)
    assert reminders(visit) == []
    confirmed(act, agent(), visit)
    moved(act, ana, visit, TEN)
    assert reminders(visit) == [
        (1, 24, EIGHT - 24 * HOUR),
        (1, 2, EIGHT - 2 * HOUR),
        (2, 24, TEN - 24 * HOUR),
        (2, 2, TEN - 2 * HOUR),
    ]


def test_the_same_request_by_two_members_for_one_time_has_one_winner(act, german):
    people = [insured() for _ in range(3)]
    booked(act, people[0], people[0], german)
    for who in people[1:]:
        with pytest.raises(SlotTaken):
            act(request, timed(who, german), who.actor, NOW)
    assert booked(act, people[1], people[1], german, HALF_PAST).starts_at == HALF_PAST
