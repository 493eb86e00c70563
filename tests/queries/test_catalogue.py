"""Plans on sale, specialties, departments and municipalities."""

import pytest

from beneficiate.errors import NotFound
from beneficiate.models.payments import Plan
from beneficiate.queries import catalogue
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.domain.booking.moments import at
from tests.factories import specialty, township

NOW = at("2026-11-23 08:00")


def create_plan(code, price, is_active=True):
    return Plan.create(
        code=code, name=code, description="", price=price, duration_days=30, max_beneficiaries=1, is_active=is_active
    )


def test_plans_on_sale_are_listed_by_price(db):
    expensive, cheap = create_plan("b", 90_000), create_plan("a", 45_000)
    create_plan("c", 1, is_active=False)
    assert [plan["id"] for plan in catalogue.list_plans(UnitOfWork(SYSTEM, NOW))] == [cheap.id, expensive.id]


def test_plan_that_is_not_on_sale_is_not_found(db):
    sold, withdrawn = create_plan("a", 45_000), create_plan("b", 45_000, is_active=False)
    assert catalogue.access_plan_on_sale(sold.id)["price"] == 45_000
    for plan_id in (withdrawn.id, withdrawn.id + 1):
        with pytest.raises(NotFound):
            catalogue.access_plan_on_sale(plan_id)


def test_municipalities_belong_to_a_department(db):
    uow, bogota = UnitOfWork(SYSTEM, NOW), township()
    rows = catalogue.list_townships(uow, bogota.department_id)
    assert {row["department_id"] for row in rows} == {bogota.department_id}
    assert bogota.id in {row["id"] for row in rows}
    with pytest.raises(NotFound):
        catalogue.list_townships(uow, 0)


def test_specialties_and_departments_are_listed_by_name(db):
    uow = UnitOfWork(SYSTEM, NOW)
    specialties = catalogue.list_specialties(uow)
    assert {"id": specialty().id, "name": "Cardiología"} in specialties
    assert [row["code"] for row in catalogue.list_departments(uow)].count("05") == 1
