"""The medical specialties: supervisors add, rename and deactivate them; none is ever deleted."""

from collections.abc import Mapping
from dataclasses import dataclass

from beneficiate.actions import audit
from beneficiate.actions.administration import change_columns, count_version, lock_names, require_version
from beneficiate.domain.administration import ACTIVE_STATE, STATES, check_name, clean_line, refuse_invalid
from beneficiate.errors import InvalidForm, NotFound
from beneficiate.folding import fold_name
from beneficiate.models.base import lock_rows
from beneficiate.models.professionals import Specialty
from beneficiate.queries.access import require_supervisor
from beneficiate.unit_of_work import UnitOfWork

MAX_SPECIALTY_NAME_CHARS = 60
MAX_SPECIALTIES = 300


@dataclass(frozen=True, slots=True)
class SaveSpecialty:
    """A specialty as typed, by the names of the fields, and the version that the form has shown; 0 is a new one."""

    specialty_id: int
    version: int
    typed: Mapping[str, str]


def save_specialty(uow: UnitOfWork, command: SaveSpecialty) -> int:
    """Create or change a specialty and return its id. Raises NotFound, InvalidForm, OutdatedForm."""
    require_supervisor(uow.actor)
    name, state = clean_line(command.typed.get("nombre", "")), command.typed.get("estado", "")
    refuse_invalid(
        {
            "nombre": check_name(name, MAX_SPECIALTY_NAME_CHARS, "el nombre"),
            "estado": (state in STATES, "Elija si está activa."),
        }
    )
    lock_names()
    rows = {row.id: row for row in lock_rows(Specialty.select().order_by(Specialty.id))}
    if any(fold_name(row.name) == fold_name(name) and row.id != command.specialty_id for row in rows.values()):
        raise InvalidForm({"nombre": "Ya hay una especialidad con ese nombre."})
    if command.specialty_id == 0:
        return _create_specialty(uow, name, len(rows))
    row = rows.get(command.specialty_id)
    if row is None:
        raise NotFound("No encontramos esa especialidad.")
    changes = change_columns(row, {"name": name, "is_active": state == ACTIVE_STATE})
    if changes:
        require_version(row, command.version)
        count_version(row)
        audit.record_audit(uow, "specialties.save", f"specialty:{row.id}", changes=changes)
    return int(row.id)


def _create_specialty(uow: UnitOfWork, name: str, count: int) -> int:
    if count >= MAX_SPECIALTIES:
        raise InvalidForm({"nombre": f"Ya hay {MAX_SPECIALTIES} especialidades. Use una de las inactivas."})
    row = Specialty.create(name=name)
    audit.record_audit(uow, "specialties.save", f"specialty:{row.id}", changes={"name": (None, name)})
    return int(row.id)
