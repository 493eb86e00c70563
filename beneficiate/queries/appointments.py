"""Appointments as they are shown, and who may see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import JOIN, ModelSelect, fn

from beneficiate.errors import NotFound, Problem
from beneficiate.models.appointments import Appointment, AppointmentChange
from beneficiate.models.base import locked
from beneficiate.models.care import Professional, Specialty, Township
from beneficiate.models.people import Beneficiary, User
from beneficiate.protocol.bookings import AllAppointments, AppointmentList, AppointmentPicture, Patient
from beneficiate.queries.access import STAFF, require_self_or_staff
from beneficiate.scheduling.calendar import Invitation
from beneficiate.scheduling.lifecycle import ATTENDED, CANCELLED, CONFIRMED, NAMES, NO_SHOW, OPEN, RESCHEDULED
from beneficiate.scheduling.slots import midnight_of
from beneficiate.store import Actor, Order, Work, batched

USER_APPOINTMENTS = 50
OPEN_APPOINTMENTS = 200
IN_CALENDARS = (CONFIRMED, RESCHEDULED, CANCELLED, ATTENDED, NO_SHOW)


@dataclass(frozen=True, slots=True)
class Filter:
    """What the agents' list shows: by state, by day of the visit, or by a document or ticket."""

    statuses: tuple[str, ...] = ()
    day: date | None = None
    text: str = ""
    limit: int = OPEN_APPOINTMENTS


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment in a list, with its state in words."""

    picture: AppointmentPicture
    state: str


def in_words(pictures: Iterable[AppointmentPicture]) -> list[Visit]:
    """Appointments with their states in words."""
    return [Visit(picture, NAMES[picture.status]) for picture in pictures]


def access_appointment(actor: Actor, appointment_id: int, *, lock: bool = False) -> Appointment:
    """An appointment of one's own, or any for staff. Raises NotFound."""
    query = Appointment.select().where(Appointment.id == appointment_id)
    row: Appointment | None = (locked(query) if lock else query).first()
    if row is None or (actor.role not in (*STAFF, "system") and row.user_id != actor.user_id):
        raise NotFound("No encontramos esa cita.")
    return row


def one(work: Work, appointment_id: int) -> AppointmentPicture:
    """An appointment that the actor may see. Raises NotFound."""
    return picture_of(access_appointment(work.actor, appointment_id).id)


def of_user(work: Work, user_id: int) -> list[AppointmentPicture]:
    """A member's appointments, newest first. Raises NotFound for anybody but the member and staff."""
    require_self_or_staff(work.actor, user_id)
    return of_users([user_id]).get(user_id, [])


def of_users(user_ids: Iterable[int]) -> dict[int, list[AppointmentPicture]]:
    """The appointments of several members at once; for those who have none, which are most, one short look."""
    ids = {row[0] for row in Appointment.select(Appointment.user).where(Appointment.user.in_(list(user_ids))).tuples()}
    if not ids:
        return {}
    place = fn.ROW_NUMBER().over(partition_by=[Appointment.user], order_by=[Appointment.id.desc()]).alias("place")
    own = Appointment.select(Appointment.id, place).where(Appointment.user.in_(ids)).alias("own")
    newest = Appointment.select(own.c.id).from_(own).where(own.c.place <= USER_APPOINTMENTS)
    found: dict[int, list[AppointmentPicture]] = {}
    for row in _rows().where(Appointment.id.in_(newest)).order_by(Appointment.id.desc()).dicts():
        found.setdefault(row["user"], []).append(_picture(row))
    return found


def all_open(work: Work, _: Any = None) -> AppointmentList:
    """The open appointments, newest 200, and how many there are in each state."""
    return AppointmentList(data=listed(work, Filter(statuses=tuple(OPEN))), counts=counts(work))


@batched(writes=False)
def list_again(work: Work, orders: list[Order[Any]]) -> list[AllAppointments | Problem]:
    """The open appointments for whoever asks again; the same picture for all."""
    return [AllAppointments(appointments=all_open(work))] * len(orders)


def counts(work: Work, _: Any = None) -> dict[str, int]:
    """How many appointments there are in each state."""
    query = Appointment.select(Appointment.status, fn.COUNT(Appointment.id)).group_by(Appointment.status)
    return dict(query.tuples())


def listed(work: Work, wanted: Filter) -> list[AppointmentPicture]:
    """The appointments that the filter lets through, newest first."""
    query = _rows()
    if wanted.statuses:
        query = query.where(Appointment.status.in_(wanted.statuses))
    if wanted.text:
        query = query.where(matches(wanted.text))
    if wanted.day is not None:
        query = query.where(Appointment.starts_at.between(*day_bounds(wanted.day)))
    return [_picture(row) for row in query.order_by(Appointment.id.desc()).limit(wanted.limit).dicts()]


def pictures(where: list[Any], order: tuple[Any, ...], limit: int) -> list[tuple[AppointmentPicture, datetime | None]]:
    """The appointments for which all of `where` is true, each with the moment at which it expires unhandled."""
    query = _rows().where(*where).order_by(*order).limit(limit)
    return [(_picture(row), row["expires_at"]) for row in query.dicts()]


def picture_of(appointment_id: int) -> AppointmentPicture:
    """One appointment as everybody concerned sees it."""
    return _picture(_rows().where(Appointment.id == appointment_id).dicts().get())


def history(work: Work, appointment_id: int) -> list[dict[str, Any]]:
    """What became of an appointment, oldest first. Raises NotFound."""
    access_appointment(work.actor, appointment_id)
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


def invitation(work: Work, appointment_id: int) -> Invitation:
    """The calendar entry of an appointment with a time. It names the specialty and nothing else about health.

    Raises NotFound for a request that has no time yet, or none that is certain.
    """
    row = access_appointment(work.actor, appointment_id)
    if row.starts_at is None or row.status not in IN_CALENDARS:
        raise NotFound("Esa cita todavía no tiene una fecha confirmada.")
    picture, user, place = picture_of(row.id), row.user, row.professional
    where = place.address if place and place.mode == "PRESENCIAL" else (place.mode.title() if place else "")
    return Invitation(
        uid=f"{row.ticket_number}@beneficiate.co",
        sequence=row.version,
        starts_at=row.starts_at,
        minutes=row.duration_minutes,
        summary=f"Cita de {picture.specialty_name}",
        location=f"{where}, {picture.city_name}" if where else picture.city_name,
        description=f"Tiquete {row.ticket_number}. Profesional: {picture.professional_name or 'por asignar'}.",
        organizer_email="citas@beneficiate.co",
        attendee_email=user.email,
        attendee_name=user.name,
        is_cancelled=row.status == CANCELLED,
        url=None,
        created_at=row.updated_at,
    )


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The first and last moment of a day in Bogotá (UTC−5 all year)."""
    start = midnight_of(day)
    return start, start + timedelta(days=1, microseconds=-1)


def matches(text: str) -> Any:
    """A ticket number, or a document of the member or of the patient, typed with or without dots."""
    number = "".join(letter for letter in text if letter.isalnum())
    patients = Beneficiary.select(Beneficiary.id).where(Beneficiary.document_number == number)
    members = User.select(User.id).where(User.document_number == number)
    ticket = Appointment.ticket_number == text.strip().upper()
    return ticket | Appointment.user.in_(members) | Appointment.beneficiary.in_(patients)


def _rows() -> ModelSelect:
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
        )
        .join(User)
        .join_from(Appointment, Beneficiary, JOIN.LEFT_OUTER)
        .join_from(Appointment, Specialty)
        .join_from(Appointment, Township, on=Appointment.township == Township.id)
        .join_from(Appointment, Professional, JOIN.LEFT_OUTER)
    )


def _picture(row: dict[str, Any]) -> AppointmentPicture:
    patient = "user" if row["beneficiary"] is None else "beneficiary"
    professional = None
    if row["professional"] is not None:
        professional = f"{row['professional_first_name']} {row['professional_last_name']}"
    return AppointmentPicture(
        id=row["id"],
        ticket_number=row["ticket_number"],
        status=row["status"],
        user_id=row["user"],
        beneficiary_id=row["beneficiary"],
        patient=Patient(first_name=row[f"{patient}_first_name"], last_name=row[f"{patient}_last_name"]),
        specialty_id=row["specialty"],
        specialty_name=row["specialty_name"],
        professional_id=row["professional"],
        professional_name=professional,
        city_id=row["township"],
        city_name=row["city_name"],
        starts_at=row["starts_at"],
        duration_minutes=row["duration_minutes"],
        first_time=row["first_time"],
        control=not row["first_time"],
        notes=row["notes"],
        version=row["version"],
        created_at=row["created_at"],
    )
