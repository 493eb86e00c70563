"""Appointments of the old service."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from random import Random

from beneficiate.domain.administration import clean_line
from beneficiate.domain.booking.lifecycle import (
    CANCELLED,
    CONFIRMED,
    EXPIRED,
    OPEN_STATUSES,
    PENDING,
    RESCHEDULED,
    SCHEDULED_STATUSES,
    TO_BE_CONFIRMED,
)
from beneficiate.domain.booking.tickets import generate_ticket_number
from beneficiate.domain.booking.ticks import appointment_ticks
from beneficiate.domain.legacy.people import BENEFICIARIES, NO_MEMBER, TOWNSHIPS, USERS
from beneficiate.domain.legacy.plans import NEW, ImportContext, ImportOutcome, OldRow
from beneficiate.domain.legacy.professionals import PROFESSIONALS, SPECIALTIES, USUAL_MINUTES
from beneficiate.domain.legacy.purchases import UNKNOWN_STATUS
from beneficiate.domain.legacy.values import (
    Refused,
    fold_word,
    parse_count,
    repair_text,
    to_instant,
)
from beneficiate.domain.patient_key import patient_key, professional_key
from beneficiate.domain.professionals import MAX_DURATION
from beneficiate.formatting import BOGOTA
from beneficiate.text_limits import MAX_APPOINTMENT_NOTES_CHARS

APPOINTMENTS = "medical_appointments"
STALE = timedelta(days=30)
"""A request without a time that is older is not taken up any more."""
IMPORTED = "importada"
REMINDER_HOURS = (24, 2)
OFF_GRID = "La hora no es un múltiplo de cinco minutos."
BUSY = "Otra cita, más antigua, ocupa ese horario del profesional o del paciente."
_STATUSES = {
    status.replace("_", "").lower(): status
    for status in (PENDING, TO_BE_CONFIRMED, CONFIRMED, CANCELLED, EXPIRED, RESCHEDULED)
} | {"canceled": CANCELLED}
_OCCUPYING = (TO_BE_CONFIRMED, *SCHEDULED_STATUSES)


def find_start(day: object, hour: object, context: ImportContext) -> tuple[datetime | None, datetime | None]:
    """Return the start of an appointment, and the day alone where there is no time.

    The hour is that of the clock in Bogotá, on the day as it was written. Without one, a date at midnight, as it was
    written or in Bogotá, is a day only.
    """
    if not isinstance(day, datetime):
        return None, None
    if isinstance(hour, time):
        local = datetime.combine(day.date(), hour.replace(tzinfo=None), BOGOTA)
        return to_instant(local, BOGOTA), None
    instant = to_instant(day, context.zone)
    if instant is None:
        return None, None
    if day.time() == time() or instant.astimezone(BOGOTA).time() == time():
        return None, datetime.combine(day.date(), time(), BOGOTA)
    return instant, None


def plan_appointment(row: OldRow, context: ImportContext) -> ImportOutcome:
    """Return an appointment with one entry of its history, what it occupies and its reminders; no e-mail."""
    old_id = str(row["id"])
    outcome = ImportOutcome(APPOINTMENTS, old_id, NEW)
    user_id, beneficiary_id = _find_patient(row, context)
    professional_id = context.find_new_id(PROFESSIONALS, row["professional_id"])
    if row["professional_id"] is not None and professional_id is None:
        raise Refused("Su profesional no se importó.")
    specialty_id = context.find_new_id(SPECIALTIES, row["specialty_id"])
    if specialty_id is None:
        raise Refused("Su especialidad no se importó.")
    township_id = context.find_new_id(TOWNSHIPS, row["city_id"]) or context.find_new_id(TOWNSHIPS, row["user_city_id"])
    if township_id is None:
        raise Refused("No se sabe en qué municipio es.")
    starts_at, day = find_start(row["appointment_date"], row["appointment_time"], context)
    created_at = to_instant(row["created_at"], context.zone) or context.now
    status = _find_status(row, context, starts_at, day or created_at, professional_id is not None, outcome)
    minutes = parse_count(row["duration_minutes"], MAX_DURATION) or USUAL_MINUTES
    appointment_id = context.take_id("appointments")
    if status in _OCCUPYING and starts_at is not None and professional_id is not None:
        resources = (professional_key(professional_id), patient_key(user_id, beneficiary_id))
        _occupy(outcome, context, appointment_id, resources, starts_at, minutes)
    notes = repair_text(row["notes"]).strip()
    if day is not None:
        notes = f"{notes}\nFecha pedida, sin hora: {day.date().isoformat()}".strip()
    if row["firsttime"] and row["control"]:
        outcome.lose("Decía primera vez y control: queda como control.")
    outcome.insert(
        "appointments",
        id=appointment_id,
        ticket_number=_choose_ticket(old_id, context),
        user_id=user_id,
        beneficiary_id=beneficiary_id,
        specialty_id=specialty_id,
        township_id=township_id,
        professional_id=professional_id,
        status=status,
        first_time=bool(row["firsttime"]) and not row["control"],
        notes=notes[:MAX_APPOINTMENT_NOTES_CHARS],
        starts_at=starts_at,
        duration_minutes=minutes if starts_at else None,
        expires_at=_find_expiry(status, starts_at, context),
        created_at=created_at,
        updated_at=created_at,
    )
    _insert_history(outcome, context, appointment_id, status, starts_at, clean_line(str(row["handled_by"] or "")))
    _insert_what_comes(outcome, context, appointment_id, status, starts_at, created_at)
    context.note_import(outcome, appointment_id)
    return outcome


def _find_patient(row: OldRow, context: ImportContext) -> tuple[int, int | None]:
    user_id = context.find_new_id(USERS, row["user_id"])
    if user_id is None:
        raise Refused(NO_MEMBER)
    if row["beneficiary_id"] is None:
        if row["is_for_beneficiary"]:
            raise Refused("Es para un beneficiario y no dice para cuál.")
        return user_id, None
    beneficiary_id = context.find_new_id(BENEFICIARIES, row["beneficiary_id"])
    if beneficiary_id is None:
        raise Refused("Su beneficiario no se importó.")
    if context.index.get("beneficiary_owner", beneficiary_id) != user_id:
        raise Refused("Su beneficiario es de otro afiliado.")
    return user_id, beneficiary_id


def _find_status(
    row: OldRow,
    context: ImportContext,
    starts_at: datetime | None,
    asked_for: datetime,
    has_professional: bool,
    outcome: ImportOutcome,
) -> str:
    """Return the status: a request whose time has passed has expired, and nothing without a time is confirmed."""
    status = _STATUSES.get(fold_word(row["status"]))
    if status is None:
        raise Refused(UNKNOWN_STATUS)
    if status in _OCCUPYING and (starts_at is None or not has_professional):
        outcome.lose("Le falta la hora o el profesional: queda pendiente de asignar.")
        status = PENDING
    if status in (PENDING, TO_BE_CONFIRMED):
        is_over = starts_at <= context.now if starts_at else asked_for < context.now - STALE
        if is_over:
            outcome.lose("Su fecha ya pasó sin confirmar: queda vencida.")
            return EXPIRED
    return status


def _find_expiry(status: str, starts_at: datetime | None, context: ImportContext) -> datetime | None:
    """Return until when the staff has to handle a request, as for one that is made now."""
    if status not in (PENDING, TO_BE_CONFIRMED):
        return None
    deadline: datetime = context.index.get("handling_deadline", "")
    return deadline if starts_at is None else min(deadline, starts_at)


def _occupy(
    outcome: ImportOutcome,
    context: ImportContext,
    appointment_id: int,
    resources: Iterable[str],
    starts_at: datetime,
    minutes: int,
) -> None:
    """Occupy the time of a professional and of a patient. Raises Refused if somebody has it."""
    try:
        wanted = [(resource, tick) for resource in resources for tick in appointment_ticks(starts_at, minutes)]
    except ValueError:
        raise Refused(OFF_GRID) from None
    if any(context.index.get("tick", one) is not None for one in wanted):
        raise Refused(BUSY)
    for resource, tick in wanted:
        context.index.put("tick", (resource, tick), appointment_id)
        outcome.insert("ticks", resource=resource, tick=tick, appointment_id=appointment_id)


def _choose_ticket(old_id: str, context: ImportContext) -> str:
    """Return a free ticket number, the same in every run."""
    random = Random(f"{APPOINTMENTS}/{old_id}")  # noqa: S311  no secret: one reads it out
    while True:
        ticket = generate_ticket_number(random)
        if context.index.get("ticket", ticket) is None:
            context.index.put("ticket", ticket, old_id)
            return ticket


def _insert_history(
    outcome: ImportOutcome,
    context: ImportContext,
    appointment_id: int,
    status: str,
    starts_at: datetime | None,
    handled_by: str,
) -> None:
    outcome.insert(
        "appointment_changes",
        appointment_id=appointment_id,
        to_status=status,
        actor_role="system",
        reason=f"{IMPORTED}; la atendía {handled_by}" if handled_by else IMPORTED,
        starts_at=starts_at,
        at=context.now,
    )


def _insert_what_comes(
    outcome: ImportOutcome,
    context: ImportContext,
    appointment_id: int,
    status: str,
    starts_at: datetime | None,
    created_at: datetime,
) -> None:
    """Insert reminders, and the fact by which the board counts the appointments of a day, of when it was created."""
    if status not in OPEN_STATUSES or starts_at is None or starts_at <= context.now:
        return
    columns = {"kind": "appointment", "detail": status, "appointment_id": appointment_id}
    outcome.insert("facts", at=created_at, **columns, starts_at=starts_at, actor_role="system")
    for hours in REMINDER_HOURS if status in SCHEDULED_STATUSES else ():
        due_at = starts_at - timedelta(hours=hours)
        if due_at > context.now:
            reminder = {"appointment_id": appointment_id, "version": 0, "hours_before": hours, "due_at": due_at}
            outcome.insert("reminders", **reminder)
