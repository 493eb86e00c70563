"""The pages for somebody who has forgotten their password."""

from dataclasses import dataclass
from typing import ClassVar

from beneficiate.domain.passwords import PasswordOwner
from beneficiate.errors import Problem
from beneficiate.views.login import Contact
from beneficiate.views.pages import PageView


@dataclass(frozen=True)
class LinkOwner:
    """Whose link a token opens, and what their new password must not be made of."""

    first_name: str
    email: str
    owner: PasswordOwner


@dataclass(frozen=True)
class RecoveryForm(PageView):
    """`/recuperar`: asks for the address; `wrong` says what is wrong with it."""

    template: ClassVar[str] = "login/recover.html"

    email: str
    problem: Problem | None
    wrong: str
    contact: Contact


@dataclass(frozen=True)
class RecoverySent(PageView):
    """`/recuperar/enviado`: the same for everybody."""

    template: ClassVar[str] = "login/recover_sent.html"


@dataclass(frozen=True)
class NewPasswordForm(PageView):
    """`/recuperar/:token`: a new password; without a person the link is not good. `wrong`: why one was refused."""

    template: ClassVar[str] = "login/new_password.html"

    person: LinkOwner | None
    token: str
    wrong: str
