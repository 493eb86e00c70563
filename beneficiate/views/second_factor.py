"""Pages of the second factor: the second step of a sign-in, and what the staff do with their own factor."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from beneficiate.errors import Problem
from beneficiate.views.pages import PageView
from beneficiate.views.site import SiteView

FEW_CODES = 3


@dataclass(frozen=True)
class SecondFactorState:
    """A person's own factor: since when (None: there is none), and how many recovery codes are left.

    `is_recovered`: this sign-in began with a recovery code, so that another application is set up without a code.
    """

    since: datetime | None
    codes_left: int
    is_required: bool
    is_recovered: bool

    @property
    def has_few_codes(self) -> bool:
        """Whether it is time for new codes."""
        return self.codes_left <= FEW_CODES


@dataclass(frozen=True)
class SetupView:
    """What an application is set up with: `qr` is an SVG, `secret` the same to type, `sealed` for the form."""

    qr: str
    secret: str
    email: str
    sealed: str


@dataclass(frozen=True)
class Destination:
    """Where a form of the method GET leads: its path, and the parameters as fields."""

    path: str
    fields: tuple[tuple[str, str], ...]

    @classmethod
    def from_path(cls, path: str) -> "Destination":
        """Return the destination of a path with its query."""
        parts = urlsplit(path)
        return cls(parts.path, tuple(parse_qsl(parts.query, keep_blank_values=True)))


@dataclass(frozen=True)
class SecondStepForm(PageView):
    """`/login/codigo`: a code of the application, or one for recovery.

    `wait_s` are the seconds until another attempt is allowed.
    """

    template: ClassVar[str] = "login/code.html"

    next: str
    first_name: str
    is_recovery: bool
    codes_left: int
    problem: Problem | None
    wait_s: int | None


@dataclass(frozen=True)
class RequiredSetupForm(PageView):
    """`/login/activar`: who needs a second factor sets it up before anything else."""

    template: ClassVar[str] = "login/set_up.html"

    next: str
    first_name: str
    setup: SetupView
    problem: Problem | None
    wait_s: int | None


@dataclass(frozen=True)
class FirstCodesPage(PageView):
    """The recovery codes of a factor that was set up while signing in; they are shown once."""

    template: ClassVar[str] = "login/codes.html"

    codes: tuple[str, ...]
    go_on: Destination


@dataclass(frozen=True)
class OwnSecondFactor(SiteView):
    """`/mi/segundo-paso`. `failed` is the form that `problem` is about, `done` what was done just before.

    `next` is where to go on to after a sign-in with a recovery code; empty otherwise.
    """

    template: ClassVar[str] = "account/second_factor.html"

    state: SecondFactorState
    failed: str
    problem: Problem | None
    done: str
    next: str


@dataclass(frozen=True)
class SetUpSecondFactor(SiteView):
    """A new application: its square, and the form for its first code."""

    template: ClassVar[str] = "account/set_up.html"

    setup: SetupView
    problem: Problem | None
    wait_s: int | None


@dataclass(frozen=True)
class RecoveryCodesPage(SiteView):
    """The recovery codes, which are shown once."""

    template: ClassVar[str] = "account/codes.html"

    codes: tuple[str, ...]
    go_on: Destination
