"""Payments as their members see them, and what buying a plan would bring."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from beneficiate.billing.outcome import APPROVED, PENDING, VOIDED, Kind
from beneficiate.billing.periods import Period, place
from beneficiate.errors import NotFound
from beneficiate.models.payments import Payment, Plan, Review, Subscription, Transaction
from beneficiate.protocol.payments import PaymentPicture, PlanName
from beneficiate.queries.accounts import RunningPlan, running_plan
from beneficiate.queries.catalogue import PlanRow, plan_on_sale
from beneficiate.store import Actor, Work

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Quote:
    """What a purchase would bring: from when to when, and how it sits beside the plan that runs (`kind`).

    `first`: none runs. `renewal`: the same price, after it. `upgrade`: at once, the rest of the running one afterwards.
    `later`: a cheaper one, after it.
    """

    plan: PlanRow
    kind: str
    starts_at: datetime
    ends_at: datetime
    running: RunningPlan | None


@dataclass(frozen=True, slots=True)
class MemberPayment:
    """A payment as its member's page shows it. `method` and `method_detail` are those of the attempt that paid, or else
    of the last one.

    `is_processing`: a bank has not answered yet. `is_in_review`: money came that a person must look at.
    """

    picture: PaymentPicture
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


def details(work: Work, payment_id: str) -> PaymentPicture:
    """A payment. Raises NotFound."""
    return picture_of(access_payment(work.actor, payment_id).id)


def history(work: Work, _: None) -> list[PaymentPicture]:
    """One's own payments, the newest first."""
    return pictures([Payment.user == work.actor.user_id])


def own(work: Work, payment_id: str) -> MemberPayment:
    """One's own payment as its page shows it. Raises NotFound for anybody else's."""
    found = _as_members_see([Payment.user == work.actor.user_id, Payment.id == payment_id])
    if not found:
        raise NotFound("No encontramos ese pago.")
    return found[0]


def receipt(work: Work, payment_id: str) -> MemberPayment:
    """One's own payment whose plan was activated. Raises NotFound for any other."""
    found = own(work, payment_id)
    if found.paid_at is None:
        raise NotFound("Todavía no hay un recibo de ese pago.")
    return found


def open_payment_of(work: Work, plan_id: int) -> str | None:
    """The id of one's own open payment of a plan."""
    query = Payment.select(Payment.id).where(Payment.user == work.actor.user_id, Payment.plan == plan_id)
    row = query.where(Payment.is_open).tuples().first()
    return None if row is None else str(row[0])


def all_own(work: Work, _: None) -> list[MemberPayment]:
    """One's own payments as their page shows them, the newest first."""
    return _as_members_see([Payment.user == work.actor.user_id])


def quote(work: Work, plan_id: int) -> Quote:
    """What buying this plan would bring right now. Raises NotFound for one that is not on sale."""
    plan = plan_on_sale(plan_id)
    length = timedelta(days=plan["duration_days"])
    periods = periods_by_user([work.actor.user_id])
    placed = place(periods.get(work.actor.user_id, []), plan["price"], length, work.now)
    running = running_plan(work.actor.user_id, work.now)
    return Quote(plan, _kind(plan, running, placed.starts_at > work.now), placed.starts_at, placed.ends_at, running)


def periods_by_user(user_ids: Iterable[int]) -> dict[int, list[Period]]:
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
    periods: dict[int, list[Period]] = {}
    for user_id, *period in query.tuples():
        periods.setdefault(user_id, []).append(Period(*period))
    return periods


def span_of(payment_id: str) -> tuple[datetime, datetime] | None:
    """From when to when the plan of a payment runs; None when it does not."""
    return _spans([payment_id]).get(payment_id)


def picture_of(payment_id: str) -> PaymentPicture:
    """A payment as it is now."""
    return pictures([Payment.id == payment_id])[0]


def pictures(where: Iterable[Any], limit: int = SHOWN) -> list[PaymentPicture]:
    """Payments, the newest first."""
    return [picture(payment, spans) for payment, spans in _with_spans(where, limit)]


def reference_of(payment_id: str) -> str:
    """How people name a payment, on the telephone too."""
    return f"BNF-{payment_id[:8].upper()}"


def _kind(plan: PlanRow, running: RunningPlan | None, is_later: bool) -> str:
    if running is None and not is_later:
        return "first"
    if not is_later:
        return "upgrade"
    return "renewal" if running is None or running["code"] == plan["code"] else "later"


def _with_spans(where: Iterable[Any], limit: int) -> list[tuple[Payment, tuple[datetime, datetime] | None]]:
    query = Payment.select(Payment, Plan).join(Plan).where(*where).order_by(Payment.created_at.desc(), Payment.id)
    payments = list(query.limit(limit))
    spans = _spans([payment.id for payment in payments if payment.activated_at is not None])
    return [(payment, spans.get(payment.id)) for payment in payments]


def _spans(payment_ids: list[str]) -> dict[str, tuple[datetime, datetime]]:
    spans: dict[str, tuple[datetime, datetime]] = {}
    parts = Subscription.select(Subscription.payment, Subscription.starts_at, Subscription.ends_at)
    for payment_id, starts_at, ends_at in parts.where(Subscription.payment.in_(payment_ids)).tuples():
        first, last = spans.get(payment_id, (starts_at, ends_at))
        spans[payment_id] = (min(first, starts_at), max(last, ends_at))
    return spans


def picture(payment: Payment, span: tuple[datetime, datetime] | None) -> PaymentPicture:
    """A payment whose plan is loaded; `span` is from when to when it runs."""
    starts_at, ends_at = span if span and payment.status == APPROVED else (None, None)
    return PaymentPicture(
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


def _as_members_see(where: list[Any]) -> list[MemberPayment]:
    found = _with_spans(where, SHOWN)
    attempts: dict[str, Transaction] = {}
    ids = [payment.id for payment, _ in found]
    paid_by = {payment.id: payment.paid_by for payment, _ in found}
    for attempt in Transaction.select().where(Transaction.payment.in_(ids)).order_by(Transaction.created_at):
        known = attempts.get(attempt.payment_id)
        if known is None or known.id != paid_by[attempt.payment_id]:
            attempts[attempt.payment_id] = attempt
    has_money = Review.kind.in_([Kind.WRONG_AMOUNT, Kind.LATE_APPROVAL])
    open_reviews = Review.select(Review.payment).where(Review.resolved_at.is_null(), has_money, Review.payment.in_(ids))
    looked_at = {payment_id for (payment_id,) in open_reviews.tuples()}
    return [
        _member_payment(payment, span, attempts.get(payment.id), is_looked_at=payment.id in looked_at)
        for payment, span in found
    ]


def _member_payment(
    payment: Payment, span: tuple[datetime, datetime] | None, attempt: Transaction | None, *, is_looked_at: bool
) -> MemberPayment:
    is_settled = payment.status in (APPROVED, VOIDED)
    if payment.activated_at is not None and not payment.paid_by:
        attempt = None  # a person activated it: no attempt paid
    return MemberPayment(
        picture=picture(payment, span),
        reference=reference_of(payment.id),
        max_beneficiaries=payment.plan.max_beneficiaries,
        link_id=payment.link_id if payment.is_open else None,
        link_expires_at=payment.link_expires_at,
        paid_at=payment.activated_at,
        method=attempt.method if attempt else "",
        method_detail=attempt.method_detail if attempt else "",
        is_processing=attempt is not None and attempt.status == PENDING and not is_settled,
        is_in_review=is_looked_at and payment.status != APPROVED,
    )
