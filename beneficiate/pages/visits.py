"""The agents' page of appointments: requests, free slots, a booking by phone."""

from typing import Any

from beneficiate.pages.api import ApiDoor, path_id
from beneficiate.pages.signed_in import SignedInPage
from beneficiate.queries import desk, panel, visits
from beneficiate.queries.places import search_specialties, search_townships


class VisitsList(SignedInPage):
    """`/agente/citas/lista?lista=&buscar=`: the list alone, drawn by the partial that the page uses."""

    async def get(self) -> None:
        await self.draw("citas/_list.html", **await self.asked())

    async def asked(self) -> dict[str, Any]:
        """The list that the address asks for."""
        asked = visits.Asked(self.get_query_argument("lista", visits.TODO), self.get_query_argument("buscar", ""))
        picture: dict[str, Any] = await self.look(visits.page, asked)
        return picture


class VisitsPage(VisitsList):
    """`/agente/citas?lista=&buscar=`."""

    async def get(self) -> None:
        await self.draw("citas/citas.html", me=await self.look(desk.me), **await self.asked())


class VisitDetail(SignedInPage):
    """`/agente/citas/:id`."""

    async def get(self, appointment_id: str) -> None:
        await self.draw("citas/_detail.html", **await self.look(visits.detail, path_id(appointment_id)))


class DaySlots(SignedInPage):
    """`/agente/citas/dia?especialidad=&ciudad=&dia=&cita=`: the free slots of a day."""

    async def get(self) -> None:
        asked = visits.DayAsked(
            path_id(self.get_query_argument("especialidad", "")),
            path_id(self.get_query_argument("ciudad", "")),
            self.day("dia"),
            path_id(appointment) if (appointment := self.get_query_argument("cita", "")) not in ("", "0") else 0,
        )
        await self.draw("citas/_day.html", **await self.look(visits.day, asked))


class NewVisit(SignedInPage):
    """`/agente/citas/nueva?chat=`: a booking by phone, in three steps; for the member of a chat when it is named."""

    async def get(self) -> None:
        chat_id = self.get_query_argument("chat", "")
        document = await self.look(panel.document_of, path_id(chat_id)) if chat_id else ""
        await self.draw("citas/_phone.html", document=document)


class SearchTownships(ApiDoor):
    """`GET townships/search?q=`."""

    async def get(self) -> None:
        self.succeed(await self.look(search_townships, self.get_query_argument("q", "")))


class SearchSpecialties(ApiDoor):
    """`GET medical-specialties/search?q=`."""

    async def get(self) -> None:
        self.succeed(await self.look(search_specialties, self.get_query_argument("q", "")))
