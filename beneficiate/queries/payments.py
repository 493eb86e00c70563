"""Payments as their members see them, and what buying a plan would bring."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from beneficiate.domain.billing.outcome import APPROVED, PENDING, VOIDED, ReviewKind
from beneficiate.domain.billing.periods import SubscriptionPeriod, schedule_period
from beneficiate.errors import NotFound
from beneficiate.models.payments import Payment, PaymentReview, PaymentTransaction, Plan, Subscription
from beneficiate.protocol.payments import PaymentPayload, PlanName
from beneficiate.queries.accounts import CurrentPlan, find_current_plan
from beneficiate.queries.catalogue import PlanRow, access_plan_on_sale
from beneficiate.unit_of_work import Actor, UnitOfWork

MAX_PAYMENTS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class PlanQuote:
    """What a purchase would bring: from when to when, and how it sits beside the plan that runs (`kind`).

    `first`: none runs. `renewal`: the same price, after it. `upgrade`: at once, the rest of the running one afterwards.
    `later`: a cheaper one, after it.
    """

    plan: PlanRow
    kind: str
    starts_at: datetime
    ends_at: datetime
    running: CurrentPlan | None


@dataclass(frozen=True, slots=True)
class MemberPaymentView:
    """A payment as its member's page shows it.

    `method` and `method_detail` are those of the attempt that paid, or else of the last one.
    `is_processing`: a bank has not answered yet. `is_in_review`: money came that a person must look at.
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


def access_payment(actor: Actor, payment_id: str) -> Payment:
    """One's own payment, or anybody's for a supervisor. Raises NotFound."""
    payment: Payment | None = Payment.get_or_none(Payment.id == payment_id)
    if payment is None or (payment.user_id != actor.user_id and actor.role != "supervisor"):
        raise NotFound("No encontramos ese pago.")
    return payment


def load_payment(uow: UnitOfWork, payment_id: str) -> PaymentPayload:
    """A payment. Raises NotFound."""
    return serialize_payment(access_payment(uow.actor, payment_id).id)


def list_own_payments(uow: UnitOfWork) -> list[PaymentPayload]:
    """One's own payments, the newest first."""
    return serialize_payments([Payment.user == uow.actor.user_id])


def load_own_payment(uow: UnitOfWork, payment_id: str) -> MemberPaymentView:
    """One's own payment as its page shows it. Raises NotFound for anybody else's."""
    found = _load_member_payments([Payment.user == uow.actor.user_id, Payment.id == payment_id])
    if not found:
        raise NotFound("No encontramos ese pago.")
    return found[0]


def load_receipt(uow: UnitOfWork, payment_id: str) -> MemberPaymentView:
    """One's own payment whose plan was activated. Raises NotFound for any other."""
    found = load_own_payment(uow, payment_id)
    if found.paid_at is None:
        raise NotFound("Todavía no hay un recibo de ese pago.")
    return found


def find_open_payment_id(uow: UnitOfWork, plan_id: int) -> str | None:
    """The id of one's own open payment of a plan."""
    query = Payment.select(Payment.id).where(Payment.user == uow.actor.user_id, Payment.plan == plan_id)
    row = query.where(Payment.is_open).tuples().first()
    return None if row is None else str(row[0])


def list_own_payment_views(uow: UnitOfWork) -> list[MemberPaymentView]:
    """One's own payments as their page shows them, the newest first."""
    return _load_member_payments([Payment.user == uow.actor.user_id])


def quote_plan(uow: UnitOfWork, plan_id: int) -> PlanQuote:
    """What buying this plan would bring right now. Raises NotFound for one that is not on sale."""
    plan = access_plan_on_sale(plan_id)
    length = timedelta(days=plan["duration_days"])
    periods = load_periods_by_user([uow.actor.user_id])
    placement = schedule_period(periods.get(uow.actor.user_id, []), plan["price"], length, uow.now)
    current = find_current_plan(uow.actor.user_id, uow.now)
    return PlanQuote(
        plan, _quote_kind(plan, current, placement.starts_at > uow.now), placement.starts_at, placement.ends_at, current
    )


def load_periods_by_user(user_ids: Iterable[int]) -> dict[int, list[SubscriptionPeriod]]:
    """Every stretch of the members' plans. Its price is what was paid, or else the plan's."""
    query = (
        Subscription.select(
            Subscription.user,
            Subscription.id,
            fn.COALESCE(Payment.amount, Plan.price),
            Subscription.starts_at,
            Subscription.ends_at,
        )
        .join(Plan)
        .switch(Subscription)
        .left_outer_join(Payment)
        .where(Subscription.user.in_(list(user_ids)))
    )
    periods: dict[int, list[SubscriptionPeriod]] = {}
    for user_id, *period in query.tuples():
        periods.setdefault(user_id, []).append(SubscriptionPeriod(*period))
    return periods


def find_unknown_links(uow: UnitOfWork, links: set[str]) -> set[str]:
    """Return those of these payment links that belong to no payment of ours."""
    known = Payment.select(Payment.link_id).where(Payment.link_id.in_(links))
    return links - {link_id for (link_id,) in known.tuples()}


def find_payment_span(payment_id: str) -> tuple[datetime, datetime] | None:
    """From when to when the plan of a payment runs; None when it does not."""
    return _load_spans([payment_id]).get(payment_id)


def serialize_payment(payment_id: str) -> PaymentPayload:
    """A payment as it is now."""
    return serialize_payments([Payment.id == payment_id])[0]


def serialize_payments(where: Iterable[Any], limit: int = MAX_PAYMENTS_SHOWN) -> list[PaymentPayload]:
    """Payments, the newest first."""
    return [serialize_payment_row(payment, spans) for payment, spans in _load_payments_with_spans(where, limit)]


def payment_reference(payment_id: str) -> str:
    """How people name a payment, on the telephone too."""
    return f"BNF-{payment_id[:8].upper()}"


def _quote_kind(plan: PlanRow, current: CurrentPlan | None, is_later: bool) -> str:
    if current is None and not is_later:
        return "first"
    if not is_later:
        return "upgrade"
    return "renewal" if current is None or current["code"] == plan["code"] else "later"


def _load_payments_with_spans(
    where: Iterable[Any], limit: int
) -> list[tuple[Payment, tuple[datetime, datetime] | None]]:
    query = Payment.select(Payment, Plan).join(Plan).where(*where).order_by(Payment.created_at.desc(), Payment.id)
    payments = list(query.limit(limit))
    spans = _load_spans([payment.id for payment in payments if payment.activated_at is not None])
    return [(payment, spans.get(payment.id)) for payment in payments]


def _load_spans(payment_ids: list[str]) -> dict[str, tuple[datetime, datetime]]:
    spans: dict[str, tuple[datetime, datetime]] = {}
    parts = Subscription.select(Subscription.payment, Subscription.starts_at, Subscription.ends_at)
    for payment_id, starts_at, ends_at in parts.where(Subscription.payment.in_(payment_ids)).tuples():
        first, last = spans.get(payment_id, (starts_at, ends_at))
        spans[payment_id] = (min(first, starts_at), max(last, ends_at))
    return spans


def serialize_payment_row(payment: Payment, span: tuple[datetime, datetime] | None) -> PaymentPayload:
    """A payment whose plan is loaded; `span` is from when to when it runs."""
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


def _load_member_payments(where: list[Any]) -> list[MemberPaymentView]:
    found = _load_payments_with_spans(where, MAX_PAYMENTS_SHOWN)
    attempts: dict[str, PaymentTransaction] = {}
    ids = [payment.id for payment, _ in found]
    paid_by = {payment.id: payment.paid_by for payment, _ in found}
    for attempt in (
        PaymentTransaction.select().where(PaymentTransaction.payment.in_(ids)).order_by(PaymentTransaction.created_at)
    ):
        known = attempts.get(attempt.payment_id)
        if known is None or known.id != paid_by[attempt.payment_id]:
            attempts[attempt.payment_id] = attempt
    has_money = PaymentReview.kind.in_([ReviewKind.WRONG_AMOUNT, ReviewKind.LATE_APPROVAL])
    open_reviews = PaymentReview.select(PaymentReview.payment).where(
        PaymentReview.resolved_at.is_null(), has_money, PaymentReview.payment.in_(ids)
    )
    in_review = {payment_id for (payment_id,) in open_reviews.tuples()}
    return [
        build_member_payment(payment, span, attempts.get(payment.id), is_in_review=payment.id in in_review)
        for payment, span in found
    ]


def build_member_payment(
    payment: Payment, span: tuple[datetime, datetime] | None, attempt: PaymentTransaction | None, *, is_in_review: bool
) -> MemberPaymentView:
    """Return a payment as its member sees it."""
    is_settled = payment.status in (APPROVED, VOIDED)
    if payment.activated_at is not None and not payment.paid_by:
        attempt = None  # a person activated it: no attempt paid
    return MemberPaymentView(
        payload=serialize_payment_row(payment, span),
        reference=payment_reference(payment.id),
        max_beneficiaries=payment.plan.max_beneficiaries,
        link_id=payment.link_id if payment.is_open else None,
        link_expires_at=payment.link_expires_at,
        paid_at=payment.activated_at,
        method=attempt.method if attempt else "",
        method_detail=attempt.method_detail if attempt else "",
        is_processing=attempt is not None and attempt.status == PENDING and not is_settled,
        is_in_review=is_in_review and payment.status != APPROVED,
    )
