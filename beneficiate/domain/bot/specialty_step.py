"""The step of the specialty: its name, the list of all, or what usually sees a complaint."""

from msgspec.structs import replace

from beneficiate.domain.bot import sentences as say
from beneficiate.domain.bot.drafts import BookingDraft, NamedRef
from beneficiate.domain.bot.parsing import Option
from beneficiate.domain.bot.step_types import ParsedAnswer, Question, StepResult, list_question, shorten_echo
from beneficiate.domain.bot.symptoms import usual_specialties
from beneficiate.domain.bot.turns import BookingLookups
from beneficiate.search import MAX_HITS, IndexEntry, NameIndex, SearchHit

_LISTED = 8
"""Specialties on a page of the list of all."""


def ask_specialty(draft: BookingDraft, lookups: BookingLookups) -> Question:
    """Ask which specialty: one of the professional, one that was found, or one of all."""
    if draft.professional is not None:
        hits = professional_specialties(draft, lookups)
        question = list_question("specialty", hits, say.CHOOSE_OWN_SPECIALTY.format(draft.professional.name))
    elif draft.search is None:
        question = _ask_from_all(draft, lookups)
    else:
        question = _ask_from_found(draft.search, lookups)
    return question or Question(say.ASK_SPECIALTY)


def handle_specialty(draft: BookingDraft, parsed: ParsedAnswer, lookups: BookingLookups) -> StepResult:
    """Take a specialty, turn a page of the list, or search."""
    if parsed.key in ("next_page", "first_page"):
        return StepResult(replace(draft, page=draft.page + 1 if parsed.key == "next_page" else 0, search=None))
    if parsed.id:
        return StepResult(replace(draft, specialty=NamedRef(int(parsed.id), parsed.text)))
    if draft.professional is not None:
        own = NameIndex(IndexEntry(hit.id, hit.label) for hit in professional_specialties(draft, lookups)).search(
            parsed.text
        )
        if len(own) == 1:
            return StepResult(replace(draft, specialty=NamedRef(*own[0])))
    else:
        exact = lookups.find_specialty(parsed.text)
        if exact is not None:
            return StepResult(replace(draft, specialty=NamedRef(*exact)), say.NOTED.format(exact.label))
        if usual_specialties(parsed.text) or lookups.search_specialties(parsed.text):
            return StepResult(replace(draft, search=parsed.text))
    return StepResult(None, say.NO_SPECIALTY.format(shorten_echo(parsed.text)))


def back_from_specialty(draft: BookingDraft, _lookups: BookingLookups) -> BookingDraft:
    """Go back to the list of all, then to the city, or to the patient when the professional decides the city."""
    if draft.professional is not None:
        return replace(draft, patient=None, search=None)
    if draft.search is None and not draft.page:
        return replace(draft, city=None)
    return replace(draft, search=None, page=0)


def professional_specialties(draft: BookingDraft, lookups: BookingLookups) -> list[SearchHit]:
    """Return the specialties of the professional who was chosen before the dialogue began."""
    professional = lookups.professional(draft.professional.id) if draft.professional else None
    return professional.specialties[:MAX_HITS] if professional else []


def _ask_from_all(draft: BookingDraft, lookups: BookingLookups) -> Question | None:
    every = lookups.list_specialties()
    page = every[draft.page * _LISTED : (draft.page + 1) * _LISTED] or every[:_LISTED]
    question = list_question("listed", page, say.ASK_SPECIALTY)
    if question is None or len(every) <= _LISTED:
        return question
    is_last = page[-1] == every[-1]
    turn = Option("first_page", say.FIRST_SPECIALTIES) if is_last else Option("next_page", say.MORE_SPECIALTIES)
    return question._replace(options=(*question.options, turn))


def _ask_from_found(text: str, lookups: BookingLookups) -> Question | None:
    usual = [hit for name in usual_specialties(text) if (hit := lookups.find_specialty(name)) is not None]
    if usual:
        names = " o ".join(hit.label for hit in usual)
        return list_question("specialty", usual, say.USUAL_SPECIALTY.format(names))
    return list_question("specialty", lookups.search_specialties(text), say.CHOOSE_SPECIALTY)
