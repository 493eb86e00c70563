"""Plans, specialties and municipalities over HTTP."""

from beneficiate.handlers.api import ApiHandler, parse_id
from beneficiate.queries import catalogue, catalogue_search


class PlansHandler(ApiHandler):
    """`GET plans/all`."""

    response_type = list[catalogue.PlanRow]

    async def get(self) -> None:
        self.write_success(await self.run_query(catalogue.list_plans))


class SpecialtiesHandler(ApiHandler):
    """`GET medical-specialties/all`."""

    response_type = list[catalogue.NamedRow]

    async def get(self) -> None:
        self.write_success(await self.run_query(catalogue.list_specialties))


class DepartmentsHandler(ApiHandler):
    """`GET townships/departments`."""

    response_type = list[catalogue.DepartmentRow]

    async def get(self) -> None:
        self.write_success(await self.run_query(catalogue.list_departments))


class TownshipsHandler(ApiHandler):
    """`GET townships/:departmentId`."""

    response_type = list[catalogue.TownshipRow]

    async def get(self, department_id: str) -> None:
        self.write_success(await self.run_query(catalogue.list_townships, parse_id(department_id)))


class SearchTownshipsHandler(ApiHandler):
    """`GET townships/search?q=`."""

    async def get(self) -> None:
        self.write_success(await self.run_query(catalogue_search.search_townships, self.get_query_argument("q", "")))


class SearchSpecialtiesHandler(ApiHandler):
    """`GET medical-specialties/search?q=`."""

    async def get(self) -> None:
        self.write_success(await self.run_query(catalogue_search.search_specialties, self.get_query_argument("q", "")))
