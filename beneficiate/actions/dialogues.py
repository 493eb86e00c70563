"""The booking dialogue of the bot: the draft is a row, each answer is one unit of work."""

from collections.abc import Callable

import msgspec
from peewee import JOIN, InterfaceError, OperationalError

from beneficiate.actions import (
    appointment_requests,
    appointments,
    assignment,
    audit,
    consents,
    messages,
    plan_coverage,
    queue,
    quotas,
    slots,
)
from beneficiate.actions.facts import record_booking_fact, record_chat_facts
from beneficiate.domain.booking.lifecycle import CONFIRMED, RESCHEDULED, SCHEDULED_STATUSES
from beneficiate.domain.bot import dialogue, moves
from beneficiate.domain.bot.drafts import BookingDraft, SlotOption
from beneficiate.domain.bot.parsing import is_button_id, parse_command
from beneficiate.domain.bot.progress import STEP_OF_STATE
from beneficiate.domain.bot.turns import Answer, BookingRefusal, BookingRequest, BotReply, DialogueTurn, MoveRequest
from beneficiate.domain.facts import BOOKED, HANDED_OVER, TO_BOT
from beneficiate.errors import (
    IllegalTransition,
    Internal,
    Invalid,
    LimitReached,
    NotFound,
    PlanRequired,
    Problem,
    RateLimited,
    SlotTaken,
)
from beneficiate.logs import log_failure
from beneficiate.models.accounts import Agent, User
from beneficiate.models.base import database, lock_rows
from beneficiate.models.chats import CLOSED, SUPPORT, Chat
from beneficiate.models.dialogues import Dialogue
from beneficiate.models.professionals import Professional
from beneficiate.protocol import channels
from beneficiate.protocol.booking import AnswerBot, AppointmentPayload, BotReplied, ChoicePayload, StartBooking
from beneficiate.protocol.commands import SendMessage
from beneficiate.protocol.queue import HandOverToBot
from beneficiate.queries.booking import MemberLookups
from beneficiate.queries.slots import is_start_available
from beneficiate.text_limits import MAX_MESSAGE_CHARS
from beneficiate.unit_of_work import Actor, UnitOfWork

BOT = "BOT"
STATE_WITH_PERSON = "with_person"


def start_booking(uow: UnitOfWork, command: StartBooking) -> None:
    """Start the booking dialogue, or resume it where it was and ask the last question again."""
    _run_turn(uow, lambda draft, choices: dialogue.start_dialogue(choices, draft, command.professionalId))


def handle_bot_answer(uow: UnitOfWork, command: AnswerBot) -> None:
    """Process an answer to the bot. Without a dialogue it starts one and is its first answer.

    From a member who asked for a person it is a message for that person. Raises Invalid (no text that can be sent).
    """
    if command.is_start:
        _run_turn(uow, lambda draft, choices: dialogue.start_dialogue(choices, draft, command.professional_id))
        return
    answer = Answer(command.text, command.option)

    def advance(draft: BookingDraft | None, choices: MemberLookups) -> DialogueTurn:
        known = draft or dialogue.start_dialogue(choices, None, command.professional_id).draft
        return dialogue.advance_dialogue(known, answer, choices)

    _run_turn(uow, advance, command.text)


def return_to_bot(uow: UnitOfWork, command: HandOverToBot) -> None:
    """Return the member to the bot, which resumes the dialogue where it was.

    Raises NotFound, ChatIsClosed, RateLimited.
    """
    # The lock order everywhere: the member before the chat.
    member_of = Chat.select(Chat.user).where(Chat.id == command.chat_id)
    list(lock_rows(User.select(User.id).where(User.id.in_(member_of))).tuples())
    chat = queue.access_own_chat(uow, command.chat_id)
    quotas.consume_quota(uow, uow.rules.quotas.chat_moves)
    Chat.update(bot_muted=False).where(Chat.id == chat.id).execute()
    record_chat_facts(uow, HANDED_OVER, [(chat.id, chat.agent_id)], TO_BOT)
    assignment.send_system_messages(uow, {chat.id: "El asistente sigue con usted. Puede escribirle cuando quiera."})
    audit.record_act(uow, "chats.to_bot", f"chat:{chat.id}", person_id=chat.user_id)
    member = Actor(chat.user_id, "member", None, chat.user.name)
    member_uow = UnitOfWork(member, uow.now, uow.rules, uow.outgoing, uow.hints, uow.deferred)
    _run_turn(member_uow, lambda draft, choices: dialogue.start_dialogue(choices, draft, None))


def _run_turn(
    uow: UnitOfWork, step: Callable[[BookingDraft | None, MemberLookups], DialogueTurn], said: str = ""
) -> None:
    """Load the draft, run one step, book if it asks to, store the draft and emit the one reply.

    While the bot is muted, what the member said is stored as a message of the chat instead.
    """
    text = _load_draft_for_update(uow.actor.user_id)
    if (chat := _find_chat_with_person(uow.actor.user_id)) is not None:
        is_stored = _store_for_person(uow, chat.id, said)
        muted = BotReplied(message=_muted_sentence(chat, is_stored), sender_type=BOT, state=STATE_WITH_PERSON)
        uow.emit(muted, channels=[channels.user_channel(uow.actor.user_id)])
        return
    before, choices, mark = None, MemberLookups(uow), uow.mark()
    try:
        # A savepoint: whatever fails inside, the draft stays as it was and the member gets an answer.
        with database.atomic():
            before = None if text is None else msgspec.json.decode(text, type=BookingDraft)
            advanced = step(before, choices)
            consents.consent_by_answer(uow, advanced.draft.kept_description, before.kept_description if before else "")
            turn = _apply_turn(uow, before, advanced, choices)
    except (Problem, OperationalError, InterfaceError):
        # The database fails, and not the dialogue: then there is nothing to store an answer in.
        raise
    except Exception as problem:  # noqa: BLE001  logged
        log_failure("dialogue_failed", problem, {"user_id": uow.actor.user_id})
        uow.undo_to(mark)  # what was rolled back
        last_draft = before or BookingDraft()
        turn = DialogueTurn(
            last_draft, BotReply(Internal.sentence, last_draft.choices, is_list=False, state=last_draft.state)
        )
    if text is None or before is not None:
        _store_draft(uow, turn.draft)
    state = STATE_WITH_PERSON if turn.wants_person else turn.reply.state
    uow.emit(_bot_reply_event(turn.reply, state), channels=[channels.user_channel(uow.actor.user_id)])


def _apply_turn(
    uow: UnitOfWork, before: BookingDraft | None, turn: DialogueTurn, choices: MemberLookups
) -> DialogueTurn:
    """Carry out what a turn asks for: hold a slot, book an appointment, call an agent."""
    if turn.wants_person:
        return _call_person(uow, before, turn, choices)
    if turn.booking is not None:
        return _book_appointment(uow, turn.draft, turn.booking, choices)
    if turn.move is not None:
        return _move_appointment(uow, turn.draft, turn.move, choices)
    held_slot = before.slot if before is not None else None
    if turn.draft.slot == held_slot:
        return turn
    if turn.draft.slot is None:
        slots.release_holds(uow.actor.user_id)
        return turn
    try:
        _hold_slot(uow, turn.draft.slot)
    except SlotTaken as problem:
        if turn.draft.is_move:
            return moves.reply_move_refused(turn.draft, problem.sentence, choices, is_over=False)
        return dialogue.reply_refused(turn.draft, _refusal_code(problem), choices)
    return turn


def _call_person(
    uow: UnitOfWork, before: BookingDraft | None, turn: DialogueTurn, choices: MemberLookups
) -> DialogueTurn:
    try:
        queue.request_agent_for_member(uow)
    except RateLimited as problem:
        return dialogue.reply_limited(turn.draft, problem.sentence, choices)
    if step := STEP_OF_STATE.get((before or turn.draft).state):
        record_booking_fact(uow, step)
    return turn


def _book_appointment(
    uow: UnitOfWork, draft: BookingDraft, booking: BookingRequest, choices: MemberLookups
) -> DialogueTurn:
    professional_id = booking.professional.id if booking.professional else None
    appointment_request = appointment_requests.RequestAppointment(
        user_id=uow.actor.user_id,
        patient_key=booking.patient_key,
        specialty_id=booking.specialty_id,
        township_id=booking.city_id,
        first_time=booking.first_time,
        notes=booking.description,
        professional_id=booking.slot.professional_id if booking.slot else professional_id,
        starts_at=booking.slot.starts_at if booking.slot else None,
    )
    try:
        with database.atomic():
            appointment = appointment_requests.request_appointment(uow, appointment_request)
    except (Invalid, NotFound, PlanRequired, SlotTaken) as problem:
        return dialogue.reply_refused(draft, _refusal_code(problem), choices)
    except (LimitReached, RateLimited) as problem:
        return dialogue.reply_limited(draft, problem.sentence, choices)
    is_confirmed = appointment.status == CONFIRMED
    record_booking_fact(uow, BOOKED)
    return dialogue.reply_booked(draft, appointment.ticket_number, is_confirmed, _place_of(appointment))


def _move_appointment(uow: UnitOfWork, draft: BookingDraft, move: MoveRequest, choices: MemberLookups) -> DialogueTurn:
    command = appointments.ChangeAppointment(
        move.appointment_id, RESCHEDULED, "", move.slot.professional_id, move.slot.starts_at, move.version
    )
    try:
        with database.atomic():
            appointment = appointments.change_appointment(uow, command)
    except (Invalid, PlanRequired, SlotTaken) as problem:
        return moves.reply_move_refused(draft, problem.sentence, choices, is_over=False)
    except (IllegalTransition, NotFound) as problem:
        return moves.reply_move_refused(draft, problem.sentence, choices, is_over=True)
    except RateLimited as problem:
        return dialogue.reply_limited(draft, problem.sentence, choices)
    is_confirmed = appointment.status in SCHEDULED_STATUSES
    return moves.reply_moved(draft, choices, is_confirmed=is_confirmed, place=_place_of(appointment))


def _place_of(appointment: AppointmentPayload) -> str:
    return appointment.place if appointment.location else ""


def _refusal_code(problem: Problem) -> BookingRefusal:
    """Return the dialogue's code for why a booking failed."""
    if isinstance(problem, slots.PatientBusy):
        return "patient_busy"
    if isinstance(problem, (Invalid, SlotTaken)):
        return "slot_taken"  # Invalid: the slot in the draft is in the past by now
    if isinstance(problem, plan_coverage.PlanEndsBefore):
        return "plan_ends_before"
    if isinstance(problem, PlanRequired):
        return "plan_ended"
    return "patient_gone" if isinstance(problem, appointment_requests.PatientNotFound) else "professional_gone"


def _hold_slot(uow: UnitOfWork, slot: SlotOption) -> None:
    professional = Professional.get_by_id(slot.professional_id)
    if not is_start_available(uow, professional, slot.starts_at, uow.actor.user_id):
        raise SlotTaken
    slots.hold_slot(uow, professional, slot.starts_at, uow.rules.hold, uow.actor.user_id)


def _load_draft_for_update(user_id: int) -> str | None:
    """Return the stored draft (JSON) of a member. Locks the member's row, so that answers of two tabs serialise."""
    User.lock_rows([user_id])
    row = Dialogue.get_or_none(Dialogue.user == user_id)
    return None if row is None else str(row.draft)


def _find_chat_with_person(user_id: int) -> Chat | None:
    """Return the open chat for which this member asked the bot, with its agent if one has it; None without one."""
    query = Chat.select(Chat, Agent, User).join(Agent, JOIN.LEFT_OUTER).join(User, JOIN.LEFT_OUTER)
    is_open = (Chat.kind == SUPPORT) & (Chat.status != CLOSED) & Chat.bot_muted
    found: Chat | None = query.where(Chat.user == user_id, is_open).first()
    return found


def _store_for_person(uow: UnitOfWork, chat_id: int, said: str) -> bool:
    """Store what a member said to the muted bot as a message of the chat, and return whether there was anything.

    A button of before, or to ask for a person again, is nothing. Raises Invalid for a text that is no message.
    """
    if not said or is_button_id(said) or parse_command(said) == "agente":
        return False
    if len(said) > MAX_MESSAGE_CHARS:
        raise Invalid("Ese mensaje es muy largo. Divídalo en dos, por favor.")
    messages.send_messages.run_one(uow, SendMessage(chat_id=chat_id, message=said))
    return True


def _muted_sentence(chat: Chat, is_stored: bool) -> str:
    """Return what the muted bot says: where the member's words are, and who answers them."""
    words = "Su mensaje quedó" if is_stored else "Lo que escriba queda"
    who = f"Ahora le responde {chat.agent.user.first_name}" if chat.agent else "Usted pidió hablar con una persona"
    return f"{who}. {words} en el chat con el equipo. El asistente sigue con usted cuando terminen."


def _store_draft(uow: UnitOfWork, draft: BookingDraft) -> None:
    text = msgspec.json.encode(draft).decode()
    changes = {Dialogue.draft: text, Dialogue.updated_at: uow.now}
    Dialogue.insert(user=uow.actor.user_id, draft=text, updated_at=uow.now).on_conflict(
        conflict_target=[Dialogue.user], update=changes
    ).execute()


def _bot_reply_event(reply: BotReply, state: str) -> BotReplied:
    buttons = [ChoicePayload(id=choice.id, label=choice.label) for choice in reply.choices]
    return BotReplied(
        message=reply.message,
        sender_type=BOT,
        state=state,
        is_list=True if reply.is_list else msgspec.UNSET,
        options=[choice.label for choice in buttons] if buttons else msgspec.UNSET,
        choices=buttons or msgspec.UNSET,
        redirectUrl=reply.redirect_url or msgspec.UNSET,
        shouldRestartFlow=True if reply.restart else msgspec.UNSET,
    )
