"""What anybody may know: plans, specialties, departments, townships."""

from beneficiate.errors import NotFound
from beneficiate.models.care import Department, Specialty, Township
from beneficiate.models.payments import Plan
from beneficiate.store import Work

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


def plans(work: Work, _: None) -> list[dict[str, object]]:
    """The plans on sale, the cheapest first; prices in whole pesos."""
    return list(Plan.select(*PLAN_FIELDS).where(Plan.is_active).order_by(Plan.price).dicts())


def specialties(work: Work, _: None) -> list[dict[str, object]]:
    """The specialties that members may ask for, by name."""
    return list(Specialty.select(Specialty.id, Specialty.name).order_by(Specialty.name).dicts())


def departments(work: Work, _: None) -> list[dict[str, object]]:
    """Every department of Colombia, by name."""
    return list(Department.select(Department.id, Department.code, Department.name).order_by(Department.name).dicts())


def townships(work: Work, department_id: int) -> list[dict[str, object]]:
    """The municipalities of a department, by name. Raises NotFound for an unknown department."""
    fields = (Township.id, Township.code, Township.name, Township.department.alias("department_id"))
    rows = list(Township.select(*fields).where(Township.department == department_id).order_by(Township.name).dicts())
    if not rows:
        raise NotFound("No encontramos ese departamento.")
    return rows
