"""The steps of the dialogue: the question of each, how it parses an answer, and what it resets on the way back."""

from collections.abc import Callable

from msgspec.structs import replace

from beneficiate.domain.booking.presentation import NO_REASON
from beneficiate.domain.bot import sentences as say
from beneficiate.domain.bot.drafts import BookingDraft, DialogueState, NamedRef, SlotPreference
from beneficiate.domain.bot.move_steps import (
    ask_appointment,
    ask_move_confirmation,
    back_from_move_confirmation,
    back_from_new_slot,
    handle_appointment,
    handle_move_confirmation,
)
from beneficiate.domain.bot.parsing import (
    Option,
    count_visible_chars,
    match_option,
    parse_documents,
    refuses_storage,
)
from beneficiate.domain.bot.slot_step import ask_slot, back_from_slot, find_next_slots, handle_slot, without_description
from beneficiate.domain.bot.specialty_step import (
    ask_specialty,
    back_from_specialty,
    handle_specialty,
    professional_specialties,
)
from beneficiate.domain.bot.step_types import ParsedAnswer, Question, Step, StepResult, list_question, shorten_echo
from beneficiate.domain.bot.turns import BookingLookups
from beneficiate.domain.bot.vocabulary import MYSELF_PHRASES
from beneficiate.folding import fold

MIN_DESCRIPTION_CHARS, MAX_DESCRIPTION_CHARS = 3, 1000


def _ask_document(_draft: BookingDraft, lookups: BookingLookups) -> Question:
    people = [Option(f"patient:{patient.key}", patient.name) for patient in lookups.list_patients()]
    ways = [Option("move", say.MOVE_APPOINTMENT)] if lookups.list_movable_appointments() else []
    return Question(say.ASK_PATIENT, (*people, Option("other_patient", say.OTHER_PATIENT), *ways))


def _handle_document(draft: BookingDraft, parsed: ParsedAnswer, lookups: BookingLookups) -> StepResult:
    if parsed.key == "other_patient":
        return StepResult(draft, say.OTHER_PATIENT_HINT)
    people = lookups.list_patients()
    key = f"patient:{people[0].key}" if fold(parsed.text) in MYSELF_PHRASES else parsed.key
    chosen = next((one for one in people if key == f"patient:{one.key}"), None)
    if chosen is not None:
        return StepResult(replace(draft, patient=chosen), say.FOUND_PATIENT.format(chosen.first_name))
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
    return list_question("city", lookups.search_cities(draft.search or ""), say.CHOOSE_CITY) or Question(
        say.ASK_CITY_NAME
    )


def _handle_city(draft: BookingDraft, parsed: ParsedAnswer, lookups: BookingLookups) -> StepResult:
    if parsed.key == "own" and draft.patient and draft.patient.city_id:
        return StepResult(replace(draft, city=NamedRef(draft.patient.city_id, draft.patient.city_name), search=None))
    if parsed.key == "other":
        return StepResult(replace(draft, search=""))
    if parsed.id:
        return StepResult(replace(draft, city=NamedRef(int(parsed.id), parsed.text), search=None))
    exact = lookups.find_city(parsed.text)
    if exact is not None:
        return StepResult(replace(draft, city=NamedRef(*exact), search=None), say.NOTED.format(exact.label))
    if lookups.search_cities(parsed.text):
        return StepResult(replace(draft, search=parsed.text))
    return StepResult(None, say.NO_CITY.format(shorten_echo(parsed.text)))


def _back_from_city(draft: BookingDraft, _lookups: BookingLookups) -> BookingDraft:
    return _without_patient(draft) if draft.search is None else replace(draft, search=None)


def _ask_visit_type(_draft: BookingDraft, _lookups: BookingLookups) -> Question:
    return Question(say.ASK_VISIT_TYPE, (Option("first", say.FIRST_TIME), Option("control", say.CONTROL)))


def _handle_visit_type(draft: BookingDraft, parsed: ParsedAnswer, _lookups: BookingLookups) -> StepResult:
    if parsed.key in ("first", "control"):
        return StepResult(replace(draft, first_time=parsed.key == "first"))
    return StepResult(None, say.NOT_UNDERSTOOD)


def _back_from_visit_type(draft: BookingDraft, lookups: BookingLookups) -> BookingDraft:
    if draft.professional is not None and len(professional_specialties(draft, lookups)) == 1:
        return _without_patient(draft)
    return replace(draft, specialty=None)


def _ask_description(_draft: BookingDraft, _lookups: BookingLookups) -> Question:
    return Question(say.ASK_DESCRIPTION, (Option("no_reason", say.NO_REASON_LABEL),))


def _handle_description(draft: BookingDraft, parsed: ParsedAnswer, _lookups: BookingLookups) -> StepResult:
    if parsed.key == "no_reason" or refuses_storage(parsed.text):
        return StepResult(replace(draft, description=NO_REASON))
    if count_visible_chars(parsed.text) < MIN_DESCRIPTION_CHARS:
        return StepResult(None, say.SHORT_DESCRIPTION)
    if len(parsed.text) > MAX_DESCRIPTION_CHARS:
        return StepResult(None, say.LONG_DESCRIPTION)
    return StepResult(replace(draft, description=parsed.text))


def _back_from_description(draft: BookingDraft, _lookups: BookingLookups) -> BookingDraft:
    return replace(draft, first_time=None, description="")


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
    return draft if find_next_slots(draft, lookups) else without_description(draft, lookups)


def _ask_completed(draft: BookingDraft, _lookups: BookingLookups) -> Question:
    return Question(say.ALREADY_BOOKED.format(draft.ticket), (Option("new", say.NEW_BOOKING),))


def _handle_completed(draft: BookingDraft, _parsed: ParsedAnswer, _lookups: BookingLookups) -> StepResult:
    return StepResult(draft)


STEPS: dict[DialogueState, Step] = {
    "awaiting_document": Step(_ask_document, _handle_document, _back_from_document),
    "awaiting_city_selection": Step(_ask_city, _handle_city, _back_from_city),
    "awaiting_specialty_search": Step(ask_specialty, handle_specialty, back_from_specialty),
    "awaiting_specialty_selection": Step(ask_specialty, handle_specialty, back_from_specialty),
    "awaiting_visit_type": Step(_ask_visit_type, _handle_visit_type, _back_from_visit_type),
    "awaiting_description": Step(_ask_description, _handle_description, _back_from_description),
    "awaiting_slot_selection": Step(ask_slot, handle_slot, back_from_slot),
    "confirmation": Step(_ask_confirmation, _handle_confirmation, _back_from_confirmation),
    "completed": Step(_ask_completed, _handle_completed, lambda draft, _choices: draft),
    "awaiting_appointment_selection": Step(ask_appointment, handle_appointment, lambda draft, _choices: draft),
    "awaiting_new_slot_selection": Step(ask_slot, handle_slot, back_from_new_slot),
    "move_confirmation": Step(ask_move_confirmation, handle_move_confirmation, back_from_move_confirmation),
}


def _without_patient(draft: BookingDraft) -> BookingDraft:
    return replace(draft, patient=None, search=None)


def _without_slot(draft: BookingDraft) -> BookingDraft:
    return replace(draft, slot=None, wants_contact=False, preference=SlotPreference())


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
        if len(professional_specialties(draft, lookups)) < 2:
            del labels["specialty"]
    if not find_next_slots(draft, lookups):
        del labels["slot"]
    if not lookups.may_ask_reason():
        del labels["description"]
    return [Option(f"change:{what}", label) for what, label in labels.items()]
