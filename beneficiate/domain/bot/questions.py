"""Asking: the open question of a draft, as a turn with buttons that have ids."""

from msgspec.structs import replace

from beneficiate.domain.booking.presentation import NO_REASON
from beneficiate.domain.bot import sentences as say
from beneficiate.domain.bot.drafts import BookingDraft, Choice, DialogueState, SideQuestion
from beneficiate.domain.bot.parsing import Option
from beneficiate.domain.bot.slot_step import find_any_slots, find_plan_limit, no_slots_sentence
from beneficiate.domain.bot.step_types import Question
from beneficiate.domain.bot.steps import STEPS
from beneficiate.domain.bot.turns import BookingLookups, BotReply, DialogueTurn

PLANS_URL = "/planes"
SLOT_STATES: tuple[DialogueState, ...] = ("awaiting_slot_selection", "awaiting_new_slot_selection")
STATES_OF_ASIDE: dict[SideQuestion, tuple[DialogueState, ...]] = {
    "change": ("confirmation",),
    "professional": SLOT_STATES,
}
"""Side questions that belong to one step."""
_PERSON_OR_CONTINUE = (Option("person", say.TALK_TO_PERSON), Option("continue", say.CONTINUE_BOOKING))


def ask_next(draft: BookingDraft, lookups: BookingLookups, sentence: str = "", after: str = "") -> DialogueTurn:
    """Ask for the next missing answer; say so when there is no slot to choose."""
    resolved = resolve_state(draft, lookups, looks_again=True)
    is_contact_left = resolved.wants_contact and not draft.wants_contact
    if is_contact_left:
        sentence = join_paragraphs(sentence, no_slots_sentence(resolved, lookups))
    turn = ask_open_question(resolved, lookups, sentence, after)
    has_no_slots = is_contact_left or (resolved.state == "awaiting_new_slot_selection" and not resolved.slots)
    if has_no_slots and find_plan_limit(resolved, lookups) is not None:
        return turn._replace(reply=turn.reply._replace(redirect_url=PLANS_URL))
    return turn


def resolve_state(draft: BookingDraft, lookups: BookingLookups, *, looks_again: bool = False) -> BookingDraft:
    """Return the draft in the state of its next missing answer; without free slots, the staff contacts the member."""
    if draft.next_state == "awaiting_specialty_selection" and draft.professional is not None:
        professional = lookups.professional(draft.professional.id)
        if professional is None or not professional.specialties:
            draft = replace(draft, professional=None)
    if draft.next_state == "awaiting_description" and not lookups.may_ask_reason():
        draft = replace(draft, description=NO_REASON, aside="")
    if draft.next_state in SLOT_STATES and (looks_again or not draft.slots):
        draft = find_any_slots(draft, lookups)
    is_elsewhere = draft.next_state not in STATES_OF_ASIDE.get(draft.aside, (draft.next_state,))
    return replace(draft, aside="" if is_elsewhere else draft.aside, state=draft.next_state)


def ask_open_question(
    draft: BookingDraft, lookups: BookingLookups, sentence: str = "", after: str = ""
) -> DialogueTurn:
    """Ask the open question, with a sentence before and after it."""
    question = find_open_question(draft, lookups)
    around = (question.message, sentence) if question.is_first else (sentence, question.message)
    return build_turn(draft, question._replace(message=join_paragraphs(*around, after)))


def find_open_question(draft: BookingDraft, lookups: BookingLookups) -> Question:
    """Return the side question if one is open, else the question of the step."""
    if draft.aside == "person":
        return Question(say.OFFER_PERSON, _PERSON_OR_CONTINUE)
    if draft.aside.startswith("urgent"):
        return Question(say.EMERGENCY, _PERSON_OR_CONTINUE)
    return find_step_question(draft, lookups)


def find_step_question(draft: BookingDraft, lookups: BookingLookups) -> Question:
    """Return the question of the step."""
    return STEPS[draft.state].ask(draft, lookups)


def build_turn(draft: BookingDraft, question: Question) -> DialogueTurn:
    """Build the turn. Buttons keep their ids as long as they are the same, so that those in another tab stay valid."""
    keys = [option.key for option in question.options]
    turn = draft.turn if keys == [choice.key for choice in draft.choices] and keys else draft.turn + 1
    buttons = tuple(Choice(f"{turn}:{option.key}", option.label) for option in question.options)
    draft = replace(draft, turn=turn, choices=buttons)
    return DialogueTurn(draft, BotReply(question.message, buttons, question.is_list, draft.state))


def join_paragraphs(*parts: str) -> str:
    """Return the parts that are not empty, with an empty line between them."""
    return "\n\n".join(part for part in parts if part)


def reply_needs_plan(draft: BookingDraft) -> DialogueTurn:
    """Reply that only members with a plan can book or move an appointment."""
    return DialogueTurn(draft, BotReply(say.NEEDS_PLAN, (), is_list=False, state=draft.state, redirect_url=PLANS_URL))
