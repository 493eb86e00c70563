"""Appointments over HTTP."""

from datetime import datetime
from typing import Annotated

import msgspec

from beneficiate.actions import appointments, requests, waits
from beneficiate.pages.api import ApiDoor, path_id
from beneficiate.protocol.bookings import AppointmentPicture
from beneficiate.protocol.envelope import Id
from beneficiate.queries import appointments as pictures
from beneficiate.queries import patients, slots
from beneficiate.scheduling.calendar import to_ics
from beneficiate.scheduling.lifecycle import CANCELLED

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Reason = Annotated[str, msgspec.Meta(max_length=500)]


class RequestBody(msgspec.Struct):
    specialty_id: Id
    city_id: Id
    first_time: bool
    notes: Annotated[str, msgspec.Meta(max_length=5000)]
    beneficiary_id: Id | None = None
    user_id: Id | None = None
    professional_id: Id | None = None
    starts_at: Instant | None = None
    request_key: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class StatusBody(msgspec.Struct):
    status: Annotated[str, msgspec.Meta(max_length=16)]
    reason: Reason = ""
    professional_id: Id | None = None
    starts_at: Instant | None = None


class CancelBody(msgspec.Struct):
    reason: Reason = ""


class OfferBody(msgspec.Struct):
    accepts: bool


class UserAppointments(ApiDoor):
    """`GET medical-appointment/user/:id`."""

    gives = list[AppointmentPicture]

    async def get(self, user_id: str) -> None:
        self.succeed(await self.look(pictures.of_user, path_id(user_id)))


class OneAppointment(ApiDoor):
    """`GET medical-appointment/:id`."""

    gives = AppointmentPicture

    async def get(self, appointment_id: str) -> None:
        self.succeed(await self.look(pictures.one, path_id(appointment_id)))


class AppointmentHistory(ApiDoor):
    """`GET medical-appointment/:id/history`."""

    async def get(self, appointment_id: str) -> None:
        self.succeed(await self.look(pictures.history, path_id(appointment_id)))


class AppointmentCalendar(ApiDoor):
    """`GET medical-appointment/:id/calendar`: the .ics file."""

    async def get(self, appointment_id: str) -> None:
        entry = to_ics(await self.look(pictures.invitation, path_id(appointment_id)))
        self.set_header("Content-Type", "text/calendar; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="cita.ics"')
        await self.finish(entry)


class CreatePending(ApiDoor):
    """`POST medical-appointment/create-pending`."""

    reads, gives = RequestBody, AppointmentPicture

    async def post(self) -> None:
        body = self.body(RequestBody)
        owner = body.user_id or self.actor.user_id
        visit = requests.RequestVisit(
            user_id=owner,
            patient=f"b:{body.beneficiary_id}" if body.beneficiary_id else f"u:{owner}",
            specialty_id=body.specialty_id,
            township_id=body.city_id,
            first_time=body.first_time,
            notes=body.notes,
            professional_id=body.professional_id,
            starts_at=body.starts_at,
            request_key=f"{self.actor.user_id}:{body.request_key}" if body.request_key else None,
        )
        self.succeed(await self.do(requests.request, visit), "Su solicitud fue registrada exitosamente.", status=201)


class CancelAppointment(ApiDoor):
    """`PUT medical-appointment/cancel/:id`."""

    reads, gives = CancelBody, AppointmentPicture

    async def put(self, appointment_id: str) -> None:
        reason = self.body(CancelBody).reason if self.request.body else ""
        step = appointments.ChangeVisit(path_id(appointment_id), CANCELLED, reason)
        self.succeed(await self.do(appointments.change, step), "La cita fue cancelada.")


class ChangeStatus(ApiDoor):
    """`PUT medical-appointment/status/:id`."""

    reads, gives = StatusBody, AppointmentPicture

    async def put(self, appointment_id: str) -> None:
        body = self.body(StatusBody)
        step = appointments.ChangeVisit(
            path_id(appointment_id), body.status, body.reason, body.professional_id, body.starts_at
        )
        self.succeed(await self.do(appointments.change, step))


class JoinWait(ApiDoor):
    """`POST medical-appointment/:id/wait`: an earlier time is welcome."""

    async def post(self, appointment_id: str) -> None:
        await self.do(waits.join, path_id(appointment_id))
        self.succeed(None, "Le avisaremos si se libera un horario antes.")


class AnswerOffer(ApiDoor):
    """`POST medical-appointment/:id/offer`."""

    reads, gives = OfferBody, AppointmentPicture

    async def post(self, appointment_id: str) -> None:
        answer = waits.AnswerOffer(path_id(appointment_id), self.body(OfferBody).accepts)
        self.succeed(await self.do(appointments.answer_offer, answer))


class ProfessionalSlots(ApiDoor):
    """`GET medical-professionals/:id/slots?from=&to=`."""

    takes, gives = {"from": "string", "to": "string"}, list[slots.SlotRow]

    async def get(self, professional_id: str) -> None:
        first, last = (self.day(name, f"El dato «{name}» no es una fecha.") for name in ("from", "to"))
        span = slots.Span(path_id(professional_id), first, last)
        self.succeed(await self.look(slots.of_professional, span))


class Patients(ApiDoor):
    """`GET patients?document=`: for a booking by phone."""

    takes = {"document": "string"}  # noqa: RUF012

    async def get(self) -> None:
        self.succeed(await self.look(patients.by_document, self.get_query_argument("document", "")))
