"""The step of the slots: the next free ones, more of them, another day, another professional."""

from datetime import date

from msgspec.structs import replace

from beneficiate.domain.bot import sentences as say
from beneficiate.domain.bot.drafts import BookingDraft, NamedRef, SlotOption, SlotPreference
from beneficiate.domain.bot.parsing import Option
from beneficiate.domain.bot.slot_preferences import parse_slot_preference
from beneficiate.domain.bot.step_types import ParsedAnswer, Question, StepResult
from beneficiate.domain.bot.turns import BookingLookups
from beneficiate.formatting import bogota_date, format_long_date, format_weekday_date
from beneficiate.search import SearchHit

SLOTS_SHOWN = 3
_ONE_DAY = 1
KEEP_APPOINTMENT = Option("keep", say.KEEP_APPOINTMENT)


def ask_slot(draft: BookingDraft, lookups: BookingLookups) -> Question:
    """Ask which slot, or with whom."""
    others = _slot_professionals(draft, lookups)
    if draft.aside == "professional":
        names = (Option(f"doctor:{hit.id}", hit.label) for hit in others)
        return Question(
            say.ASK_SLOT_PROFESSIONAL, (*names, Option("any_professional", say.ANY_PROFESSIONAL)), is_list=True
        )
    if draft.is_move and not draft.slots:
        return Question(no_slots_sentence(draft, lookups), (KEEP_APPOINTMENT, Option("person", say.TALK_TO_PERSON)))
    slots = (Option(f"slot:{slot.id}", slot.label) for slot in draft.slots)
    ways = []
    if len(draft.slots) == SLOTS_SHOWN or draft.preference != SlotPreference():
        ways = [Option("more", say.MORE_SLOTS), Option("another_day", say.ANOTHER_DAY)]
    if len(others) > 1:
        ways.append(Option("another_professional", say.ANOTHER_PROFESSIONAL))
    if draft.is_move:
        return Question(say.ASK_NEW_SLOT, (*slots, *ways, KEEP_APPOINTMENT))
    return Question(say.ASK_SLOT, (*slots, *ways, Option("contact", say.CONTACT_ME)))


def handle_slot(draft: BookingDraft, parsed: ParsedAnswer, lookups: BookingLookups) -> StepResult:
    """Take a slot, or look for others."""
    slot = next((slot for slot in draft.slots if parsed.key == f"slot:{slot.id}"), None)
    if slot is not None or parsed.key == "contact":
        return StepResult(replace(draft, slot=slot, wants_contact=slot is None))
    if parsed.key == "another_professional":
        return StepResult(replace(draft, aside="professional"))
    if parsed.key.startswith("doctor:"):
        return _show_slots(draft, SlotPreference(professional=NamedRef(int(parsed.id), parsed.text)), lookups)
    if parsed.key == "any_professional":
        return _show_slots(draft, SlotPreference(), lookups)
    preference = _next_preference(draft, parsed, lookups)
    return StepResult(None, say.NOT_UNDERSTOOD) if preference is None else _show_slots(draft, preference, lookups)


def back_from_slot(draft: BookingDraft, lookups: BookingLookups) -> BookingDraft:
    """Go back to the description."""
    return replace(without_description(draft, lookups), preference=SlotPreference())


def without_description(draft: BookingDraft, lookups: BookingLookups) -> BookingDraft:
    """Return the draft without its description; where none is asked for, without the answer before it."""
    return replace(draft, description="", first_time=draft.first_time if lookups.may_ask_reason() else None)


def find_next_slots(draft: BookingDraft, lookups: BookingLookups) -> tuple[SlotOption, ...]:
    """Return the next free slots for the chosen specialty, city, professional and preference."""
    if draft.specialty is None or draft.city is None:
        return ()
    return tuple(
        lookups.find_next_slots(draft.specialty.id, draft.city.id, _wanted_professional_id(draft), draft.preference)
    )


def find_plan_limit(draft: BookingDraft, lookups: BookingLookups) -> date | None:
    """Return the last day of the plan if it is why there are no slots; None otherwise."""
    if draft.specialty is None or draft.city is None:
        return None
    return lookups.find_plan_limit(draft.specialty.id, draft.city.id, _wanted_professional_id(draft), draft.preference)


def no_slots_sentence(draft: BookingDraft, lookups: BookingLookups) -> str:
    """Return that no slot can be chosen, and why if the plan is the reason."""
    specialty, city = draft.specialty.name if draft.specialty else "", draft.city.name if draft.city else ""
    limit = find_plan_limit(draft, lookups)
    if limit is not None:
        sentence = say.NEW_SLOTS_AFTER_PLAN if draft.is_move else say.SLOTS_AFTER_PLAN
        return sentence.format(specialty, city, format_long_date(limit))
    return (say.NO_NEW_SLOTS if draft.is_move else say.NO_ONLINE_SLOTS).format(specialty, city)


def find_any_slots(draft: BookingDraft, lookups: BookingLookups) -> BookingDraft:
    """Return the draft with its next slots: those that fit the preference, or else all.

    Without any, the staff contacts the member, or the appointment that is moved stays as it is.
    """
    slots = find_next_slots(draft, lookups)
    if not slots and draft.preference != SlotPreference():
        draft = replace(draft, preference=SlotPreference())
        slots = find_next_slots(draft, lookups)
    return replace(draft, slots=slots, wants_contact=not slots and not draft.is_move)


def _next_preference(draft: BookingDraft, parsed: ParsedAnswer, lookups: BookingLookups) -> SlotPreference | None:
    last = draft.slots[-1] if draft.slots else None
    if parsed.key == "more" and last is not None:
        return replace(draft.preference, after=last.starts_at, after_professional_id=last.professional_id)
    if parsed.key == "another_day" and last is not None:
        first_day = bogota_date(draft.slots[0].starts_at)
        return replace(draft.preference, day=first_day.fromordinal(first_day.toordinal() + _ONE_DAY), after=None)
    preference = None if parsed.key else parse_slot_preference(parsed.text, lookups.today())
    return None if preference is None else replace(preference, professional=draft.preference.professional)


def _show_slots(draft: BookingDraft, preference: SlotPreference, lookups: BookingLookups) -> StepResult:
    """Return the draft with this preference, and a sentence when the slots are of another day."""
    preferred = replace(draft, preference=preference)
    slots = find_next_slots(preferred, lookups)
    if not slots:
        limit = find_plan_limit(preferred, lookups)
        sentence = say.NO_MORE_SLOTS if limit is None else say.NO_MORE_SLOTS_IN_PLAN.format(format_long_date(limit))
        return StepResult(replace(draft, preference=SlotPreference(professional=preference.professional)), sentence)
    if preference.day is None or preference.after is not None or bogota_date(slots[0].starts_at) == preference.day:
        return StepResult(preferred)
    return StepResult(preferred, say.NO_SLOT_THAT_DAY.format(format_weekday_date(preference.day)))


def _wanted_professional_id(draft: BookingDraft) -> int | None:
    professional = draft.professional or draft.preference.professional
    return professional.id if professional else None


def _slot_professionals(draft: BookingDraft, lookups: BookingLookups) -> list[SearchHit]:
    if draft.professional is not None or draft.specialty is None or draft.city is None:
        return []
    return lookups.list_slot_professionals(draft.specialty.id, draft.city.id)
