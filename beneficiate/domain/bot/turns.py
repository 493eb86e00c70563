"""What goes in and out of the conversation: an answer, and what follows from it."""

from typing import Literal, NamedTuple, Protocol

from beneficiate.domain.bot.drafts import BookingDraft, Choice, DialogueState, NamedRef, Patient, SlotOption
from beneficiate.domain.patient_key import PatientKey
from beneficiate.search import SearchHit

BookingRefusal = Literal["slot_taken", "patient_busy", "patient_gone", "professional_gone", "plan_ended"]
"""Why a booking could not be registered. `patient_busy`: the patient has another visit at that time."""


class Answer(NamedTuple):
    """What a person typed, or the id of the button that was pressed."""

    text: str = ""
    option: str = ""


class BotReply(NamedTuple):
    """The one frame that answers: text and buttons together."""

    message: str
    choices: tuple[Choice, ...]
    is_list: bool
    state: DialogueState
    redirect_url: str | None = None
    restart: bool = False


class BookingRequest(NamedTuple):
    """Everything to register. `professional` was chosen before the conversation began."""

    patient_key: PatientKey
    city_id: int
    specialty_id: int
    first_time: bool
    description: str
    slot: SlotOption | None
    professional: NamedRef | None


class DialogueTurn(NamedTuple):
    """What follows from an answer.

    With a booking the caller registers it and says `booked` or `refused` instead of this reply.
    """

    draft: BookingDraft
    reply: BotReply
    booking: BookingRequest | None = None
    wants_person: bool = False


class BookableProfessional(NamedTuple):
    """A professional who may be chosen before the conversation begins."""

    id: int
    name: str
    specialties: list[SearchHit]
    city: NamedRef | None


class BookingLookups(Protocol):
    """What the conversation has to look up, for one member."""

    def has_plan(self) -> bool:
        """Whether the member has a running plan."""

    def find_patient(self, document: str) -> Patient | None:
        """The member or one of their beneficiaries by document (capitals and digits only); nobody else exists."""

    def search_cities(self, text: str) -> list[SearchHit]:
        """The best cities, at most 10."""

    def search_specialties(self, text: str) -> list[SearchHit]:
        """The best specialties, at most 10."""

    def find_next_slots(self, specialty_id: int, city_id: int, professional_id: int | None) -> list[SlotOption]:
        """The next free times there, at most 3; of this professional only, if one is given."""

    def professional(self, professional_id: int) -> BookableProfessional | None:
        """A professional who can be booked."""
