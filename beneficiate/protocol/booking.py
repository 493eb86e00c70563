"""Commands and events of booking: the bot, appointments, offers."""

from datetime import datetime
from typing import ClassVar

import msgspec

from beneficiate.protocol.commands import LegacyCommand
from beneficiate.protocol.envelope import MAX_ID, Event, Id

_APPOINTMENT = {
    "id": 81,
    "ticket_number": "APT-7K2QX-0481",
    "status": "CONFIRMED",
    "user_id": 31,
    "beneficiary_id": 4,
    "patient": {"first_name": "Mateo", "last_name": "Guzmán Rojas"},
    "specialty_id": 3,
    "specialty_name": "Cardiología",
    "professional_id": 12,
    "professional_name": "Germán Cifuentes",
    "city_id": 149,
    "city_name": "Bogotá, D.C.",
    "location": "Calle 116 # 9-72, consultorio 305",
    "place": "Calle 116 # 9-72, consultorio 305, Bogotá, D.C.",
    "starts_at": "2026-08-31T14:40:00Z",
    "duration_minutes": 30,
    "first_time": False,
    "control": True,
    "notes": "Control después del cateterismo",
    "cancellation_reason": "",
    "version": 2,
    "created_at": "2026-08-25T15:31:00Z",
}


_APPOINTMENT_OF_STAFF = {**_APPOINTMENT, "notes": ""}


class PatientName(msgspec.Struct, kw_only=True):
    """The name of a patient."""

    first_name: str
    last_name: str


class AppointmentPayload(msgspec.Struct, kw_only=True):
    """An appointment. `location` is where the professional sees patients.

    `place` is where the patient goes to: with the city, but by video without it.
    `notes` is its reason; `cancellation_reason` is what the staff wrote when they cancelled it, else
    empty. In what is sent to all of the staff, lists and events, both are empty: `GET medical-appointment/:id` has them
    and records who has read them.
    """

    id: Id
    ticket_number: str
    status: str
    user_id: Id
    beneficiary_id: Id | None
    patient: PatientName
    specialty_id: Id
    specialty_name: str
    professional_id: Id | None
    professional_name: str | None
    city_id: Id
    city_name: str
    location: str | None
    place: str
    starts_at: datetime | None
    duration_minutes: int | None
    first_time: bool
    control: bool
    notes: str
    cancellation_reason: str
    version: int
    created_at: datetime


class ChoicePayload(msgspec.Struct, kw_only=True):
    """A button of the bot."""

    id: str
    label: str


class AppointmentListPayload(msgspec.Struct, kw_only=True):
    """Appointments, and the number of appointments in each state."""

    data: list[AppointmentPayload]
    counts: dict[str, int]


class StartBooking(LegacyCommand, tag="chatbot_init", kw_only=True):
    """Start or continue the guided booking. A professional preselects the specialty and the slots."""

    example: ClassVar = {"event": "chatbot_init", "professionalId": 12}

    professionalId: Id | None = None  # noqa: N815  the name in the replaced service


class AnswerBot(LegacyCommand, tag="chatbot", kw_only=True):
    """Answer the bot: any frame with `source: "chatbot"`, whatever else it contains.

    Only `message` (text), `option` (the id of a choice), `professionalId` and the sender's ids are read. With `event`
    `init` or `chatbot_init` and no text it starts or continues the booking.
    """

    example: ClassVar = {"source": "chatbot", "message": "52123456"}
    frame_schema: ClassVar = {
        "type": "object",
        "required": ["source"],
        "properties": {
            "source": {"const": "chatbot"},
            "id": {"type": "string", "maxLength": 64},
            "event": {"description": "`init` or `chatbot_init` without a text starts or goes on."},
            "message": {"description": "The text; old clients send an object with the text in its `message`."},
            "option": {"type": "string", "description": "The id of a choice."},
            "professionalId": {"type": "integer", "minimum": 1, "maximum": MAX_ID},
        },
    }
    """The frame as clients send it. The fields below are read from it leniently."""

    text: str = ""
    option: str = ""
    professional_id: Id | None = None
    is_start: bool = False


class ListAppointments(LegacyCommand, tag="all_appointments", kw_only=True):
    """Request the list of open appointments."""

    example: ClassVar = {"event": "all_appointments"}


class BotReplied(Event, tag="chatbot_message", kw_only=True):
    """The bot's reply: exactly one frame with text and options."""

    example: ClassVar = {
        "event": "chatbot_message",
        "message": "¿En qué ciudad necesita la cita?",
        "sender_type": "BOT",
        "state": "awaiting_city_selection",
        "options": ["En Bogotá, D.C.", "En otra ciudad"],
        "choices": [{"id": "3:city:149", "label": "En Bogotá, D.C."}, {"id": "3:other", "label": "En otra ciudad"}],
    }

    message: str
    sender_type: str
    state: str
    is_list: bool | msgspec.UnsetType = msgspec.field(name="list", default=msgspec.UNSET)
    options: list[str] | msgspec.UnsetType = msgspec.UNSET
    choices: list[ChoicePayload] | msgspec.UnsetType = msgspec.UNSET
    redirectUrl: str | msgspec.UnsetType = msgspec.UNSET  # noqa: N815  names in the replaced service
    shouldRestartFlow: bool | msgspec.UnsetType = msgspec.UNSET  # noqa: N815


class AppointmentRequested(Event, tag="new_appointment", kw_only=True):
    """To the member, and with empty `notes` and `cancellation_reason` to the staff: a new appointment."""

    example: ClassVar = {"event": "new_appointment", "appointment": _APPOINTMENT}

    appointment: AppointmentPayload


class AppointmentChanged(Event, tag="appointment_updated", kw_only=True):
    """To the member, and with empty `notes` and `cancellation_reason` to the staff: an appointment has changed."""

    example: ClassVar = {"event": "appointment_updated", "appointment": _APPOINTMENT}

    appointment: AppointmentPayload


class AppointmentReminded(Event, tag="appointment_reminder", kw_only=True):
    """To the member: an appointment is in `hours_before` hours."""

    example: ClassVar = {"event": "appointment_reminder", "hours_before": 24, "appointment": _APPOINTMENT}

    hours_before: int
    appointment: AppointmentPayload


class SlotOffered(Event, tag="slot_offered", kw_only=True):
    """To a member on the waiting list: an earlier slot is free and is held for them until `expires_at`.

    `condition` is what to show before they accept: that the professional has to confirm it. Empty for nothing.
    """

    example: ClassVar = {
        "event": "slot_offered",
        "appointment_id": 81,
        "professional_id": 12,
        "professional_name": "Germán Cifuentes",
        "starts_at": "2026-08-28T13:00:00Z",
        "expires_at": "2026-08-25T16:00:00Z",
        "condition": "",
    }

    appointment_id: Id
    professional_id: Id
    professional_name: str
    starts_at: datetime
    expires_at: datetime
    condition: str = ""


class UserAppointments(Event, tag="user_appointments", kw_only=True):
    """To the member, on connecting: their newest 50 appointments."""

    example: ClassVar = {"event": "user_appointments", "appointments": [_APPOINTMENT]}

    appointments: list[AppointmentPayload]


class AllAppointments(Event, tag="all_appointments", kw_only=True):
    """To the agent, on connecting and on request: the newest 200 open appointments, without their reasons."""

    example: ClassVar = {
        "event": "all_appointments",
        "appointments": {"data": [_APPOINTMENT_OF_STAFF], "counts": {"PENDING": 3, "CONFIRMED": 12}},
    }

    appointments: AppointmentListPayload
