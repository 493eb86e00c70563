"""The waiting list: a freed slot is offered to one member after the other, each for a limited time."""

from dataclasses import dataclass
from datetime import datetime

from peewee import ModelSelect

from beneficiate.actions import audit, slots
from beneficiate.actions.away_notices import NewNotice, queue_away_notices
from beneficiate.actions.isolation import run_each
from beneficiate.domain.booking.lifecycle import OPEN_STATUSES
from beneficiate.domain.booking.ticks import appointment_ticks
from beneficiate.domain.notices import OFFER
from beneficiate.domain.patient_key import patient_key
from beneficiate.errors import IllegalTransition, NotFound, SlotTaken
from beneficiate.models.appointments import Appointment, Tick, WaitingListEntry
from beneficiate.models.base import instant_to_text, lock_rows
from beneficiate.models.payments import Subscription
from beneficiate.models.professionals import ONLINE_SCHEDULE, VIRTUAL, Professional, ProfessionalSpecialty
from beneficiate.protocol import channels
from beneficiate.queries.appointments import access_appointment
from beneficiate.queries.slots import is_start_available
from beneficiate.queries.waiting_list import OFFERED, list_open_offers
from beneficiate.unit_of_work import Actor, UnitOfWork

MAX_CANDIDATES = 50
"""So many entries are looked at for one who could take a freed slot."""
ENTRY_WAITING, ENTRY_TAKEN, ENTRY_DECLINED = "WAITING", "TAKEN", "DECLINED"


@dataclass(frozen=True, slots=True)
class AnswerSlotOffer:
    """A member's answer to the offer of an earlier slot."""

    appointment_id: int
    accepts: bool


def join_waiting_list(uow: UnitOfWork, appointment_id: int) -> None:
    """Put an appointment on the waiting list; a second time changes nothing. Raises NotFound, IllegalTransition."""
    appointment = access_appointment(uow.actor, appointment_id, lock=True)
    if appointment.status not in OPEN_STATUSES:
        raise IllegalTransition
    entry = WaitingListEntry.get_or_none(WaitingListEntry.appointment == appointment)
    if entry is None:
        WaitingListEntry.create(appointment=appointment, status=ENTRY_WAITING, created_at=uow.now)
    elif entry.status not in (OFFERED, ENTRY_WAITING):
        WaitingListEntry.update(status=ENTRY_WAITING).where(WaitingListEntry.id == entry.id).execute()
    else:
        return
    audit.record_act(uow, "appointments.wait", f"appointment:{appointment.id}", person_id=appointment.user_id)


def has_answered(uow: UnitOfWork, command: AnswerSlotOffer) -> bool:
    """Return whether the last offer was answered with this already, as by a button that was pressed twice.

    An acceptance counts while the appointment is at the accepted time. Raises NotFound.
    """
    appointment = access_appointment(uow.actor, command.appointment_id, lock=True)
    entry = WaitingListEntry.get_or_none(WaitingListEntry.appointment == appointment)
    if entry is None or entry.offered_at is None or appointment.status not in OPEN_STATUSES:
        return False
    if not command.accepts:
        return bool(entry.status == ENTRY_DECLINED)
    accepted = (entry.offered_professional_id, entry.offered_at)
    return bool(entry.status == ENTRY_TAKEN and (appointment.professional_id, appointment.starts_at) == accepted)


def accept_offer(uow: UnitOfWork, appointment_id: int) -> tuple[int, datetime]:
    """Accept an offer and return its (professional id, start). Raises NotFound, SlotTaken when it has expired."""
    entry = _access_offer(uow, appointment_id)
    if entry.offer_expires_at <= uow.now:
        raise SlotTaken
    WaitingListEntry.update(status=ENTRY_TAKEN, hold=None).where(WaitingListEntry.id == entry.id).execute()
    return entry.offered_professional_id, entry.offered_at


def decline_offer(uow: UnitOfWork, appointment_id: int) -> None:
    """Decline an offer; the slot is offered to the next one. Raises NotFound."""
    entry = _access_offer(uow, appointment_id)
    _offer_to_next(uow, entry)
    user_id = entry.appointment.user_id
    audit.record_act(uow, "appointments.decline_offer", f"appointment:{appointment_id}", person_id=user_id)


def expire_offers(uow: UnitOfWork) -> int:
    """Offer slots that were not accepted in time to the next one, and return how many. Harmless when run twice.

    Who did not answer, maybe since they did not see it, waits on for other slots.
    """
    query = (
        WaitingListEntry.select()
        .where(WaitingListEntry.status == OFFERED, WaitingListEntry.offer_expires_at <= uow.now)
        .order_by(WaitingListEntry.id)
        .limit(50)
    )
    return len(run_each(uow, list(lock_rows(query)), lambda entry: _expire_offer(uow, entry)))


def settle_offer(uow: UnitOfWork, appointment: Appointment) -> None:
    """End the offer of an appointment that was moved to the offered slot, or to one that is as early."""
    entry = WaitingListEntry.get_or_none(
        WaitingListEntry.appointment == appointment, WaitingListEntry.status == OFFERED
    )
    if entry is None or appointment.starts_at is None or appointment.starts_at > entry.offered_at:
        return
    if (appointment.professional_id, appointment.starts_at) == (entry.offered_professional_id, entry.offered_at):
        WaitingListEntry.update(status=ENTRY_TAKEN, hold=None).where(WaitingListEntry.id == entry.id).execute()
    else:
        _offer_to_next(uow, entry)


def leave_waiting_list(uow: UnitOfWork, appointment_id: int) -> None:
    """Remove an appointment that has ended from the list; a slot offered for it is offered to the next one."""
    entry = WaitingListEntry.get_or_none(
        WaitingListEntry.appointment == appointment_id, WaitingListEntry.status.in_([ENTRY_WAITING, OFFERED])
    )
    if entry is None:
        return
    if entry.status == OFFERED:
        _offer_to_next(uow, entry)
    else:
        WaitingListEntry.update(status=ENTRY_DECLINED).where(WaitingListEntry.id == entry.id).execute()


def offer_freed_slot(
    uow: UnitOfWork,
    professional: Professional | None,
    starts_at: datetime | None,
    excluded_appointment_id: int = 0,
    *,
    is_passed_on: bool = False,
) -> None:
    """Offer a freed slot to the appointment that has waited longest for this specialty in this city.

    Only to who could take it: the appointment that has just left the slot is excluded, as are those of members whose
    plan ends before it and of patients who are busy then; of a slot that is passed on, those that had its offer.
    """
    if professional is None or starts_at is None or starts_at <= uow.now + uow.rules.notice:
        return
    if not professional.is_active or professional.schedule_type != ONLINE_SCHEDULE:
        return
    entries = _select_candidates(professional, starts_at).where(Appointment.id != excluded_appointment_id)
    if is_passed_on:
        entries = entries.where(
            WaitingListEntry.offered_at.is_null()
            | (WaitingListEntry.offered_at != starts_at)
            | (WaitingListEntry.offered_professional != professional)
        )
    entry = next((one for one in entries if _can_take(uow, one.appointment, professional, starts_at)), None)
    if entry is None:
        return
    owner = entry.appointment.user_id
    offer = {"status": OFFERED, "offered_professional": professional, "offered_at": starts_at}
    until = uow.now + uow.rules.offer
    is_claimed = (
        WaitingListEntry.update(**offer, offer_expires_at=until)
        .where(WaitingListEntry.id == entry.id, WaitingListEntry.status == ENTRY_WAITING)
        .execute()
    )
    if not is_claimed:
        return
    try:
        held = slots.hold_offered_slot(uow, professional, starts_at, uow.rules.offer, owner)
    except SlotTaken:
        WaitingListEntry.update(status=ENTRY_WAITING, offer_expires_at=None).where(
            WaitingListEntry.id == entry.id
        ).execute()
        return
    WaitingListEntry.update(hold=held).where(WaitingListEntry.id == entry.id).execute()
    uow.emit(list_open_offers([owner], uow.now)[owner][0], channels=[channels.user_channel(owner)])
    key = f"{OFFER} {entry.id} {instant_to_text(until)}"
    notice = NewNotice(owner, OFFER, key, uow.now, until, entry.appointment_id)
    queue_away_notices(uow, [notice], is_push_only=False)


def _expire_offer(uow: UnitOfWork, entry: WaitingListEntry) -> None:
    _offer_to_next(uow, entry, ENTRY_WAITING)
    subject, user_id = f"appointment:{entry.appointment_id}", entry.appointment.user_id
    audit.record_act(uow, "appointments.expire_offer", subject, person_id=user_id)


def _offer_to_next(uow: UnitOfWork, entry: WaitingListEntry, status: str = ENTRY_DECLINED) -> None:
    slots.release_hold(entry.hold_id)
    WaitingListEntry.update(status=status, hold=None).where(WaitingListEntry.id == entry.id).execute()
    offer_freed_slot(uow, entry.offered_professional, entry.offered_at, is_passed_on=True)


def _access_offer(uow: UnitOfWork, appointment_id: int) -> WaitingListEntry:
    appointment = access_appointment(uow.actor, appointment_id, lock=True)
    entry: WaitingListEntry | None = WaitingListEntry.get_or_none(
        WaitingListEntry.appointment == appointment, WaitingListEntry.status == OFFERED
    )
    if entry is None:
        raise NotFound("No hay un horario ofrecido para esa cita.")
    return entry


def _select_candidates(professional: Professional, starts_at: datetime) -> ModelSelect:
    """Select at most 50 entries for whose appointments the slot is meant, who has waited longest first."""
    practised = ProfessionalSpecialty.select(ProfessionalSpecialty.specialty).where(
        ProfessionalSpecialty.professional == professional
    )
    is_near = True if professional.mode == VIRTUAL else Appointment.township == professional.township
    is_later = Appointment.starts_at.is_null() | (Appointment.starts_at > starts_at)
    is_covered = Appointment.user.in_(Subscription.select(Subscription.user).where(Subscription.ends_at > starts_at))
    return (
        WaitingListEntry.select(WaitingListEntry, Appointment)
        .join(Appointment)
        .where(
            WaitingListEntry.status == ENTRY_WAITING,
            Appointment.status.in_(list(OPEN_STATUSES)),
            Appointment.specialty.in_(practised),
            is_near,
            is_later,
            is_covered,
        )
        .order_by(WaitingListEntry.created_at, WaitingListEntry.id)
        .limit(MAX_CANDIDATES)
    )


def _can_take(uow: UnitOfWork, appointment: Appointment, professional: Professional, starts_at: datetime) -> bool:
    """Return whether the member could move the appointment there: the slot is on the grid, and its patient is free."""
    patient = patient_key(appointment.user_id, appointment.beneficiary_id)
    is_busy = Tick.select().where(
        Tick.resource == patient,
        Tick.tick.in_(list(appointment_ticks(starts_at, professional.duration_minutes))),
        Tick.appointment.is_null() | (Tick.appointment != appointment),
    )
    if is_busy.exists():  # first: one statement, where the timetable takes several
        return False
    member = UnitOfWork(Actor(appointment.user_id, "member"), uow.now, uow.rules)
    return is_start_available(member, professional, starts_at, appointment.user_id, appointment.id)
