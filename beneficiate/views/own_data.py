"""The page of a member's rights over their data: what they consented to, and the copy of everything."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from beneficiate.errors import Problem
from beneficiate.formatting import format_number
from beneficiate.views.account import ConsentView, find_consent_state
from beneficiate.views.pages import PageView
from beneficiate.views.site import SiteView

NO_COPY, COPY_BEING_WRITTEN, COPY_WRITTEN, COPY_EXPIRED, COPY_FAILED = "none", "pending", "ready", "expired", "failed"


@dataclass(frozen=True)
class OwnCopy:
    """The last copy that a member asked for and its state: with none of them it has nothing else.

    `done` of `total` parts are written; the size is in bytes.
    """

    state: str
    copy_id: int = 0
    done: int = 0
    total: int = 0
    size: int = 0
    requested_at: datetime | None = None
    expires_at: datetime | None = None
    file_name: str = ""

    @property
    def size_text(self) -> str:
        """The size as it is written: `4,2 MB`."""
        unit, divisor = ("MB", 1_000_000) if self.size >= 1_000_000 else ("KB", 1_000)
        return f"{format_number(max(self.size / divisor, 0.1), 1)} {unit}"


@dataclass(frozen=True)
class OwnData:
    """The last consents, and how many appointments have a reason, which withdrawing the second one deletes.

    `asks_reasons`: they are asked for the reasons of appointments, also before they decided about any of their data.
    """

    general: ConsentView | None
    health: ConsentView | None
    text_version: str
    asks_reasons: bool
    reasons: int
    copy: OwnCopy

    @property
    def general_state(self) -> str:
        """How it is with the consent to personal data."""
        return find_consent_state(self.general, self.text_version)

    @property
    def health_state(self) -> str:
        """How it is with the consent to health data."""
        return find_consent_state(self.health, self.text_version)


@dataclass(frozen=True)
class OwnDataOverview(SiteView):
    """`/mi/datos`; `done` names what was done just before, `wrong` says what is wrong with the password."""

    template: ClassVar[str] = "account/own_data.html"

    data: OwnData
    problem: Problem | None
    wrong: str
    done: str


@dataclass(frozen=True)
class OwnCopyState(PageView):
    """`/mi/datos/copia/estado`: the copy as it is now; `wrong` is what is wrong with the password that was typed."""

    template: ClassVar[str] = "account/_copy.html"

    copy: OwnCopy
    wrong: str
