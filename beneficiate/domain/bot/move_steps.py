"""The steps of moving an appointment: which one, and whether the new slot is right. Slots are those of a booking."""

from msgspec.structs import replace

from beneficiate.domain.bot import sentences as say
from beneficiate.domain.bot.drafts import BookingDraft, MovableAppointment, SlotPreference
from beneficiate.domain.bot.parsing import Option
from beneficiate.domain.bot.slot_step import KEEP_APPOINTMENT
from beneficiate.domain.bot.step_types import ParsedAnswer, Question, StepResult
from beneficiate.domain.bot.turns import BookingLookups


def choose_appointment(draft: BookingDraft, appointment: MovableAppointment) -> BookingDraft:
    """Return the draft with the appointment to move; slots of its own professional are shown first."""
    return replace(
        draft,
        appointment=appointment,
        specialty=appointment.specialty,
        city=appointment.city,
        preference=SlotPreference(professional=appointment.professional),
        slot=None,
        slots=(),
    )


def ask_appointment(_draft: BookingDraft, lookups: BookingLookups) -> Question:
    """Ask which appointment to move."""
    options = (Option(f"appointment:{one.id}", _label(one)) for one in lookups.list_movable_appointments())
    return Question(say.ASK_APPOINTMENT, (*options, KEEP_APPOINTMENT), is_list=True)


def handle_appointment(draft: BookingDraft, parsed: ParsedAnswer, lookups: BookingLookups) -> StepResult:
    """Take the appointment that was chosen."""
    for one in lookups.list_movable_appointments():
        if parsed.key == f"appointment:{one.id}":
            return StepResult(choose_appointment(draft, one), moving_sentence(one))
    return StepResult(None, say.NOT_UNDERSTOOD)


def moving_sentence(appointment: MovableAppointment) -> str:
    """Return which appointment is about to be moved."""
    return say.MOVING.format(appointment.specialty.name, appointment.patient, appointment.label)


def back_from_new_slot(draft: BookingDraft, lookups: BookingLookups) -> BookingDraft:
    """Go back to the choice of the appointment, if there are several."""
    if draft.appointment is None or len(lookups.list_movable_appointments()) > 1:
        return replace(draft, appointment=None, slots=())
    return choose_appointment(draft, draft.appointment)


def ask_move_confirmation(draft: BookingDraft, _lookups: BookingLookups) -> Question:
    """Ask whether the new slot is right."""
    return Question(say.move_summary(draft), (Option("yes", say.YES_LABEL), Option("no", say.NO_LABEL)), is_first=True)


def handle_move_confirmation(draft: BookingDraft, parsed: ParsedAnswer, lookups: BookingLookups) -> StepResult:
    """Move the appointment, or show the slots again."""
    if parsed.key == "yes":
        return StepResult(draft, is_booking=True)
    if parsed.key == "no":
        return StepResult(back_from_move_confirmation(draft, lookups))
    return StepResult(None, say.NOT_UNDERSTOOD)


def back_from_move_confirmation(draft: BookingDraft, _lookups: BookingLookups) -> BookingDraft:
    """Go back to the slots."""
    return replace(draft, slot=None)


def _label(appointment: MovableAppointment) -> str:
    return f"{appointment.specialty.name} para {appointment.patient}, {appointment.label}"
