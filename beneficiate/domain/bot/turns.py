"""The input and output of the dialogue: answers, replies and what it looks up."""

from datetime import date
from typing import Literal, NamedTuple, Protocol

from beneficiate.domain.bot.drafts import (
    BookingDraft,
    Choice,
    DialogueState,
    MovableAppointment,
    NamedRef,
    Patient,
    SlotOption,
    SlotPreference,
)
from beneficiate.domain.patient_key import PatientKey
from beneficiate.search import SearchHit

BookingRefusal = Literal[
    "slot_taken", "patient_busy", "patient_gone", "professional_gone", "plan_ended", "plan_ends_before"
]
"""Why a booking failed. `patient_busy`: the patient has another appointment at that time. `plan_ends_before`: the plan
ends before the day of the appointment.
"""


class Answer(NamedTuple):
    """What was typed, or the id of the button that was pressed."""

    text: str = ""
    option: str = ""


class BotReply(NamedTuple):
    """The reply to an answer: text and buttons."""

    message: str
    choices: tuple[Choice, ...]
    is_list: bool
    state: DialogueState
    redirect_url: str | None = None
    restart: bool = False


class BookingRequest(NamedTuple):
    """The appointment to book. `professional` was chosen before the dialogue began."""

    patient_key: PatientKey
    city_id: int
    specialty_id: int
    first_time: bool
    description: str
    slot: SlotOption | None
    professional: NamedRef | None


class MoveRequest(NamedTuple):
    """The appointment to move, as the member saw it, and its new slot."""

    appointment_id: int
    version: int
    slot: SlotOption


class DialogueTurn(NamedTuple):
    """The result of an answer.

    With a booking, the caller books it and sends the turn of `reply_booked` or `reply_refused` instead of this reply;
    with a move, that of `reply_moved` or `reply_move_refused`.
    """

    draft: BookingDraft
    reply: BotReply
    booking: BookingRequest | None = None
    wants_person: bool = False
    move: MoveRequest | None = None


class BookableProfessional(NamedTuple):
    """A professional who may be chosen before the dialogue begins."""

    id: int
    name: str
    specialties: list[SearchHit]
    city: NamedRef | None


class BookingLookups(Protocol):
    """The data that the dialogue needs about one member."""

    def has_plan(self) -> bool:
        """Return whether the member has a current plan."""

    def may_ask_reason(self) -> bool:
        """Return whether the member may be asked for the reason of the appointment."""

    def today(self) -> date:
        """Return the date in Bogotá."""

    def list_patients(self) -> list[Patient]:
        """Return the member and then their beneficiaries; the names in the list differ."""

    def find_patient(self, document: str) -> Patient | None:
        """Return the member or one of their beneficiaries by document (capitals and digits only), else None."""

    def search_cities(self, text: str) -> list[SearchHit]:
        """Return the best matching cities, at most 10."""

    def find_city(self, text: str) -> SearchHit | None:
        """Return the only city that is called so, or almost so."""

    def search_specialties(self, text: str) -> list[SearchHit]:
        """Return the best matching specialties, at most 10."""

    def find_specialty(self, text: str) -> SearchHit | None:
        """Return the only specialty that is called so, or almost so."""

    def list_specialties(self) -> list[SearchHit]:
        """Return all specialties in the order to show."""

    def find_next_slots(
        self, specialty_id: int, city_id: int, professional_id: int | None, preference: SlotPreference
    ) -> list[SlotOption]:
        """Return the next free slots that fit the preference, at most 3; with a professional only theirs."""

    def find_plan_limit(
        self, specialty_id: int, city_id: int, professional_id: int | None, preference: SlotPreference
    ) -> date | None:
        """Return the last day of the plan if slots that fit are free after it; None otherwise."""

    def list_movable_appointments(self) -> list[MovableAppointment]:
        """Return the coming appointments that the member may move now, at most 9, the nearest first."""

    def change_window_hours(self) -> int:
        """Return until how many hours before it an appointment may be moved."""

    def list_slot_professionals(self, specialty_id: int, city_id: int) -> list[SearchHit]:
        """Return those whose slots can be chosen for a specialty in a city, at most 10, by name."""

    def professional(self, professional_id: int) -> BookableProfessional | None:
        """Return a professional who can be booked; None for any other id."""
