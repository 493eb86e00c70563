"""Drafts of bookings."""

import msgspec

from beneficiate.domain.bot.drafts import BookingDraft, Choice, NamedRef, Patient
from beneficiate.domain.patient_key import patient_key

ANA = Patient(patient_key(1, None), "Ana", "Ana Guzmán")
CITY, SPECIALTY = NamedRef(11001, "Bogotá D.C."), NamedRef(3, "Cardiología")


STATES_BY_ANSWERS = (
    ({}, "awaiting_document"),
    ({"patient": ANA}, "awaiting_city_selection"),
    ({"city": CITY}, "awaiting_specialty_search"),
    ({"search": "cardio"}, "awaiting_specialty_selection"),
    ({"specialty": SPECIALTY}, "awaiting_visit_type"),
    ({"first_time": False}, "awaiting_description"),
    ({"description": "Control"}, "awaiting_slot_selection"),
    ({"wants_contact": True}, "confirmation"),
    ({"aside": "urgent_description"}, "awaiting_description"),
    ({"ticket": "APT-7K2QX-0481"}, "completed"),
)
"""Each row has one answer more than the row before."""


def test_next_state_is_that_of_the_first_missing_answer():
    draft, found = BookingDraft(), []
    for answers, _ in STATES_BY_ANSWERS:
        draft = msgspec.structs.replace(draft, **answers)
        found.append(draft.next_state)
    assert found == [state for _, state in STATES_BY_ANSWERS]


def test_draft_survives_json():
    draft = BookingDraft(patient=ANA, city=CITY, choices=(Choice("2:own", "En Bogotá D.C."),), turn=2)
    assert msgspec.json.decode(msgspec.json.encode(draft), type=BookingDraft) == draft


def test_key_of_a_choice_is_what_follows_the_turn():
    assert Choice("12:city:5001", "Medellín").key == "city:5001"
