"""The guided booking: one answer in, one reply out.

turn = begin(choices)
turn = advance(turn.draft, Answer("52.123.456"), choices)
…
turn = booked(turn.draft, "APT-7K2QX-0481", is_confirmed=False)    # once the caller has registered turn.booking
"""

from msgspec.structs import replace

from beneficiate.chatbot import sentences as say
from beneficiate.chatbot.drafts import Choice, Draft, Named
from beneficiate.chatbot.emergencies import is_emergency
from beneficiate.chatbot.hearing import Option, clean, command_in, is_button_id, is_greeting, meant, pressed
from beneficiate.chatbot.steps import STEPS, Heard, Outcome, Question, find_slots
from beneficiate.chatbot.turns import Answer, Booking, Choices, Refusal, Reply, Turn
from beneficiate.chatbot.words import Command

PATIENCE = 3
PLANS = "/planes"
_PERSON_OR_ON = (Option("person", say.TALK_TO_PERSON), Option("continue", say.GO_ON))


def begin(choices: Choices, draft: Draft | None = None, professional: int | None = None) -> Turn:
    """Start, or say where the person was and ask the open question again.

    A professional is chosen for the draft that there is; after a booking, for a new one.
    """
    draft, missing = _preselect(draft or Draft(), professional, choices)
    if not draft.ticket and not choices.has_plan():
        return _needs_plan(draft)
    if draft.patient is not None:
        sentence = "" if draft.ticket else say.RESUMED.format(say.PLACES[draft.due])
    elif draft.professional is not None:
        sentence = f"{say.WELCOME} {say.WITH_PROFESSIONAL.format(draft.professional.name)}"
    else:
        sentence = say.WELCOME
    after = say.COMMANDS if draft.patient is None and not draft.aside else ""
    return _go_on(draft, choices, _join(missing, sentence), after)


def advance(draft: Draft, answer: Answer, choices: Choices) -> Turn:
    """Make something of whatever was typed or pressed. Never raises by itself, never loses what was answered before."""
    draft = _settled(draft, choices)
    question = _question(draft, choices)
    command, heard = _hear(draft, question, answer, choices)
    if command is not None:
        return _obey(command, draft, choices)
    if heard is None:
        return _ask(draft, choices, "" if draft.ticket else say.STALE)
    if heard.key == "person":
        return _call_person(draft, choices)
    if not draft.ticket and not choices.has_plan():
        return _needs_plan(draft)
    if heard.key == "continue":
        return _go_on(replace(draft, aside="", failures=0), choices)
    return _listen(draft, heard, choices)


def booked(draft: Draft, ticket: str, is_confirmed: bool) -> Turn:
    """The booking has been registered under this ticket."""
    if draft.slot is None:
        sentence = say.BOOKED
    else:
        sentence = say.BOOKED_CONFIRMED if is_confirmed else say.BOOKED_TO_BE_CONFIRMED
    patient = draft.patient.first_name if draft.patient else ""
    message = sentence.format(patient=patient, ticket=ticket, slot=draft.slot.label if draft.slot else "")
    draft = replace(draft, state="completed", ticket=ticket, aside="", failures=0, slots=())
    return _speak(draft, Question(message, (Option("new", say.NEW_BOOKING),)))


def refused(draft: Draft, reason: Refusal, choices: Choices) -> Turn:
    """The booking could not be registered; go on from where it makes sense. Nothing else is forgotten."""
    draft = replace(draft, aside="", failures=0)
    if reason == "plan_ended":
        return _needs_plan(draft)
    if reason == "patient_gone":
        return _go_on(replace(draft, patient=None, search=None), choices, say.PATIENT_GONE)
    draft = replace(draft, slot=None, wants_contact=False)
    if reason == "professional_gone":
        return _go_on(replace(draft, professional=None), choices, say.PROFESSIONAL_GONE)
    sentence = say.SLOT_TAKEN if reason == "slot_taken" else say.PATIENT_BUSY
    return _go_on(draft, choices, _join(sentence, "" if find_slots(draft, choices) else say.NO_OTHER_SLOT))


def _hear(draft: Draft, question: Question, answer: Answer, choices: Choices) -> tuple[Command | None, Heard | None]:
    """The command, or what was pressed or typed; neither of them for a button that is not there any more."""
    text, option = clean(answer.text), clean(answer.option)
    if option:
        choice = pressed(option, draft.choices)
        if choice is not None:
            return None, Heard(choice.key, choice.label)
        return command_in(option), None
    choice = next((choice for choice in draft.choices if choice.id == text), None)
    if choice is not None:
        return None, Heard(choice.key, choice.label)
    if is_button_id(text):
        return None, None
    if is_emergency(text):
        return None, Heard("", text)
    groups = (question.options, _step_question(draft, choices).options) if draft.aside else (question.options,)
    typed = next((found for group in groups if (found := meant(text, group)) is not None), None)
    if typed is not None:
        return None, Heard(typed.key, typed.label)
    return command_in(text), Heard("", text)


def _obey(command: Command, draft: Draft, choices: Choices) -> Turn:
    if command == "agente":
        return _call_person(draft, choices)
    if command == "ayuda":
        if not draft.ticket and not choices.has_plan():
            return _needs_plan(draft)
        return _ask(draft, choices, say.HELP[draft.state], say.COMMANDS)
    if command == "cancelar":
        return _cancel(draft, choices)
    return _step_back(draft, choices)


def _call_person(draft: Draft, choices: Choices) -> Turn:
    """Hand over. Given back, the bot asks the open question of the step; its buttons still count."""
    draft = _settled(replace(draft, aside="", failures=0), choices)
    return Turn(draft, Reply(say.PERSON, (), is_list=False, state=draft.state), wants_person=True)


def _cancel(draft: Draft, choices: Choices) -> Turn:
    if draft.ticket:
        question = _step_question(draft, choices)
        return _speak(draft, question._replace(message=say.BOOKED_CANNOT_CANCEL.format(draft.ticket)))
    turn = _speak(Draft(turn=draft.turn), Question(say.CANCELLED))
    return turn._replace(reply=turn.reply._replace(restart=True))


def _step_back(draft: Draft, choices: Choices) -> Turn:
    if draft.aside:
        description = "" if draft.aside == "urgent_description" else draft.description
        return _go_on(replace(draft, aside="", failures=0, description=description), choices)
    sentence = say.FIRST_STEP if draft.state == "awaiting_document" else ""
    return _go_on(replace(STEPS[draft.state].back(draft, choices), failures=0), choices, sentence)


def _listen(draft: Draft, heard: Heard, choices: Choices) -> Turn:
    """An answer to the step itself."""
    is_hello = not heard.key and is_greeting(heard.text)
    if draft.ticket and (is_hello or heard.key == "new"):
        return begin(choices, Draft(turn=draft.turn))
    if not heard.key:
        if is_hello or not heard.text:
            return _ask(draft, choices, "" if is_hello else say.EMPTY)
        if draft.aside == "urgent_description":
            return _ask(draft, choices, say.EMERGENCY_NOTED)
    outcome = STEPS[draft.state].hear(draft, heard, choices)
    if not heard.key and is_emergency(heard.text):
        return _warn(draft, outcome, choices)
    if outcome.draft is None:
        return _fail(draft, outcome.sentence, choices)
    if outcome.is_booking:
        return _book(draft)
    aside = outcome.draft.aside if outcome.draft.aside != draft.aside else ""
    return _go_on(replace(outcome.draft, aside=aside, failures=0), choices, outcome.sentence)


def _warn(draft: Draft, outcome: Outcome, choices: Choices) -> Turn:
    """Words of an emergency: before anything goes on, 123 and a person. A description is kept all the same."""
    if draft.state == "awaiting_description" and outcome.draft is not None:
        draft = replace(outcome.draft, aside="urgent_description")
    else:
        draft = replace(draft, aside="urgent")
    return _ask(replace(draft, failures=0), choices)


def _fail(draft: Draft, sentence: str, choices: Choices) -> Turn:
    """Nothing could be made of the answer: the same question again, after three times beside the offer of a person."""
    draft = replace(draft, failures=min(draft.failures + 1, PATIENCE))
    if draft.failures == PATIENCE and draft.aside in ("", "change"):
        draft = replace(draft, aside="person")
    question = _question(draft, choices)
    if question.leads or not question.options:
        return _speak(draft, question._replace(message=sentence))
    return _speak(draft, question._replace(message=_join(sentence, question.message)))


def _book(draft: Draft) -> Turn:
    """The summary was accepted. The draft stays as it is until the booking has been registered."""
    if draft.patient is None or draft.city is None or draft.specialty is None:
        raise AssertionError("the state follows from what is there")
    booking = Booking(
        patient_key=draft.patient.key,
        city_id=draft.city.id,
        specialty_id=draft.specialty.id,
        first_time=bool(draft.first_time),
        description=draft.description,
        slot=draft.slot,
        professional=draft.professional,
    )
    return Turn(draft, Reply(say.REGISTERING, (), is_list=False, state=draft.state), booking)


def _needs_plan(draft: Draft) -> Turn:
    return Turn(draft, Reply(say.NEEDS_PLAN, (), is_list=False, state=draft.state, redirect_url=PLANS))


def _go_on(draft: Draft, choices: Choices, sentence: str = "", after: str = "") -> Turn:
    """Ask for what is missing now."""
    return _ask(_settled(draft, choices, looks_again=True), choices, sentence, after)


def _settled(draft: Draft, choices: Choices, *, looks_again: bool = False) -> Draft:
    """The draft in the state that its gaps call for; where nobody has a free time, the member is contacted."""
    if draft.due == "awaiting_specialty_selection" and draft.professional is not None:
        professional = choices.professional(draft.professional.id)
        if professional is None or not professional.specialties:
            draft = replace(draft, professional=None)
    if draft.due == "awaiting_slot_selection" and (looks_again or not draft.slots):
        slots = find_slots(draft, choices)
        draft = replace(draft, slots=slots, wants_contact=not slots)
    aside = "" if draft.aside == "change" and draft.due != "confirmation" else draft.aside
    return replace(draft, aside=aside, state=draft.due)


def _ask(draft: Draft, choices: Choices, sentence: str = "", after: str = "") -> Turn:
    """The open question, with what is to be said around it."""
    question = _question(draft, choices)
    around = (question.message, sentence) if question.leads else (sentence, question.message)
    return _speak(draft, question._replace(message=_join(*around, after)))


def _question(draft: Draft, choices: Choices) -> Question:
    """The question beside the step, or else the step's."""
    if draft.aside == "person":
        return Question(say.OFFER_PERSON, _PERSON_OR_ON)
    if draft.aside.startswith("urgent"):
        return Question(say.EMERGENCY, _PERSON_OR_ON)
    return _step_question(draft, choices)


def _step_question(draft: Draft, choices: Choices) -> Question:
    return STEPS[draft.state].ask(draft, choices)


def _speak(draft: Draft, question: Question) -> Turn:
    """The reply. Buttons keep their ids as long as they are the same, so that another tab's still count."""
    keys = [option.key for option in question.options]
    turn = draft.turn if keys == [choice.key for choice in draft.choices] and keys else draft.turn + 1
    buttons = tuple(Choice(f"{turn}:{option.key}", option.label) for option in question.options)
    draft = replace(draft, turn=turn, choices=buttons)
    return Turn(draft, Reply(question.message, buttons, question.is_list, draft.state))


def _preselect(draft: Draft, professional_id: int | None, choices: Choices) -> tuple[Draft, str]:
    if professional_id is None or (
        draft.professional and draft.professional.id == professional_id and not draft.ticket
    ):
        return draft, ""
    professional = choices.professional(professional_id)
    if professional is None or not professional.specialties:
        return draft, say.PROFESSIONAL_GONE
    if draft.ticket:
        draft = Draft(turn=draft.turn)
    own = professional.specialties
    specialty = Named(own[0].id, own[0].label) if len(own) == 1 else None
    if draft.specialty and any(hit.id == draft.specialty.id for hit in own):
        specialty = draft.specialty
    return (
        replace(
            draft,
            professional=Named(professional.id, professional.name),
            city=professional.city or draft.city,
            specialty=specialty,
            search=None,
            slot=None,
            wants_contact=False,
        ),
        "",
    )


def _join(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)
