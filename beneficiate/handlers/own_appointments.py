"""The pages on which a member moves or cancels an appointment of their own."""

from datetime import datetime

from beneficiate.actions.appointments import ChangeAppointment, change_appointment
from beneficiate.domain.booking.lifecycle import CANCELLED, CONFIRMED, RESCHEDULED, TO_BE_CONFIRMED
from beneficiate.domain.dates import parse_typed_instant
from beneficiate.errors import Invalid, Problem
from beneficiate.handlers.account import done_path
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.forms import FormPage
from beneficiate.handlers.page_layouts import SitePage
from beneficiate.queries import own_appointments
from beneficiate.text_limits import MAX_CHANGE_REASON_CHARS
from beneficiate.views.own_appointments import CancelAppointment, MoveAppointment

DONE_WORDS = {
    RESCHEDULED: "movida",
    CONFIRMED: "movida",
    TO_BE_CONFIRMED: "por-confirmar",
    CANCELLED: "cancelada",
}
"""What `/mi` confirms, by the status that the appointment has now."""
CHOOSE_LISTED_TIME = "Elija uno de los horarios de la lista."


class OwnAppointmentPage(FormPage, SitePage):
    """A page about one appointment; its form changes it, unless it changed after the page was drawn."""

    async def get(self, appointment_id: str) -> None:
        await self.render_form(None, appointment_id)

    async def submit(self, *path: str) -> str:
        # First that it is one's own: the staff may change any appointment, but not from here.
        await self.run_query(own_appointments.load_own_appointment, parse_id(path[0]))
        command = self.read_command(parse_id(path[0]), _parse_version(self.get_body_argument("version", "")))
        changed = await self.run_action(change_appointment, command)
        return done_path("citas", DONE_WORDS[changed.status])

    def read_command(self, appointment_id: int, version: int) -> ChangeAppointment:
        """Return what the form asks for. Raises Invalid."""
        raise NotImplementedError


class MoveAppointmentPage(OwnAppointmentPage):
    """`/mi/citas/:id/mover?dia=`: free times. Sent are `version` and `horario`, as `12@2026-11-25T13:00Z`."""

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        await self.context.limiters.slots.acquire(self.actor.user_id)
        query = own_appointments.AppointmentMoveQuery(parse_id(path[0]), self.get_date_argument("dia"))
        move = await self.run_query(own_appointments.load_appointment_move, query)
        await self.render_page(MoveAppointment(await self.load_frame(), move, problem))

    def read_command(self, appointment_id: int, version: int) -> ChangeAppointment:
        professional, _, starts = self.get_body_argument("horario", "").partition("@")
        if not professional:
            raise Invalid("Elija el nuevo horario.")
        starts_at = _parse_instant(starts)
        return ChangeAppointment(appointment_id, RESCHEDULED, "", parse_id(professional), starts_at, version)


class CancelAppointmentPage(OwnAppointmentPage):
    """`/mi/citas/:id/cancelar`. Sent are `motivo`, which may be empty, and `version`."""

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        own = await self.run_query(own_appointments.load_own_appointment, parse_id(path[0]))
        await self.render_page(CancelAppointment(await self.load_frame(), own, problem, self._typed_reason))

    def read_command(self, appointment_id: int, version: int) -> ChangeAppointment:
        if len(self._typed_reason) > MAX_CHANGE_REASON_CHARS:
            raise Invalid(f"El motivo puede tener hasta {MAX_CHANGE_REASON_CHARS} letras.")
        return ChangeAppointment(appointment_id, CANCELLED, self._typed_reason, version=version)

    @property
    def _typed_reason(self) -> str:
        return self.get_body_argument("motivo", "")


def _parse_version(text: str) -> int:
    """Return the version of the appointment that the page showed. Raises Invalid."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Invalid
    return int(text)


def _parse_instant(text: str) -> datetime:
    """Return an instant with its time zone. Raises Invalid."""
    instant = parse_typed_instant(text)
    if instant is None:
        raise Invalid(CHOOSE_LISTED_TIME)
    return instant
