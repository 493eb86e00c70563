"""Professionals as supervisors see them."""

from datetime import timedelta

import pytest

from beneficiate.errors import NotFound
from beneficiate.formatting import format_long_date
from beneficiate.models.professionals import AvailabilityException, Specialty
from beneficiate.queries.professionals import (
    list_specialty_options,
    load_professional,
    load_professional_days,
    load_professional_list,
)
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


def test_coming_days_are_found_by_date_and_have_pages(db, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.administration.ROWS_PER_PAGE", 2)
    uow, german = UnitOfWork(supervisor().actor, NOW), professional()
    dates = [NOW.date() + timedelta(days) for days in (40, 5, 12, -3)]
    for day in dates:
        AvailabilityException.create(professional=german, day=day)
    first = load_professional_days(uow, (german.id, ListFilters()))
    rest = load_professional_days(uow, (german.id, ListFilters(after=first.next_id)))
    assert [one.shown.day for one in (*first.rows, *rest.rows)] == sorted(dates)[1:]
    for text in (dates[0].isoformat(), format_long_date(dates[0])):
        found = load_professional_days(uow, (german.id, ListFilters(text=text)))
        assert [one.shown.day for one in found.rows] == [dates[0]]
    with pytest.raises(NotFound):
        load_professional_days(UnitOfWork(agent().actor, NOW), (german.id, ListFilters()))


def test_inactive_specialties_are_offered_to_those_who_have_them(db):
    uow, german = UnitOfWork(supervisor().actor, NOW), professional()
    Specialty.update(is_active=False).where(Specialty.id == specialty().id).execute()
    assert str(specialty().id) in list_specialty_options(uow, german.id)
    assert str(specialty().id) not in list_specialty_options(uow)
