"""The waiting list: a freed slot is offered to one after the other, each for a while."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from beneficiate.actions import slots
from beneficiate.errors import IllegalTransition, NotFound, SlotTaken
from beneficiate.models.appointments import Appointment, Wait
from beneficiate.models.base import locked
from beneficiate.models.care import VIRTUAL, Professional, ProfessionalSpecialty
from beneficiate.protocol import topics
from beneficiate.queries.appointments import access_appointment
from beneficiate.queries.offers import OFFERED, offers_to
from beneficiate.scheduling.lifecycle import OPEN
from beneficiate.store import Work

WAITING, TAKEN, DECLINED = "WAITING", "TAKEN", "DECLINED"


@dataclass(frozen=True, slots=True)
class AnswerOffer:
    """A member's answer to an offer."""

    appointment_id: int
    accepts: bool


def join(work: Work, appointment_id: int) -> None:
    """Wait for an earlier time than the appointment has. Once is enough. Raises NotFound, IllegalTransition."""
    appointment = access_appointment(work.actor, appointment_id, lock=True)
    if appointment.status not in OPEN:
        raise IllegalTransition
    wait = Wait.get_or_none(Wait.appointment == appointment)
    if wait is None:
        Wait.create(appointment=appointment, status=WAITING, created_at=work.now)
    elif wait.status != OFFERED:
        Wait.update(status=WAITING).where(Wait.id == wait.id).execute()


def take_offer(work: Work, appointment_id: int) -> tuple[int, datetime]:
    """The professional and time that were offered, now the member's. Raises NotFound, SlotTaken when it is too late."""
    wait = _access_offer(work, appointment_id)
    if wait.offer_expires_at <= work.now:
        raise SlotTaken
    Wait.update(status=TAKEN, hold=None).where(Wait.id == wait.id).execute()
    return wait.offered_professional_id, wait.offered_at


def decline_offer(work: Work, appointment_id: int) -> None:
    """No, thank you: the slot goes to the next one. Raises NotFound."""
    _pass_on(work, _access_offer(work, appointment_id))


def pass_on_expired(work: Work, _: Any = None) -> int:
    """Offer to the next one what nobody answered to in time; how many. Harmless when run twice."""
    query = Wait.select().where(Wait.status == OFFERED, Wait.offer_expires_at <= work.now).order_by(Wait.id).limit(50)
    waits = list(locked(query))
    for wait in waits:
        _pass_on(work, wait)
    return len(waits)


def leave(work: Work, appointment_id: int) -> None:
    """The appointment is over: nobody waits with it any more, and what was offered for it goes to the next one."""
    wait = Wait.get_or_none(Wait.appointment == appointment_id, Wait.status.in_([WAITING, OFFERED]))
    if wait is None:
        return
    if wait.status == OFFERED:
        _pass_on(work, wait)
    else:
        Wait.update(status=DECLINED).where(Wait.id == wait.id).execute()


def offer_freed(work: Work, professional: Professional | None, starts_at: datetime | None, but: int = 0) -> None:
    """Offer a slot that became free to whoever has waited longest for this specialty in this city, `but` for the
    appointment that has just left it."""
    if professional is None or starts_at is None or starts_at <= work.now + work.rules.notice:
        return
    wait = _next_in_line(professional, starts_at, but)
    if wait is None:
        return
    owner = wait.appointment.user_id
    offer = {"status": OFFERED, "offered_professional": professional, "offered_at": starts_at}
    until = work.now + work.rules.offer
    is_ours = Wait.update(**offer, offer_expires_at=until).where(Wait.id == wait.id, Wait.status == WAITING).execute()
    if not is_ours:
        return
    try:
        kept = slots.hold(work, professional, starts_at, work.rules.offer, owner)
    except SlotTaken:
        Wait.update(status=WAITING, offer_expires_at=None).where(Wait.id == wait.id).execute()
        return
    Wait.update(hold=kept).where(Wait.id == wait.id).execute()
    work.emit(offers_to([owner], work.now)[owner][0], to=[topics.user(owner), topics.AGENTS])


def _pass_on(work: Work, wait: Wait) -> None:
    slots.drop_holds(wait.appointment.user_id)
    Wait.update(status=DECLINED, hold=None).where(Wait.id == wait.id).execute()
    offer_freed(work, wait.offered_professional, wait.offered_at)


def _access_offer(work: Work, appointment_id: int) -> Wait:
    appointment = access_appointment(work.actor, appointment_id, lock=True)
    wait: Wait | None = Wait.get_or_none(Wait.appointment == appointment, Wait.status == OFFERED)
    if wait is None:
        raise NotFound("No hay un horario ofrecido para esa cita.")
    return wait


def _next_in_line(professional: Professional, starts_at: datetime, but: int) -> Wait | None:
    practised = ProfessionalSpecialty.select(ProfessionalSpecialty.specialty).where(
        ProfessionalSpecialty.professional == professional
    )
    is_near = True if professional.mode == VIRTUAL else Appointment.township == professional.township
    is_later = Appointment.starts_at.is_null() | (Appointment.starts_at > starts_at)
    query = (
        Wait.select(Wait, Appointment)
        .join(Appointment)
        .where(
            Wait.status == WAITING,
            Appointment.id != but,
            Appointment.status.in_(list(OPEN)),
            Appointment.specialty.in_(practised),
            is_near,
            is_later,
        )
        .order_by(Wait.created_at, Wait.id)
    )
    first: Wait | None = query.first()
    return first
