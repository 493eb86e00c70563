"""The supervisors' pages of the plans."""

from beneficiate.actions.plans_admin import SavePlan, save_plan
from beneficiate.errors import Problem
from beneficiate.handlers.administration import AdministrationPage, RowPage
from beneficiate.queries.plans_admin import load_plan, load_plan_list
from beneficiate.views.plans_admin import PLAN_LABELS, PlanAdministration


class PlanListPage(AdministrationPage):
    """`/supervisor/ajustes/planes`."""

    async def get(self) -> None:
        plans = await self.run_query(load_plan_list, self.filters)
        await self.render_page(PlanAdministration(self.me, plans, None, None, self.done))


class PlanPage(RowPage):
    """`/supervisor/ajustes/planes/:id` and `/…/nuevo`."""

    path = "/supervisor/ajustes/planes"

    async def save(self, row_id: int) -> int:
        typed = self.read_typed(PLAN_LABELS)
        return await self.save_row(row_id, save_plan, SavePlan(row_id, self.version, typed), typed)

    async def render_row(self, row_id: int, problem: Problem | None) -> None:
        plans = await self.run_query(load_plan_list, self.filters)
        plan, saved = await self.run_query(load_plan, row_id)
        form = self.build_form(saved, PLAN_LABELS, problem)
        await self.render_page(PlanAdministration(self.me, plans, plan, form, self.done))
