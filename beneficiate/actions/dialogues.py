"""The guided booking as the member hears it: the draft is a row, each answer is one unit of work."""

from collections.abc import Callable

import msgspec
import structlog

from beneficiate.actions import queue, requests, routing, slots
from beneficiate.chatbot import dialogue
from beneficiate.chatbot.drafts import Draft, Slot
from beneficiate.chatbot.turns import Answer, Booking, Refusal, Reply, Turn
from beneficiate.errors import Internal, Invalid, NotFound, PlanRequired, Problem, SlotTaken
from beneficiate.models.base import database, locked
from beneficiate.models.care import Professional
from beneficiate.models.chats import ACTIVE, SUPPORT, Chat
from beneficiate.models.dialogues import Dialogue
from beneficiate.models.people import Agent, User
from beneficiate.protocol import topics
from beneficiate.protocol.bookings import AnswerBot, BotSpoke, Choice, StartBooking
from beneficiate.protocol.routing import GiveToBot
from beneficiate.queries.booking import MemberChoices
from beneficiate.queries.slots import may_start
from beneficiate.scheduling.lifecycle import CONFIRMED
from beneficiate.store import Actor, Work

log = structlog.get_logger(__name__)

BOT = "BOT"
MUTE = "with_person"


def start(work: Work, command: StartBooking) -> None:
    """Begin the booking, or say where it was and ask the last question again."""
    _take_turn(work, lambda draft, choices: dialogue.begin(choices, draft, command.professionalId))


def hear(work: Work, command: AnswerBot) -> None:
    """One answer. Before any start it starts, and is heard as the first answer."""
    if command.is_start:
        _take_turn(work, lambda draft, choices: dialogue.begin(choices, draft, command.professional_id))
        return
    answer = Answer(command.text, command.option)

    def advance(draft: Draft | None, choices: MemberChoices) -> Turn:
        known = draft or dialogue.begin(choices, None, command.professional_id).draft
        return dialogue.advance(known, answer, choices)

    _take_turn(work, advance)


def give_back(work: Work, command: GiveToBot) -> None:
    """The agent gives the member back to the assistant, which goes on where it was. Raises NotFound, ChatIsClosed."""
    # The member before the chat, as everywhere.
    member_of = Chat.select(Chat.user).where(Chat.id == command.chat_id)
    list(locked(User.select(User.id).where(User.id.in_(member_of))).tuples())
    chat = queue.access_own(work, command.chat_id)
    Chat.update(bot_muted=False).where(Chat.id == chat.id).execute()
    routing.say_in_chats(work, {chat.id: "El asistente sigue con usted. Puede escribirle cuando quiera."})
    member = Work(Actor(chat.user_id, "member", None, chat.user.name), work.now, work.rules, work.emissions)
    _take_turn(member, lambda draft, choices: dialogue.begin(choices, draft, None))


def _take_turn(work: Work, step: Callable[[Draft | None, MemberChoices], Turn]) -> None:
    """Read the draft, take one step, register what was booked, keep the draft, say the one reply."""
    text = _text_of(work.actor.user_id)
    served_by = _served_by(work.actor.user_id)
    if served_by is not None:
        sentence = f"Ahora lo atiende {served_by}. El asistente sigue con usted cuando terminen."
        muted = BotSpoke(message=sentence, sender_type=BOT, state=MUTE)
        work.emit(muted, to=[topics.user(work.actor.user_id)])
        return
    before, choices, said = None, MemberChoices(work), len(work.emissions)
    try:
        # A savepoint: whatever goes wrong inside, the draft of before is kept and the person is told.
        with database.atomic():
            before = None if text is None else msgspec.json.decode(text, type=Draft)
            turn = _settle(work, before, step(before, choices), choices)
    except Problem:
        raise
    except Exception:
        log.exception("dialogue_failed", user_id=work.actor.user_id)
        del work.emissions[said:]  # what was rolled back did not happen
        kept = before or Draft()
        turn = Turn(kept, Reply(Internal.sentence, kept.choices, is_list=False, state=kept.state))
    if text is None or before is not None:
        _keep(work, turn.draft)
    work.emit(_spoken(turn.reply), to=[topics.user(work.actor.user_id)])


def _settle(work: Work, before: Draft | None, turn: Turn, choices: MemberChoices) -> Turn:
    """What the turn asks of the house: a slot to be kept, a visit to be registered, a person to be called."""
    if turn.wants_person:
        queue.ask(work)
    if turn.booking is not None:
        return _register(work, turn.draft, turn.booking, choices)
    held = before.slot if before is not None else None
    if turn.draft.slot == held:
        return turn
    if turn.draft.slot is None:
        slots.drop_holds(work.actor.user_id)
        return turn
    try:
        _hold(work, turn.draft.slot)
    except SlotTaken as problem:
        return dialogue.refused(turn.draft, _refusal(problem), choices)
    return turn


def _register(work: Work, draft: Draft, booking: Booking, choices: MemberChoices) -> Turn:
    professional_id = booking.professional.id if booking.professional else None
    visit = requests.RequestVisit(
        user_id=work.actor.user_id,
        patient=booking.patient_key,
        specialty_id=booking.specialty_id,
        township_id=booking.city_id,
        first_time=booking.first_time,
        notes=booking.description,
        professional_id=booking.slot.professional_id if booking.slot else professional_id,
        starts_at=booking.slot.starts_at if booking.slot else None,
    )
    try:
        with database.atomic():
            picture = requests.request(work, visit)
    except (Invalid, NotFound, PlanRequired, SlotTaken) as problem:
        return dialogue.refused(draft, _refusal(problem), choices)
    return dialogue.booked(draft, picture.ticket_number, picture.status == CONFIRMED)


def _refusal(problem: Problem) -> Refusal:
    """Why it could not be registered, in the conversation's words."""
    if isinstance(problem, slots.PatientBusy):
        return "patient_busy"
    if isinstance(problem, (Invalid, SlotTaken)):
        return "slot_taken"  # Invalid: it was kept in the draft until it was past
    if isinstance(problem, PlanRequired):
        return "plan_ended"
    return "patient_gone" if isinstance(problem, requests.PatientGone) else "professional_gone"


def _hold(work: Work, slot: Slot) -> None:
    professional = Professional.get_by_id(slot.professional_id)
    if not may_start(work, professional, slot.starts_at, work.actor.user_id):
        raise SlotTaken
    slots.hold(work, professional, slot.starts_at, work.rules.hold, work.actor.user_id)


def _text_of(user_id: int) -> str | None:
    """The member's draft as it is stored; their row is held, so that two tabs answer one after the other."""
    User.hold([user_id])
    row = Dialogue.get_or_none(Dialogue.user == user_id)
    return None if row is None else str(row.draft)


def _served_by(user_id: int) -> str | None:
    """The first name of the agent whom the assistant called and who has the member now; None when nobody does."""
    query = (
        Chat.select(User.first_name)
        .join(Agent)
        .join(User)
        .where(Chat.user == user_id, Chat.kind == SUPPORT, Chat.status == ACTIVE, Chat.bot_muted)
    )
    row = query.tuples().first()
    return None if row is None else str(row[0])


def _keep(work: Work, draft: Draft) -> None:
    text = msgspec.json.encode(draft).decode()
    changes = {Dialogue.draft: text, Dialogue.updated_at: work.now}
    Dialogue.insert(user=work.actor.user_id, draft=text, updated_at=work.now).on_conflict(
        conflict_target=[Dialogue.user], update=changes
    ).execute()


def _spoken(reply: Reply) -> BotSpoke:
    buttons = [Choice(id=choice.id, label=choice.label) for choice in reply.choices]
    return BotSpoke(
        message=reply.message,
        sender_type=BOT,
        state=reply.state,
        is_list=True if reply.is_list else msgspec.UNSET,
        options=[choice.label for choice in buttons] if buttons else msgspec.UNSET,
        choices=buttons or msgspec.UNSET,
        redirectUrl=reply.redirect_url or msgspec.UNSET,
        shouldRestartFlow=True if reply.restart else msgspec.UNSET,
    )
