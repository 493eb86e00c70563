"""The members' pages about money: plans, a purchase, a payment, the history, a receipt."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from beneficiate.domain.billing.outcome import APPROVED, FINAL_STATUSES, PENDING, VOIDED
from beneficiate.domain.billing.presentation import (
    Awaited,
    PaymentMark,
    PlanPhase,
    bare_plan_name,
    member_payment_badge,
    payment_awaits,
    payment_page_mark,
    payment_page_title,
    plan_phase,
)
from beneficiate.domain.status_badge import StatusBadge
from beneficiate.models.payments import Payment, PaymentTransaction
from beneficiate.protocol.payments import PaymentPayload, PlanName
from beneficiate.views.site import RunningPlan, SiteView, coverage_text

MEMBER_METHOD_NAMES = {
    "CARD": "Tarjeta",
    "NEQUI": "Nequi",
    "PSE": "PSE",
    "BANCOLOMBIA_TRANSFER": "Transferencia Bancolombia",
    "BANCOLOMBIA_QR": "Código QR de Bancolombia",
    "BANCOLOMBIA_COLLECT": "Efectivo en un corresponsal Bancolombia",
    "BANCOLOMBIA_BNPL": "Bancolombia, compra y paga después",
    "DAVIPLATA": "DaviPlata",
    "PCOL": "Puntos Colombia",
    "SU_PLUS": "SU+ Pay",
}
"""Wompi's payment methods as members read them; a new code is made readable."""


@dataclass(frozen=True)
class MemberPaymentView:
    """A payment for its member. `method` and `method_detail` are those of the attempt that paid, or else of the last.

    `is_processing`: a bank has not answered yet. `is_in_review`: money arrived that a person must look at.
    `ended_attempts`: the transactions whose end is known.
    """

    payload: PaymentPayload
    reference: str
    max_beneficiaries: int
    link_id: str | None
    link_expires_at: datetime
    paid_at: datetime | None
    method: str
    method_detail: str
    is_processing: bool
    is_in_review: bool
    ended_attempts: frozenset[str] = frozenset()

    @property
    def plan_name(self) -> str:
        """The name of its plan without `Plan` in front of it."""
        return bare_plan_name(self.payload.plan.name)

    @property
    def coverage(self) -> str:
        """Whom its plan covers."""
        return coverage_text(self.max_beneficiaries)

    @property
    def at(self) -> datetime:
        """When it was paid, or else made."""
        return self.paid_at or self.payload.created_at

    @property
    def badge(self) -> StatusBadge:
        """How a list shows it."""
        return member_payment_badge(self.payload.status, self.awaits(has_returned=False))

    @property
    def method_text(self) -> str:
        """`Tarjeta Visa, termina en 4242`, `PSE`; empty before the first attempt."""
        return method_text(self.method, self.method_detail) if self.method else ""

    def awaits(self, *, has_returned: bool) -> Awaited:
        """Return what it waits for. `has_returned`: the member has just come back from Wompi's page."""
        return payment_awaits(
            self.payload.status,
            is_processing=self.is_processing,
            is_in_review=self.is_in_review,
            has_returned=has_returned,
        )


@dataclass(frozen=True)
class PaymentStateView:
    """What a payment's page shows: its title and icon, what is awaited, and where its plan stands (`phase`).

    `checkout_url` is where it can be paid, None when it cannot.
    """

    title: str
    mark: PaymentMark
    awaited: Awaited
    phase: PlanPhase
    checkout_url: str | None


@dataclass(frozen=True)
class Payer:
    """Who paid, as a receipt names them."""

    name: str
    document: str


@dataclass(frozen=True)
class PaymentHistory(SiteView):
    """`/pagos`."""

    template: ClassVar[str] = "payments/history.html"

    payments: list[MemberPaymentView]


@dataclass(frozen=True)
class OwnPayment(SiteView):
    """`/pagos/:id`."""

    template: ClassVar[str] = "payments/payment.html"

    payment: MemberPaymentView
    state: PaymentStateView


@dataclass(frozen=True)
class OwnPaymentState(SiteView):
    """`/pagos/:id/estado`: the state alone."""

    template: ClassVar[str] = "payments/_state.html"

    payment: MemberPaymentView
    state: PaymentStateView


@dataclass(frozen=True)
class Receipt(SiteView):
    """`/pagos/:id/recibo`."""

    template: ClassVar[str] = "payments/receipt.html"

    payment: MemberPaymentView
    payer: Payer


def method_text(code: str, detail: str) -> str:
    """Return a payment method in words with what is known of it: `Tarjeta Visa, termina en 4242`."""
    name = MEMBER_METHOD_NAMES.get(code) or code.replace("_", " ").lower().capitalize()
    brand, space, digits = detail.rpartition(" ")
    if code == "CARD" and space and digits.isdigit():
        return f"{name} {brand.title()}, termina en {digits}"
    return f"{name}, {detail}" if detail else name


def describe_payment_state(
    payment: MemberPaymentView, running: RunningPlan | None, checkout_url: str | None, *, returned_from: str
) -> PaymentStateView:
    """Return what the page of a payment shows beside the plan that runs now.

    `returned_from`: the transaction with which Wompi's page has led the member back, "" otherwise.
    """
    has_returned = bool(returned_from) and returned_from not in payment.ended_attempts
    payload, awaited = payment.payload, payment.awaits(has_returned=has_returned)
    phase = plan_phase(
        payload.plan.code,
        payload.ends_at,
        running.code if running else None,
        running.ends_at if running else None,
    )
    return PaymentStateView(
        title=payment_page_title(payload.status, awaited, payload.plan.name, phase),
        mark=payment_page_mark(payload.status, awaited),
        awaited=awaited,
        phase=phase,
        checkout_url=checkout_url,
    )


def payment_reference(payment_id: str) -> str:
    """Return how people name a payment, on the telephone too: `BNF-6F1C0C5E`."""
    return f"BNF-{payment_id[:8].upper()}"


def serialize_payment_row(payment: Payment, span: tuple[datetime, datetime] | None) -> PaymentPayload:
    """Return a payment, whose plan is loaded, as a payload; `span` is from when to when its plan runs."""
    starts_at, ends_at = span if span and payment.status == APPROVED else (None, None)
    return PaymentPayload(
        id=payment.id,
        status=payment.status,
        user_id=payment.user_id,
        plan=PlanName(id=payment.plan.id, code=payment.plan.code, name=payment.plan.name),
        amount=payment.amount,
        currency=payment.currency,
        starts_at=starts_at,
        ends_at=ends_at,
        created_at=payment.created_at,
    )


def build_member_payment(
    payment: Payment,
    span: tuple[datetime, datetime] | None,
    attempts: list[PaymentTransaction],
    *,
    is_in_review: bool,
) -> MemberPaymentView:
    """Return a payment, whose plan is loaded, for its member, with its attempts, the oldest first."""
    attempt = _find_shown_attempt(payment, attempts)
    is_settled = payment.status in (APPROVED, VOIDED)
    people = payment.max_beneficiaries
    if payment.activated_at is not None and not payment.paid_by:
        attempt = None  # a supervisor activated it: no attempt paid
    return MemberPaymentView(
        payload=serialize_payment_row(payment, span),
        reference=payment_reference(payment.id),
        max_beneficiaries=payment.plan.max_beneficiaries if people is None else people,
        link_id=payment.link_id if payment.is_open else None,
        link_expires_at=payment.link_expires_at,
        paid_at=payment.activated_at,
        method=attempt.method if attempt else "",
        method_detail=attempt.method_detail if attempt else "",
        is_processing=attempt is not None and attempt.status == PENDING and not is_settled,
        is_in_review=is_in_review and payment.status != APPROVED,
        ended_attempts=frozenset(one.id for one in attempts if one.status in FINAL_STATUSES),
    )


def _find_shown_attempt(payment: Payment, attempts: list[PaymentTransaction]) -> PaymentTransaction | None:
    """Return the attempt that paid, or else the newest one that a bank still has, or else the newest one."""
    paid = [one for one in attempts if one.id == payment.paid_by]
    pending = [one for one in attempts if one.status == PENDING]
    return next(reversed(paid or pending or attempts), None)
