"""The supervisors' page of e-mails that were given up."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from beneficiate.models.account_emails import (
    ADDRESS_CHANGED,
    COPY_READY,
    ERASURE_ASKED,
    ERASURE_CANCELLED,
    FACTOR_NOTICES,
    IMPORTED,
    NEW_ADDRESS,
    NEW_DEVICE,
    PASSWORD_CHANGED,
    RECOVERY,
    REGISTRATION,
    REQUEST_ALERTS,
    REQUEST_NOTICES,
)
from beneficiate.views.masking import mask_email
from beneficiate.views.pages import StaffPage

_REFUSED = "El servidor de correo lo rechazó: revise la dirección."
_EXHAUSTED = "El servidor de correo no respondió en ninguno de los intentos."
_ACCOUNT_TITLES = {
    RECOVERY: "Enlace para una contraseña nueva",
    IMPORTED: "Enlace para la primera contraseña",
    REGISTRATION: "Enlace para confirmar un registro",
    NEW_ADDRESS: "Enlace para confirmar un correo nuevo",
    PASSWORD_CHANGED: "Aviso de una contraseña que cambió",
    ADDRESS_CHANGED: "Aviso de un correo que cambió",
    NEW_DEVICE: "Aviso de un ingreso en otro dispositivo",
    COPY_READY: "Aviso de que una copia de datos está lista",
    ERASURE_ASKED: "Aviso de que una cuenta se va a borrar",
    ERASURE_CANCELLED: "Aviso de que una cuenta no se borra",
    **dict.fromkeys(FACTOR_NOTICES, "Aviso sobre el segundo paso"),
    **dict.fromkeys(REQUEST_NOTICES, "Aviso sobre una solicitud de datos"),
    **dict.fromkeys(REQUEST_ALERTS, "Aviso al equipo sobre solicitudes de datos"),
}


@dataclass(frozen=True)
class UndeliveredEmail:
    """An e-mail that was given up: about a `cita`, a `cuenta` or a `plan`, what it says, to whom (masked), and why."""

    kind: Literal["cita", "cuenta", "plan"]
    email_id: int
    title: str
    email: str
    created_at: datetime
    reason: str


@dataclass(frozen=True)
class UndeliveredEmailList:
    """A page of the list; `next_position` is empty on the last."""

    emails: list[UndeliveredEmail]
    next_position: str
    is_first: bool


@dataclass(frozen=True)
class UndeliveredEmailsOverview(StaffPage):
    """`/supervisor/correos`; `done` names what was done just before."""

    template: ClassVar[str] = "undelivered_emails/undelivered_emails.html"

    undelivered: UndeliveredEmailList
    done: str


def describe_email(
    kind: Literal["cita", "cuenta", "plan"],
    email_id: int,
    content: str,
    email: str,
    created_at: datetime,
    *,
    is_refused: bool,
) -> UndeliveredEmail:
    """Return the view of an e-mail; `content` is the kind that its row has."""
    if kind == "cita":
        title = "Recordatorio de una cita" if content.startswith("reminder") else "Cambio de una cita"
    elif kind == "cuenta":
        title = _ACCOUNT_TITLES[content]
    else:
        title = "Recibo de un pago" if content == "receipt" else "Aviso del fin de un plan"
    reason = _REFUSED if is_refused else _EXHAUSTED
    return UndeliveredEmail(kind, email_id, title, mask_email(email), created_at, reason)
