"""The supervisors' page of who is blocked now, by which limit, and until when."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, Literal

from beneficiate.views.administration import NewestRows
from beneficiate.views.masking import mask_email
from beneficiate.views.pages import StaffPage

SIGN_IN: Final = "ingreso"
EMAIL: Final = "correo"
QUOTA: Final = "cupo"
RATE: Final = "ritmo"
BlockKind = Literal["ingreso", "correo", "cupo", "ritmo"]
MAX_BLOCKED_CHARS = 80

PASSWORD_LABEL, CODE_LABEL = "Contraseñas equivocadas", "Códigos del segundo paso equivocados"
EMAIL_LABEL = "Correos pedidos sin ingresar"
QUOTA_LABELS = {
    "audited": "Cambios y consultas",
    "beneficiaries": "Beneficiarios agregados",
    "bookings": "Citas pedidas",
    "changes": "Citas movidas o canceladas",
    "chat_moves": "Chats reabiertos o movidos",
    "chats": "Chats abiertos",
    "consents": "Cambios de autorización",
    "contact_changes": "Cambios de celular",
    "copy_downloads": "Descargas de la copia de datos",
    "data_copies": "Copias de datos",
    "data_requests": "Solicitudes de datos",
    "member_imports": "Archivos de afiliados importados",
    "notes": "Notas",
    "notices": "Cambios de avisos",
    "payments": "Pagos iniciados",
    "sign_ins": "Ingresos",
    "steps": "Pasos de citas",
    "tags": "Etiquetas",
    "uploads": "Archivos del día",
}
RATE_LABELS = {
    "handshakes": "Conexiones sin una sesión válida",
    "links": "Enlaces de correos",
    "lookups": "Búsquedas de personas",
    "messages": "Mensajes seguidos",
    "messages_hour": "Mensajes de la hora",
    "reports": "Reportes",
    "slots": "Consultas de horarios",
    "uploads": "Archivos seguidos",
    "webhook_failures": "Eventos de pago sin una firma válida",
}


@dataclass(frozen=True)
class Block:
    """Somebody who is blocked: `reference` names the block of its kind, `who` is masked.

    A rate lets go by itself after seconds: what is listed was refused in the last minute, and `until` may be over.
    """

    kind: BlockKind
    reference: str
    who: str
    limit: str
    until: datetime

    @property
    def search_text(self) -> str:
        """What a search looks through."""
        return f"{self.who} {self.limit}"

    @property
    def is_rate(self) -> bool:
        """Whether it is a rate, which lets go after seconds."""
        return self.kind == RATE


@dataclass(frozen=True)
class FoundBlocks:
    """A page of blocks; `is_cut`: there are so many that not all were looked through."""

    rows: NewestRows[Block]
    is_cut: bool


@dataclass(frozen=True)
class BlockList(StaffPage):
    """`/supervisor/ajustes/bloqueos`; `done` names what was done just before."""

    template: ClassVar[str] = "administration/blocks.html"

    found: FoundBlocks
    done: str


def describe_blocked_email(email: str) -> str:
    """Return what is stored of an address that is blocked."""
    return mask_email(email)[:MAX_BLOCKED_CHARS].replace("\0", "")


def describe_blocked_network(network: str) -> str:
    """Return how a network is shown: of IPv4 256 addresses, of IPv6 what one customer has."""
    return f"Red {network}"[:MAX_BLOCKED_CHARS].replace("\0", "")
