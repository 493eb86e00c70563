"""Appointments whose professional sees patients at another place."""

import pytest

from beneficiate.actions.appointment_places import announce_new_place
from beneficiate.models.appointments import Appointment, AppointmentEmail
from beneficiate.models.professionals import VIRTUAL, Professional
from beneficiate.protocol.booking import AppointmentChanged
from beneficiate.unit_of_work import SYSTEM
from tests.actions.appointment_steps import HALF_PAST, NOW, book_appointment
from tests.factories import MEDELLIN_CODE, member_with_plan, professional, supervisor, township


@pytest.mark.parametrize(("mode", "follows"), [("ON_SITE", True), (VIRTUAL, False)])
def test_city_follows_the_professional_only_where_the_patient_has_to_go(act, mode, follows):
    german = professional()
    marta = supervisor()
    booked = book_appointment(act, marta, member_with_plan(), german)
    other = book_appointment(act, marta, member_with_plan(), german, HALF_PAST)
    Professional.update(mode=mode, township=township(MEDELLIN_CODE)).where(Professional.id == german.id).execute()
    moved = Professional.get_by_id(german.id)
    before = Appointment.get_by_id(booked.id)
    _, outgoing = act(lambda uow: announce_new_place(uow, moved, [booked.id]), None, SYSTEM, NOW)
    after = Appointment.get_by_id(booked.id)
    assert after.version == before.version + 1
    assert (after.township_id == moved.township_id) is follows
    assert {type(one.event) for one in outgoing} == {AppointmentChanged}
    emails = AppointmentEmail.select().where(AppointmentEmail.kind == "place")
    assert [email.appointment_id for email in emails] == [booked.id]
    assert Appointment.get_by_id(other.id).version == before.version
