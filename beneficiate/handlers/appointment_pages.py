"""The agents' page of appointments: the list, one appointment, free slots, a booking by phone."""

from beneficiate.domain.audit_kinds import VIEWED_APPOINTMENT
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.data_views import note_opened
from beneficiate.handlers.lookups import search_people
from beneficiate.handlers.signed_in import SignedInPage
from beneficiate.queries import appointment_pages, desk
from beneficiate.views.appointment_pages import (
    TODO_TAB,
    AppointmentList,
    AppointmentListPart,
    AppointmentsDesk,
    PhoneBooking,
)


class AppointmentsListPartial(SignedInPage):
    """`/agente/citas/lista?lista=&buscar=&pagina=`: a page of the list, alone."""

    async def get(self) -> None:
        await self.render_page(AppointmentListPart(await self.load_list()))

    async def load_list(self) -> AppointmentList:
        """Return the list that the URL names."""
        query = appointment_pages.AppointmentListQuery(
            self.get_query_argument("lista", TODO_TAB), self.get_query_argument("buscar", ""), self.get_page_argument()
        )
        load = appointment_pages.load_appointment_list
        return await search_people(self, load, query, query.text, has_references=True)


class AppointmentsPage(AppointmentsListPartial):
    """`/agente/citas?lista=&buscar=&pagina=`. Not found for staff who answer no chats."""

    async def get(self) -> None:
        me = await self.run_query(desk.load_own_agent)
        await self.render_page(AppointmentsDesk(me, await self.load_list()))


class AppointmentDetailPartial(SignedInPage):
    """`/agente/citas/:id`."""

    async def get(self, appointment_id: str) -> None:
        detail = await self.run_query(appointment_pages.load_appointment_detail, parse_id(appointment_id))
        note_opened(self, VIEWED_APPOINTMENT, f"appointment:{parse_id(appointment_id)}")
        await self.render_page(detail)


class DaySlotsPartial(SignedInPage):
    """`/agente/citas/dia?especialidad=&ciudad=&dia=&cita=&afiliado=`: the free slots of a day.

    `afiliado`: the member for whom one books by phone, whose plan has to cover the day; 0 or nothing when unknown.
    """

    async def get(self) -> None:
        await self.context.limiters.slots.acquire(self.actor.user_id)
        appointment, member = (self.get_query_argument(name, "") for name in ("cita", "afiliado"))
        query = appointment_pages.DaySlotsQuery(
            parse_id(self.get_query_argument("especialidad", "")),
            parse_id(self.get_query_argument("ciudad", "")),
            self.get_date_argument("dia"),
            0 if appointment in ("", "0") else parse_id(appointment),
            0 if member in ("", "0") else parse_id(member),
        )
        await self.render_page(await self.run_query(appointment_pages.load_day_slots, query))


class NewAppointmentPartial(SignedInPage):
    """`/agente/citas/nueva?para=`: a booking by phone, for the member of the chat that is named, if one is."""

    async def get(self) -> None:
        chat_id = self.get_query_argument("para", "")
        await self.render_page(PhoneBooking(parse_id(chat_id) if chat_id else None))
