"""The booking dialogue: one answer in, one reply out.

turn = start_dialogue(lookups)
turn = advance_dialogue(turn.draft, Answer("52.123.456"), lookups)
…
turn = reply_booked(turn.draft, "APT-7K2QX-0481", is_confirmed=False)    # once the caller has booked turn.booking
"""

from msgspec.structs import replace

from beneficiate.domain.bot import sentences as say
from beneficiate.domain.bot.drafts import BookingDraft
from beneficiate.domain.bot.emergencies import is_emergency
from beneficiate.domain.bot.moves import end_move, start_move, submit_move
from beneficiate.domain.bot.parsing import (
    Option,
    clean_text,
    find_pressed_choice,
    is_button_id,
    is_greeting,
    is_move_request,
    is_person_request,
    match_option,
    parse_command,
)
from beneficiate.domain.bot.preselection import preselect_professional
from beneficiate.domain.bot.questions import (
    STATES_OF_ASIDE,
    ask_next,
    ask_open_question,
    build_turn,
    find_open_question,
    find_step_question,
    join_paragraphs,
    reply_needs_plan,
    resolve_state,
)
from beneficiate.domain.bot.step_types import ParsedAnswer, Question, StepResult
from beneficiate.domain.bot.steps import STEPS
from beneficiate.domain.bot.turns import Answer, BookingLookups, BookingRefusal, BookingRequest, BotReply, DialogueTurn
from beneficiate.domain.bot.vocabulary import BotCommand

MAX_FAILURES = 3


def start_dialogue(
    lookups: BookingLookups, draft: BookingDraft | None = None, professional: int | None = None
) -> DialogueTurn:
    """Start the dialogue, or resume it: name the step and ask the open question again.

    A professional is chosen for the draft that there is; after a booking, for a new one.
    """
    draft = draft or BookingDraft()
    if draft.is_move and professional is not None:
        draft = draft.paused or BookingDraft(turn=draft.turn)
    draft, missing = preselect_professional(draft, professional, lookups)
    if not draft.ticket and not lookups.has_plan():
        return reply_needs_plan(draft)
    if draft.patient is not None or draft.ticket or draft.is_move:
        sentence = "" if draft.ticket else say.RESUMED.format(say.STATE_NAMES[draft.next_state])
    elif draft.professional is not None:
        sentence = f"{say.WELCOME} {say.WITH_PROFESSIONAL.format(draft.professional.name)}"
    else:
        sentence = say.WELCOME
    is_first = draft.patient is None and not (draft.aside or draft.ticket or draft.is_move)
    after = say.COMMANDS_HINT if is_first else ""
    return ask_next(draft, lookups, join_paragraphs(missing, sentence), after)


def advance_dialogue(draft: BookingDraft, answer: Answer, lookups: BookingLookups) -> DialogueTurn:
    """Process an answer, whatever was typed or pressed. Never raises by itself, never loses earlier answers."""
    draft = resolve_state(draft, lookups)
    question = find_open_question(draft, lookups)
    command, parsed = _interpret_answer(draft, question, answer, lookups)
    if command is not None:
        return _run_command(command, draft, lookups)
    if parsed is None:
        return ask_open_question(draft, lookups, "" if draft.ticket else say.STALE_BUTTON)
    if parsed.key == "person":
        return _hand_over(draft, lookups)
    if not draft.ticket and not lookups.has_plan():
        return reply_needs_plan(draft)
    if parsed.key == "move":
        return start_move(draft, lookups)
    if parsed.key == "keep":
        return end_move(draft, lookups, say.MOVE_LEFT)
    if parsed.key == "continue":
        return ask_next(replace(draft, aside="", failures=0), lookups)
    return _handle_answer(draft, parsed, lookups)


def reply_booked(draft: BookingDraft, ticket: str, is_confirmed: bool, place: str = "") -> DialogueTurn:
    """Reply that the appointment was booked under this ticket, and where to go."""
    if draft.slot is None:
        sentence = say.BOOKED
    else:
        sentence = say.BOOKED_CONFIRMED if is_confirmed else say.BOOKED_TO_BE_CONFIRMED
    patient = draft.patient.first_name if draft.patient else ""
    message = sentence.format(patient=patient, ticket=ticket, slot=draft.slot.label if draft.slot else "")
    if draft.slot is not None and place:
        message = f"{message} {say.PLACE.format(place)}"
    draft = replace(draft, state="completed", ticket=ticket, aside="", failures=0, slots=())
    return build_turn(draft, Question(message, (Option("new", say.NEW_BOOKING),)))


def reply_refused(draft: BookingDraft, reason: BookingRefusal, lookups: BookingLookups) -> DialogueTurn:
    """Reply that the booking failed, and continue where it makes sense. Nothing else is forgotten."""
    draft = replace(draft, aside="", failures=0)
    if reason == "plan_ended":
        return reply_needs_plan(draft)
    if reason == "patient_gone":
        return ask_next(replace(draft, patient=None, search=None), lookups, say.PATIENT_GONE)
    draft = replace(draft, slot=None, wants_contact=False)
    if reason == "professional_gone":
        return ask_next(replace(draft, professional=None), lookups, say.PROFESSIONAL_GONE)
    sentences = {"slot_taken": say.SLOT_TAKEN, "patient_busy": say.PATIENT_BUSY, "plan_ends_before": say.AFTER_PLAN}
    return ask_next(draft, lookups, sentences[reason])


def _interpret_answer(
    draft: BookingDraft, question: Question, answer: Answer, lookups: BookingLookups
) -> tuple[BotCommand | None, ParsedAnswer | None]:
    """Return the command, or what was pressed or typed; neither for a button that no longer exists."""
    text, option = clean_text(answer.text), clean_text(answer.option)
    if option:
        choice = find_pressed_choice(option, draft.choices)
        if choice is not None:
            return None, ParsedAnswer(choice.key, choice.label)
        return parse_command(option), None
    choice = next((choice for choice in draft.choices if choice.id == text), None)
    if choice is not None:
        return None, ParsedAnswer(choice.key, choice.label)
    if is_button_id(text):
        return None, None
    if is_emergency(text):
        return None, ParsedAnswer("", text)
    groups = (question.options, find_step_question(draft, lookups).options) if draft.aside else (question.options,)
    typed = next((found for group in groups if (found := match_option(text, group)) is not None), None)
    if typed is not None:
        return None, ParsedAnswer(typed.key, typed.label)
    return _parse_request(text, draft), ParsedAnswer("", text)


def _parse_request(text: str, draft: BookingDraft) -> BotCommand | None:
    """Return the command that a typed text is. A description may speak of persons and of moving."""
    if draft.state != "awaiting_description":
        if is_person_request(text):
            return "agente"
        if is_move_request(text):
            return "reprogramar"
    return parse_command(text)


def _run_command(command: BotCommand, draft: BookingDraft, lookups: BookingLookups) -> DialogueTurn:
    if command == "agente":
        return _hand_over(draft, lookups)
    if command == "ayuda":
        if not draft.ticket and not lookups.has_plan():
            return reply_needs_plan(draft)
        return ask_open_question(draft, lookups, say.HELP[draft.state], say.COMMANDS_HINT)
    if command == "reprogramar":
        return start_move(draft, lookups)
    if command == "cancelar":
        return _cancel_booking(draft, lookups)
    return _step_back(draft, lookups)


def _hand_over(draft: BookingDraft, lookups: BookingLookups) -> DialogueTurn:
    """Hand over to an agent. Afterwards the bot asks the open question of the step; its buttons stay valid."""
    draft = resolve_state(replace(draft, aside="", failures=0), lookups)
    return DialogueTurn(draft, BotReply(say.HANDED_OVER, (), is_list=False, state=draft.state), wants_person=True)


def _cancel_booking(draft: BookingDraft, lookups: BookingLookups) -> DialogueTurn:
    if draft.is_move:
        return end_move(draft, lookups, say.MOVE_LEFT)
    if draft.ticket:
        question = find_step_question(draft, lookups)
        return build_turn(draft, question._replace(message=say.BOOKED_CANNOT_CANCEL.format(draft.ticket)))
    turn = build_turn(BookingDraft(turn=draft.turn), Question(say.BOOKING_CANCELLED))
    return turn._replace(reply=turn.reply._replace(restart=True))


def _step_back(draft: BookingDraft, lookups: BookingLookups) -> DialogueTurn:
    if draft.aside:
        return ask_next(replace(draft, aside="", failures=0, description=draft.kept_description), lookups)
    sentence = say.FIRST_STEP if draft.state in ("awaiting_document", "awaiting_appointment_selection") else ""
    return ask_next(replace(STEPS[draft.state].step_back(draft, lookups), failures=0), lookups, sentence)


def _handle_answer(draft: BookingDraft, parsed: ParsedAnswer, lookups: BookingLookups) -> DialogueTurn:
    """Process an answer to the question of the step."""
    is_hello = not parsed.key and is_greeting(parsed.text)
    if draft.ticket and (is_hello or parsed.key == "new"):
        return start_dialogue(lookups, BookingDraft(turn=draft.turn))
    if not parsed.key and (is_hello or not parsed.text):
        return ask_open_question(draft, lookups, "" if is_hello else say.EMPTY_ANSWER)
    outcome = STEPS[draft.state].handle(draft, parsed, lookups)
    if not parsed.key and draft.aside.startswith("urgent") and _asks_for_help(draft, parsed.text, outcome):
        return _hand_over(draft, lookups)
    if not parsed.key and is_emergency(parsed.text):
        return _warn_of_emergency(draft, outcome, lookups)
    if outcome.draft is None:
        return _repeat_question(draft, outcome.sentence, lookups)
    if outcome.is_booking:
        return submit_move(draft) if draft.is_move else _submit_booking(draft)
    aside = outcome.draft.aside if outcome.draft.aside != draft.aside else ""
    return ask_next(replace(outcome.draft, aside=aside, failures=0), lookups, outcome.sentence)


def _asks_for_help(draft: BookingDraft, text: str, outcome: StepResult) -> bool:
    """Return whether a text accepts the person that words of danger led to: it does unless it answers the step."""
    return draft.aside == "urgent_description" or outcome.draft is None or is_emergency(text)


def _warn_of_emergency(draft: BookingDraft, outcome: StepResult, lookups: BookingLookups) -> DialogueTurn:
    """Reply to words of an emergency with the number 123 and the offer of a person. A description is kept."""
    if draft.state == "awaiting_description" and outcome.draft is not None:
        draft = replace(outcome.draft, aside="urgent_description")
    else:
        draft = replace(draft, aside="urgent")
    return ask_open_question(replace(draft, failures=0), lookups)


def _repeat_question(draft: BookingDraft, sentence: str, lookups: BookingLookups) -> DialogueTurn:
    """Ask the same question again; after three failures also offer a person."""
    draft = replace(draft, failures=min(draft.failures + 1, MAX_FAILURES))
    if draft.failures == MAX_FAILURES and draft.aside in ("", *STATES_OF_ASIDE):
        draft = replace(draft, aside="person")
    question = find_open_question(draft, lookups)
    if question.is_first or not question.options:
        return build_turn(draft, question._replace(message=sentence))
    return build_turn(draft, question._replace(message=join_paragraphs(sentence, question.message)))


def _submit_booking(draft: BookingDraft) -> DialogueTurn:
    """Return a turn with the booking to make. The draft stays as it is until the appointment is booked."""
    if draft.patient is None or draft.city is None or draft.specialty is None:
        raise AssertionError("the state follows from what is there")
    booking = BookingRequest(
        patient_key=draft.patient.key,
        city_id=draft.city.id,
        specialty_id=draft.specialty.id,
        first_time=bool(draft.first_time),
        description=draft.description,
        slot=draft.slot,
        professional=draft.professional,
    )
    return DialogueTurn(draft, BotReply(say.REGISTERING, (), is_list=False, state=draft.state), booking)


def reply_limited(draft: BookingDraft, sentence: str, lookups: BookingLookups) -> DialogueTurn:
    """Reply why no more can be booked now, and offer a person. The answers are kept for when it can."""
    return ask_next(replace(draft, aside="person", failures=0), lookups, sentence)
