"""Appointments, free slots and patients over HTTP."""

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import msgspec

from beneficiate.actions import appointment_requests, appointments, waiting_list
from beneficiate.domain.audit_kinds import VIEWED_APPOINTMENT
from beneficiate.domain.booking.ics import render_ics
from beneficiate.domain.booking.lifecycle import CANCELLED
from beneficiate.domain.patient_key import patient_key
from beneficiate.handlers.api import ApiHandler, parse_id
from beneficiate.handlers.data_views import note_opened
from beneficiate.handlers.lookups import search_people
from beneficiate.protocol.booking import AppointmentPayload
from beneficiate.protocol.envelope import Id
from beneficiate.queries import appointments as appointment_queries
from beneficiate.queries import patients, slots
from beneficiate.text_limits import (
    MAX_APPOINTMENT_NOTES_CHARS,
    MAX_APPOINTMENT_STATUS_CHARS,
    MAX_CHANGE_REASON_CHARS,
    MAX_CONSENT_VERSION_CHARS,
    MAX_REQUEST_KEY_CHARS,
)

MAX_PATIENT_SEARCH_CHARS = 80
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
ReasonText = Annotated[str, msgspec.Meta(max_length=MAX_CHANGE_REASON_CHARS)]


class AppointmentRequestBody(msgspec.Struct):
    """A request for an appointment. `notes` is the reason, empty for none.

    `consent_version`: the version of the text by which a member who has not consented to the storage of health data
    does so now: `1` or `1-chat` from members, `1-phone` from the staff. Without it the reason is not stored.
    """

    specialty_id: Id
    city_id: Id
    first_time: bool
    notes: Annotated[str, msgspec.Meta(max_length=MAX_APPOINTMENT_NOTES_CHARS)]
    beneficiary_id: Id | None = None
    user_id: Id | None = None
    professional_id: Id | None = None
    starts_at: Instant | None = None
    request_key: Annotated[str, msgspec.Meta(max_length=MAX_REQUEST_KEY_CHARS)] | None = None
    consent_version: Annotated[str, msgspec.Meta(max_length=MAX_CONSENT_VERSION_CHARS)] = ""


class StatusBody(msgspec.Struct):
    """A new status, with a reason and for a confirmation its professional and time.

    With the `version` that was shown, it is refused when the appointment changed since.
    """

    status: Annotated[str, msgspec.Meta(max_length=MAX_APPOINTMENT_STATUS_CHARS)]
    reason: ReasonText = ""
    professional_id: Id | None = None
    starts_at: Instant | None = None
    version: Annotated[int, msgspec.Meta(ge=0)] | None = None


class CancelBody(msgspec.Struct):
    """A cancellation."""

    reason: ReasonText = ""


class OfferAnswerBody(msgspec.Struct):
    """The answer to an offered slot."""

    accepts: bool


class UserAppointmentsHandler(ApiHandler):
    """`GET medical-appointment/user/:id`."""

    response_type = list[AppointmentPayload]

    async def get(self, user_id: str) -> None:
        found = await self.run_query(appointment_queries.list_user_appointments, parse_id(user_id))
        note_opened(self, VIEWED_APPOINTMENT, f"user:{parse_id(user_id)}")
        self.write_success(found)


class OneAppointmentHandler(ApiHandler):
    """`GET medical-appointment/:id`."""

    response_type = AppointmentPayload

    async def get(self, appointment_id: str) -> None:
        found = await self.run_query(appointment_queries.load_appointment, parse_id(appointment_id))
        note_opened(self, VIEWED_APPOINTMENT, f"appointment:{parse_id(appointment_id)}")
        self.write_success(found)


class AppointmentHistoryHandler(ApiHandler):
    """`GET medical-appointment/:id/history`."""

    async def get(self, appointment_id: str) -> None:
        found = await self.run_query(appointment_queries.list_appointment_changes, parse_id(appointment_id))
        note_opened(self, VIEWED_APPOINTMENT, f"appointment:{parse_id(appointment_id)}")
        self.write_success(found)


class AppointmentCalendarHandler(ApiHandler):
    """`GET medical-appointment/:id/calendar`: the .ics file."""

    async def get(self, appointment_id: str) -> None:
        invitation = await self.run_query(appointment_queries.load_invitation, parse_id(appointment_id))
        note_opened(self, VIEWED_APPOINTMENT, f"appointment:{parse_id(appointment_id)}")
        # A file that anybody of the staff may download has no address of the member: it publishes, and invites nobody.
        ics = render_ics(replace(invitation, attendee_email=None), self.context.settings.mail_from)
        self.set_header("Content-Type", "text/calendar; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="cita.ics"')
        await self.finish(ics)


class CreatePendingHandler(ApiHandler):
    """`POST medical-appointment/create-pending`."""

    request_type, response_type = AppointmentRequestBody, AppointmentPayload

    async def post(self) -> None:
        command = self._command_of(self.read_body(AppointmentRequestBody))
        self.write_success(
            await self.run_action(appointment_requests.request_appointment, command),
            "Su solicitud fue registrada exitosamente.",
            status=201,
        )

    def _command_of(self, body: AppointmentRequestBody) -> appointment_requests.RequestAppointment:
        owner_id = body.user_id or self.actor.user_id
        return appointment_requests.RequestAppointment(
            user_id=owner_id,
            patient_key=patient_key(owner_id, body.beneficiary_id),
            specialty_id=body.specialty_id,
            township_id=body.city_id,
            first_time=body.first_time,
            notes=body.notes,
            professional_id=body.professional_id,
            starts_at=body.starts_at,
            request_key=_own_key(self.actor.user_id, body.request_key) if body.request_key else None,
            consent_version=body.consent_version,
        )


class CancelAppointmentHandler(ApiHandler):
    """`PUT medical-appointment/cancel/:id`."""

    request_type, response_type = CancelBody, AppointmentPayload

    async def put(self, appointment_id: str) -> None:
        reason = self.read_body(CancelBody).reason if self.request.body else ""
        command = appointments.ChangeAppointment(parse_id(appointment_id), CANCELLED, reason)
        self.write_success(await self.run_action(appointments.change_appointment, command), "La cita fue cancelada.")


class ChangeStatusHandler(ApiHandler):
    """`PUT medical-appointment/status/:id`."""

    request_type, response_type = StatusBody, AppointmentPayload

    async def put(self, appointment_id: str) -> None:
        body = self.read_body(StatusBody)
        command = appointments.ChangeAppointment(
            parse_id(appointment_id), body.status, body.reason, body.professional_id, body.starts_at, body.version
        )
        self.write_success(await self.run_action(appointments.change_appointment, command))


class JoinWaitHandler(ApiHandler):
    """`POST medical-appointment/:id/wait`: join the waiting list for an earlier time."""

    async def post(self, appointment_id: str) -> None:
        await self.run_action(waiting_list.join_waiting_list, parse_id(appointment_id))
        self.write_success(None, "Le avisaremos si se libera un horario antes.")


class AnswerOfferHandler(ApiHandler):
    """`POST medical-appointment/:id/offer`: accept or decline an offered time."""

    request_type, response_type = OfferAnswerBody, AppointmentPayload

    async def post(self, appointment_id: str) -> None:
        command = waiting_list.AnswerSlotOffer(parse_id(appointment_id), self.read_body(OfferAnswerBody).accepts)
        self.write_success(await self.run_action(appointments.answer_offer, command))


class ProfessionalSlotsHandler(ApiHandler):
    """`GET medical-professionals/:id/slots?from=&to=&user_id=`: the slots that can be booked, for the staff by whom."""

    query_params = {"from": "string", "to": "string", "user_id": "integer"}  # noqa: RUF012
    response_type = list[slots.SlotRow]

    async def get(self, professional_id: str) -> None:
        first, last = (self.get_date_argument(name, f"El dato «{name}» no es una fecha.") for name in ("from", "to"))
        member = self.get_query_argument("user_id", "")
        query = slots.SlotQuery(parse_id(professional_id), first, last, parse_id(member) if member else None)
        await self.context.limiters.slots.acquire(self.actor.user_id)
        self.write_success(await self.run_query(slots.list_professional_slots, query))


class PatientsHandler(ApiHandler):
    """`GET patients?document=&chat=`: for a booking by phone, by document or of the member of a chat."""

    query_params = {"document": "string", "chat": "integer"}  # noqa: RUF012

    async def get(self) -> None:
        if chat_id := self.get_int_argument("chat", None):
            self.write_success(await self.run_query(patients.find_patients_of_chat, chat_id))
            return
        document = self.get_query_argument("document", "")
        self.write_success(await search_people(self, patients.find_patients_by_document, document, document))


class PatientSearchHandler(ApiHandler):
    """`GET patients/search?q=`: for a booking by phone, by name, document, telephone or e-mail; at most ten."""

    query_params, response_type = {"q": "string"}, patients.FoundPatients

    async def get(self) -> None:
        text = self.get_query_argument("q", "")[:MAX_PATIENT_SEARCH_CHARS]
        self.write_success(await search_people(self, patients.search_patients, text, text))


def _own_key(user_id: int, key: str) -> str:
    """Return the key of a user's request as it is stored: a digest, which fits its column however long the key is."""
    return hashlib.sha256(f"{user_id}:{key}".encode()).hexdigest()
