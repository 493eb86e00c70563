"""The lookups of the dialogue over plain lists: all municipalities, all specialties, a few people."""

import csv
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files

import msgspec

from beneficiate.domain.booking.presentation import format_slot_label
from beneficiate.domain.bot.dialogue import advance_dialogue, start_dialogue
from beneficiate.domain.bot.drafts import (
    BookingDraft,
    MovableAppointment,
    NamedRef,
    Patient,
    SlotOption,
    SlotPreference,
)
from beneficiate.domain.bot.turns import Answer, BookableProfessional, DialogueTurn
from beneficiate.formatting import BOGOTA as COLOMBIA
from beneficiate.formatting import bogota_date
from beneficiate.queries.catalogue_search import ALIASES
from beneficiate.search import IndexEntry, NameIndex, SearchHit

DATA = files("beneficiate") / "data"
TICKET = "APT-7K2QX-0481"
FIRST_SLOT_AT = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)


@cache
def city_index() -> NameIndex:
    rows = csv.DictReader((DATA / "divipola.csv").read_text("utf-8").splitlines())
    return NameIndex(
        IndexEntry(
            int(row["codigo_municipio"]),
            row["municipio"],
            row["departamento"],
            ALIASES.cities.get(row["codigo_municipio"], ()),
        )
        for row in rows
    )


@cache
def all_specialties() -> list[SearchHit]:
    names = (DATA / "specialties.txt").read_text("utf-8").split("\n")
    return [SearchHit(id_, name) for id_, name in enumerate(names, 1) if name]


@cache
def specialty_index() -> NameIndex:
    return NameIndex(IndexEntry(id_, name, "", ALIASES.specialties.get(name, ())) for id_, name in all_specialties())


BOGOTA = NamedRef(11001, "Bogotá D.C.")
CARDIOLOGY = specialty_index().search("Cardiología")[0]
INTERNAL = specialty_index().search("Medicina interna")[0]
DERMATOLOGY = specialty_index().search("Dermatología")[0]


def movable_appointment(
    id_: int = 81, patient: str = "Mateo", specialty: SearchHit = CARDIOLOGY, professional_id: int = 12
) -> MovableAppointment:
    label = format_slot_label(FIRST_SLOT_AT + timedelta(days=1), "Germán Cifuentes")
    who = NamedRef(professional_id, "Germán Cifuentes")
    return MovableAppointment(id_, 2, TICKET, patient, NamedRef(*specialty), BOGOTA, who, label)


@dataclass
class FakeChoices:
    """Ana, her son Mateo, who has no city, and three free slots for cardiology in Bogotá."""

    has_running_plan: bool = True
    people: dict[str, Patient] = field(
        default_factory=lambda: {
            "52123456": Patient("user:1", "Ana", "Ana Guzmán Rojas", BOGOTA.id, BOGOTA.name),
            "1020304050": Patient("beneficiary:4", "Mateo", "Mateo Guzmán Rojas"),
        }
    )
    times: int = 3
    has_colleague: bool = False
    professionals: dict[int, BookableProfessional] = field(
        default_factory=lambda: {
            12: BookableProfessional(12, "Germán Cifuentes", [CARDIOLOGY], BOGOTA),
            13: BookableProfessional(13, "Laura Peñuela", [DERMATOLOGY, INTERNAL], BOGOTA),
            14: BookableProfessional(14, "Sin Especialidad", [], BOGOTA),
            15: BookableProfessional(15, "Virtual Montoya", [CARDIOLOGY], None),
        }
    )
    looked_up: list[str] = field(default_factory=list)
    movable: list[MovableAppointment] = field(default_factory=list)
    plan_ends_on: date = date.max
    keeps_reasons: bool = True

    def may_ask_reason(self) -> bool:
        return self.keeps_reasons

    def has_plan(self) -> bool:
        return self.has_running_plan

    def today(self) -> date:
        return date(2026, 11, 25)

    def list_patients(self) -> list[Patient]:
        return list(self.people.values())

    def find_patient(self, document: str) -> Patient | None:
        self.looked_up.append(document)
        return self.people.get(document)

    def search_cities(self, text: str) -> list[SearchHit]:
        return city_index().search(text)

    def search_specialties(self, text: str) -> list[SearchHit]:
        return specialty_index().search(text)

    def find_city(self, text: str) -> SearchHit | None:
        return city_index().find(text)

    def find_specialty(self, text: str) -> SearchHit | None:
        return specialty_index().find(text)

    def list_specialties(self) -> list[SearchHit]:
        return all_specialties()

    def find_next_slots(
        self, specialty_id: int, city_id: int, professional_id: int | None, preference: SlotPreference
    ) -> list[SlotOption]:
        found = self._find_slots(specialty_id, city_id, professional_id, preference)
        return [slot for slot in found if bogota_date(slot.starts_at) <= self.plan_ends_on][: self.times]

    def find_plan_limit(
        self, specialty_id: int, city_id: int, professional_id: int | None, preference: SlotPreference
    ) -> date | None:
        found = self._find_slots(specialty_id, city_id, professional_id, preference)
        return self.plan_ends_on if any(bogota_date(slot.starts_at) > self.plan_ends_on for slot in found) else None

    def list_movable_appointments(self) -> list[MovableAppointment]:
        return self.movable

    def change_window_hours(self) -> int:
        return 4

    def _find_slots(
        self, specialty_id: int, city_id: int, professional_id: int | None, preference: SlotPreference
    ) -> list[SlotOption]:
        if (specialty_id, city_id) != (CARDIOLOGY.id, BOGOTA.id) or professional_id not in (None, 12, 16):
            return []
        people = {12: "Germán Cifuentes"} | ({16: "Rosa Albán"} if self.has_colleague else {})
        return [
            SlotOption(f"{who}@{at:%d%H%M}", at, who, people[who], format_slot_label(at, people[who]))
            for at in self._slot_times()
            for who in people
            if professional_id in (None, who)
            and preference.fits(at, who)
            and (preference.day is None or at.astimezone(COLOMBIA).date() >= preference.day)
        ]

    def _slot_times(self) -> list[datetime]:
        """Return five times a day: from 8:00 each 40 minutes, and one at 2:40 p. m.; on three days, two days apart."""
        minutes = (0, 40, 80, 120, 400)
        return [FIRST_SLOT_AT + timedelta(days=day, minutes=minute) for day in (0, 2, 4) for minute in minutes]

    def list_slot_professionals(self, specialty_id: int, city_id: int) -> list[SearchHit]:
        return [SearchHit(12, "Germán Cifuentes"), *([SearchHit(16, "Rosa Albán")] if self.has_colleague else [])]

    def professional(self, professional_id: int) -> BookableProfessional | None:
        return self.professionals.get(professional_id)


def through_storage(draft: BookingDraft) -> BookingDraft:
    """Return the draft as it is read from its row."""
    return msgspec.json.decode(msgspec.json.encode(draft), type=BookingDraft)


def run_dialogue(
    clinic: FakeChoices, *texts: str, professional: int | None = None, turn: DialogueTurn | None = None
) -> DialogueTurn:
    """Type one text after the other; `[Sí]` presses a button."""
    turn = turn or start_dialogue(clinic, professional=professional)
    for text in texts:
        turn = advance_dialogue(through_storage(turn.draft), to_answer(turn, text), clinic)
    return turn


def to_answer(turn: DialogueTurn, text: str) -> Answer:
    if text.startswith("["):
        return Answer(option=next(choice.id for choice in turn.reply.choices if choice.label == text[1:-1]))
    return Answer(text)


TO_CITY = ("52123456",)
TO_SPECIALTY = (*TO_CITY, "[En Bogotá D.C.]")
TO_LIST = (*TO_SPECIALTY, "cardio")
TO_VISIT_TYPE = (*TO_LIST, "[Cardiología]")
TO_DESCRIPTION = (*TO_VISIT_TYPE, "[Control]")
TO_SLOT = (*TO_DESCRIPTION, "Control después del cateterismo")
TO_CONFIRMATION = (*TO_SLOT, "[Que me contacten]")
EVERY_STEP = (
    (),
    TO_CITY,
    (*TO_CITY, "[En otra ciudad]"),
    (*TO_CITY, "albania"),
    TO_SPECIALTY,
    TO_LIST,
    TO_VISIT_TYPE,
    TO_DESCRIPTION,
    TO_SLOT,
    TO_CONFIRMATION,
    (*TO_CONFIRMATION, "[No]"),
)


def labels(turn: DialogueTurn) -> list[str]:
    """Return what stands on the buttons of a turn's reply."""
    return [choice.label for choice in turn.reply.choices]
