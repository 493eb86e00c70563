"""How long what is kept: only what a job or the database enforces, with the place where it is set."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from beneficiate.domain.retention import RETAINED_KINDS, RetainedKind
from beneficiate.views.edit_forms import EditForm, FieldLabels
from beneficiate.views.pages import StaffPage

RETENTION_LABELS = FieldLabels(
    {
        "chats": "Lo escrito en chats cerrados",
        "ingresos": "Ingresos que terminaron",
        "avisos": "Avisos y correos enviados",
        "eventos": "Eventos de Wompi ya procesados",
        "fallidos": "Eventos de Wompi que fallaron",
        "copias": "Copias de datos pedidas",
        "importaciones": "Archivos de afiliados",
        "archivos": "Archivos sin mensaje",
    }
)
RETENTION_DETAILS = {
    "chats": "Lo escrito, archivos y etiquetas, también en la auditoría. Quedan el chat, tiempos y calificación.",
    "ingresos": "La auditoría los conserva.",
    "avisos": "Los enlaces de los correos sirven una semana.",
    "eventos": "Los pagos se quedan.",
    "fallidos": "Los que no se pudieron procesar. Los pagos se quedan.",
    "copias": "Su archivo ya se borró a las 48 horas: esto es que se pidió.",
    "importaciones": "Las filas que no entraron. Los afiliados se quedan.",
    "archivos": "Son envíos interrumpidos.",
}
FIXED = "Fijo en el programa"
FOREVER = "No se borra"


@dataclass(frozen=True)
class RetentionPeriods:
    """The periods that are enforced, in the unit of each name."""

    session_hours: int
    idle_minutes: int
    unused_token_days: int
    longest_token_days: int
    failed_attempt_minutes: int
    failed_code_days: int
    quota_days: int
    invitation_days: int


@dataclass(frozen=True)
class RetentionRow:
    """What is kept, how long, what happens then, and where the period is set."""

    name: str
    period: str
    detail: str
    source: str


@dataclass(frozen=True)
class DeletedRows:
    """How much of a kind the next run of the jobs deletes: what is from before a moment."""

    field: str
    count: int
    before: datetime

    @property
    def counted(self) -> str:
        """`312 chats cerrados`."""
        return RETAINED_KINDS[self.field].count(self.count)


@dataclass(frozen=True)
class RetentionEffect:
    """What the next run of the jobs deletes, by kind; what is never deleted is not among them."""

    kinds: list[DeletedRows]

    @property
    def deleted(self) -> list[DeletedRows]:
        """The kinds of which something is deleted."""
        return [one for one in self.kinds if one.count]

    @property
    def name(self) -> str:
        """The name of exactly this effect, by which it is confirmed; empty when nothing is deleted."""
        return " ".join(f"{one.field}-{one.count}" for one in self.deleted)

    def with_files(self, count: int) -> "RetentionEffect":
        """Return the effect with so many files, which no query can count."""
        return RetentionEffect([replace(one, count=count) if one.field == "archivos" else one for one in self.kinds])


@dataclass(frozen=True)
class RetentionOverview(StaffPage):
    """`/supervisor/ajustes/retencion`.

    `effect` is what the days of the form would delete now, where that was asked for; `is_asked`: it has to be confirmed
    before the form is saved. `done` is what was saved just before.
    """

    template: ClassVar[str] = "administration/retention.html"

    rows: list[RetentionRow]
    form: EditForm
    effect: RetentionEffect | None
    kinds: Mapping[str, RetainedKind]
    details: Mapping[str, str]
    is_asked: bool
    done: str


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
        RetentionRow("Invitaciones sin aceptar", _days(periods.invitation_days), "El enlace deja de servir.", FIXED),
        RetentionRow(
            "Intentos de ingreso fallidos",
            _count(periods.failed_attempt_minutes, "minuto", "minutos"),
            "Se borran; la tabla no nombra a nadie.",
            FIXED,
        ),
        RetentionRow(
            "Códigos de segundo paso fallidos",
            _days(periods.failed_code_days),
            "Se borran; la tabla no nombra a nadie.",
            FIXED,
        ),
        RetentionRow("Cuentas de los límites de uso", _days(periods.quota_days), "Se borran.", FIXED),
        RetentionRow("Auditoría", FOREVER, "La base de datos rechaza cambios y borrados.", FIXED),
        RetentionRow("Hechos de las cifras", FOREVER, "La base de datos rechaza cambios y borrados.", FIXED),
        RetentionRow("Citas y pagos", FOREVER, "Ninguna tarea los borra.", FIXED),
    ]


def _days(count: int) -> str:
    return _count(count, "día", "días")


def _count(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
