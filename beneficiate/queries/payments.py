"""Payments for their members, and what buying a plan would bring."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from peewee import Expression, Field, ModelSelect, fn

from beneficiate.domain.billing.outcome import APPROVED, DECLINED, EXPIRED, PENDING, VOIDED, ReviewKind
from beneficiate.domain.billing.periods import SubscriptionPeriod, schedule_period
from beneficiate.domain.billing.presentation import bare_plan_name
from beneficiate.domain.notices import PAYMENT_DECLINED, PAYMENT_IN_REVIEW, PAYMENT_REFUNDED, PAYMENT_VOIDED
from beneficiate.errors import NotFound
from beneficiate.models.payments import Payment, PaymentReview, PaymentTransaction, Plan, Subscription
from beneficiate.protocol.payments import PaymentPayload
from beneficiate.queries.accounts import CurrentPlan, find_current_plan
from beneficiate.queries.catalogue import PlanRow, access_plan_on_sale, list_plans
from beneficiate.unit_of_work import Actor, UnitOfWork
from beneficiate.views.payments import (
    MemberPaymentView,
    build_member_payment,
    serialize_payment_row,
)
from beneficiate.views.plans import PendingPurchase, PlanQuote, PlanView

MAX_PAYMENTS_SHOWN = 100


def access_payment(actor: Actor, payment_id: str) -> Payment:
    """Return a payment of the actor, or anybody's for a supervisor. Raises NotFound."""
    payment: Payment | None = Payment.get_or_none(Payment.id == payment_id)
    if payment is None or (payment.user_id != actor.user_id and actor.role != "supervisor"):
        raise NotFound("No encontramos ese pago.")
    return payment


def load_payment(uow: UnitOfWork, payment_id: str) -> PaymentPayload:
    """Return a payment that the actor may see. Raises NotFound."""
    return serialize_payment(access_payment(uow.actor, payment_id).id)


def list_own_payments(uow: UnitOfWork) -> list[PaymentPayload]:
    """Return the actor's payments, the newest first."""
    return serialize_payments([Payment.user == uow.actor.user_id])


def load_own_payment(uow: UnitOfWork, payment_id: str) -> MemberPaymentView:
    """Return a payment of the actor for its page. Raises NotFound for anybody else's."""
    found = _load_member_payments([Payment.user == uow.actor.user_id, Payment.id == payment_id])
    if not found:
        raise NotFound("No encontramos ese pago.")
    return found[0]


def load_receipt(uow: UnitOfWork, payment_id: str) -> MemberPaymentView:
    """Return a payment of the actor whose plan was activated. Raises NotFound for any other."""
    found = load_own_payment(uow, payment_id)
    if found.paid_at is None:
        raise NotFound("Todavía no hay un recibo de ese pago.")
    return found


def find_open_payment_id(uow: UnitOfWork, plan_id: int) -> str | None:
    """Return the id of the actor's open payment of a plan."""
    query = Payment.select(Payment.id).where(Payment.user == uow.actor.user_id, Payment.plan == plan_id)
    row = query.where(Payment.is_open).tuples().first()
    return None if row is None else str(row[0])


def find_pending_purchase(uow: UnitOfWork, plan_id: int) -> PendingPurchase | None:
    """Return the actor's newest payment of another plan than this one whose bank has not answered yet."""
    pending = PaymentTransaction.select(PaymentTransaction.payment).where(PaymentTransaction.status == PENDING)
    query = Payment.select(Payment, Plan).join(Plan).order_by(Payment.created_at.desc())
    is_other = (Payment.user == uow.actor.user_id) & (Payment.plan != plan_id)
    payment = query.where(is_other, Payment.activated_at.is_null(), Payment.id.in_(pending)).first()
    return None if payment is None else PendingPurchase(payment.id, bare_plan_name(payment.plan.name), payment.amount)


def list_own_payment_views(uow: UnitOfWork) -> list[MemberPaymentView]:
    """Return the actor's payments for their page, the newest first."""
    return _load_member_payments([Payment.user == uow.actor.user_id])


def list_plan_views(uow: UnitOfWork) -> list[PlanView]:
    """Return the plans on sale, the cheapest first."""
    return [_build_plan_view(plan) for plan in list_plans(uow)]


def quote_plan(uow: UnitOfWork, plan_id: int) -> PlanQuote:
    """Return what buying this plan would bring right now. Raises NotFound for one that is not on sale."""
    plan = access_plan_on_sale(plan_id)
    length = timedelta(days=plan["duration_days"])
    periods = load_periods_by_user([uow.actor.user_id])
    placement = schedule_period(periods.get(uow.actor.user_id, []), plan["price"], length, uow.now)
    current = find_current_plan(uow.actor.user_id, uow.now)
    return PlanQuote(
        plan=_build_plan_view(plan),
        kind=_quote_kind(plan, current, placement.starts_at > uow.now),
        starts_at=placement.starts_at,
        ends_at=placement.ends_at,
        running_name=None if current is None else bare_plan_name(current["name"]),
    )


def load_periods_by_user(user_ids: Iterable[int]) -> dict[int, list[SubscriptionPeriod]]:
    """Return all plan periods of these members. Their price is what was paid, or else the plan's."""
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
    """Return from when to when the plan of a payment runs; None when it does not."""
    return _load_spans_by_payment([payment_id]).get(payment_id)


def serialize_payment(payment_id: str) -> PaymentPayload:
    """Return a payment as it is now."""
    return serialize_payments([Payment.id == payment_id])[0]


def serialize_payments(where: Iterable[Expression], limit: int = MAX_PAYMENTS_SHOWN) -> list[PaymentPayload]:
    """Return the payments that meet all conditions, the newest first."""
    return [serialize_payment_row(payment, spans) for payment, spans in _load_payments_with_spans(where, limit)]


def _build_plan_view(plan: PlanRow) -> PlanView:
    return PlanView(
        id=plan["id"],
        code=plan["code"],
        name=plan["name"],
        description=plan["description"],
        price=plan["price"],
        duration_days=plan["duration_days"],
        max_beneficiaries=plan["max_beneficiaries"],
    )


def _quote_kind(plan: PlanRow, current: CurrentPlan | None, is_later: bool) -> str:
    if current is None and not is_later:
        return "first"
    if not is_later:
        return "upgrade"
    return "renewal" if current is None or current["code"] == plan["code"] else "later"


def _load_payments_with_spans(
    where: Iterable[Expression], limit: int
) -> list[tuple[Payment, tuple[datetime, datetime] | None]]:
    query = Payment.select(Payment, Plan).join(Plan).where(*where).order_by(Payment.created_at.desc(), Payment.id)
    payments = list(query.limit(limit))
    spans = _load_spans_by_payment([payment.id for payment in payments if payment.activated_at is not None])
    return [(payment, spans.get(payment.id)) for payment in payments]


def _load_spans_by_payment(payment_ids: list[str]) -> dict[str, tuple[datetime, datetime]]:
    spans: dict[str, tuple[datetime, datetime]] = {}
    parts = Subscription.select(Subscription.payment, Subscription.starts_at, Subscription.ends_at)
    for payment_id, starts_at, ends_at in parts.where(Subscription.payment.in_(payment_ids)).tuples():
        first, last = spans.get(payment_id, (starts_at, ends_at))
        spans[payment_id] = (min(first, starts_at), max(last, ends_at))
    return spans


def _load_member_payments(where: list[Expression]) -> list[MemberPaymentView]:
    found = _load_payments_with_spans(where, MAX_PAYMENTS_SHOWN)
    attempts = _load_attempts_by_payment([payment.id for payment, _ in found])
    in_review = _find_payments_in_review([payment.id for payment, _ in found])
    return [
        build_member_payment(payment, span, attempts.get(payment.id, []), is_in_review=payment.id in in_review)
        for payment, span in found
    ]


def _load_attempts_by_payment(payment_ids: list[str]) -> dict[str, list[PaymentTransaction]]:
    """Return the attempts of each payment, the oldest first."""
    query = PaymentTransaction.select().where(PaymentTransaction.payment.in_(payment_ids))
    attempts: dict[str, list[PaymentTransaction]] = {}
    for attempt in query.order_by(PaymentTransaction.created_at):
        attempts.setdefault(attempt.payment_id, []).append(attempt)
    return attempts


def find_payment_problems(payment_id: str) -> set[tuple[str, str]]:
    """Return what has become of a payment for its member, as kinds of notices, each with the transaction of it.

    Of several attempts that were declined only the newest counts.
    """
    status = Payment.select(Payment.status).where(Payment.id == payment_id).scalar()
    query = PaymentTransaction.select(PaymentTransaction.id, PaymentTransaction.status)
    query = query.where(PaymentTransaction.payment == payment_id)
    newest = list(query.order_by(PaymentTransaction.created_at.desc(), PaymentTransaction.id.desc()).tuples())
    problems: set[tuple[str, str]] = set()
    if status in (DECLINED, EXPIRED):
        problems = {(PAYMENT_DECLINED, id_) for id_, _ in newest[:1]}
    elif status in (VOIDED, APPROVED):
        kind = PAYMENT_VOIDED if status == VOIDED else PAYMENT_REFUNDED
        problems = {(kind, id_) for id_, state in newest if state == VOIDED}
    if status != APPROVED:
        reviewed = _select_reviews_of_money(PaymentReview.transaction_id, [payment_id])
        problems |= {(PAYMENT_IN_REVIEW, id_) for (id_,) in reviewed.tuples()}
    return problems


def _find_payments_in_review(payment_ids: list[str]) -> set[str]:
    """Return those of these payments for which money arrived that a person must look at."""
    return {payment_id for (payment_id,) in _select_reviews_of_money(PaymentReview.payment, payment_ids).tuples()}


def _select_reviews_of_money(column: Field, payment_ids: list[str]) -> ModelSelect:
    """Return a column of the open reviews of money that arrived and does not fit."""
    has_money = PaymentReview.kind.in_([ReviewKind.WRONG_AMOUNT, ReviewKind.LATE_APPROVAL])
    return PaymentReview.select(column).where(
        PaymentReview.resolved_at.is_null(), has_money, PaymentReview.payment.in_(payment_ids)
    )
