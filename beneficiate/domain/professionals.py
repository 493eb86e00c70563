"""What a supervisor types about a professional, and which appointments their hours cover."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from beneficiate.domain.administration import (
    ACTIVE_STATE,
    STATES,
    are_ids,
    check_line,
    check_name,
    clean_line,
    is_whole_number,
    parse_ids,
)
from beneficiate.domain.booking.hours_text import parse_hours
from beneficiate.domain.booking.slots import OpenDays, WeeklyBlock, bogota_midnight
from beneficiate.errors import InvalidForm
from beneficiate.formatting import bogota_date

WEEKDAY_FIELDS = ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo")
ON_SITE, VIRTUAL_MODE = "PRESENCIAL", "VIRTUAL"
MODES = (ON_SITE, VIRTUAL_MODE)
SCHEDULE_TYPES = ("ONLINE", "MANUAL", "UNAVAILABLE")
YES, NO = "si", "no"
MAX_TEXT_CHARS = 120
MAX_LICENSE_CHARS = 32
MIN_DURATION, MAX_DURATION, MAX_BUFFER = 5, 240, 120
_MAX_NAME_CHARS = 60


@dataclass(frozen=True, slots=True)
class ProfessionalFields:
    """A professional as typed, in the form in which it is stored; `township` is still the text."""

    first_name: str
    last_name: str
    license_number: str
    township: str
    address: str
    mode: str
    schedule_type: str
    duration_minutes: int
    buffer_minutes: int
    confirms_itself: bool
    is_active: bool
    specialty_ids: frozenset[int]
    blocks: list[WeeklyBlock]


@dataclass(frozen=True, slots=True)
class ProfessionalSchedule:
    """When a professional sees patients, and for which specialties; `is_available` is False for never."""

    is_available: bool
    specialty_ids: frozenset[int]
    days: OpenDays

    def covers(self, specialty_id: int, starts_at: datetime, duration_minutes: int) -> bool:
        """Return whether an appointment lies within the hours of the professional."""
        day = bogota_date(starts_at)
        starts = int((starts_at - bogota_midnight(day)).total_seconds()) // 60
        is_practised = self.is_available and specialty_id in self.specialty_ids
        return is_practised and self.days.is_open(day, starts, starts + duration_minutes)


def parse_professional_fields(typed: Mapping[str, str]) -> ProfessionalFields:
    """Return the fields of the form, by their names. Raises InvalidForm with a sentence for each invalid one."""
    lines = {name: clean_line(typed.get(name, "")) for name in ("nombres", "apellidos", "licencia", "municipio")}
    address, numbers = clean_line(typed.get("direccion", "")), [typed.get(name, "") for name in ("duracion", "pausa")]
    choices = {name: typed.get(name, "") for name in ("modo", "agenda", "confirma", "estado", "especialidades")}
    blocks, problems = _parse_week(typed)
    checks = {
        "nombres": check_name(lines["nombres"], _MAX_NAME_CHARS, "los nombres"),
        "apellidos": check_name(lines["apellidos"], _MAX_NAME_CHARS, "los apellidos"),
        "licencia": check_line(lines["licencia"], MAX_LICENSE_CHARS, "el registro"),
        "municipio": check_line(lines["municipio"], MAX_TEXT_CHARS, "el municipio donde atiende"),
        "direccion": _check_address(address, choices["modo"]),
        "duracion": (
            is_whole_number(numbers[0], MIN_DURATION, MAX_DURATION) and int(numbers[0]) % 5 == 0,
            f"De {MIN_DURATION} a {MAX_DURATION} minutos, de 5 en 5.",
        ),
        "pausa": (is_whole_number(numbers[1], 0, MAX_BUFFER), f"De 0 a {MAX_BUFFER} minutos."),
        "modo": (choices["modo"] in MODES, "Elija cómo atiende."),
        "agenda": (choices["agenda"] in SCHEDULE_TYPES, "Elija quién le pone las citas."),
        "confirma": (choices["confirma"] in (YES, NO), "Elija quién confirma."),
        "estado": (choices["estado"] in STATES, "Elija si está activo."),
        "especialidades": (are_ids(choices["especialidades"]), "Elija las especialidades de la lista."),
    }
    problems |= {name: sentence for name, (is_valid, sentence) in checks.items() if not is_valid}
    if problems:
        raise InvalidForm(problems)
    return ProfessionalFields(
        first_name=lines["nombres"],
        last_name=lines["apellidos"],
        license_number=lines["licencia"],
        township=lines["municipio"],
        address=address,
        mode=choices["modo"],
        schedule_type=choices["agenda"],
        duration_minutes=int(numbers[0]),
        buffer_minutes=int(numbers[1]),
        confirms_itself=choices["confirma"] == YES,
        is_active=choices["estado"] == ACTIVE_STATE,
        specialty_ids=parse_ids(choices["especialidades"]),
        blocks=blocks,
    )


def _parse_week(typed: Mapping[str, str]) -> tuple[list[WeeklyBlock], dict[str, str]]:
    blocks: list[WeeklyBlock] = []
    problems: dict[str, str] = {}
    for weekday, name in enumerate(WEEKDAY_FIELDS):
        try:
            blocks += [WeeklyBlock(weekday, *span) for span in parse_hours(typed.get(name, ""))]
        except ValueError as problem:
            problems[name] = str(problem)
    return blocks, problems


def _check_address(text: str, mode: str) -> tuple[bool, str]:
    is_needed = text or mode != VIRTUAL_MODE
    return check_line(text, MAX_TEXT_CHARS, "la dirección donde atiende") if is_needed else (True, "")
