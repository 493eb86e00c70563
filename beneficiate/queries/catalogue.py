"""Public lists: plans on sale, specialties, departments, municipalities."""

from typing import TypedDict

from beneficiate.errors import NotFound
from beneficiate.models.payments import Plan
from beneficiate.models.professionals import Department, Specialty, Township
from beneficiate.unit_of_work import UnitOfWork


class PlanRow(TypedDict):
    """A plan on sale; `price` in whole pesos."""

    id: int
    name: str
    code: str
    description: str
    price: int
    currency: str
    duration_days: int
    max_beneficiaries: int


class NamedRow(TypedDict):
    """An id and a name."""

    id: int
    name: str


class DepartmentRow(NamedRow):
    """A department with DANE's code."""

    code: str


class TownshipRow(DepartmentRow):
    """A municipality with DANE's code."""

    department_id: int


PLAN_FIELDS = (
    Plan.id,
    Plan.name,
    Plan.code,
    Plan.description,
    Plan.price,
    Plan.currency,
    Plan.duration_days,
    Plan.max_beneficiaries,
)


def list_plans(uow: UnitOfWork) -> list[PlanRow]:
    """Return the plans on sale, the cheapest first; prices in whole pesos."""
    return list(Plan.select(*PLAN_FIELDS).where(Plan.is_active).order_by(Plan.price).dicts())


def access_plan_on_sale(plan_id: int) -> PlanRow:
    """Return a plan that can be bought. Raises NotFound."""
    plan: PlanRow | None = Plan.select(*PLAN_FIELDS).where(Plan.id == plan_id, Plan.is_active).dicts().first()
    if plan is None:
        raise NotFound("No encontramos ese plan.")
    return plan


def list_specialties(uow: UnitOfWork) -> list[NamedRow]:
    """Return the specialties that members may request, by name."""
    query = Specialty.select(Specialty.id, Specialty.name).where(Specialty.is_active)
    return list(query.order_by(Specialty.name).dicts())


def list_departments(uow: UnitOfWork) -> list[DepartmentRow]:
    """Return every department of Colombia, by name."""
    return list(Department.select(Department.id, Department.code, Department.name).order_by(Department.name).dicts())


def list_townships(uow: UnitOfWork, department_id: int) -> list[TownshipRow]:
    """Return the municipalities of a department, by name. Raises NotFound for an unknown department."""
    fields = (Township.id, Township.code, Township.name, Township.department.alias("department_id"))
    rows = list(Township.select(*fields).where(Township.department == department_id).order_by(Township.name).dicts())
    if not rows:
        raise NotFound("No encontramos ese departamento.")
    return rows
