"""The supervisors' pages of the specialties."""

from beneficiate.actions.specialties import SaveSpecialty, save_specialty
from beneficiate.errors import Problem
from beneficiate.handlers.administration import AdministrationPage, RowPage
from beneficiate.queries.specialties import load_specialty, load_specialty_list
from beneficiate.views.specialties import SPECIALTY_LABELS, SpecialtyAdministration


class SpecialtyListPage(AdministrationPage):
    """`/supervisor/ajustes/especialidades`."""

    async def get(self) -> None:
        specialties = await self.run_query(load_specialty_list, self.filters)
        await self.render_page(SpecialtyAdministration(self.me, specialties, None, None, self.done))


class SpecialtyPage(RowPage):
    """`/supervisor/ajustes/especialidades/:id` and `/…/nuevo`."""

    path = "/supervisor/ajustes/especialidades"

    async def save(self, row_id: int) -> int:
        typed = self.read_typed(SPECIALTY_LABELS)
        return await self.save_row(row_id, save_specialty, SaveSpecialty(row_id, self.version, typed), typed)

    async def render_row(self, row_id: int, problem: Problem | None) -> None:
        specialties = await self.run_query(load_specialty_list, self.filters)
        specialty, saved = await self.run_query(load_specialty, row_id)
        form = self.build_form(saved, SPECIALTY_LABELS, problem)
        await self.render_page(SpecialtyAdministration(self.me, specialties, specialty, form, self.done))
