"""The state of a booking dialogue between two answers. A draft is stored as JSON; it is immutable and gets replaced."""

from datetime import date, datetime
from typing import Literal

import msgspec

from beneficiate.domain.patient_key import PatientKey
from beneficiate.formatting import BOGOTA

DialogueState = Literal[
    "awaiting_document",
    "awaiting_city_selection",
    "awaiting_specialty_search",
    "awaiting_specialty_selection",
    "awaiting_visit_type",
    "awaiting_description",
    "awaiting_slot_selection",
    "confirmation",
    "completed",
    "awaiting_appointment_selection",
    "awaiting_new_slot_selection",
    "move_confirmation",
]
"""The last three are of an appointment that is moved."""
SideQuestion = Literal["", "person", "urgent", "urgent_description", "change", "professional"]
"""A question beside that of the step: whether to talk to a person, whether to continue after words of an emergency (in
the description or anywhere else), what to change in the summary, whose slots to show.
"""


class NamedRef(msgspec.Struct, frozen=True):
    """The id of a row and its label."""

    id: int
    name: str


class Choice(msgspec.Struct, frozen=True):
    """A button. Its id is `<turn>:<key>`, so that a button of an older question is recognised as stale."""

    id: str
    label: str

    @property
    def key(self) -> str:
        """Return the part of the id after the turn."""
        return self.id.partition(":")[2]


class Patient(msgspec.Struct, frozen=True):
    """Who the appointment is for."""

    key: PatientKey
    first_name: str
    name: str
    city_id: int | None = None
    city_name: str = ""


class SlotOption(msgspec.Struct, frozen=True):
    """A free slot of a professional; `booking.presentation.format_slot_label` makes the label.

    `confirms_itself`: it is confirmed as soon as it is chosen, not by the professional.
    """

    id: str
    starts_at: datetime
    professional_id: int
    professional_name: str
    label: str
    confirms_itself: bool = True


class SlotPreference(msgspec.Struct, frozen=True, kw_only=True):
    """Which slots to show: from a day on, within hours (minutes of the day in Bogotá), of one professional.

    `after` and `after_professional_id` name the last slot that was shown before.
    """

    day: date | None = None
    from_minute: int = 0
    until_minute: int = 1440
    professional: NamedRef | None = None
    after: datetime | None = None
    after_professional_id: int = 0

    @property
    def is_any_time(self) -> bool:
        """Return whether every slot of the day and of the days after it fits."""
        return self.after is None and (self.from_minute, self.until_minute) == (0, 1440)

    def fits(self, starts_at: datetime, professional_id: int) -> bool:
        """Return whether a slot fits the hours and comes after the last one that was shown."""
        local = starts_at.astimezone(BOGOTA)
        minute = local.hour * 60 + local.minute
        is_later = self.after is None or (starts_at, professional_id) > (self.after, self.after_professional_id)
        return is_later and self.from_minute <= minute < self.until_minute


class MovableAppointment(msgspec.Struct, frozen=True):
    """A coming appointment that its member may move; `label` is its time and its professional."""

    id: int
    version: int
    ticket: str
    patient: str
    specialty: NamedRef
    city: NamedRef
    professional: NamedRef | None
    label: str


class BookingDraft(msgspec.Struct, frozen=True, kw_only=True):
    """The answers so far, and the question that is open.

    What is missing decides the state. `search` is the text typed to find a city or a specialty, None before any
    search; `page` is that of the list of all specialties. While an appointment is moved (`is_move`), `paused` is the
    request that was under way.
    """

    state: DialogueState = "awaiting_document"
    turn: int = 0
    patient: Patient | None = None
    city: NamedRef | None = None
    specialty: NamedRef | None = None
    first_time: bool | None = None
    description: str = ""
    professional: NamedRef | None = None
    slot: SlotOption | None = None
    wants_contact: bool = False
    search: str | None = None
    page: int = 0
    slots: tuple[SlotOption, ...] = ()
    preference: SlotPreference = SlotPreference()
    aside: SideQuestion = ""
    failures: int = 0
    choices: tuple[Choice, ...] = ()
    ticket: str = ""
    is_move: bool = False
    appointment: MovableAppointment | None = None
    paused: "BookingDraft | None" = None

    @property
    def next_state(self) -> DialogueState:
        """Return the state of the next missing answer."""
        if self.is_move:
            return self._next_move_state
        if self.ticket:
            return "completed"
        if self.patient is None:
            return "awaiting_document"
        if self.city is None:
            return "awaiting_city_selection"
        if self.specialty is None:
            is_listed = self.professional is not None or self.search is not None
            return "awaiting_specialty_selection" if is_listed else "awaiting_specialty_search"
        return self._next_appointment_state

    @property
    def kept_description(self) -> str:
        """Return the reason; none while the bot asks whether its words are those of an emergency."""
        return "" if self.aside == "urgent_description" else self.description

    @property
    def _next_appointment_state(self) -> DialogueState:
        if self.first_time is None:
            return "awaiting_visit_type"
        if not self.kept_description:
            return "awaiting_description"
        if self.slot is None and not self.wants_contact:
            return "awaiting_slot_selection"
        return "confirmation"

    @property
    def _next_move_state(self) -> DialogueState:
        if self.appointment is None:
            return "awaiting_appointment_selection"
        return "awaiting_new_slot_selection" if self.slot is None else "move_confirmation"
