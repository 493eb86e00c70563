"""Appointments: reading them, and who may."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from peewee import JOIN, Case, Expression, ModelSelect, Ordering, fn

from beneficiate.domain.booking.ics import Invitation
from beneficiate.domain.booking.lifecycle import (
    ATTENDED,
    CANCELLED,
    CONFIRMED,
    EXPIRED,
    NO_SHOW,
    OPEN_STATUSES,
    RESCHEDULED,
    SCHEDULED_STATUSES,
    TO_BE_CONFIRMED,
)
from beneficiate.domain.booking.slots import bogota_midnight
from beneficiate.domain.identity_documents import possible_numbers
from beneficiate.errors import NotFound, Problem
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.appointments import Appointment, AppointmentChange
from beneficiate.models.base import lock_rows
from beneficiate.models.professionals import Professional, Specialty, Township
from beneficiate.protocol.booking import AllAppointments, AppointmentListPayload, AppointmentPayload, ListAppointments
from beneficiate.queries import people
from beneficiate.queries.access import STAFF_ROLES, require_self_or_staff
from beneficiate.unit_of_work import Actor, BatchItem, UnitOfWork, batched
from beneficiate.views.appointments import AppointmentChangeRow, serialize_appointment_record, without_reasons

MAX_USER_APPOINTMENTS = 50
MAX_OPEN_APPOINTMENTS = 200
CALENDAR_STATUSES = (CONFIRMED, RESCHEDULED, CANCELLED, ATTENDED, NO_SHOW)


def access_appointment(actor: Actor, appointment_id: int, *, lock: bool = False) -> Appointment:
    """Return an appointment of the actor, or any for staff. Raises NotFound."""
    query = Appointment.select().where(Appointment.id == appointment_id)
    row: Appointment | None = (lock_rows(query) if lock else query).first()
    if row is None or (actor.role not in (*STAFF_ROLES, "system") and row.user_id != actor.user_id):
        raise NotFound("No encontramos esa cita.")
    return row


def load_appointment(uow: UnitOfWork, appointment_id: int) -> AppointmentPayload:
    """Return an appointment that the actor may see. Raises NotFound."""
    return serialize_appointment(access_appointment(uow.actor, appointment_id).id)


def list_user_appointments(uow: UnitOfWork, user_id: int) -> list[AppointmentPayload]:
    """Return a member's newest 50 appointments, newest first. Raises NotFound for anybody but the member and staff."""
    require_self_or_staff(uow.actor, user_id)
    return list_appointments_by_user([user_id]).get(user_id, [])


def list_appointments_by_user(user_ids: Iterable[int]) -> dict[int, list[AppointmentPayload]]:
    """Return the newest 50 appointments of each of these members, newest first.

    Most members have none: a short query finds those who do.
    """
    ids = {row[0] for row in Appointment.select(Appointment.user).where(Appointment.user.in_(list(user_ids))).tuples()}
    if not ids:
        return {}
    place = fn.ROW_NUMBER().over(partition_by=[Appointment.user], order_by=[Appointment.id.desc()]).alias("place")
    own = Appointment.select(Appointment.id, place).where(Appointment.user.in_(ids)).alias("own")
    newest = Appointment.select(own.c.id).from_(own).where(own.c.place <= MAX_USER_APPOINTMENTS)
    found: dict[int, list[AppointmentPayload]] = {}
    for row in _select_appointments().where(Appointment.id.in_(newest)).order_by(Appointment.id.desc()).dicts():
        found.setdefault(row["user"], []).append(serialize_appointment_record(row))
    return found


def load_open_appointments(uow: UnitOfWork) -> AppointmentListPayload:
    """Return the newest 200 open appointments, without their reasons, and how many there are of each status."""
    query = _select_appointments().where(Appointment.status.in_(list(OPEN_STATUSES)))
    rows = query.order_by(Appointment.id.desc()).limit(MAX_OPEN_APPOINTMENTS).dicts()
    return AppointmentListPayload(
        data=[without_reasons(serialize_appointment_record(row)) for row in rows],
        counts=count_appointments_by_status(uow),
    )


@batched(writes=False)
def resend_open_appointments(
    uow: UnitOfWork, items: list[BatchItem[ListAppointments]]
) -> list[AllAppointments | Problem]:
    """Return the open appointments, read once for all who request them."""
    return [AllAppointments(appointments=load_open_appointments(uow))] * len(items)


def count_appointments_by_status(uow: UnitOfWork) -> dict[str, int]:
    """Return how many appointments there are of each status."""
    query = Appointment.select(Appointment.status, fn.COUNT(Appointment.id)).group_by(Appointment.status)
    return dict(query.tuples())


def list_appointments_with_expiry(
    where: list[Expression], order_by: tuple[Ordering, ...], limit: int, offset: int = 0
) -> list[tuple[AppointmentPayload, datetime | None]]:
    """Return the appointments for which all of `where` is true, each with when it expires unless it is handled."""
    query = _select_appointments().where(*where).order_by(*order_by).limit(limit).offset(offset)
    return [(serialize_appointment_record(row), row["expires_at"]) for row in query.dicts()]


def serialize_appointment(appointment_id: int) -> AppointmentPayload:
    """Return the payload of an appointment."""
    return serialize_appointment_record(_select_appointments().where(Appointment.id == appointment_id).dicts().get())


def serialize_appointments(appointment_ids: Collection[int]) -> list[AppointmentPayload]:
    """Return the payloads of appointments, in order of id."""
    rows = _select_appointments().where(Appointment.id.in_(appointment_ids)).order_by(Appointment.id).dicts()
    return [serialize_appointment_record(row) for row in rows]


def list_appointment_changes(uow: UnitOfWork, appointment_id: int) -> list[AppointmentChangeRow]:
    """Return the changes of an appointment, oldest first. Raises NotFound."""
    access_appointment(uow.actor, appointment_id)
    columns = (
        AppointmentChange.from_status,
        AppointmentChange.to_status,
        AppointmentChange.actor_role,
        AppointmentChange.reason,
        AppointmentChange.starts_at,
        AppointmentChange.at,
        User.first_name,
        User.last_name,
    )
    query = AppointmentChange.select(*columns).join(User, JOIN.LEFT_OUTER)
    return list(query.where(AppointmentChange.appointment == appointment_id).order_by(AppointmentChange.id).dicts())


def has_calendar_entry(row: Appointment) -> bool:
    """Return whether an appointment has a calendar entry: its time is confirmed, or one that it had before was.

    One that its member has moved since has to change the entry, and to delete it when nobody confirms the new time.
    """
    if row.starts_at is None or row.status in CALENDAR_STATUSES:
        return row.starts_at is not None
    was_confirmed = AppointmentChange.to_status.in_(SCHEDULED_STATUSES)
    return bool(AppointmentChange.select().where(AppointmentChange.appointment == row, was_confirmed).exists())


def load_invitation(uow: UnitOfWork, appointment_id: int) -> Invitation:
    """Return the calendar entry of an appointment. It names the specialty and nothing else about health.

    Raises NotFound while the appointment has no time, or never had one that was confirmed.
    """
    row = access_appointment(uow.actor, appointment_id)
    if row.starts_at is None or not has_calendar_entry(row):
        raise NotFound("Esa cita todavía no tiene una fecha confirmada.")
    payload, user = serialize_appointment(row.id), row.user
    return Invitation(
        uid=f"{row.ticket_number}@beneficiate.co",
        sequence=row.version,
        starts_at=row.starts_at,
        minutes=row.duration_minutes,
        summary=f"Cita de {payload.specialty_name}",
        location=payload.place,
        description=f"Tiquete {row.ticket_number}. Profesional: {payload.professional_name or 'por asignar'}.",
        attendee_email=user.email,
        attendee_name=user.name,
        is_cancelled=row.status in (CANCELLED, EXPIRED),
        is_tentative=row.status == TO_BE_CONFIRMED,
        url=None,
        created_at=row.updated_at,
    )


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Return the first and the last microsecond of a day in Bogotá (UTC−5 all year)."""
    start = bogota_midnight(day)
    return start, start + timedelta(days=1, microseconds=-1)


def matches_appointment_search(text: str) -> Expression:
    """Return the condition: the ticket number, a document of the member or the patient, or the patient's name."""
    numbers = possible_numbers(text)
    patients = Beneficiary.select(Beneficiary.id).where(Beneficiary.document_number.in_(numbers))
    members = User.select(User.id).where(User.document_number.in_(numbers))
    ticket = Appointment.ticket_number == text.strip().upper()
    is_own = Appointment.beneficiary.is_null() & Appointment.user.in_(people.select_named_users(text))
    is_named = is_own | Appointment.beneficiary.in_(people.select_named_beneficiaries(text))
    return ticket | Appointment.user.in_(members) | Appointment.beneficiary.in_(patients) | is_named


def _select_appointments() -> ModelSelect:
    staff_cancellation = (AppointmentChange.to_status == CANCELLED) & AppointmentChange.actor_role.in_(STAFF_ROLES)
    reason = AppointmentChange.select(fn.MAX(AppointmentChange.reason)).where(
        AppointmentChange.appointment == Appointment.id, staff_cancellation
    )
    return (
        Appointment.select(
            Appointment,
            User.first_name.alias("user_first_name"),
            User.last_name.alias("user_last_name"),
            Beneficiary.first_name.alias("beneficiary_first_name"),
            Beneficiary.last_name.alias("beneficiary_last_name"),
            Specialty.name.alias("specialty_name"),
            Township.name.alias("city_name"),
            Professional.first_name.alias("professional_first_name"),
            Professional.last_name.alias("professional_last_name"),
            Professional.mode.alias("professional_mode"),
            Professional.address.alias("professional_address"),
            Case(Appointment.status, ((CANCELLED, reason),)).alias("cancellation_reason"),
        )
        .join(User)
        .join_from(Appointment, Beneficiary, JOIN.LEFT_OUTER)
        .join_from(Appointment, Specialty)
        .join_from(Appointment, Township, on=Appointment.township == Township.id)
        .join_from(Appointment, Professional, JOIN.LEFT_OUTER)
    )
