"""Professionals, for the supervisors who administer them, and the appointments outside of their hours."""

from collections import defaultdict
from datetime import date

from peewee import ModelSelect

from beneficiate.domain.administration import ACTIVE_STATE, INACTIVE_STATE
from beneficiate.domain.booking.hours_text import format_hours
from beneficiate.domain.booking.lifecycle import OPEN_STATUSES
from beneficiate.domain.booking.slots import DayException, OpenDays, WeeklyBlock
from beneficiate.domain.professionals import NO, ON_SITE, WEEKDAY_FIELDS, YES, ProfessionalSchedule
from beneficiate.errors import NotFound
from beneficiate.formatting import bogota_date
from beneficiate.models.appointments import Appointment
from beneficiate.models.audit import AuditEntry
from beneficiate.models.professionals import (
    MANUAL_SCHEDULE,
    NO_SCHEDULE,
    AvailabilityBlock,
    AvailabilityException,
    Professional,
    ProfessionalSpecialty,
    Specialty,
    Township,
)
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.administration import ANY_STATE, MAX_ROWS, find_last_change, page_rows
from beneficiate.queries.catalogue_search import township_index
from beneficiate.queries.slots import load_practised_specialties
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views import professionals as views
from beneficiate.views.administration import AdministrationList, ListFilters
from beneficiate.views.business_hours import DayRow, ExceptionalDay, StoredDay, build_day_rows
from beneficiate.views.edit_forms import SavedRow

MAX_COMING = 2_000
"""Coming appointments of one professional that are looked through: some months of a full week."""


def load_professional_list(uow: UnitOfWork, filters: ListFilters) -> AdministrationList[views.ProfessionalRow]:
    """Return a page of the professionals, by name."""
    require_supervisor(uow.actor)
    names: defaultdict[int, list[str]] = defaultdict(list)
    practised = ProfessionalSpecialty.select(ProfessionalSpecialty.professional, Specialty.name).join(Specialty)
    for professional_id, name in practised.order_by(Specialty.name).tuples():
        names[professional_id].append(name)
    rows = Professional.select(Professional, Township).join(Township).limit(MAX_ROWS)
    return page_rows([_describe_row(row, names[row.id]) for row in rows], filters, views.PROFESSIONAL_STATES)


def load_professional(uow: UnitOfWork, professional_id: int) -> tuple[views.ProfessionalDetail | None, SavedRow]:
    """Return a professional as the page and as the form show them; without a detail for a new one. Raises NotFound."""
    require_supervisor(uow.actor)
    if professional_id == 0:
        return None, SavedRow(_form_values(Professional(mode=ON_SITE, schedule_type=MANUAL_SCHEDULE)), 0)
    row = Professional.get_or_none(Professional.id == professional_id)
    if row is None:
        raise NotFound("No encontramos ese profesional.")
    detail = views.ProfessionalDetail(
        row=_describe_row(row, list(load_practised_specialties(row).values())),
        days=_list_coming_days(row.id, bogota_date(uow.now)),
        outside=list_outside_appointments(uow, row),
        today=bogota_date(uow.now),
        imported_note=row.imported_note,
    )
    return detail, SavedRow(_form_values(row), row.version, find_last_change(detail.subject, "professionals.save"))


def load_professional_days(uow: UnitOfWork, wanted: tuple[int, ListFilters]) -> AdministrationList[DayRow]:
    """Return a page of the coming days on which a professional has other hours, by date."""
    require_supervisor(uow.actor)
    professional_id, filters = wanted
    return page_rows(build_day_rows(_list_coming_days(professional_id, bogota_date(uow.now))), filters, ANY_STATE)


def list_specialty_options(uow: UnitOfWork, professional_id: int = 0) -> dict[str, str]:
    """Return the specialties that a professional may have, names by id: the active ones, and those that they have."""
    practised = ProfessionalSpecialty.select(ProfessionalSpecialty.specialty).where(
        ProfessionalSpecialty.professional == professional_id
    )
    rows = Specialty.select(Specialty.id, Specialty.name).where(Specialty.is_active | Specialty.id.in_(practised))
    return {str(id_): name for id_, name in rows.order_by(Specialty.name).tuples()}


def list_outside_appointments(uow: UnitOfWork, row: Professional) -> list[views.AffectedAppointment]:
    """Return the coming open appointments of a professional that their hours or specialties do not cover."""
    schedule = _load_schedule(row)
    return [
        _describe_appointment(one)
        for one in _select_coming_appointments(uow, row)
        if not schedule.covers(one.specialty_id, one.starts_at, one.duration_minutes or row.duration_minutes)
    ]


def list_coming_appointments(uow: UnitOfWork, row: Professional) -> list[views.AffectedAppointment]:
    """Return the coming open appointments of a professional."""
    return [_describe_appointment(one) for one in _select_coming_appointments(uow, row)]


def load_week(professional_id: int) -> list[WeeklyBlock]:
    """Return the blocks of a professional's week, in order."""
    fields = (AvailabilityBlock.weekday, AvailabilityBlock.starts, AvailabilityBlock.ends)
    query = AvailabilityBlock.select(*fields).where(AvailabilityBlock.professional == professional_id)
    return [WeeklyBlock(*row) for row in query.order_by(*fields).tuples()]


def load_day_exceptions(professional_id: int) -> list[DayException]:
    """Return the dates on which a professional has other hours, in the order in which they were stored."""
    one = AvailabilityException
    query = one.select(one.day, one.starts, one.ends, one.is_open).where(one.professional == professional_id)
    return [DayException(*row) for row in query.order_by(one.id).tuples()]


def load_stored_professional_day(uow: UnitOfWork, which: tuple[int, date]) -> StoredDay:
    """Return the hours of a professional on a date where they differ, and who changed them last."""
    require_supervisor(uow.actor)
    professional_id, day = which
    exceptions = [one for one in load_day_exceptions(professional_id) if one.day == day]
    changed = AuditEntry.before.contains(str(day)) | AuditEntry.after.contains(str(day))
    return StoredDay(
        exceptions, find_last_change(f"professional:{professional_id}", "professionals.set_day", where=changed)
    )


def _load_schedule(row: Professional) -> ProfessionalSchedule:
    is_available = row.is_active and row.schedule_type != NO_SCHEDULE
    days = OpenDays(load_week(row.id), load_day_exceptions(row.id))
    return ProfessionalSchedule(is_available, frozenset(load_practised_specialties(row)), days)


def _select_coming_appointments(uow: UnitOfWork, row: Professional) -> ModelSelect:
    is_theirs = (Appointment.professional == row.id) & Appointment.status.in_(list(OPEN_STATUSES))
    query = (
        Appointment.select(Appointment, Specialty).join(Specialty).where(is_theirs, Appointment.starts_at >= uow.now)
    )
    return query.order_by(Appointment.starts_at, Appointment.id).limit(MAX_COMING)


def _describe_appointment(one: Appointment) -> views.AffectedAppointment:
    return views.AffectedAppointment(one.id, one.ticket_number, one.starts_at, one.specialty.name, one.status)


def _list_coming_days(professional_id: int, today: date) -> list[ExceptionalDay]:
    days: defaultdict[date, list[DayException]] = defaultdict(list)
    for one in load_day_exceptions(professional_id):
        if one.day >= today:
            days[one.day].append(one)
    return [ExceptionalDay(day, exceptions) for day, exceptions in sorted(days.items())]


def _describe_row(row: Professional, specialties: list[str]) -> views.ProfessionalRow:
    place = row.township.name
    return views.ProfessionalRow(
        row_id=row.id,
        name=row.name,
        state=views.ACTIVE_PROFESSIONALS if row.is_active else views.INACTIVE_PROFESSIONALS,
        search_text=f"{row.name} {row.license_number} {place} {' '.join(specialties)}",
        specialties=", ".join(specialties),
        place=place,
        schedule_type=row.schedule_type,
    )


def _form_values(row: Professional) -> dict[str, str]:
    spans: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for block in load_week(row.id or 0):
        spans[block.weekday].append((block.starts, block.ends))
    return {
        "nombres": row.first_name or "",
        "apellidos": row.last_name or "",
        "licencia": row.license_number or "",
        "municipio": township_index().label_of(row.township_id) if row.township_id else "",
        "direccion": row.address or "",
        "modo": row.mode,
        "agenda": row.schedule_type,
        "duracion": str(row.duration_minutes),
        "pausa": str(row.buffer_minutes),
        "confirma": YES if row.confirms_itself else NO,
        "estado": ACTIVE_STATE if row.is_active else INACTIVE_STATE,
        "especialidades": ",".join(map(str, load_practised_specialties(row))) if row.id else "",
        **{name: format_hours(spans[weekday]) for weekday, name in enumerate(WEEKDAY_FIELDS)},
    }
