"""The plans on sale: supervisors add, change and deactivate them.

A payment has the price and the duration of its plan at the time of the purchase in columns of its own, and how many
people it covers, a period its own end and that number: what is changed here concerns the purchases that begin from now
on. Only the name and the description are read from the plan at all times.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from beneficiate.actions import audit
from beneficiate.actions.administration import Changes, change_columns, count_version, lock_names, require_version
from beneficiate.domain.administration import (
    ACTIVE_STATE,
    STATES,
    check_line,
    check_name,
    choose_code,
    clean_line,
    is_whole_number,
    refuse_invalid,
)
from beneficiate.errors import InvalidForm, NotFound
from beneficiate.folding import fold_name
from beneficiate.formatting import format_pesos, parse_pesos
from beneficiate.models.base import lock_rows
from beneficiate.models.payments import Payment, Plan, Subscription
from beneficiate.queries.access import require_supervisor
from beneficiate.unit_of_work import UnitOfWork

MAX_PLAN_NAME_CHARS = 60
MAX_DESCRIPTION_CHARS = 300
MIN_PRICE, MAX_PRICE = 1_500, 50_000_000
"""In whole pesos; Wompi takes no less."""
MAX_DURATION_DAYS = 1_100
MAX_PEOPLE = 20
MAX_PLANS = 100
MAX_CODE_CHARS = 32


@dataclass(frozen=True, slots=True)
class SavePlan:
    """A plan as typed, by the names of the fields, and the version that the form has shown; 0 is a new one."""

    plan_id: int
    version: int
    typed: Mapping[str, str]


def save_plan(uow: UnitOfWork, command: SavePlan) -> int:
    """Create or change a plan and return its id. Raises NotFound, InvalidForm, OutdatedForm."""
    require_supervisor(uow.actor)
    columns = parse_plan(command.typed)
    lock_names()
    rows = {row.id: row for row in lock_rows(Plan.select().order_by(Plan.id))}
    name = str(columns["name"])
    if any(fold_name(row.name) == fold_name(name) and row.id != command.plan_id for row in rows.values()):
        raise InvalidForm({"nombre": "Ya hay un plan con ese nombre."})
    if command.plan_id == 0:
        return _create_plan(uow, columns, list(rows.values()))
    row = rows.get(command.plan_id)
    if row is None:
        raise NotFound("No encontramos ese plan.")
    changes = change_columns(row, columns)
    if changes:
        require_version(row, command.version)
        count_version(row)
        if "max_beneficiaries" in changes:
            _keep_people_of_purchases(row, changes["max_beneficiaries"][0])
        _record(uow, row, changes)
    return int(row.id)


def parse_plan(typed: Mapping[str, str]) -> dict[str, object]:
    """Return the columns of a plan. Raises InvalidForm with a sentence for each invalid field.

    A price may be written as `$ 480.000`.
    """
    name, description = (clean_line(typed.get(field, "")) for field in ("nombre", "descripcion"))
    price = parse_pesos(typed.get("precio", ""))
    days, people, state = (typed.get(field, "").strip() for field in ("dias", "personas", "estado"))
    least, most = format_pesos(MIN_PRICE), format_pesos(MAX_PRICE)
    is_price = price is not None and MIN_PRICE <= price <= MAX_PRICE
    refuse_invalid(
        {
            "nombre": check_name(name, MAX_PLAN_NAME_CHARS, "el nombre"),
            "descripcion": check_line(description, MAX_DESCRIPTION_CHARS, "") if description else (True, ""),
            "precio": (is_price, f"Entre {least} y {most}, sin centavos, como 480.000."),
            "dias": (is_whole_number(days, 1, MAX_DURATION_DAYS), f"De 1 a {MAX_DURATION_DAYS} días."),
            "personas": (is_whole_number(people, 0, MAX_PEOPLE), f"De 0 a {MAX_PEOPLE}, sin contar al afiliado."),
            "estado": (state in STATES, "Elija si se vende."),
        }
    )
    return {
        "name": name,
        "description": description,
        "price": price,
        "duration_days": int(days),
        "max_beneficiaries": int(people),
        "is_active": state == ACTIVE_STATE,
    }


def _create_plan(uow: UnitOfWork, columns: Mapping[str, object], rows: list[Plan]) -> int:
    if len(rows) >= MAX_PLANS:
        raise InvalidForm({"nombre": f"Ya hay {MAX_PLANS} planes. Use uno de los que no se venden."})
    code = choose_code(str(columns["name"]), {row.code for row in rows}, MAX_CODE_CHARS)
    row = Plan.create(code=code, **columns)
    _record(uow, row, {name: (None, value) for name, value in columns.items()})
    return int(row.id)


def _keep_people_of_purchases(row: Plan, people: object) -> None:
    """Store how many people were covered where a version before the column has stored nothing."""
    for model in (Payment, Subscription):
        model.update(max_beneficiaries=people).where(model.plan == row.id, model.max_beneficiaries.is_null()).execute()


def _record(uow: UnitOfWork, row: Plan, changes: Changes) -> None:
    audit.record_audit(uow, "plans.save", f"plan:{row.id}", changes=changes)
