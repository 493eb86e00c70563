"""The steps of the dialogue: the question of each, how it parses an answer, and what it resets on the way back."""

from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from beneficiate.domain.bot import sentences as say
from beneficiate.domain.bot.drafts import BookingDraft, DialogueState, NamedRef, SlotOption
from beneficiate.domain.bot.parsing import Option, count_visible_chars, match_option, parse_documents
from beneficiate.domain.bot.turns import BookingLookups
from beneficiate.search import MAX_HITS, IndexEntry, NameIndex, SearchHit, fold

MIN_DESCRIPTION_CHARS, MAX_DESCRIPTION_CHARS = 3, 1000
_MAX_ECHOED_CHARS = 40


class Question(NamedTuple):
    """A question and its buttons. With `is_first`, other sentences come after it and not before (the summary)."""

    message: str
    options: tuple[Option, ...] = ()
    is_list: bool = False
    is_first: bool = False


class ParsedAnswer(NamedTuple):
    """An answer: the key and the label of a button, or what was typed."""

    key: str
    text: str

    @property
    def id(self) -> str:
        """Return the part of the key after its kind."""
        return self.key.partition(":")[2]


class StepResult(NamedTuple):
    """The result of a step. A sentence without a new draft is a failure."""

    draft: BookingDraft | None
    sentence: str = ""
    is_booking: bool = False


class Step(NamedTuple):
    """One step of the booking: ask a question, handle its answer, go back to it."""

    ask: Callable[[BookingDraft, BookingLookups], Question]
    handle: Callable[[BookingDraft, ParsedAnswer, BookingLookups], StepResult]
    step_back: Callable[[BookingDraft, BookingLookups], BookingDraft]


def _ask_document(_draft: BookingDraft, _lookups: BookingLookups) -> Question:
    return Question(say.ASK_DOCUMENT)


def _handle_document(draft: BookingDraft, parsed: ParsedAnswer, lookups: BookingLookups) -> StepResult:
    for document in parse_documents(parsed.text):
        patient = lookups.find_patient(document)
        if patient is not None:
            return StepResult(replace(draft, patient=patient), say.FOUND_PATIENT.format(patient.first_name))
    return StepResult(None, say.UNUSABLE_DOCUMENT)


def _back_from_document(draft: BookingDraft, _lookups: BookingLookups) -> BookingDraft:
    return draft


def _ask_city(draft: BookingDraft, lookups: BookingLookups) -> Question:
    own = draft.patient.city_name if draft.patient and draft.patient.city_id else ""
    if draft.search is None and own:
        options = Option("own", say.OWN_CITY.format(own)), Option("other", say.OTHER_CITY)
        return Question(say.ASK_CITY, options)
    return _list_question("city", lookups.search_cities(draft.search or ""), say.CHOOSE_CITY) or Question(
        say.ASK_CITY_NAME
    )


def _handle_city(draft: BookingDraft, parsed: ParsedAnswer, lookups: BookingLookups) -> StepResult:
    if parsed.key == "own" and draft.patient and draft.patient.city_id:
        return StepResult(replace(draft, city=NamedRef(draft.patient.city_id, draft.patient.city_name), search=None))
    if parsed.key == "other":
        return StepResult(replace(draft, search=""))
    if parsed.id:
        return StepResult(replace(draft, city=NamedRef(int(parsed.id), parsed.text), search=None))
    if lookups.search_cities(parsed.text):
        return StepResult(replace(draft, search=parsed.text))
    return StepResult(None, say.NO_CITY.format(_shorten_echo(parsed.text)))


def _back_from_city(draft: BookingDraft, _lookups: BookingLookups) -> BookingDraft:
    return _without_patient(draft) if draft.search is None else replace(draft, search=None)


def _ask_specialty(draft: BookingDraft, lookups: BookingLookups) -> Question:
    if draft.professional is not None:
        hits = _professional_specialties(draft, lookups)
        question = _list_question("specialty", hits, say.CHOOSE_OWN_SPECIALTY.format(draft.professional.name))
    else:
        question = _list_question("specialty", lookups.search_specialties(draft.search or ""), say.CHOOSE_SPECIALTY)
    return question or Question(say.ASK_SPECIALTY)


def _handle_specialty(draft: BookingDraft, parsed: ParsedAnswer, lookups: BookingLookups) -> StepResult:
    if parsed.id:
        return StepResult(replace(draft, specialty=NamedRef(int(parsed.id), parsed.text)))
    if draft.professional is not None:
        own = NameIndex(IndexEntry(hit.id, hit.label) for hit in _professional_specialties(draft, lookups)).search(
            parsed.text
        )
        if len(own) == 1:
            return StepResult(replace(draft, specialty=NamedRef(*own[0])))
    elif lookups.search_specialties(parsed.text):
        return StepResult(replace(draft, search=parsed.text))
    return StepResult(None, say.NO_SPECIALTY.format(_shorten_echo(parsed.text)))


def _back_from_specialty(draft: BookingDraft, _lookups: BookingLookups) -> BookingDraft:
    if draft.professional is not None:
        return _without_patient(draft)
    return replace(draft, city=None, search=None) if draft.search is None else replace(draft, search=None)


def _ask_visit_type(_draft: BookingDraft, _lookups: BookingLookups) -> Question:
    return Question(say.ASK_VISIT_TYPE, (Option("first", say.FIRST_TIME), Option("control", say.CONTROL)))


def _handle_visit_type(draft: BookingDraft, parsed: ParsedAnswer, _lookups: BookingLookups) -> StepResult:
    if parsed.key in ("first", "control"):
        return StepResult(replace(draft, first_time=parsed.key == "first"))
    return StepResult(None, say.NOT_UNDERSTOOD)


def _back_from_visit_type(draft: BookingDraft, lookups: BookingLookups) -> BookingDraft:
    if draft.professional is not None and len(_professional_specialties(draft, lookups)) == 1:
        return _without_patient(draft)
    return replace(draft, specialty=None)


def _ask_description(_draft: BookingDraft, _lookups: BookingLookups) -> Question:
    return Question(say.ASK_DESCRIPTION)


def _handle_description(draft: BookingDraft, parsed: ParsedAnswer, _lookups: BookingLookups) -> StepResult:
    if count_visible_chars(parsed.text) < MIN_DESCRIPTION_CHARS:
        return StepResult(None, say.SHORT_DESCRIPTION)
    if len(parsed.text) > MAX_DESCRIPTION_CHARS:
        return StepResult(None, say.LONG_DESCRIPTION)
    return StepResult(replace(draft, description=parsed.text))


def _back_from_description(draft: BookingDraft, _lookups: BookingLookups) -> BookingDraft:
    return replace(draft, first_time=None, description="")


def _ask_slot(draft: BookingDraft, _lookups: BookingLookups) -> Question:
    options = (Option(f"slot:{slot.id}", slot.label) for slot in draft.slots)
    return Question(say.ASK_SLOT, (*options, Option("contact", say.CONTACT_ME)))


def _handle_slot(draft: BookingDraft, parsed: ParsedAnswer, _lookups: BookingLookups) -> StepResult:
    slot = next((slot for slot in draft.slots if parsed.key == f"slot:{slot.id}"), None)
    if slot is None and parsed.key != "contact":
        return StepResult(None, say.NOT_UNDERSTOOD)
    return StepResult(replace(draft, slot=slot, wants_contact=slot is None))


def _back_from_slot(draft: BookingDraft, _lookups: BookingLookups) -> BookingDraft:
    return replace(draft, description="")


def _ask_confirmation(draft: BookingDraft, lookups: BookingLookups) -> Question:
    if draft.aside == "change":
        return Question(say.ASK_CHANGE, tuple(_change_options(draft, lookups)))
    return Question(
        say.booking_summary(draft), (Option("yes", say.YES_LABEL), Option("no", say.NO_LABEL)), is_first=True
    )


def _handle_confirmation(draft: BookingDraft, parsed: ParsedAnswer, lookups: BookingLookups) -> StepResult:
    if parsed.key == "yes":
        return StepResult(draft, is_booking=True)
    what = parsed.id
    if not parsed.key and not parsed.text.isdecimal():
        typed = match_option(parsed.text, tuple(_change_options(draft, lookups)))
        what = typed.key.partition(":")[2] if typed else ""
    if what in _CHANGE_RESETS:
        return StepResult(_CHANGE_RESETS[what](draft))
    if parsed.key == "no" or fold(parsed.text).startswith("no "):
        return StepResult(replace(draft, aside="change"))
    return StepResult(None, say.NOT_UNDERSTOOD)


def _back_from_confirmation(draft: BookingDraft, lookups: BookingLookups) -> BookingDraft:
    draft = _without_slot(draft)
    return draft if find_next_slots(draft, lookups) else replace(draft, description="")


def _ask_completed(draft: BookingDraft, _lookups: BookingLookups) -> Question:
    return Question(say.ALREADY_BOOKED.format(draft.ticket), (Option("new", say.NEW_BOOKING),))


def _handle_completed(draft: BookingDraft, _parsed: ParsedAnswer, _lookups: BookingLookups) -> StepResult:
    return StepResult(draft)


STEPS: dict[DialogueState, Step] = {
    "awaiting_document": Step(_ask_document, _handle_document, _back_from_document),
    "awaiting_city_selection": Step(_ask_city, _handle_city, _back_from_city),
    "awaiting_specialty_search": Step(_ask_specialty, _handle_specialty, _back_from_specialty),
    "awaiting_specialty_selection": Step(_ask_specialty, _handle_specialty, _back_from_specialty),
    "awaiting_visit_type": Step(_ask_visit_type, _handle_visit_type, _back_from_visit_type),
    "awaiting_description": Step(_ask_description, _handle_description, _back_from_description),
    "awaiting_slot_selection": Step(_ask_slot, _handle_slot, _back_from_slot),
    "confirmation": Step(_ask_confirmation, _handle_confirmation, _back_from_confirmation),
    "completed": Step(_ask_completed, _handle_completed, lambda draft, _choices: draft),
}


def find_next_slots(draft: BookingDraft, lookups: BookingLookups) -> tuple[SlotOption, ...]:
    """Return the next free slots for the chosen specialty, city and professional."""
    if draft.specialty is None or draft.city is None:
        return ()
    professional_id = draft.professional.id if draft.professional else None
    return tuple(lookups.find_next_slots(draft.specialty.id, draft.city.id, professional_id))


def _without_patient(draft: BookingDraft) -> BookingDraft:
    return replace(draft, patient=None, search=None)


def _without_slot(draft: BookingDraft) -> BookingDraft:
    return replace(draft, slot=None, wants_contact=False)


_CHANGE_RESETS: dict[str, Callable[[BookingDraft], BookingDraft]] = {
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
"""What is reset, and so asked again, when an answer of the summary is to be changed."""


def _change_options(draft: BookingDraft, lookups: BookingLookups) -> list[Option]:
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
        if len(_professional_specialties(draft, lookups)) < 2:
            del labels["specialty"]
    if not find_next_slots(draft, lookups):
        del labels["slot"]
    return [Option(f"change:{what}", label) for what, label in labels.items()]


def _professional_specialties(draft: BookingDraft, lookups: BookingLookups) -> list[SearchHit]:
    professional = lookups.professional(draft.professional.id) if draft.professional else None
    return professional.specialties[:MAX_HITS] if professional else []


def _list_question(kind: str, hits: list[SearchHit], message: str) -> Question | None:
    options = tuple(Option(f"{kind}:{hit.id}", hit.label) for hit in hits[:MAX_HITS])
    return Question(message, options, is_list=True) if options else None


def _shorten_echo(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MAX_ECHOED_CHARS else f"{line[:_MAX_ECHOED_CHARS]}…"
