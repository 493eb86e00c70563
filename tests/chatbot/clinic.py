"""What the conversation looks up, over plain lists: all municipalities, all specialties, a few people."""

import csv
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

import msgspec

from beneficiate.chatbot.dialogue import advance, begin
from beneficiate.chatbot.drafts import Draft, Named, Patient, Slot
from beneficiate.chatbot.sentences import slot_label
from beneficiate.chatbot.turns import Answer, Professional, Turn
from beneficiate.search import CITY_ALIASES, SPECIALTY_ALIASES, Entry, Hit, Index

DATA = files("beneficiate") / "data"
MORNING = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)


@cache
def cities() -> Index:
    rows = csv.DictReader((DATA / "divipola.csv").read_text("utf-8").splitlines())
    return Index(
        Entry(
            int(row["codigo_municipio"]),
            row["municipio"],
            row["departamento"],
            CITY_ALIASES.get(row["codigo_municipio"], ()),
        )
        for row in rows
    )


@cache
def specialties() -> Index:
    names = (DATA / "specialties.txt").read_text("utf-8").split("\n")
    return Index(Entry(id_, name, "", SPECIALTY_ALIASES.get(name, ())) for id_, name in enumerate(names, 1) if name)


BOGOTA = Named(11001, "Bogotá D.C.")
CARDIOLOGY = specialties().find("Cardiología")[0]
INTERNAL = specialties().find("Medicina interna")[0]
DERMATOLOGY = specialties().find("Dermatología")[0]


@dataclass
class Clinic:
    """Ana, her son Mateo, who lives in no city, and three free times for cardiology in Bogotá."""

    plan: bool = True
    people: dict[str, Patient] = field(
        default_factory=lambda: {
            "52123456": Patient("user:1", "Ana", "Ana Guzmán Rojas", BOGOTA.id, BOGOTA.name),
            "1020304050": Patient("beneficiary:4", "Mateo", "Mateo Guzmán Rojas"),
        }
    )
    times: int = 3
    professionals: dict[int, Professional] = field(
        default_factory=lambda: {
            12: Professional(12, "Germán Cifuentes", [CARDIOLOGY], BOGOTA),
            13: Professional(13, "Laura Peñuela", [DERMATOLOGY, INTERNAL], BOGOTA),
            14: Professional(14, "Sin Especialidad", [], BOGOTA),
            15: Professional(15, "Virtual Montoya", [CARDIOLOGY], None),
        }
    )
    looked_up: list[str] = field(default_factory=list)

    def has_plan(self) -> bool:
        return self.plan

    def find_patient(self, document: str) -> Patient | None:
        self.looked_up.append(document)
        return self.people.get(document)

    def search_cities(self, text: str) -> list[Hit]:
        return cities().find(text)

    def search_specialties(self, text: str) -> list[Hit]:
        return specialties().find(text)

    def next_slots(self, specialty_id: int, city_id: int, professional_id: int | None) -> list[Slot]:
        if (specialty_id, city_id) != (CARDIOLOGY.id, BOGOTA.id) or professional_id not in (None, 12):
            return []
        times = [MORNING + timedelta(minutes=40 * i) for i in range(self.times)]
        return [Slot(f"12@{at:%H%M}", at, 12, "Germán Cifuentes", slot_label(at, "Germán Cifuentes")) for at in times]

    def professional(self, professional_id: int) -> Professional | None:
        return self.professionals.get(professional_id)


def stored(draft: Draft) -> Draft:
    """The draft as it comes back from its row."""
    return msgspec.json.decode(msgspec.json.encode(draft), type=Draft)


def talk(clinic: Clinic, *texts: str, professional: int | None = None, turn: Turn | None = None) -> Turn:
    """Type one text after the other; `[Sí]` presses a button."""
    turn = turn or begin(clinic, professional=professional)
    for text in texts:
        turn = advance(stored(turn.draft), answer(turn, text), clinic)
    return turn


def answer(turn: Turn, text: str) -> Answer:
    if text.startswith("["):
        return Answer(option=next(choice.id for choice in turn.reply.choices if choice.label == text[1:-1]))
    return Answer(text)


TO_CITY = ("52123456",)
TO_SPECIALTY = (*TO_CITY, "[En Bogotá D.C.]")
TO_LIST = (*TO_SPECIALTY, "cardiolgia")
TO_VISIT_TYPE = (*TO_LIST, "[Cardiología]")
TO_DESCRIPTION = (*TO_VISIT_TYPE, "[Control]")
TO_SLOT = (*TO_DESCRIPTION, "Control después del cateterismo")
TO_CONFIRMATION = (*TO_SLOT, "[Que me contacten]")
EVERY_STEP = (
    (),
    TO_CITY,
    (*TO_CITY, "[En otra ciudad]"),
    (*TO_CITY, "medelin"),
    TO_SPECIALTY,
    TO_LIST,
    TO_VISIT_TYPE,
    TO_DESCRIPTION,
    TO_SLOT,
    TO_CONFIRMATION,
    (*TO_CONFIRMATION, "[No]"),
)
