"""Places, specialties and professionals: what exists once, and what goes with a professional."""

from datetime import date

import pytest

from beneficiate.models.professionals import (
    MANUAL_SCHEDULE,
    AvailabilityBlock,
    AvailabilityException,
    Department,
    Professional,
    ProfessionalSpecialty,
    Specialty,
    Township,
)
from tests.factories import MEDELLIN_CODE, professional, specialty, township
from tests.models.constraints import delete_row, is_there, refuse_delete, refuse_insert

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


def test_reference_data_is_that_of_dane():
    assert (Department.select().count(), Township.select().count()) == (33, 1122)
    assert township(MEDELLIN_CODE).department.name == "Antioquia"
    for place in Township.select(Township.code, Department.code.alias("department_code")).join(Department).dicts():
        assert place["code"].startswith(place["department_code"])


def test_codes_and_names_are_unique():
    refuse_insert(township(), name="x")
    refuse_insert(township().department, name="x")
    refuse_insert(specialty())
    refuse_insert(professional(), first_name="Otro")


def test_place_or_department_in_use_cannot_be_deleted():
    german = professional()
    for row in (german.township, german.township.department):
        refuse_delete(row)


def test_professional_is_not_bookable_by_members_until_somebody_says_so():
    given = {
        "first_name": "Ana",
        "last_name": "Ruiz",
        "license_number": "RM-0",
        "address": "Calle 1",
        "mode": "VIRTUAL",
    }
    row = Professional.create(township=township(), **given)
    assert (row.name, row.schedule_type, row.confirms_itself, row.is_active) == (
        "Ana Ruiz",
        MANUAL_SCHEDULE,
        False,
        True,
    )
    assert (row.duration_minutes, row.buffer_minutes) == (30, 0)


def test_hours_and_specialties_go_with_the_professional():
    german = professional()
    practised = ProfessionalSpecialty.get(ProfessionalSpecialty.professional == german)
    refuse_insert(practised)
    block = AvailabilityBlock.get(AvailabilityBlock.professional == german)
    day = AvailabilityException.create(professional=german, day=date(2026, 12, 24))
    delete_row(german)
    assert [row for row in (practised, block, day) if is_there(row)] == []
    assert Specialty.select().where(Specialty.name == "Cardiología").exists()
