"""A payment until it is paid: first its row, then its payment link, and what follows if Wompi does not answer.

Wompi is called between two of these transactions, never inside of one.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import Expression, ModelSelect

from beneficiate.actions import audit, quotas
from beneficiate.actions.board import emit_board_outdated
from beneficiate.actions.facts import record_payment_facts
from beneficiate.actions.isolation import run_each
from beneficiate.actions.member_changes import emit_member_changed
from beneficiate.domain.billing.outcome import DECLINED, EXPIRED, PENDING, UNKNOWN, ReviewKind
from beneficiate.domain.billing.payment_checks import FRESH_CHECK_INTERVAL
from beneficiate.domain.billing.wompi import PaymentLinkRequest
from beneficiate.errors import AlreadySettled, Forbidden, PaymentBeingPrepared, PaymentInDoubt, PaymentInProgress
from beneficiate.models.accounts import User
from beneficiate.models.base import lock_rows
from beneficiate.models.payments import Payment, PaymentReview, PaymentTransaction
from beneficiate.protocol import channels
from beneficiate.protocol.payments import PaymentPayload, PaymentUpdated
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.catalogue import PlanRow, access_plan_on_sale
from beneficiate.queries.payments import access_payment, serialize_payment
from beneficiate.unit_of_work import UnitOfWork

MIN_REMAINING_LINK_TIME = timedelta(minutes=5)
"""A link that expires sooner is not returned any more: typing a card number takes time."""
LINK_CLAIM_LIFETIME = timedelta(seconds=30)
"""Longer than the timeout of the request that creates a link."""
MAX_EXPIRED_PER_RUN = 500
"""Payments that one run expires; the next one handles the rest."""
BANK_ANSWER_TIMEOUT = timedelta(minutes=30)
"""How long a pending transaction keeps its member from paying again."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """A plan that the actor wants to pay for; Wompi redirects the browser back to `own_url`."""

    plan_id: int
    environment: str
    link_lifetime: timedelta
    own_url: str


@dataclass(frozen=True, slots=True)
class CheckoutState:
    """A payment that has a link (`link_id`), or one whose link the caller has to create now (`link_order`).

    `retired_link_id` is the link of an older payment with another price, which should be closed.
    """

    payment_id: str
    link_id: str | None = None
    link_order: PaymentLinkRequest | None = None
    retired_link_id: str | None = None


@dataclass(frozen=True, slots=True)
class MarkLinkUnknown:
    """It is unknown whether Wompi created a link; `link_id` is one that differs from what was requested."""

    payment_id: str
    reason: str
    link_id: str | None = None


@dataclass(frozen=True, slots=True)
class CancelUnknown:
    """Let the member of an UNKNOWN payment try again. A supervisor has verified at Wompi that there is no link."""

    payment_id: str
    reason: str


def open_payment(uow: UnitOfWork, purchase: Purchase) -> CheckoutState:
    """Return the actor's open payment for a plan, or a new one with the plan's current price.

    Raises NotFound for a plan that is not on sale, Forbidden for staff and closed accounts, PaymentInDoubt while it is
    unknown whether Wompi created its link, PaymentInProgress while it is created or a bank is silent, RateLimited.
    """
    if uow.actor.role != "member":
        raise Forbidden("Los planes se compran desde la cuenta de un afiliado.")
    plan = access_plan_on_sale(purchase.plan_id)
    User.lock_rows([uow.actor.user_id])
    if not User.get_by_id(uow.actor.user_id).is_active:
        raise Forbidden("Su cuenta está cerrada.")  # since this waits: nobody would be there to be refunded
    retired_link_id = None
    payment = Payment.get_or_none(Payment.user == uow.actor.user_id, Payment.plan == plan["id"], Payment.is_open)
    if payment is not None:
        _require_not_in_progress(uow, payment)
        if _is_link_reusable(uow, payment, plan, purchase.environment):
            return _reuse_payment(uow, payment, plan, purchase)
        Payment.update(is_open=False, updated_at=uow.now).where(Payment.id == payment.id).execute()
        retired_link_id = payment.link_id if payment.link_expires_at > uow.now else None
    return _create_payment(uow, plan, purchase, retired_link_id)


def store_link(uow: UnitOfWork, command: tuple[str, str]) -> None:
    """Store the link that Wompi created: (payment id, link id)."""
    payment_id, link_id = command
    Payment.update(
        link_id=link_id, link_claimed_at=None, problem="", check_at=uow.now + FRESH_CHECK_INTERVAL, updated_at=uow.now
    ).where(Payment.id == payment_id, Payment.link_id.is_null()).execute()
    # The response may have arrived after the request timed out.
    if Payment.update(status=PENDING).where(Payment.id == payment_id, Payment.status == UNKNOWN).execute():
        record_payment_facts(uow, [(payment_id, PENDING)])
    emit_payment_updated(uow, payment_id)


def close_link(uow: UnitOfWork, payment_id: str) -> None:
    """Stop returning the link of a payment, which does not exist at Wompi any more."""
    Payment.update(is_open=False, updated_at=uow.now).where(Payment.id == payment_id).execute()


def record_link_refusal(uow: UnitOfWork, command: tuple[str, str]) -> None:
    """Record that Wompi refused to create a link: (payment id, reason). The next try may request it again."""
    payment_id, reason = command
    Payment.update(link_claimed_at=None, problem=reason[:64], updated_at=uow.now).where(
        Payment.id == payment_id, Payment.link_id.is_null()
    ).execute()


def mark_link_unknown(uow: UnitOfWork, command: MarkLinkUnknown) -> None:
    """Set a payment UNKNOWN: it gets no second link. A link that differs from the request is never returned."""
    changes: dict[str, object] = {
        "status": UNKNOWN,
        "problem": command.reason[:64],
        "link_claimed_at": None,
        "check_at": uow.now + FRESH_CHECK_INTERVAL,
        "updated_at": uow.now,
    }
    if command.link_id is not None:
        changes |= {"link_id": command.link_id, "is_open": False}
        open_review(uow, command.payment_id, ReviewKind.LINK_MISMATCH)
    if Payment.update(**changes).where(Payment.id == command.payment_id, Payment.link_id.is_null()).execute():
        record_payment_facts(uow, [(command.payment_id, UNKNOWN)])
    emit_payment_updated(uow, command.payment_id)


def attach_found_link(uow: UnitOfWork, command: tuple[str, str]) -> bool:
    """Attach an unknown link to the payment that it was created for: (link id, its SKU). Return whether there is one.

    So the result of a request whose response was lost is found after all.
    """
    link_id, payment_id = command
    is_missing = (Payment.id == payment_id) & Payment.link_id.is_null() & Payment.activated_at.is_null()
    changes = {"link_id": link_id, "status": PENDING, "link_claimed_at": None, "updated_at": uow.now}
    if not Payment.update(check_at=uow.now + FRESH_CHECK_INTERVAL, **changes).where(is_missing).execute():
        return False
    record_payment_facts(uow, [(payment_id, PENDING)])
    emit_payment_updated(uow, payment_id)
    return True


def cancel_unknown(uow: UnitOfWork, command: CancelUnknown) -> None:
    """Cancel an UNKNOWN payment. Raises NotFound, AlreadySettled when it is not UNKNOWN (any more)."""
    require_supervisor(uow.actor)
    payment = access_payment(uow.actor, command.payment_id)
    changed = (
        Payment.update(status=EXPIRED, is_open=False, updated_at=uow.now)
        .where(Payment.id == payment.id, Payment.status == UNKNOWN, Payment.is_open)
        .execute()
    )
    if not changed:
        raise AlreadySettled
    record_payment_facts(uow, [(payment.id, EXPIRED)])
    subject = f"payment:{payment.id}"
    changes = {"status": (UNKNOWN, EXPIRED)}
    audit.record_audit(uow, "payments.release", subject, command.reason, changes, payment.user_id)
    emit_payment_updated(uow, payment.id)


def expire_payments(uow: UnitOfWork) -> int:
    """Expire the payments that can no longer be paid and return how many.

    A payment with a link expires only after a check at Wompi that was made after the link expired, and not while a
    transaction is pending or a review about money is open. One whose process died before it knew of a link becomes
    UNKNOWN first.
    """
    is_interrupted = (Payment.link_claimed_at < uow.now - LINK_CLAIM_LIFETIME) & Payment.link_id.is_null()
    interrupted = _payments_in_lock_order(is_interrupted, Payment.status == PENDING).limit(MAX_EXPIRED_PER_RUN)
    interrupted_ids = [payment.id for payment in lock_rows(interrupted)]
    run_each(
        uow, interrupted_ids, lambda id_: mark_link_unknown(uow, MarkLinkUnknown(id_, "process ended")), kind="Payment"
    )
    unanswered = PaymentTransaction.select(PaymentTransaction.payment).where(PaymentTransaction.status == PENDING)
    in_review = PaymentReview.select(PaymentReview.payment).where(PaymentReview.resolved_at.is_null())
    is_checked = Payment.link_id.is_null() | (Payment.checked_at > Payment.link_expires_at)
    query = _payments_in_lock_order(
        Payment.status.in_([PENDING, UNKNOWN, DECLINED]),
        Payment.link_expires_at < uow.now,
        is_checked,
        Payment.id.not_in(unanswered),
        Payment.id.not_in(in_review),
    )
    expired_ids = [payment.id for payment in lock_rows(query.limit(MAX_EXPIRED_PER_RUN))]
    return len(run_each(uow, expired_ids, lambda payment_id: _expire_payment(uow, payment_id), kind="Payment"))


def open_review(uow: UnitOfWork, payment_id: str, kind: ReviewKind, transaction_id: str = "") -> bool:
    """Open a review of a payment, once for each kind and transaction. Return whether it is new."""
    emit_board_outdated(uow)
    row = {"payment": payment_id, "kind": kind, "transaction_id": transaction_id, "opened_at": uow.now}
    return bool(PaymentReview.insert(row).on_conflict_ignore().as_rowcount().execute())


def emit_payment_updated(uow: UnitOfWork, payment_id: str) -> PaymentPayload:
    """Emit the present state of a payment to its member and the supervisors."""
    payload = serialize_payment(payment_id)
    event = PaymentUpdated(payment=payload, plan=payload.plan, ends_at=payload.ends_at)
    uow.emit(event, channels=[channels.user_channel(payload.user_id), channels.SUPERVISORS_CHANNEL])
    emit_member_changed(uow, payload.user_id)
    return payload


def _expire_payment(uow: UnitOfWork, payment_id: str) -> None:
    Payment.update(status=EXPIRED, is_open=False, updated_at=uow.now).where(Payment.id == payment_id).execute()
    record_payment_facts(uow, [(payment_id, EXPIRED)])
    user_id = emit_payment_updated(uow, payment_id).user_id
    audit.record_act(uow, "payments.expire", f"payment:{payment_id}", person_id=user_id)


def _payments_in_lock_order(*where: Expression) -> ModelSelect:
    """Return the query of payments in the lock order that everything uses: by id."""
    return Payment.select(Payment.id).where(*where).order_by(Payment.id)


def _require_not_in_progress(uow: UnitOfWork, payment: Payment) -> None:
    if payment.status == UNKNOWN and payment.link_expires_at > uow.now:
        raise PaymentInDoubt
    if payment.link_claimed_at is not None:
        raise PaymentBeingPrepared
    is_new = PaymentTransaction.created_at > uow.now - BANK_ANSWER_TIMEOUT
    if (
        PaymentTransaction.select()
        .where(PaymentTransaction.payment == payment.id, PaymentTransaction.status == PENDING, is_new)
        .exists()
    ):
        raise PaymentInProgress


def _is_link_reusable(uow: UnitOfWork, payment: Payment, plan: PlanRow, environment: str) -> bool:
    is_same = (payment.amount, payment.duration_days) == (plan["price"], plan["duration_days"])
    covers_same = payment.max_beneficiaries in (None, plan["max_beneficiaries"])
    is_payable = payment.status in (PENDING, DECLINED) and payment.environment == environment
    has_time = payment.link_id is None or payment.link_expires_at > uow.now + MIN_REMAINING_LINK_TIME
    return is_same and covers_same and is_payable and has_time


def _reuse_payment(uow: UnitOfWork, payment: Payment, plan: PlanRow, purchase: Purchase) -> CheckoutState:
    if payment.link_id is not None:
        return CheckoutState(payment.id, link_id=payment.link_id)
    expires_at = uow.now + purchase.link_lifetime
    Payment.update(link_claimed_at=uow.now, link_expires_at=expires_at).where(Payment.id == payment.id).execute()
    return CheckoutState(payment.id, link_order=_link_order(payment.id, plan, expires_at, purchase.own_url))


def _create_payment(uow: UnitOfWork, plan: PlanRow, purchase: Purchase, retired_link_id: str | None) -> CheckoutState:
    quotas.consume_quota(uow, uow.rules.quotas.payments)
    payment_id, expires_at = str(uuid.uuid4()), uow.now + purchase.link_lifetime
    Payment.create(
        id=payment_id,
        user=uow.actor.user_id,
        plan=plan["id"],
        amount=plan["price"],
        currency=plan["currency"],
        duration_days=plan["duration_days"],
        max_beneficiaries=plan["max_beneficiaries"],
        environment=purchase.environment,
        status=PENDING,
        is_open=True,
        link_expires_at=expires_at,
        link_claimed_at=uow.now,
        created_at=uow.now,
        updated_at=uow.now,
        force_insert=True,
    )
    record_payment_facts(uow, [(payment_id, PENDING)])
    return CheckoutState(
        payment_id,
        link_order=_link_order(payment_id, plan, expires_at, purchase.own_url),
        retired_link_id=retired_link_id,
    )


def _link_order(payment_id: str, plan: PlanRow, expires_at: datetime, own_url: str) -> PaymentLinkRequest:
    return PaymentLinkRequest(
        payment_id=payment_id,
        name=plan["name"],
        description=f"Membresía Beneficiate, {plan['duration_days']} días",
        amount=plan["price"],
        expires_at=expires_at,
        redirect_url=f"{own_url}/pagos/{payment_id}",
    )
