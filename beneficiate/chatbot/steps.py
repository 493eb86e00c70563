"""The table of steps: what each asks, what it makes of an answer, and what it forgets on the way back."""

from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from beneficiate.chatbot import sentences as say
from beneficiate.chatbot.drafts import Draft, Named, Slot, State
from beneficiate.chatbot.hearing import Option, documents, meant, visible
from beneficiate.chatbot.turns import Choices
from beneficiate.search import LIMIT, Entry, Hit, Index, fold

SHORTEST_DESCRIPTION, LONGEST_DESCRIPTION = 3, 1000
_ECHOED = 40


class Question(NamedTuple):
    """What is asked. The summary leads: whatever else is to be said comes after it."""

    message: str
    options: tuple[Option, ...] = ()
    is_list: bool = False
    leads: bool = False


class Heard(NamedTuple):
    """An answer: the key and the text of a button, or what was typed."""

    key: str
    text: str

    @property
    def id(self) -> str:
        return self.key.partition(":")[2]


class Outcome(NamedTuple):
    """What a step made of an answer. A sentence without a new draft is a failure."""

    draft: Draft | None
    sentence: str = ""
    is_booking: bool = False


class Step(NamedTuple):
    ask: Callable[[Draft, Choices], Question]
    hear: Callable[[Draft, Heard, Choices], Outcome]
    back: Callable[[Draft, Choices], Draft]


def _ask_document(_draft: Draft, _choices: Choices) -> Question:
    return Question(say.ASK_DOCUMENT)


def _hear_document(draft: Draft, heard: Heard, choices: Choices) -> Outcome:
    for document in documents(heard.text):
        patient = choices.find_patient(document)
        if patient is not None:
            return Outcome(replace(draft, patient=patient), say.FOUND_PATIENT.format(patient.first_name))
    return Outcome(None, say.UNUSABLE_DOCUMENT)


def _back_from_document(draft: Draft, _choices: Choices) -> Draft:
    return draft


def _ask_city(draft: Draft, choices: Choices) -> Question:
    own = draft.patient.city_name if draft.patient and draft.patient.city_id else ""
    if draft.search is None and own:
        options = Option("own", say.OWN_CITY.format(own)), Option("other", say.OTHER_CITY)
        return Question(say.ASK_CITY, options)
    return _list("city", choices.search_cities(draft.search or ""), say.CHOOSE_CITY) or Question(say.ASK_CITY_NAME)


def _hear_city(draft: Draft, heard: Heard, choices: Choices) -> Outcome:
    if heard.key == "own" and draft.patient and draft.patient.city_id:
        return Outcome(replace(draft, city=Named(draft.patient.city_id, draft.patient.city_name), search=None))
    if heard.key == "other":
        return Outcome(replace(draft, search=""))
    if heard.id:
        return Outcome(replace(draft, city=Named(int(heard.id), heard.text), search=None))
    if choices.search_cities(heard.text):
        return Outcome(replace(draft, search=heard.text))
    return Outcome(None, say.NO_CITY.format(_echo(heard.text)))


def _back_from_city(draft: Draft, _choices: Choices) -> Draft:
    return _without_patient(draft) if draft.search is None else replace(draft, search=None)


def _ask_specialty(draft: Draft, choices: Choices) -> Question:
    if draft.professional is not None:
        hits = _own_specialties(draft, choices)
        question = _list("specialty", hits, say.CHOOSE_OWN_SPECIALTY.format(draft.professional.name))
    else:
        question = _list("specialty", choices.search_specialties(draft.search or ""), say.CHOOSE_SPECIALTY)
    return question or Question(say.ASK_SPECIALTY)


def _hear_specialty(draft: Draft, heard: Heard, choices: Choices) -> Outcome:
    if heard.id:
        return Outcome(replace(draft, specialty=Named(int(heard.id), heard.text)))
    if draft.professional is not None:
        own = Index(Entry(hit.id, hit.label) for hit in _own_specialties(draft, choices)).find(heard.text)
        if len(own) == 1:
            return Outcome(replace(draft, specialty=Named(*own[0])))
    elif choices.search_specialties(heard.text):
        return Outcome(replace(draft, search=heard.text))
    return Outcome(None, say.NO_SPECIALTY.format(_echo(heard.text)))


def _back_from_specialty(draft: Draft, _choices: Choices) -> Draft:
    if draft.professional is not None:
        return _without_patient(draft)
    return replace(draft, city=None, search=None) if draft.search is None else replace(draft, search=None)


def _ask_visit_type(_draft: Draft, _choices: Choices) -> Question:
    return Question(say.ASK_VISIT_TYPE, (Option("first", say.FIRST_TIME), Option("control", say.CONTROL)))


def _hear_visit_type(draft: Draft, heard: Heard, _choices: Choices) -> Outcome:
    if heard.key in ("first", "control"):
        return Outcome(replace(draft, first_time=heard.key == "first"))
    return Outcome(None, say.NOT_UNDERSTOOD)


def _back_from_visit_type(draft: Draft, choices: Choices) -> Draft:
    if draft.professional is not None and len(_own_specialties(draft, choices)) == 1:
        return _without_patient(draft)
    return replace(draft, specialty=None)


def _ask_description(_draft: Draft, _choices: Choices) -> Question:
    return Question(say.ASK_DESCRIPTION)


def _hear_description(draft: Draft, heard: Heard, _choices: Choices) -> Outcome:
    if visible(heard.text) < SHORTEST_DESCRIPTION:
        return Outcome(None, say.SHORT_DESCRIPTION)
    if len(heard.text) > LONGEST_DESCRIPTION:
        return Outcome(None, say.LONG_DESCRIPTION)
    return Outcome(replace(draft, description=heard.text))


def _back_from_description(draft: Draft, _choices: Choices) -> Draft:
    return replace(draft, first_time=None, description="")


def _ask_slot(draft: Draft, _choices: Choices) -> Question:
    options = (Option(f"slot:{slot.id}", slot.label) for slot in draft.slots)
    return Question(say.ASK_SLOT, (*options, Option("contact", say.CONTACT_ME)))


def _hear_slot(draft: Draft, heard: Heard, _choices: Choices) -> Outcome:
    slot = next((slot for slot in draft.slots if heard.key == f"slot:{slot.id}"), None)
    if slot is None and heard.key != "contact":
        return Outcome(None, say.NOT_UNDERSTOOD)
    return Outcome(replace(draft, slot=slot, wants_contact=slot is None))


def _back_from_slot(draft: Draft, _choices: Choices) -> Draft:
    return replace(draft, description="")


def _ask_confirmation(draft: Draft, choices: Choices) -> Question:
    if draft.aside == "change":
        return Question(say.ASK_CHANGE, tuple(_changes(draft, choices)))
    return Question(say.summary(draft), (Option("yes", say.YES), Option("no", say.NO)), leads=True)


def _hear_confirmation(draft: Draft, heard: Heard, choices: Choices) -> Outcome:
    if heard.key == "yes":
        return Outcome(draft, is_booking=True)
    what = heard.id
    if not heard.key and not heard.text.isdecimal():
        typed = meant(heard.text, tuple(_changes(draft, choices)))
        what = typed.key.partition(":")[2] if typed else ""
    if what in _CHANGED:
        return Outcome(_CHANGED[what](draft))
    if heard.key == "no" or fold(heard.text).startswith("no "):
        return Outcome(replace(draft, aside="change"))
    return Outcome(None, say.NOT_UNDERSTOOD)


def _back_from_confirmation(draft: Draft, choices: Choices) -> Draft:
    draft = _without_slot(draft)
    return draft if find_slots(draft, choices) else replace(draft, description="")


def _ask_completed(draft: Draft, _choices: Choices) -> Question:
    return Question(say.ALREADY_BOOKED.format(draft.ticket), (Option("new", say.NEW_BOOKING),))


def _hear_completed(draft: Draft, _heard: Heard, _choices: Choices) -> Outcome:
    return Outcome(draft)


STEPS: dict[State, Step] = {
    "awaiting_document": Step(_ask_document, _hear_document, _back_from_document),
    "awaiting_city_selection": Step(_ask_city, _hear_city, _back_from_city),
    "awaiting_specialty_search": Step(_ask_specialty, _hear_specialty, _back_from_specialty),
    "awaiting_specialty_selection": Step(_ask_specialty, _hear_specialty, _back_from_specialty),
    "awaiting_visit_type": Step(_ask_visit_type, _hear_visit_type, _back_from_visit_type),
    "awaiting_description": Step(_ask_description, _hear_description, _back_from_description),
    "awaiting_slot_selection": Step(_ask_slot, _hear_slot, _back_from_slot),
    "confirmation": Step(_ask_confirmation, _hear_confirmation, _back_from_confirmation),
    "completed": Step(_ask_completed, _hear_completed, lambda draft, _choices: draft),
}


def find_slots(draft: Draft, choices: Choices) -> tuple[Slot, ...]:
    """The next free times of what was chosen."""
    if draft.specialty is None or draft.city is None:
        return ()
    professional_id = draft.professional.id if draft.professional else None
    return tuple(choices.next_slots(draft.specialty.id, draft.city.id, professional_id))


def _without_patient(draft: Draft) -> Draft:
    return replace(draft, patient=None, search=None)


def _without_slot(draft: Draft) -> Draft:
    return replace(draft, slot=None, wants_contact=False)


_CHANGED: dict[str, Callable[[Draft], Draft]] = {
    "patient": _without_patient,
    "city": lambda draft: replace(_without_slot(draft), city=None, search=None),
    "specialty": lambda draft: replace(_without_slot(draft), specialty=None, search=None),
    "professional": lambda draft: replace(
        _without_slot(draft), professional=None, city=None, specialty=None, search=None
    ),
    "visit": lambda draft: replace(draft, first_time=None),
    "description": lambda draft: replace(draft, description=""),
    "slot": _without_slot,
    "nothing": lambda draft: draft,
}
"""What is forgotten, and so asked again, when something in the summary is to be changed."""


def _changes(draft: Draft, choices: Choices) -> list[Option]:
    labels = {
        "patient": say.CHANGE_PATIENT,
        "city": say.CHANGE_CITY,
        "specialty": say.CHANGE_SPECIALTY,
        "professional": say.CHANGE_PROFESSIONAL,
        "visit": say.CHANGE_VISIT_TYPE,
        "description": say.CHANGE_DESCRIPTION,
        "slot": say.CHANGE_SLOT,
        "nothing": say.CHANGE_NOTHING,
    }
    if draft.professional is None:
        del labels["professional"]
    else:
        del labels["city"]
        if len(_own_specialties(draft, choices)) < 2:
            del labels["specialty"]
    if not find_slots(draft, choices):
        del labels["slot"]
    return [Option(f"change:{what}", label) for what, label in labels.items()]


def _own_specialties(draft: Draft, choices: Choices) -> list[Hit]:
    professional = choices.professional(draft.professional.id) if draft.professional else None
    return professional.specialties[:LIMIT] if professional else []


def _list(kind: str, hits: list[Hit], message: str) -> Question | None:
    options = tuple(Option(f"{kind}:{hit.id}", hit.label) for hit in hits[:LIMIT])
    return Question(message, options, is_list=True) if options else None


def _echo(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _ECHOED else f"{line[:_ECHOED]}…"
