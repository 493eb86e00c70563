"""Specialties as supervisors see them."""

import pytest

from beneficiate.domain.booking.lifecycle import CANCELLED
from beneficiate.errors import NotFound
from beneficiate.queries.specialties import load_specialty, load_specialty_list
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.administration import ListFilters
from tests.factories import agent, member, professional, specialty, supervisor
from tests.queries.appointment_rows import NOW, create_appointment


def test_specialties_have_their_professionals_and_open_appointments(db):
    uow, ana = UnitOfWork(supervisor().actor, NOW), member()
    professional()
    professional(is_active=False)
    create_appointment(ana)
    create_appointment(ana, CANCELLED)
    row, saved = load_specialty(uow, specialty().id)
    assert (row.professionals, row.appointments, row.is_known_to_bot) == (1, 1, True)
    assert saved.values == {"nombre": "Cardiología", "estado": "activo"}
    assert load_specialty_list(uow, ListFilters(text="cardiologia")).rows[0] == row
    assert load_specialty(uow, 0)[0] is None
    for who, specialty_id in ((supervisor(), 99999), (agent(), specialty().id)):
        with pytest.raises(NotFound):
            load_specialty(UnitOfWork(who.actor, NOW), specialty_id)
