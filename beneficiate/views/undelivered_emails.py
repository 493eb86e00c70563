"""The supervisors' page of e-mails that were given up."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from beneficiate.views.masking import mask_email
from beneficiate.views.pages import StaffPage

_REFUSED = "El servidor de correo lo rechazó: revise la dirección."
_EXHAUSTED = "El servidor de correo no respondió en ninguno de los intentos."


@dataclass(frozen=True)
class UndeliveredEmail:
    """An e-mail that was given up: about a `cita` or a `plan`, what it says, to whom (masked), and why."""

    kind: Literal["cita", "plan"]
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
    kind: Literal["cita", "plan"], email_id: int, content: str, email: str, created_at: datetime, *, is_refused: bool
) -> UndeliveredEmail:
    """Return the view of an e-mail; `content` is the kind that its row has."""
    if kind == "cita":
        title = "Recordatorio de una cita" if content.startswith("reminder") else "Cambio de una cita"
    else:
        title = "Recibo de un pago" if content == "receipt" else "Aviso del fin de un plan"
    reason = _REFUSED if is_refused else _EXHAUSTED
    return UndeliveredEmail(kind, email_id, title, mask_email(email), created_at, reason)
