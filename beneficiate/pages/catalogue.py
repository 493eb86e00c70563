"""Plans, specialties and places over HTTP."""

from beneficiate.pages.api import ApiDoor, path_id
from beneficiate.queries import catalogue


class Plans(ApiDoor):
    """`GET plans/all`."""

    gives = list[catalogue.PlanRow]

    async def get(self) -> None:
        self.succeed(await self.look(catalogue.plans))


class Specialties(ApiDoor):
    """`GET medical-specialties/all`."""

    gives = list[catalogue.NamedRow]

    async def get(self) -> None:
        self.succeed(await self.look(catalogue.specialties))


class Departments(ApiDoor):
    """`GET townships/departments`."""

    gives = list[catalogue.DepartmentRow]

    async def get(self) -> None:
        self.succeed(await self.look(catalogue.departments))


class Townships(ApiDoor):
    """`GET townships/:departmentId`."""

    gives = list[catalogue.TownshipRow]

    async def get(self, department_id: str) -> None:
        self.succeed(await self.look(catalogue.townships, path_id(department_id)))
