"""How long what is kept: only what a job or the database enforces, with the place where it is set."""

from dataclasses import dataclass
from typing import ClassVar

from beneficiate.views.pages import StaffPage

FIXED = "Fijo en el programa"
FOREVER = "No se borra"


@dataclass(frozen=True)
class RetentionPeriods:
    """The periods that are enforced, in the unit of each name."""

    session_hours: int
    idle_minutes: int
    unused_token_days: int
    longest_token_days: int
    ended_sign_in_days: int
    failed_attempt_minutes: int
    quota_days: int
    orphan_file_days: int
    invitation_days: int


@dataclass(frozen=True)
class RetentionRow:
    """What is kept, how long, what happens then, and where the period is set."""

    name: str
    period: str
    detail: str
    source: str


@dataclass(frozen=True)
class RetentionOverview(StaffPage):
    """`/supervisor/ajustes/retencion`."""

    template: ClassVar[str] = "administration/retention.html"

    rows: list[RetentionRow]


def list_retention(periods: RetentionPeriods) -> list[RetentionRow]:
    """Return what is kept how long: first what goes by itself, then what stays."""
    return [
        RetentionRow(
            "Sesión en las páginas, y toda sesión del equipo",
            f"{_count(periods.session_hours, 'hora', 'horas')} como máximo",
            "Se cierra aunque se use.",
            "BENEFICIATE_STAFF_SESSION_HOURS",
        ),
        RetentionRow(
            "Sesión en las páginas sin usar",
            _count(periods.idle_minutes, "minuto", "minutos"),
            "Se cierra sola, salvo en un equipo que la recuerda.",
            "BENEFICIATE_PAGE_IDLE_MINUTES",
        ),
        RetentionRow(
            "Sesión de la aplicación sin usar",
            _days(periods.unused_token_days),
            "Se cierra sola.",
            "BENEFICIATE_SIGN_IN_DAYS",
        ),
        RetentionRow(
            "Sesión de un afiliado en la aplicación",
            f"{_days(periods.longest_token_days)} como máximo",
            "Se cierra aunque se use.",
            "BENEFICIATE_SIGN_IN_MAX_DAYS",
        ),
        RetentionRow(
            "Ingresos que terminaron", _days(periods.ended_sign_in_days), "Se borran; la auditoría los conserva.", FIXED
        ),
        RetentionRow("Invitaciones sin aceptar", _days(periods.invitation_days), "El enlace deja de servir.", FIXED),
        RetentionRow(
            "Intentos de ingreso fallidos",
            _count(periods.failed_attempt_minutes, "minuto", "minutos"),
            "Se borran; la tabla no nombra a nadie.",
            FIXED,
        ),
        RetentionRow("Cuentas de los límites de uso", _days(periods.quota_days), "Se borran.", FIXED),
        RetentionRow(
            "Archivos sin mensaje", _days(periods.orphan_file_days), "Se borran: son envíos interrumpidos.", FIXED
        ),
        RetentionRow("Auditoría", FOREVER, "La base de datos rechaza cambios y borrados.", FIXED),
        RetentionRow("Hechos de las cifras", FOREVER, "La base de datos rechaza cambios y borrados.", FIXED),
        RetentionRow("Chats, archivos, citas y pagos", FOREVER, "Ninguna tarea los borra.", FIXED),
    ]


def _days(count: int) -> str:
    return _count(count, "día", "días")


def _count(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
