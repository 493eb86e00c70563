"""The supervisors' pages of the staff."""

from beneficiate.handlers.administration import AdministrationPage
from beneficiate.queries import staff as queries
from beneficiate.views.staff import StaffAdministration

STAFF_PATH = "/supervisor/ajustes"


class StaffListPage(AdministrationPage):
    """`/supervisor/ajustes`: the list."""

    async def get(self) -> None:
        people = await self.run_query(queries.load_staff_list, self.filters)
        await self.render_page(StaffAdministration(self.me, people, self.done))
