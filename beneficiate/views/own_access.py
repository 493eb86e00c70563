"""The page on which people change how they sign in and how they are reached."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from beneficiate.errors import Problem
from beneficiate.views.site import SiteView

PASSWORD_FORM, ADDRESS_FORM, PHONE_FORM = "clave", "correo", "celular"


@dataclass(frozen=True)
class OwnAccess:
    """What the page shows: the address, the telephone number, and how long a new password is."""

    email: str
    phone: str
    min_chars: int


@dataclass(frozen=True)
class AccessForms(SiteView):
    """`/mi/acceso`: three forms, of which `form` was sent; `typed` and `wrong` are of its fields.

    `done` names what was done just before.
    """

    template: ClassVar[str] = "account/access.html"

    access: OwnAccess
    form: str
    typed: Mapping[str, str]
    wrong: Mapping[str, str]
    problem: Problem | None
    done: str


@dataclass(frozen=True)
class AddressConfirmation(SiteView):
    """`/correo/:token`: the button that changes the address; without an address the link is not good."""

    template: ClassVar[str] = "account/confirm_address.html"

    email: str
    token: str
    problem: Problem | None
