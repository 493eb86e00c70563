"""Professionals as supervisors see them."""

from datetime import timedelta

import pytest

from beneficiate.errors import NotFound
from beneficiate.models.professionals import AvailabilityException, Specialty
from beneficiate.queries.professionals import list_specialty_options, load_professional, load_professional_list
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.administration import ListFilters
from tests.actions.appointment_steps import NOW
from tests.factories import MEDELLIN_CODE, agent, professional, specialty, supervisor, township


def test_list_is_searched_by_name_place_and_specialty(db):
    uow = UnitOfWork(supervisor().actor, NOW)
    german = professional("Germán", township=township(MEDELLIN_CODE).id)
    professional("Ana", specialties=("Pediatría",), is_active=False)
    for text in ("german", "medellin", german.license_number):
        assert [row.row_id for row in load_professional_list(uow, ListFilters(text=text)).rows] == [german.id]
    (row,) = load_professional_list(uow, ListFilters(state="inactivos")).rows
    assert (row.specialties, row.schedule_label) == ("Pediatría", "Los afiliados, en línea")


def test_form_has_the_week_as_text_and_the_coming_days(db):
    uow, german = UnitOfWork(supervisor().actor, NOW), professional()
    for days in (-3, 5):
        AvailabilityException.create(professional=german, day=NOW.date() + timedelta(days))
    detail, saved = load_professional(uow, german.id)
    assert (saved.values["lunes"], saved.values["sabado"], saved.values["confirma"]) == ("08:00-12:00", "", "no")
    assert [one.day for one in detail.days] == [NOW.date() + timedelta(5)]
    assert load_professional(uow, 0)[0] is None
    for who, professional_id in ((supervisor(), 99999), (agent(), german.id)):
        with pytest.raises(NotFound):
            load_professional(UnitOfWork(who.actor, NOW), professional_id)


def test_inactive_specialties_are_offered_to_those_who_have_them(db):
    uow, german = UnitOfWork(supervisor().actor, NOW), professional()
    Specialty.update(is_active=False).where(Specialty.id == specialty().id).execute()
    assert str(specialty().id) in list_specialty_options(uow, german.id)
    assert str(specialty().id) not in list_specialty_options(uow)
