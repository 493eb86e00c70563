"""The pages on which somebody registers as a member."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from beneficiate.domain.passwords import MIN_MEMBER_CHARS
from beneficiate.domain.registrations import ADULT_DOCUMENT_TYPES
from beneficiate.errors import Problem
from beneficiate.formatting import MONTHS
from beneficiate.views.account import DOCUMENT_TYPE_NAMES
from beneficiate.views.site import SiteView

FIELD_LABELS = {
    "tipo": "Tipo de documento",
    "numero": "Número",
    "nombres": "Nombres",
    "apellidos": "Apellidos",
    "nacimiento": "Fecha de nacimiento",
    "celular": "Celular",
    "ciudad": "Ciudad donde vive",
    "correo": "Correo",
    "password": "Contraseña",
    "datos": "Autorización de datos",
}
"""The fields in their order, as the summary of what is wrong names them."""
TYPED_FIELDS = (
    *("tipo", "numero", "nombres", "apellidos", "dia", "mes", "ano"),
    *("celular", "ciudad", "correo", "datos", "salud"),
)
"""What is kept when something is wrong: everything but the password."""


@dataclass(frozen=True)
class SentConfirmation:
    """Where a link was sent to, and until when it is good."""

    email: str
    expires_at: datetime


@dataclass(frozen=True)
class RegistrationLink:
    """What a link of a registration opens: it is `open`, `expired` or `used`."""

    state: str
    email: str
    first_name: str
    password_hash: str = field(repr=False)

    @property
    def is_used(self) -> bool:
        """Whether there is an account by now, so that the link changes nothing any more."""
        return self.state == "used"


@dataclass(frozen=True)
class RegistrationForm(SiteView):
    """`/registro`: what was typed, and a sentence for each field that is not valid, in the order of the page."""

    template: ClassVar[str] = "registration/form.html"

    typed: Mapping[str, str]
    problem: Problem | None
    wrong: Mapping[str, str]
    cities: list[str]
    text_version: str
    hours_text: str
    labels: Mapping[str, str] = field(default_factory=lambda: FIELD_LABELS)
    document_types: Mapping[str, str] = field(
        default_factory=lambda: {code: DOCUMENT_TYPE_NAMES[code] for code in ADULT_DOCUMENT_TYPES}
    )
    months: tuple[str, ...] = MONTHS
    min_chars: int = MIN_MEMBER_CHARS


@dataclass(frozen=True)
class ConfirmationSent(SiteView):
    """`/registro/enviado`: the same for everybody; `done` is set after another e-mail was asked for."""

    template: ClassVar[str] = "registration/sent.html"

    sent: SentConfirmation
    problem: Problem | None
    done: str


@dataclass(frozen=True)
class ConfirmationForm(SiteView):
    """`/registro/confirmar/:token`: the button that uses the link; without a link the token opens nothing.

    `done` is set after another e-mail was asked for.
    """

    template: ClassVar[str] = "registration/confirm.html"

    link: RegistrationLink | None
    token: str
    problem: Problem | None
    wrong: str
    done: str


@dataclass(frozen=True)
class RegistrationDone(SiteView):
    """`/registro/listo`."""

    template: ClassVar[str] = "registration/done.html"
