"""Plans, for the supervisors who administer them."""

from peewee import fn

from beneficiate.domain.administration import ACTIVE_STATE, INACTIVE_STATE
from beneficiate.errors import NotFound
from beneficiate.models.payments import Payment, Plan, Subscription
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.administration import find_last_change, page_rows
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views import plans_admin as views
from beneficiate.views.administration import AdministrationList, ListFilters
from beneficiate.views.edit_forms import SavedRow

NEW_PLAN = {"nombre": "", "descripcion": "", "precio": "", "dias": "365", "personas": "0", "estado": ACTIVE_STATE}


def load_plan_list(uow: UnitOfWork, filters: ListFilters) -> AdministrationList[views.PlanAdminRow]:
    """Return a page of the plans, by name."""
    require_supervisor(uow.actor)
    return page_rows(_describe_plans(uow, list(Plan.select())), filters, views.PLAN_STATES)


def load_plan(uow: UnitOfWork, plan_id: int) -> tuple[views.PlanAdminRow | None, SavedRow]:
    """Return a plan as the list and as the form show it; without a row for a new one. Raises NotFound."""
    require_supervisor(uow.actor)
    if plan_id == 0:
        return None, SavedRow(NEW_PLAN, 0)
    plan = Plan.get_or_none(Plan.id == plan_id)
    if plan is None:
        raise NotFound("No encontramos ese plan.")
    (row,) = _describe_plans(uow, [plan])
    values = {
        "nombre": plan.name,
        "descripcion": plan.description,
        "precio": f"{plan.price:,}".replace(",", "."),
        "dias": str(plan.duration_days),
        "personas": str(plan.max_beneficiaries),
        "estado": ACTIVE_STATE if plan.is_active else INACTIVE_STATE,
    }
    return row, SavedRow(values, plan.version, find_last_change(f"plan:{plan.id}", "plans.save"))


def _describe_plans(uow: UnitOfWork, plans: list[Plan]) -> list[views.PlanAdminRow]:
    is_running = (Subscription.starts_at <= uow.now) & (Subscription.ends_at > uow.now)
    running_ones = Subscription.select(Subscription.plan, fn.COUNT(Subscription.id)).where(is_running)
    running = dict(running_ones.group_by(Subscription.plan).tuples())
    open_ones = Payment.select(Payment.plan, fn.COUNT(Payment.id)).where(Payment.is_open)
    payments = dict(open_ones.group_by(Payment.plan).tuples())
    return [
        views.PlanAdminRow(
            row_id=plan.id,
            name=plan.name,
            state=views.ON_SALE if plan.is_active else views.NOT_ON_SALE,
            search_text=f"{plan.name} {plan.description}",
            price=plan.price,
            duration_days=plan.duration_days,
            max_beneficiaries=plan.max_beneficiaries,
            running=running.get(plan.id, 0),
            payments=payments.get(plan.id, 0),
        )
        for plan in plans
    ]
