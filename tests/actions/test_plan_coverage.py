"""Appointments are on days that the plan of the member covers: booked, moved, confirmed and accepted ones."""

import pytest

from beneficiate.actions import waiting_list
from beneficiate.actions.appointment_requests import request_appointment
from beneficiate.domain.booking.lifecycle import CONFIRMED, PENDING, RESCHEDULED
from beneficiate.errors import PlanRequired
from beneficiate.models.appointments import Appointment
from beneficiate.models.payments import Subscription
from tests.actions.appointment_steps import (
    EIGHT_OCLOCK,
    NOW,
    book_appointment,
    cancel_appointment,
    confirm_appointment,
    count_booking_rows,
    move_appointment,
    request_command,
)
from tests.domain.booking.moments import at
from tests.factories import add_plan, agent, member, member_with_plan, professional, supervisor
from tests.unit_of_work import UNLIMITED

ENDS_AT = at("2026-11-25 10:00")
LAST_MORNING, NEXT_DAY = at("2026-11-25 11:00"), at("2026-11-26 08:00")


@pytest.fixture
def rules():
    return UNLIMITED


@pytest.fixture
def ana(db):
    """Return a member whose plan ends in the morning of the 25th."""
    who = member()
    add_plan(who, ends_at=ENDS_AT)
    return who


@pytest.fixture
def german(db):
    return professional(confirms_itself=True)


def test_whole_last_day_of_the_plan_can_be_booked_and_no_other(act, ana, german):
    assert book_appointment(act, ana, ana, german, LAST_MORNING).status == CONFIRMED
    before = count_booking_rows()
    with pytest.raises(PlanRequired) as refused:
        book_appointment(act, ana, ana, german, NEXT_DAY)
    assert refused.value.sentence == (
        "Su plan termina el 25 de noviembre de 2026. Renuévelo en /planes para pedir una cita después de ese día."
    )
    assert refused.value.code == "plan_required"
    assert count_booking_rows() == before


@pytest.mark.parametrize("staff", [agent, supervisor])
def test_staff_are_refused_too_and_told_whose_plan_it_is(act, ana, german, staff):
    yuliana = staff()
    with pytest.raises(PlanRequired, match=r"plan del afiliado termina el 25 de noviembre de 2026"):
        book_appointment(act, yuliana, ana, german, NEXT_DAY)
    appointment = book_appointment(act, yuliana, ana, german)
    with pytest.raises(PlanRequired, match="plan del afiliado"):
        move_appointment(act, yuliana, appointment, NEXT_DAY)
    request = act(request_appointment, request_command(ana), ana.actor, NOW)[0]
    with pytest.raises(PlanRequired, match="plan del afiliado"):
        confirm_appointment(act, yuliana, request, professional_id=german.id, starts_at=NEXT_DAY)
    assert Appointment.get_by_id(request.id).status == PENDING


def test_member_moves_within_the_plan_only(act, ana, german):
    appointment = book_appointment(act, ana, ana, german)
    with pytest.raises(PlanRequired, match="Su plan termina"):
        move_appointment(act, ana, appointment, NEXT_DAY)
    assert Appointment.get_by_id(appointment.id).starts_at == EIGHT_OCLOCK
    assert move_appointment(act, ana, appointment, LAST_MORNING).status == RESCHEDULED


def test_renewal_that_begins_when_the_plan_ends_counts(act, ana, german):
    add_plan(ana, starts_at=ENDS_AT)
    assert book_appointment(act, ana, ana, german, NEXT_DAY).starts_at == NEXT_DAY


def test_plan_that_has_ended_today_covers_no_move_and_a_cancellation_needs_none(act, ana, german):
    appointment = book_appointment(act, ana, ana, german, LAST_MORNING)
    Subscription.update(ends_at=NOW).where(Subscription.user == ana.id).execute()
    with pytest.raises(PlanRequired):
        move_appointment(act, ana, appointment, at("2026-11-25 09:00"))
    assert cancel_appointment(act, ana, appointment).status == "CANCELLED"


def test_freed_time_is_not_offered_to_whom_no_plan_covers_then(act, ana, german):
    request = act(request_appointment, request_command(ana), ana.actor, NOW)[0]
    act(waiting_list.join_waiting_list, request.id, ana.actor, NOW)
    luis = member_with_plan("Luis")
    offered = []
    for starts_at in (NEXT_DAY, EIGHT_OCLOCK):
        taken = book_appointment(act, luis, luis, german, starts_at, notes=f"Cita {starts_at:%d}")
        cancel_appointment(act, luis, taken)
        offered.append(waiting_list.list_open_offers([ana.id], NOW))
    assert [bool(one.get(ana.id)) for one in offered] == [False, True]
