"""The frame of the members' site, and the words about plans that several of its pages share."""

from dataclasses import dataclass
from datetime import datetime

from beneficiate.domain.billing.presentation import bare_plan_name
from beneficiate.views.avatars import ActorView
from beneficiate.views.pages import PageView

YEAR_DAYS = (365, 366)


@dataclass(frozen=True)
class RunningPlan:
    """The plan that runs for a member until `ends_at`; with what follows of the same plan, until `covered_until`."""

    code: str
    name: str
    ends_at: datetime
    covered_until: datetime

    @property
    def bare_name(self) -> str:
        """The name without `Plan` in front of it."""
        return bare_plan_name(self.name)


@dataclass(frozen=True)
class SiteFrame:
    """What every page of the site shows: who is signed in (None: nobody), their plan, whether payments are tests."""

    me: ActorView | None
    running: RunningPlan | None
    is_test: bool

    @property
    def role(self) -> str:
        """The role of who is signed in; empty for nobody."""
        return self.me.role if self.me else ""


@dataclass(frozen=True)
class SiteView(PageView):
    """Everything that `site.html` needs, the frame of the members' pages."""

    frame: SiteFrame


def duration_text(days: int) -> str:
    """Return how long a plan lasts: `un año` or `90 días`."""
    return "un año" if days in YEAR_DAYS else f"{days} días"


def coverage_text(max_beneficiaries: int) -> str:
    """Return whom a plan covers: `Para usted y hasta 4 personas más`."""
    if max_beneficiaries == 0:
        return "Para usted"
    return (
        "Para usted y 1 persona más"
        if max_beneficiaries == 1
        else f"Para usted y hasta {max_beneficiaries} personas más"
    )
