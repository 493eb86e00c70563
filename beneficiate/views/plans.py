"""The members' pages for choosing and buying a plan."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from beneficiate.domain.billing.presentation import bare_plan_name
from beneficiate.errors import Problem
from beneficiate.views.site import SiteView, coverage_text, duration_text

LOCKED_PROBLEMS = ("payment_in_doubt", "payment_in_progress", "not_configured")
"""Codes of problems after which paying again would be refused, or is not possible here: there is no button for it."""
MONTHS_PER_YEAR = 12


@dataclass(frozen=True)
class PlanView:
    """A plan on sale; `price` is in whole pesos."""

    id: int
    code: str
    name: str
    description: str
    price: int
    duration_days: int
    max_beneficiaries: int

    @property
    def bare_name(self) -> str:
        """The name without `Plan` in front of it."""
        return bare_plan_name(self.name)

    @property
    def duration(self) -> str:
        """How long it lasts: `un año`."""
        return duration_text(self.duration_days)

    @property
    def is_yearly(self) -> bool:
        """Whether it lasts a year."""
        return self.duration == "un año"

    @property
    def coverage(self) -> str:
        """Whom it covers."""
        return coverage_text(self.max_beneficiaries)

    @property
    def people(self) -> int:
        """The most people that it covers, with the member."""
        return self.max_beneficiaries + 1

    @property
    def people_text(self) -> str:
        """`1` or `Hasta 5`."""
        return f"Hasta {self.people}" if self.max_beneficiaries else "1"

    @property
    def price_per_person(self) -> int:
        """The price for each of the most people, in whole pesos, rounded down."""
        return self.price // self.people

    @property
    def price_per_month(self) -> int:
        """The price of a month of a yearly plan, in hundreds of pesos, rounded down."""
        return self.price // (MONTHS_PER_YEAR * 100) * 100


@dataclass(frozen=True)
class PlanQuote:
    """What a purchase would bring: from when to when, and how it relates to the plan that runs (`kind`).

    `first`: none runs. `renewal`: the same price, after it. `upgrade`: at once, the rest of the running one afterwards.
    `later`: a cheaper one, after it.
    """

    plan: PlanView
    kind: str
    starts_at: datetime
    ends_at: datetime
    running_name: str | None

    @property
    def is_at_once(self) -> bool:
        """Whether the plan begins as soon as it is paid."""
        return self.kind in ("first", "upgrade")


@dataclass(frozen=True)
class PendingPurchase:
    """A payment of another plan that a bank has not answered yet; `amount` is in whole pesos."""

    payment_id: str
    plan_name: str
    amount: int


@dataclass(frozen=True)
class PlansOverview(SiteView):
    """`/planes`; `chosen` is the id of the plan that the URL names."""

    template: ClassVar[str] = "payments/plans.html"

    plans: list[PlanView]
    chosen: int | None


@dataclass(frozen=True)
class CheckoutForm(SiteView):
    """`/pagos/nuevo`; `open_payment_id` is the open payment of this plan; `is_locked`: without a pay button.

    `pending`: a purchase of another plan that a bank still has.
    """

    template: ClassVar[str] = "payments/new.html"

    quote: PlanQuote
    problem: Problem | None
    open_payment_id: str | None
    pending: PendingPurchase | None
    is_locked: bool
