"""The pages for signing in and out."""

from dataclasses import dataclass
from typing import ClassVar

from beneficiate.errors import Problem
from beneficiate.unit_of_work import Actor
from beneficiate.views.avatars import ActorView
from beneficiate.views.business_hours import BusinessHoursToday
from beneficiate.views.demo import DemoAccount
from beneficiate.views.pages import PageView


@dataclass(frozen=True)
class Contact:
    """Where there is help without an account; a part is empty when this installation has none."""

    phone: str
    email: str

    @property
    def phone_url(self) -> str:
        """The link that calls; RFC 3966 has no spaces but hyphens between the groups of digits."""
        return f"tel:{self.phone.replace(' ', '-')}"


@dataclass(frozen=True)
class LoginForm(PageView):
    """`/login`. `next` is the path to go on to; `wait_s` the seconds until another attempt is allowed.

    `done` names what was done just before.
    `me` and `role` are who is signed in already, None and empty for nobody; they may go on to `home_path`. `contact`
    and `business_hours` are for who cannot sign in. `demo_accounts` are to try the product with, and have
    `demo_password`; there are none in production.
    """

    template: ClassVar[str] = "login/login.html"

    next: str
    email: str
    problem: Problem | None
    wait_s: int | None
    greeting: str
    me: ActorView | None
    role: str
    done: str
    home_path: str
    contact: Contact
    business_hours: BusinessHoursToday
    demo_accounts: list[DemoAccount]
    demo_password: str


@dataclass(frozen=True)
class LogoutForm(PageView):
    """`/logout`; without `me`, that there is nothing to sign out of."""

    template: ClassVar[str] = "login/logout.html"

    me: Actor | None


def greeting_for_hour(hour: int) -> str:
    """Return the greeting for an hour of the day, from 0 to 23."""
    if hour < 12:
        return "Buenos días"
    return "Buenas tardes" if hour < 19 else "Buenas noches"
