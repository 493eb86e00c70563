"""Plans, specialties and places over HTTP."""

from beneficiate.handlers.api import ApiHandler, parse_id
from beneficiate.queries import catalogue


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
