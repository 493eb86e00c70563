"""What a supervisor types about how long what is kept, within the bounds of the law and of what works."""

from collections.abc import Mapping
from dataclasses import dataclass

from beneficiate.domain.administration import is_whole_number, refuse_invalid

NEVER = 0
"""The days of what is not deleted."""
CLEARED_TEXT = "Texto borrado: pasó el tiempo que se conserva."


@dataclass(frozen=True, slots=True)
class RetainedKind:
    """A kind of data: the column of its days, the fewest and the most of them, and its names in Spanish.

    `is_optional`: it may be kept for good, which an empty field says.
    """

    column: str
    least: int
    most: int
    one: str
    many: str
    is_optional: bool = False

    def count(self, number: int) -> str:
        """Return `1 chat`, `312 chats`."""
        return f"{number:,} {self.one if number == 1 else self.many}".replace(",", ".")


RETAINED_KINDS = {
    # A consumer may go to law for a year (Ley 1480 de 2011, article 58.3). What is deleted is what was written: the
    # chat, its times and its rating stay, since figures count them.
    "chats": RetainedKind("chat_days", 365, 3650, "chat cerrado", "chats cerrados", is_optional=True),
    # Ended sign-ins explain for a while who was signed in; their address and device are personal data (Ley 1581 de
    # 2012, article 4: no longer than needed).
    "ingresos": RetainedKind("sign_in_days", 7, 365, "ingreso", "ingresos"),
    # The links that are in e-mails are good for a week at the most.
    "avisos": RetainedKind("notice_days", 7, 90, "aviso o correo", "avisos y correos"),
    # Wompi sends an event again for a day, and a payment can be disputed for half a year. Ten years is how long papers
    # of a business are kept (Ley 962 de 2005, article 28); the payments themselves are never deleted.
    "eventos": RetainedKind("wompi_event_days", 180, 3650, "evento procesado", "eventos procesados"),
    "fallidos": RetainedKind(
        "failed_event_days", 180, 3650, "evento que falló", "eventos que fallaron", is_optional=True
    ),
    # Its file is deleted after 48 hours. The row says that the right was exercised: a year, as above.
    "copias": RetainedKind("copy_days", 365, 3650, "copia de datos", "copias de datos", is_optional=True),
    "importaciones": RetainedKind(
        "import_days", 7, 3650, "archivo de afiliados", "archivos de afiliados", is_optional=True
    ),
    # An upload that goes on has its row within a day.
    "archivos": RetainedKind("orphan_file_days", 1, 30, "archivo sin mensaje", "archivos sin mensaje"),
}
"""By the name of the field, in the order of the form."""


def parse_periods(typed: Mapping[str, str]) -> dict[str, int]:
    """Return the days by column, 0 for what is never deleted. Raises InvalidForm with a sentence for each wrong one."""
    texts = {name: typed.get(name, "").strip() for name in RETAINED_KINDS}
    kept = {name for name, one in RETAINED_KINDS.items() if one.is_optional and not texts[name]}
    refuse_invalid(
        {
            name: (name in kept or is_whole_number(texts[name], one.least, one.most), _describe_bounds(one))
            for name, one in RETAINED_KINDS.items()
        }
    )
    return {one.column: NEVER if name in kept else int(texts[name]) for name, one in RETAINED_KINDS.items()}


def format_days(days: int) -> str:
    """Return days as the form shows them: empty for what is never deleted."""
    return "" if days == NEVER else str(days)


def _describe_bounds(kind: RetainedKind) -> str:
    bounds = f"De {kind.least} a {kind.most} días"
    return f"{bounds}, o vacío para no borrar." if kind.is_optional else f"{bounds}."
