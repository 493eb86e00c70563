"""Specialties, for the supervisors who administer them."""

from peewee import fn

from beneficiate.domain.administration import ACTIVE_STATE, INACTIVE_STATE
from beneficiate.domain.booking.lifecycle import OPEN_STATUSES
from beneficiate.domain.bot.symptoms import is_known_specialty
from beneficiate.errors import NotFound
from beneficiate.models.appointments import Appointment
from beneficiate.models.professionals import Professional, ProfessionalSpecialty, Specialty
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.administration import find_last_change, page_rows
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views import specialties as views
from beneficiate.views.administration import AdministrationList, ListFilters
from beneficiate.views.edit_forms import SavedRow


def load_specialty_list(uow: UnitOfWork, filters: ListFilters) -> AdministrationList[views.SpecialtyRow]:
    """Return a page of the specialties, by name."""
    require_supervisor(uow.actor)
    return page_rows(_describe_specialties(list(Specialty.select())), filters, views.SPECIALTY_STATES)


def load_specialty(uow: UnitOfWork, specialty_id: int) -> tuple[views.SpecialtyRow | None, SavedRow]:
    """Return a specialty as the list and as the form show it; without a row for a new one. Raises NotFound."""
    require_supervisor(uow.actor)
    if specialty_id == 0:
        return None, SavedRow({"nombre": "", "estado": ACTIVE_STATE}, 0)
    specialty = Specialty.get_or_none(Specialty.id == specialty_id)
    if specialty is None:
        raise NotFound("No encontramos esa especialidad.")
    (row,) = _describe_specialties([specialty])
    values = {"nombre": specialty.name, "estado": ACTIVE_STATE if specialty.is_active else INACTIVE_STATE}
    return row, SavedRow(values, specialty.version, find_last_change(f"specialty:{specialty.id}", "specialties.save"))


def _describe_specialties(specialties: list[Specialty]) -> list[views.SpecialtyRow]:
    practised = ProfessionalSpecialty.select(ProfessionalSpecialty.specialty, fn.COUNT(Professional.id))
    people = practised.join(Professional).where(Professional.is_active).group_by(ProfessionalSpecialty.specialty)
    open_ones = Appointment.select(Appointment.specialty, fn.COUNT(Appointment.id)).where(
        Appointment.status.in_(list(OPEN_STATUSES))
    )
    professionals, appointments = dict(people.tuples()), dict(open_ones.group_by(Appointment.specialty).tuples())
    return [
        views.SpecialtyRow(
            row_id=one.id,
            name=one.name,
            state=views.ACTIVE_SPECIALTIES if one.is_active else views.INACTIVE_SPECIALTIES,
            search_text=one.name,
            professionals=professionals.get(one.id, 0),
            appointments=appointments.get(one.id, 0),
            is_known_to_bot=is_known_specialty(one.name),
        )
        for one in specialties
    ]
