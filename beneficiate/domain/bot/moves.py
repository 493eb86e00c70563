"""Moving an appointment: a dialogue of its own, after which the request that was under way goes on."""

from msgspec.structs import replace

from beneficiate.domain.bot import sentences as say
from beneficiate.domain.bot.drafts import BookingDraft
from beneficiate.domain.bot.move_steps import choose_appointment, moving_sentence
from beneficiate.domain.bot.parsing import Option
from beneficiate.domain.bot.questions import ask_next, ask_open_question, build_turn, join_paragraphs, reply_needs_plan
from beneficiate.domain.bot.step_types import Question
from beneficiate.domain.bot.turns import BookingLookups, BotReply, DialogueTurn, MoveRequest


def start_move(draft: BookingDraft, lookups: BookingLookups) -> DialogueTurn:
    """Ask which appointment to move, or show the slots for the only one."""
    if not lookups.has_plan():
        return reply_needs_plan(draft)
    movable = lookups.list_movable_appointments()
    if not movable:
        return ask_open_question(draft, lookups, say.NOTHING_TO_MOVE.format(lookups.change_window_hours()))
    move = BookingDraft(turn=draft.turn, is_move=True, paused=_find_paused(draft))
    if len(movable) > 1:
        return ask_next(move, lookups)
    return ask_next(choose_appointment(move, movable[0]), lookups, moving_sentence(movable[0]))


def end_move(draft: BookingDraft, lookups: BookingLookups, sentence: str) -> DialogueTurn:
    """Say how it ended, and continue the request that was under way before."""
    if draft.paused is None:
        turn = build_turn(BookingDraft(turn=draft.turn), Question(sentence))
        return turn._replace(reply=turn.reply._replace(restart=True))
    paused = replace(draft.paused, turn=draft.turn)
    resumed = say.RESUMED.format(say.STATE_NAMES[paused.next_state])
    return ask_next(paused, lookups, join_paragraphs(sentence, resumed))


def submit_move(draft: BookingDraft) -> DialogueTurn:
    """Return a turn with the move to make. The draft stays as it is until the appointment is moved."""
    if draft.appointment is None or draft.slot is None:
        raise AssertionError("the state follows from what is there")
    move = MoveRequest(draft.appointment.id, draft.appointment.version, draft.slot)
    return DialogueTurn(draft, BotReply(say.REGISTERING_MOVE, (), is_list=False, state=draft.state), move=move)


def reply_moved(draft: BookingDraft, lookups: BookingLookups, *, is_confirmed: bool, place: str = "") -> DialogueTurn:
    """Reply that the appointment was moved, and where to go."""
    if draft.appointment is None or draft.slot is None:
        raise AssertionError("the state follows from what is there")
    ticket = draft.appointment.ticket
    sentence = say.MOVED if is_confirmed else say.MOVED_TO_BE_CONFIRMED
    message = sentence.format(patient=draft.appointment.patient, slot=draft.slot.label, ticket=ticket)
    message = f"{message} {say.PLACE.format(place)}" if place else message
    if draft.paused is not None:
        return end_move(draft, lookups, message)
    done = BookingDraft(turn=draft.turn, state="completed", ticket=ticket)
    return build_turn(done, Question(message, (Option("new", say.NEW_BOOKING),)))


def reply_move_refused(draft: BookingDraft, sentence: str, lookups: BookingLookups, *, is_over: bool) -> DialogueTurn:
    """Reply why the move failed: show the slots again, or end it when the appointment cannot be moved any more."""
    if is_over:
        return end_move(draft, lookups, sentence)
    return ask_next(replace(draft, slot=None, aside="", failures=0), lookups, sentence)


def _find_paused(draft: BookingDraft) -> BookingDraft | None:
    """Return the request that is under way, None without one. Its buttons are stale by then."""
    if draft.is_move:
        return draft.paused
    has_answers = draft.patient is not None and not draft.ticket
    return replace(draft, choices=(), aside="", failures=0) if has_answers else None
