"""The agents' page of appointments: requests, free slots, a booking by phone."""

from typing import Any

from beneficiate.handlers.api import ApiHandler, parse_id
from beneficiate.handlers.signed_in import SignedInPage
from beneficiate.queries import appointment_pages, desk, member_panel
from beneficiate.queries.catalogue_search import search_specialties, search_townships


class AppointmentsListPartial(SignedInPage):
    """`/agente/citas/lista?lista=&buscar=`: the list alone, drawn by the partial that the page uses."""

    async def get(self) -> None:
        await self.render_template("citas/_list.html", **await self.load_list())

    async def load_list(self) -> dict[str, Any]:
        """The list that the address asks for."""
        query = appointment_pages.AppointmentListQuery(
            self.get_query_argument("lista", appointment_pages.TODO_TAB), self.get_query_argument("buscar", "")
        )
        list_context: dict[str, Any] = await self.run_query(appointment_pages.load_appointment_list, query)
        return list_context


class AppointmentsPage(AppointmentsListPartial):
    """`/agente/citas?lista=&buscar=`."""

    async def get(self) -> None:
        await self.render_template(
            "citas/citas.html", me=await self.run_query(desk.load_own_agent), **await self.load_list()
        )


class AppointmentDetailPartial(SignedInPage):
    """`/agente/citas/:id`."""

    async def get(self, appointment_id: str) -> None:
        await self.render_template(
            "citas/_detail.html",
            **await self.run_query(appointment_pages.load_appointment_detail, parse_id(appointment_id)),
        )


class DaySlotsPartial(SignedInPage):
    """`/agente/citas/dia?especialidad=&ciudad=&dia=&cita=`: the free slots of a day."""

    async def get(self) -> None:
        query = appointment_pages.DaySlotsQuery(
            parse_id(self.get_query_argument("especialidad", "")),
            parse_id(self.get_query_argument("ciudad", "")),
            self.get_date_argument("dia"),
            parse_id(appointment) if (appointment := self.get_query_argument("cita", "")) not in ("", "0") else 0,
        )
        await self.render_template("citas/_day.html", **await self.run_query(appointment_pages.load_day_slots, query))


class NewAppointmentPartial(SignedInPage):
    """`/agente/citas/nueva?chat=`: a booking by phone, in three steps; for the member of a chat when it is named."""

    async def get(self) -> None:
        chat_id = self.get_query_argument("chat", "")
        document = await self.run_query(member_panel.load_member_document, parse_id(chat_id)) if chat_id else ""
        await self.render_template("citas/_phone.html", document=document)


class SearchTownshipsHandler(ApiHandler):
    """`GET townships/search?q=`."""

    async def get(self) -> None:
        self.write_success(await self.run_query(search_townships, self.get_query_argument("q", "")))


class SearchSpecialtiesHandler(ApiHandler):
    """`GET medical-specialties/search?q=`."""

    async def get(self) -> None:
        self.write_success(await self.run_query(search_specialties, self.get_query_argument("q", "")))
