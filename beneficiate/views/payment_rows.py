"""Payments as rows of the supervisors' list."""

from dataclasses import dataclass
from datetime import datetime

from beneficiate.domain.billing.presentation import STAFF_PAYMENT_BADGES, format_plan_title
from beneficiate.domain.status_badge import StatusBadge
from beneficiate.models.payments import Payment
from beneficiate.views.member_panel import MemberContact
from beneficiate.views.payment_reviews import review_name
from beneficiate.views.payments import payment_reference


@dataclass(frozen=True)
class PaymentRow:
    """A payment in the list; `reviews` are the kinds of its open reviews, `amount` is in whole pesos.

    `document` is masked: the payment's reference names it to whoever keeps the books.
    """

    id: str
    reference: str
    user_id: int
    member: str
    plan: str
    amount: int
    status: str
    badge: StatusBadge
    created_at: datetime
    activated_at: datetime | None
    link_id: str | None
    document: str
    currency: str
    paid_by: str | None
    reviews: list[str]

    @property
    def plan_title(self) -> str:
        """The name of the plan with `Plan` in front of it."""
        return format_plan_title(self.plan)

    @property
    def review_names(self) -> list[str]:
        """The open reviews in two words each."""
        return [review_name(kind) for kind in self.reviews]


def build_payment_row(payment: Payment, reviews: list[str]) -> PaymentRow:
    """Return a payment, whose plan and member are loaded, as a row of the list."""
    return PaymentRow(
        id=payment.id,
        reference=payment_reference(payment.id),
        user_id=payment.user_id,
        member=payment.user.name,
        plan=payment.plan.name,
        amount=payment.amount,
        status=payment.status,
        badge=STAFF_PAYMENT_BADGES[payment.status],
        created_at=payment.created_at,
        activated_at=payment.activated_at,
        link_id=payment.link_id,
        document=MemberContact.from_user(payment.user).mask().document,
        currency=payment.currency,
        paid_by=payment.paid_by,
        reviews=reviews,
    )
