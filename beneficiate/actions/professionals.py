"""Professionals: supervisors change who they are, what they practise and when they see patients.

A change that leaves appointments outside of the hours is saved once it was confirmed. The appointments stay as they
are: their members expect them, and the page of the professional lists them until somebody moves or cancels them. So is
one of the place where patients are seen, of which their members are told.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from beneficiate.actions import audit
from beneficiate.actions.administration import Changes, change_columns, count_version, lock_names, require_version
from beneficiate.actions.appointment_places import announce_new_place
from beneficiate.actions.business_hours import SetHoursException, summarize_exceptions, validate_exception
from beneficiate.domain.booking.hours_text import describe_day, format_hours
from beneficiate.domain.booking.presentation import place_of_care
from beneficiate.domain.booking.slots import DayException, WeeklyBlock
from beneficiate.domain.professionals import (
    WEEKDAY_FIELDS,
    ProfessionalFields,
    parse_professional_fields,
)
from beneficiate.errors import Conflict, InvalidForm, NotFound, OutdatedForm
from beneficiate.folding import fold_code
from beneficiate.models.base import lock_rows
from beneficiate.models.professionals import (
    VIRTUAL,
    AvailabilityBlock,
    AvailabilityException,
    Professional,
    ProfessionalSpecialty,
    Specialty,
)
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.catalogue_search import township_index
from beneficiate.queries.professionals import (
    list_coming_appointments,
    list_outside_appointments,
    load_day_exceptions,
    load_week,
)
from beneficiate.queries.slots import load_practised_specialties
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.professionals import AffectedAppointment, PendingEffect

MAX_PROFESSIONALS = 2_000
MAX_EXCEPTIONS = 500


class AppointmentsAffected(Conflict):
    """Over HTTP only: appointments would be outside of the hours, or at another place, which was not confirmed."""

    sentence = "Hay citas que cambian con esto. Revíselas y confirme el cambio."

    def __init__(self, pending: PendingEffect) -> None:
        self.pending = pending
        super().__init__()


@dataclass(frozen=True, slots=True)
class SaveProfessional:
    """A professional as typed, by the names of the fields, and the version that the form has shown; 0 is a new one.

    `confirmed` is the effect that was confirmed, empty for none.
    """

    professional_id: int
    version: int
    typed: Mapping[str, str]
    confirmed: str = ""


@dataclass(frozen=True, slots=True)
class SetProfessionalDay:
    """A date on which a professional has other hours, as typed; `seen` is what was shown of it (`describe_day`)."""

    professional_id: int
    typed: SetHoursException
    seen: str
    confirmed: str = ""


@dataclass(frozen=True, slots=True)
class DeleteProfessionalDay:
    """A date on which a professional has the hours of its weekday again."""

    professional_id: int
    day: date
    seen: str
    confirmed: str = ""


def save_professional(uow: UnitOfWork, command: SaveProfessional) -> int:
    """Create or change a professional and return the id.

    Raises NotFound, InvalidForm, OutdatedForm, AppointmentsAffected when appointments would be outside.
    """
    require_supervisor(uow.actor)
    lock_names()
    row = lock_professional(command.professional_id) if command.professional_id else Professional(version=0)
    fields = parse_professional_fields(command.typed)
    township_id = _find_township(fields.township)
    _refuse_taken_license(fields, row.id or 0)
    outside_before = _outside_ids(uow, row)
    place_before, columns = _place_of(row) if row.id else None, _columns_of(fields, township_id)
    changes = change_columns(row, columns) if row.id else _create_professional(row, columns)
    changes |= {**_set_specialties(row, fields.specialty_ids), **_set_week(row, fields.blocks)}
    if changes:
        if place_before:
            require_version(row, command.version)
        moved = list_coming_appointments(uow, row) if place_before not in (None, _place_of(row)) else []
        changes |= _require_confirmation(uow, row, outside_before, command.confirmed, moved)
        count_version(row)
        announce_new_place(uow, row, [one.appointment_id for one in moved])
        audit.record_audit(uow, "professionals.save", f"professional:{row.id}", changes=changes)
    return int(row.id)


def set_professional_day(uow: UnitOfWork, command: SetProfessionalDay) -> None:
    """Give a professional other hours on a date.

    Raises NotFound, InvalidForm, AppointmentsAffected, OutdatedForm when somebody else has changed the date meanwhile.
    """
    require_supervisor(uow.actor)
    row = lock_professional(command.professional_id)
    day, exceptions = validate_exception(uow, command.typed)
    if AvailabilityException.select().where(AvailabilityException.professional == row.id).count() > MAX_EXCEPTIONS:
        raise InvalidForm({"fecha": f"Ya hay {MAX_EXCEPTIONS} días distintos. Quite los que no hagan falta."})
    _replace_day(uow, row, day, exceptions, command)


def delete_professional_day(uow: UnitOfWork, command: DeleteProfessionalDay) -> None:
    """Let a professional have the hours of the weekday on a date. Raises as `set_professional_day` does."""
    require_supervisor(uow.actor)
    _replace_day(uow, lock_professional(command.professional_id), command.day, [], command)


def lock_professional(professional_id: int) -> Professional:
    """Return a professional, locked. Raises NotFound."""
    row: Professional | None = lock_rows(Professional.select().where(Professional.id == professional_id)).first()
    if row is None:
        raise NotFound("No encontramos ese profesional.")
    return row


def _replace_day(
    uow: UnitOfWork,
    row: Professional,
    day: date,
    exceptions: list[DayException],
    command: SetProfessionalDay | DeleteProfessionalDay,
) -> None:
    outside_before, days = _outside_ids(uow, row), load_day_exceptions(row.id)
    before = [one for one in days if one.day == day]
    if before == exceptions:
        return
    if describe_day(before) != command.seen:
        raise OutdatedForm
    is_that_day = (AvailabilityException.professional == row.id) & (AvailabilityException.day == day)
    AvailabilityException.delete().where(is_that_day).execute()
    if exceptions:
        rows = [{"professional": row.id, **asdict(one)} for one in exceptions]
        AvailabilityException.insert_many(rows).execute()
    effect = _require_confirmation(uow, row, outside_before, command.confirmed)
    changes = {str(day): (summarize_exceptions(before), summarize_exceptions(exceptions)), **effect}
    audit.record_audit(uow, "professionals.set_day", f"professional:{row.id}", changes=changes)


def _place_of(row: Professional) -> tuple[str, int | None]:
    """Return where a professional sees patients, as these read it; by video the address is none of it."""
    return place_of_care(row.mode, row.address), None if row.mode == VIRTUAL else row.township_id


def _require_confirmation(
    uow: UnitOfWork,
    row: Professional,
    before: set[int],
    confirmed: str,
    moved: Sequence[AffectedAppointment] = (),
) -> Changes:
    """Return how many appointments more are outside, and how many get another place, as the change has it.

    Raises AppointmentsAffected.

    The effect that was confirmed names the appointments: if others are concerned meanwhile, it is asked again.
    """
    outside = [one for one in list_outside_appointments(uow, row) if one.appointment_id not in before]
    if not outside and not moved:
        return {}
    ids = [[one.appointment_id for one in affected] for affected in (outside, moved)]
    effect = hashlib.sha256(repr(ids).encode()).hexdigest()[:16]
    if confirmed != effect:
        raise AppointmentsAffected(PendingEffect(effect, outside, list(moved)))
    counts = {"outside": len(outside), "moved": len(moved)}
    return {name: (0, count) for name, count in counts.items() if count}


def _outside_ids(uow: UnitOfWork, row: Professional) -> set[int]:
    return {one.appointment_id for one in list_outside_appointments(uow, row)} if row.id else set()


def _find_township(text: str) -> int:
    hit = township_index().find(text)
    if hit is None:
        raise InvalidForm({"municipio": "No encontramos un solo municipio así: escriba también el departamento."})
    return hit.id


def _refuse_taken_license(fields: ProfessionalFields, professional_id: int) -> None:
    others = Professional.select().where(Professional.id != professional_id)
    wanted = fold_code(fields.license_number)
    other = next((one for one in others if fold_code(one.license_number) == wanted), None)
    if other is not None:
        raise InvalidForm({"licencia": f"Ese registro ya es de {other.name}."})
    known = Specialty.select().where(Specialty.id.in_(fields.specialty_ids)).count()
    if known != len(fields.specialty_ids):
        raise InvalidForm({"especialidades": "Elija las especialidades de la lista."})


def _columns_of(fields: ProfessionalFields, township_id: int) -> dict[str, object]:
    return {
        "first_name": fields.first_name,
        "last_name": fields.last_name,
        "license_number": fields.license_number,
        "township_id": township_id,
        "address": fields.address,
        "mode": fields.mode,
        "schedule_type": fields.schedule_type,
        "duration_minutes": fields.duration_minutes,
        "buffer_minutes": fields.buffer_minutes,
        "confirms_itself": fields.confirms_itself,
        "is_active": fields.is_active,
    }


def _create_professional(row: Professional, columns: Mapping[str, object]) -> Changes:
    if Professional.select().count() >= MAX_PROFESSIONALS:
        raise InvalidForm({"nombres": f"Ya hay {MAX_PROFESSIONALS} profesionales."})
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()
    return {name: (None, value) for name, value in columns.items()}


def _set_specialties(row: Professional, specialty_ids: frozenset[int]) -> Changes:
    before = load_practised_specialties(row)
    if set(before) == specialty_ids:
        return {}
    is_theirs = ProfessionalSpecialty.professional == row.id
    ProfessionalSpecialty.delete().where(is_theirs, ProfessionalSpecialty.specialty.not_in(specialty_ids)).execute()
    new = [{"professional": row.id, "specialty": one} for one in sorted(specialty_ids - set(before))]
    if new:
        ProfessionalSpecialty.insert_many(new).execute()
    return {"specialties": (list(before.values()), list(load_practised_specialties(row).values()))}


def _set_week(row: Professional, blocks: list[WeeklyBlock]) -> Changes:
    before = load_week(row.id)
    if before == blocks:
        return {}
    AvailabilityBlock.delete().where(AvailabilityBlock.professional == row.id).execute()
    if blocks:
        AvailabilityBlock.insert_many([{"professional": row.id, **asdict(one)} for one in blocks]).execute()
    return {"week": (_summarize_week(before), _summarize_week(blocks))}


def _summarize_week(blocks: Iterable[WeeklyBlock]) -> dict[str, str]:
    days: dict[str, list[tuple[int, int]]] = {}
    for block in blocks:
        days.setdefault(WEEKDAY_FIELDS[block.weekday], []).append((block.starts, block.ends))
    return {day: format_hours(spans) for day, spans in days.items()}
