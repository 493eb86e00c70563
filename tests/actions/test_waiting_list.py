"""The waiting list: a freed slot is offered to one after the other, each for half an hour."""

import pytest

from beneficiate.actions import slots, waiting_list
from beneficiate.actions.appointment_requests import request_appointment
from beneficiate.actions.appointments import ChangeAppointment, answer_offer, change_appointment, expire_appointments
from beneficiate.domain.booking.lifecycle import CANCELLED, CONFIRMED, PENDING, RESCHEDULED, TO_BE_CONFIRMED
from beneficiate.errors import IllegalTransition, NotFound, SlotTaken
from beneficiate.models.appointments import Appointment, Hold, WaitingListEntry
from beneficiate.models.professionals import MANUAL_SCHEDULE, Professional
from beneficiate.protocol import channels
from beneficiate.protocol.booking import AppointmentChanged, SlotOffered
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
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
    history_of,
    is_appointment_open,
    move_appointment,
    request_command,
    taken_ticks,
    ticks_of,
    update_appointment,
)
from tests.domain.booking.moments import at
from tests.factories import MEDELLIN_CODE, agent, beneficiary, member_with_plan, professional, township

LATER = at("2026-11-27 09:00")
HALF_AN_HOUR = 30 * MINUTE


class Line:
    """One appointment has the slot at eight; the members of others wait for an earlier one."""

    def __init__(self, act):
        self.act = act
        self.german = professional(confirms_itself=True)
        self.first = member_with_plan("Primera")
        self.early = book_appointment(act, agent(), self.first, self.german)

    def waiting(self, name, starts_at=LATER, joins_at=NOW):
        who = member_with_plan(name)
        appointment = book_appointment(self.act, agent(), who, self.german, starts_at)
        self.act(waiting_list.join_waiting_list, appointment.id, who.actor, joins_at)
        return who, appointment

    def free(self, now=NOW):
        """Free the early slot and return the emitted events."""
        return self.act(
            change_appointment, ChangeAppointment(self.early.id, CANCELLED, "Se enfermó"), agent().actor, now
        )[1]

    def offered(self, now=NOW):
        """Free the early slot and return the appointments that it is offered to."""
        return offers(self.free(now))

    def answer(self, who, appointment, accepts, now=NOW):
        return self.act(answer_offer, waiting_list.AnswerSlotOffer(appointment.id, accepts), who.actor, now)

    def tick(self, now):
        count, events = self.act(waiting_list.expire_offers, None, SYSTEM, now)
        return count, offers(events)


def offers(events):
    return [one.event.appointment_id for one in events if isinstance(one.event, SlotOffered)]


def state(appointment):
    wait = WaitingListEntry.get_or_none(WaitingListEntry.appointment == appointment.id)
    return wait and wait.status


@pytest.fixture
def line(act, db):
    return Line(act)


def test_freed_time_is_offered_to_who_has_waited_longest_and_kept_for_them(act, line):
    ana, appointment = line.waiting("Ana")
    line.waiting("Beto", LATER + HALF_AN_HOUR)
    offer = next(one for one in line.free() if isinstance(one.event, SlotOffered))
    assert offer.event == SlotOffered(
        appointment_id=appointment.id,
        professional_id=line.german.id,
        professional_name=line.german.name,
        starts_at=EIGHT_OCLOCK,
        expires_at=NOW + HALF_AN_HOUR,
    )
    assert offer.channels == (channels.user_channel(ana.id),)
    assert ticks_of(f"p:{line.german.id}", EIGHT_OCLOCK, 30) <= taken_ticks()
    with pytest.raises(SlotTaken):
        book_appointment(act, agent(), member_with_plan(), line.german)


def test_accepting_moves_the_appointment_and_offers_what_it_leaves(act, line):
    ana, appointment = line.waiting("Ana")
    beto, his = line.waiting("Beto", LATER + HALF_AN_HOUR)
    assert line.offered() == [appointment.id]
    payload, events = line.answer(ana, appointment, accepts=True)
    assert (payload.status, payload.starts_at, payload.version) == (RESCHEDULED, EIGHT_OCLOCK, 1)
    assert history_of(appointment)[-1] == (CONFIRMED, RESCHEDULED, ana.id, "member", "Aceptó un horario liberado.")
    assert taken_ticks(appointment) == ticks_of(f"p:{line.german.id}", EIGHT_OCLOCK, 30) | ticks_of(
        f"u:{ana.id}", EIGHT_OCLOCK, 30
    )
    assert offers(events) == [his.id]
    assert isinstance(events[-1].event, AppointmentChanged)
    assert (state(appointment), state(his)) == (waiting_list.ENTRY_TAKEN, waiting_list.OFFERED)
    assert line.answer(beto, his, accepts=True)[0].starts_at == LATER


def test_an_accepted_time_of_a_professional_who_confirms_by_hand_is_to_be_confirmed(act, line):
    Professional.update(confirms_itself=False).where(Professional.id == line.german.id).execute()
    ana, appointment = line.waiting("Ana")
    line.free()
    assert line.answer(ana, appointment, accepts=True)[0].status == TO_BE_CONFIRMED


def test_declining_passes_it_on_and_the_last_one_leaves_it_free(act, line):
    people = [line.waiting(name, LATER + n * HALF_AN_HOUR) for n, name in enumerate(("Ana", "Beto"))]
    assert line.offered() == [people[0][1].id]
    payload, events = line.answer(*people[0], accepts=False)
    assert (payload.starts_at, offers(events)) == (LATER, [people[1][1].id])
    assert offers(line.answer(*people[1], accepts=False)[1]) == []
    assert not Hold.select().exists()
    assert book_appointment(act, agent(), member_with_plan(), line.german).starts_at == EIGHT_OCLOCK


def test_offer_that_cannot_expire_holds_up_no_other(act, line, monkeypatch):
    other = Line(act)
    (_, broken), (_, his) = line.waiting("Ana"), other.waiting("Beto")
    assert (line.offered(), other.offered()) == ([broken.id], [his.id])
    release = waiting_list.slots.release_hold
    broken_hold = WaitingListEntry.get(WaitingListEntry.appointment == broken.id).hold_id

    def fail(hold_id):
        if hold_id == broken_hold:
            raise ValueError
        release(hold_id)

    monkeypatch.setattr(waiting_list.slots, "release_hold", fail)
    assert line.tick(NOW + HALF_AN_HOUR) == (1, [])
    assert (state(broken), state(his)) == (waiting_list.OFFERED, waiting_list.ENTRY_WAITING)


def test_offer_and_a_booking_under_way_hold_a_slot_each(act, line):
    ana, appointment = line.waiting("Ana")
    monica = professional()
    kept = slots.hold_slot(UnitOfWork(ana.actor, NOW), monica, LATER, HALF_AN_HOUR, ana.id)
    assert line.offered() == [appointment.id]
    offered = WaitingListEntry.get().hold_id
    assert {one.id for one in Hold.select()} == {kept.id, offered}
    slots.release_holds(ana.id)  # the booking is given up
    assert [one.id for one in Hold.select()] == [offered]
    slots.hold_slot(UnitOfWork(ana.actor, NOW), monica, LATER, HALF_AN_HOUR, ana.id)
    line.answer(ana, appointment, accepts=False)
    assert [one.professional_id for one in Hold.select()] == [monica.id]


def test_member_who_moves_to_the_offered_slot_has_taken_the_offer(act, line):
    ana, appointment = line.waiting("Ana")
    line.free()
    moved = ChangeAppointment(appointment.id, RESCHEDULED, starts_at=EIGHT_OCLOCK)
    payload, _ = act(change_appointment, moved, ana.actor, NOW)
    assert payload.starts_at == EIGHT_OCLOCK
    assert not Hold.select().exists()
    assert state(appointment) == waiting_list.ENTRY_TAKEN
    assert line.answer(ana, appointment, accepts=True) == (payload, [])


def test_slot_goes_on_when_its_appointment_is_moved_to_an_earlier_one(act, line):
    ana, appointment = line.waiting("Ana")
    _, his = line.waiting("Beto", LATER + HALF_AN_HOUR)
    assert line.offered() == [appointment.id]
    earlier = professional(confirms_itself=True)
    moved = ChangeAppointment(appointment.id, RESCHEDULED, starts_at=EIGHT_OCLOCK, professional_id=earlier.id)
    _, events = act(change_appointment, moved, agent().actor, NOW)
    assert offers(events)[0] == his.id
    with pytest.raises(NotFound):
        line.answer(ana, appointment, accepts=True)


def test_offer_stays_while_its_appointment_is_moved_to_a_later_time(act, line):
    ana, appointment = line.waiting("Ana")
    line.free()
    moved = ChangeAppointment(appointment.id, RESCHEDULED, starts_at=LATER + HALF_AN_HOUR)
    act(change_appointment, moved, ana.actor, NOW)
    assert line.answer(ana, appointment, accepts=True)[0].starts_at == EIGHT_OCLOCK


def test_taking_one_offer_leaves_the_other_of_the_same_professional(act, line):
    ana, appointment = line.waiting("Ana")
    child = beneficiary(ana)
    early = book_appointment(act, agent(), line.first, line.german, HALF_PAST)
    late = book_appointment(act, agent(), ana, line.german, LATER + HALF_AN_HOUR, patient_key=f"b:{child.id}")
    act(waiting_list.join_waiting_list, late.id, ana.actor, NOW)
    assert line.offered() == [appointment.id]
    cancel_appointment(act, agent(), early)
    assert state(late) == waiting_list.OFFERED
    line.answer(ana, appointment, accepts=True)
    with pytest.raises(SlotTaken):
        book_appointment(act, agent(), member_with_plan(), line.german, HALF_PAST)
    assert line.answer(ana, late, accepts=True)[0].starts_at == HALF_PAST


def test_slot_is_not_offered_to_a_patient_who_is_busy_then(act, line):
    ana, _ = line.waiting("Ana")
    _, his = line.waiting("Beto", LATER + HALF_AN_HOUR)
    book_appointment(act, agent(), ana, professional())
    assert line.offered() == [his.id]


def test_slot_of_a_professional_without_online_schedule_is_offered_to_nobody(act, line):
    line.waiting("Ana")
    Professional.update(schedule_type=MANUAL_SCHEDULE).where(Professional.id == line.german.id).execute()
    assert line.offered() == []


def test_offer_that_nobody_answers_goes_on_by_itself_one_by_one(act, line):
    appointments = [line.waiting(str(n), LATER + n * HALF_AN_HOUR)[1] for n in range(3)]
    assert line.offered() == [appointments[0].id]
    assert line.tick(NOW + HALF_AN_HOUR - MINUTE) == (0, [])
    for n, expected in enumerate([(1, [appointments[1].id]), (1, [appointments[2].id]), (1, []), (0, [])]):
        assert line.tick(NOW + (n + 1) * HALF_AN_HOUR) == expected
        assert line.tick(NOW + (n + 1) * HALF_AN_HOUR) == (0, [])
    assert not Hold.select().exists()
    assert [state(appointment) for appointment in appointments] == [waiting_list.ENTRY_WAITING] * 3
    again = book_appointment(act, agent(), line.first, line.german)
    cancel_appointment(act, agent(), again)
    assert [state(appointment) for appointment in appointments] == [waiting_list.OFFERED, *["WAITING"] * 2]


def test_answer_after_the_end_is_too_late(line):
    ana, appointment = line.waiting("Ana")
    line.free()
    with pytest.raises(SlotTaken):
        line.answer(ana, appointment, accepts=True, now=NOW + HALF_AN_HOUR)
    assert line.answer(ana, appointment, accepts=True, now=NOW + HALF_AN_HOUR - MINUTE)[0].starts_at == EIGHT_OCLOCK


def test_offer_may_be_taken_until_its_end_even_within_the_notice(line):
    ana, appointment = line.waiting("Ana")
    now = EIGHT_OCLOCK - 2 * HOUR - MINUTE
    assert line.offered(now) == [appointment.id]
    assert line.answer(ana, appointment, accepts=True, now=now + 20 * MINUTE)[0].starts_at == EIGHT_OCLOCK


def test_only_ones_own_offer_can_be_answered(line):
    ana, appointment = line.waiting("Ana")
    beto, his = line.waiting("Beto", LATER + HALF_AN_HOUR)
    line.free()
    for who, other in ((beto, appointment), (beto, his), (member_with_plan(), appointment)):
        for accepts in (True, False):
            with pytest.raises(NotFound):
                line.answer(who, other, accepts)
    line.answer(ana, appointment, accepts=True)
    with pytest.raises(NotFound):
        line.answer(ana, appointment, accepts=False)


@pytest.mark.parametrize("accepts", [True, False])
def test_same_answer_to_an_offer_changes_nothing_a_second_time(line, accepts):
    ana, appointment = line.waiting("Ana")
    line.free()
    answered, _ = line.answer(ana, appointment, accepts)
    assert line.answer(ana, appointment, accepts) == (answered, [])


def test_accepted_offer_is_over_when_the_appointment_is_moved_elsewhere(act, line):
    ana, appointment = line.waiting("Ana")
    line.free()
    line.answer(ana, appointment, accepts=True)
    elsewhere = ChangeAppointment(appointment.id, RESCHEDULED, starts_at=LATER)
    act(change_appointment, elsewhere, ana.actor, NOW)
    with pytest.raises(NotFound):
        line.answer(ana, appointment, accepts=True)


def test_agent_answers_for_the_member_who_calls(line):
    ana, appointment = line.waiting("Ana")
    line.free()
    payload, _ = line.answer(agent(), appointment, accepts=True)
    assert (payload.starts_at, payload.user_id) == (EIGHT_OCLOCK, ana.id)
    assert not Hold.select().exists()


def test_offer_for_a_cancelled_appointment_is_void(act, line):
    ana, appointment = line.waiting("Ana")
    line.free()
    cancel_appointment(act, ana, appointment)
    with pytest.raises(NotFound):
        line.answer(ana, appointment, accepts=True)
    assert not is_appointment_open(appointment)
    assert not Hold.select().exists()
    assert line.tick(NOW + HALF_AN_HOUR) == (0, [])


def test_request_without_a_time_gets_one(act, line):
    for confirms_itself, status in ((True, CONFIRMED), (False, TO_BE_CONFIRMED)):
        german = professional(confirms_itself=confirms_itself)
        early = book_appointment(act, agent(), member_with_plan(), german)
        ana = member_with_plan()
        pending, _ = act(request_appointment, request_command(ana), ana.actor, NOW)
        act(waiting_list.join_waiting_list, pending.id, ana.actor, NOW)
        cancel_appointment(act, agent(), early)
        payload, _ = line.answer(ana, pending, accepts=True)
        assert (payload.status, payload.professional_id) == (status, german.id)
        assert history_of(pending)[-1][:2] == (PENDING, status)


def test_it_is_offered_only_to_who_it_is_good_for(act, line):
    for changes in (
        {"specialty_id": line.early.specialty_id + 1},
        {"township_id": township(MEDELLIN_CODE).id},
    ):
        who = member_with_plan()
        appointment, _ = act(request_appointment, request_command(who, **changes), who.actor, NOW)
        act(waiting_list.join_waiting_list, appointment.id, who.actor, NOW)
    _, over = line.waiting("Ana")
    update_appointment(over, CANCELLED)
    book_appointment(act, agent(), member_with_plan(), line.german, HALF_PAST)
    early_bird = member_with_plan()
    earlier = book_appointment(act, agent(), early_bird, line.german, EIGHT_OCLOCK - 24 * HOUR)
    act(waiting_list.join_waiting_list, earlier.id, early_bird.actor, NOW)
    assert line.offered() == []


def test_time_within_the_notice_is_offered_to_nobody(line):
    line.waiting("Ana")
    assert line.offered(EIGHT_OCLOCK - 2 * HOUR) == []


def test_time_just_before_the_notice_still_is(line):
    _, appointment = line.waiting("Ana")
    assert line.offered(EIGHT_OCLOCK - 2 * HOUR - MINUTE) == [appointment.id]


def test_move_frees_a_time_too_and_so_does_an_expiry(act, line):
    _, appointment = line.waiting("Ana")
    move_appointment(act, line.first, line.early, at("2026-11-26 08:00"))
    assert state(appointment) == waiting_list.OFFERED
    beto = member_with_plan("Beto")
    Professional.update(confirms_itself=False).execute()
    unconfirmed = book_appointment(act, beto, beto, line.german, at("2026-12-10 08:00"))
    _, other = line.waiting("Carla", at("2026-12-15 08:00"))
    _, events = act(expire_appointments, None, SYSTEM, at("2026-12-05 12:00"))
    assert not is_appointment_open(unconfirmed)
    assert offers(events) == [other.id]


def test_move_by_a_few_minutes_leaves_nothing_to_offer(act, line):
    _, appointment = line.waiting("Ana")
    move_appointment(act, agent(), line.early, EIGHT_OCLOCK + 15 * MINUTE)
    assert state(appointment) == waiting_list.ENTRY_WAITING
    assert not Hold.select().exists()


def test_confirmation_frees_nothing(act, line):
    _, appointment = line.waiting("Ana")
    update_appointment(line.early, TO_BE_CONFIRMED)
    confirm_appointment(act, agent(), line.early)
    assert state(appointment) == waiting_list.ENTRY_WAITING


def test_joining_twice_keeps_ones_place_and_an_offer_stays(act, line):
    ana, appointment = line.waiting("Ana")
    line.waiting("Beto", LATER + HALF_AN_HOUR)
    act(waiting_list.join_waiting_list, appointment.id, ana.actor, NOW + HOUR)
    assert WaitingListEntry.select().where(WaitingListEntry.appointment == appointment.id).count() == 1
    assert line.offered() == [appointment.id]
    act(waiting_list.join_waiting_list, appointment.id, ana.actor, NOW)
    assert state(appointment) == waiting_list.OFFERED


def test_who_let_one_go_may_wait_again(act, line):
    ana, appointment = line.waiting("Ana")
    line.free()
    line.answer(ana, appointment, accepts=False)
    act(waiting_list.join_waiting_list, appointment.id, ana.actor, NOW)
    again = book_appointment(act, agent(), line.first, line.german)
    cancel_appointment(act, line.first, again)
    assert state(appointment) == waiting_list.OFFERED


def test_one_waits_for_ones_own_open_appointment(act, line):
    ana, appointment = member_with_plan(), line.early
    with pytest.raises(NotFound):
        act(waiting_list.join_waiting_list, appointment.id, ana.actor, NOW)
    change_status(act, line.first, appointment, CANCELLED)
    with pytest.raises(IllegalTransition):
        act(waiting_list.join_waiting_list, appointment.id, line.first.actor, NOW)
    assert not WaitingListEntry.select().exists()


def test_offer_whose_time_went_to_another_meanwhile_is_refused(act, line):
    ana, appointment = line.waiting("Ana")
    line.free()
    slots.release_holds(ana.id, (line.german, EIGHT_OCLOCK))
    book_appointment(act, agent(), member_with_plan(), line.german)
    with pytest.raises(SlotTaken):
        line.answer(ana, appointment, accepts=True)
    assert Appointment.get_by_id(appointment.id).starts_at == LATER
