"""Search for municipalities and specialties."""

import pytest

from beneficiate.models.professionals import Specialty, Township
from beneficiate.queries import catalogue_search
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.domain.booking.moments import at
from tests.factories import MEDELLIN_CODE, township

UOW = UnitOfWork(SYSTEM, at("2026-11-23 08:00"))


@pytest.mark.parametrize(("text", "label"), [("medelin", "Medellín"), ("cali", "Santiago de Cali")])
def test_best_municipality_comes_first(db, text, label):
    found = catalogue_search.search_townships(UOW, text)
    assert found[0]["label"] == label
    assert len(found) <= 10


def test_capital_comes_first_among_equal_names(db):
    first = catalogue_search.search_townships(UOW, "armenia")[0]
    assert "Quindío" in first["label"]


def test_specialty_is_found_in_spite_of_a_typing_error(db):
    assert catalogue_search.search_specialties(UOW, "cardiolgia")[0]["label"] == "Cardiología"
    assert catalogue_search.search_specialties(UOW, "") == []


def test_index_is_built_again_when_there_is_another_specialty(db):
    before = catalogue_search.specialty_index()
    assert catalogue_search.specialty_index() is before
    Specialty.create(name="Xenología")
    assert catalogue_search.search_specialties(UOW, "xenologia")[0]["label"] == "Xenología"


def test_municipality_has_the_label_of_the_search(db):
    medellin = township(MEDELLIN_CODE)
    assert catalogue_search.find_township(medellin.id).label == "Medellín"
    assert catalogue_search.find_township(0) is None


def test_every_alias_is_of_something_in_the_catalogue(db):
    codes = {code for (code,) in Township.select(Township.code).tuples()}
    names = {name for (name,) in Specialty.select(Specialty.name).tuples()}
    assert set(catalogue_search.ALIASES.cities) <= codes
    assert set(catalogue_search.ALIASES.specialties) <= names
