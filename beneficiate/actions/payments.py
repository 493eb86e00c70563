"""A payment until its money comes: the row first, then the link, and what happens when Wompi does not say.

Wompi is called between two of these units, never inside of one.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from beneficiate.actions import audit
from beneficiate.billing.checks import SOON
from beneficiate.billing.outcome import DECLINED, EXPIRED, PENDING, UNKNOWN, Kind
from beneficiate.billing.wompi import LinkOrder
from beneficiate.errors import AlreadySettled, Forbidden, PaymentBeingPrepared, PaymentInDoubt, PaymentInProgress
from beneficiate.models.base import locked
from beneficiate.models.payments import Payment, Review, Transaction
from beneficiate.models.people import User
from beneficiate.protocol import topics
from beneficiate.protocol.payments import PaymentPicture, PaymentUpdated
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.catalogue import PlanRow, plan_on_sale
from beneficiate.queries.payments import access_payment, picture_of
from beneficiate.store import Work

SPARE = timedelta(minutes=5)
"""A link that ends sooner is not given out any more: nobody types a card's number in a hurry."""
CLAIM_LASTS = timedelta(seconds=30)
"""Longer than the time limit of the request that makes a link."""
BANK_LASTS = timedelta(minutes=30)
"""How long an attempt that no bank has answered keeps its member from paying once more."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """A plan that the actor wants to pay for; `own_url` is where Wompi sends the browser back to."""

    plan_id: int
    environment: str
    link_lasts: timedelta
    own_url: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A payment that has a link (`link_id`), or one whose link the caller must make now (`order`).

    `retired` is the link of an older payment, over another price, that should be closed.
    """

    payment_id: str
    link_id: str | None = None
    order: LinkOrder | None = None
    retired: str | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Nobody knows whether a link was made; `link_id` is one that is not what was asked for."""

    payment_id: str
    why: str
    link_id: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """Let a member try again whose payment is in doubt. A supervisor has looked: there is no link."""

    payment_id: str
    reason: str
    address: str


def open_payment(work: Work, purchase: Purchase) -> Opened:
    """The open payment of the actor for a plan, or a new one with the plan's price of this moment.

    Raises NotFound for a plan that is not on sale, Forbidden for staff, PaymentInDoubt while nobody knows whether
    Wompi made its link, PaymentInProgress while it is being made or a bank has not answered.
    """
    if work.actor.role != "member":
        raise Forbidden("Los planes se compran desde la cuenta de un afiliado.")
    plan = plan_on_sale(purchase.plan_id)
    User.hold([work.actor.user_id])
    retired = None
    payment = Payment.get_or_none(Payment.user == work.actor.user_id, Payment.plan == plan["id"], Payment.is_open)
    if payment is not None:
        _refuse_doubtful(work, payment)
        if _may_be_given_out(work, payment, plan, purchase.environment):
            return _reuse(work, payment, plan, purchase)
        Payment.update(is_open=False, updated_at=work.now).where(Payment.id == payment.id).execute()
        retired = payment.link_id if payment.link_expires_at > work.now else None
    return _create(work, plan, purchase, retired)


def store_link(work: Work, command: tuple[str, str]) -> None:
    """Wompi has made the link of a payment: (payment id, link id)."""
    payment_id, link_id = command
    Payment.update(
        link_id=link_id, link_claimed_at=None, problem="", check_at=work.now + SOON, updated_at=work.now
    ).where(Payment.id == payment_id, Payment.link_id.is_null()).execute()
    # The answer may have come after the wait for it was given up.
    Payment.update(status=PENDING).where(Payment.id == payment_id, Payment.status == UNKNOWN).execute()
    say(work, payment_id)


def retire(work: Work, payment_id: str) -> None:
    """The link of a payment is not at Wompi any more: it is given out no longer."""
    Payment.update(is_open=False, updated_at=work.now).where(Payment.id == payment_id).execute()


def put_back(work: Work, command: tuple[str, str]) -> None:
    """Wompi has certainly made no link: (payment id, why). The next try may ask for it again."""
    payment_id, why = command
    Payment.update(link_claimed_at=None, problem=why[:64], updated_at=work.now).where(
        Payment.id == payment_id, Payment.link_id.is_null()
    ).execute()


def doubt(work: Work, command: Doubt) -> None:
    """Leave a payment UNKNOWN: it gets no second link. A link that is not what was asked for is never given out."""
    changes: dict[str, Any] = {
        "status": UNKNOWN,
        "problem": command.why[:64],
        "link_claimed_at": None,
        "check_at": work.now + SOON,
        "updated_at": work.now,
    }
    if command.link_id is not None:
        changes |= {"link_id": command.link_id, "is_open": False}
        open_review(work, command.payment_id, Kind.LINK_MISMATCH)
    Payment.update(**changes).where(Payment.id == command.payment_id, Payment.link_id.is_null()).execute()
    say(work, command.payment_id)


def adopt(work: Work, command: tuple[str, str]) -> bool:
    """A link that we did not know of was made for one of our payments: (link id, its sku). Whether it was.

    That is how the answer to a request which was lost is found after all.
    """
    link_id, payment_id = command
    changed = (
        Payment.update(
            link_id=link_id, status=PENDING, link_claimed_at=None, check_at=work.now + SOON, updated_at=work.now
        )
        .where(Payment.id == payment_id, Payment.link_id.is_null(), Payment.activated_at.is_null())
        .execute()
    )
    if changed:
        say(work, payment_id)
    return bool(changed)


def release(work: Work, command: Release) -> None:
    """End a payment that is in doubt. Raises NotFound, AlreadySettled when it is not (any more)."""
    require_supervisor(work.actor)
    payment = access_payment(work.actor, command.payment_id)
    changed = (
        Payment.update(status=EXPIRED, is_open=False, updated_at=work.now)
        .where(Payment.id == payment.id, Payment.status == UNKNOWN, Payment.is_open)
        .execute()
    )
    if not changed:
        raise AlreadySettled
    subject = f"payment:{payment.id}"
    audit.record(work, "payments.release", subject, command.address, command.reason, status=(UNKNOWN, EXPIRED))
    say(work, payment.id)


def expire(work: Work, _: None = None) -> int:
    """End what can no longer be paid; how many.

    A payment with a link ends only after Wompi was asked about the time after its link ended, and not while a bank has
    to answer or money came that a person must look at. One whose process died before it knew of a link is in doubt
    first.
    """
    is_lost = (Payment.link_claimed_at < work.now - CLAIM_LASTS) & Payment.link_id.is_null()
    lost = [payment.id for payment in locked(_in_order(is_lost, Payment.status == PENDING))]
    for payment_id in lost:
        doubt(work, Doubt(payment_id, "process ended"))
    unanswered = Transaction.select(Transaction.payment).where(Transaction.status == PENDING)
    looked_at = Review.select(Review.payment).where(Review.resolved_at.is_null())
    is_looked_for = Payment.link_id.is_null() | (Payment.checked_at > Payment.link_expires_at)
    query = _in_order(
        Payment.status.in_([PENDING, UNKNOWN, DECLINED]),
        Payment.link_expires_at < work.now,
        is_looked_for,
        Payment.id.not_in(unanswered),
        Payment.id.not_in(looked_at),
    )
    ended = [payment.id for payment in locked(query)]
    if ended:
        Payment.update(status=EXPIRED, is_open=False, updated_at=work.now).where(Payment.id.in_(ended)).execute()
    for payment_id in ended:
        say(work, payment_id)
    return len(ended)


def open_review(work: Work, payment_id: str, kind: Kind, transaction_id: str = "") -> bool:
    """Ask a person to look at a payment, once for each reason. Whether it is new."""
    row = {"payment": payment_id, "kind": kind, "transaction_id": transaction_id, "opened_at": work.now}
    return bool(Review.insert(row).on_conflict_ignore().as_rowcount().execute())


def say(work: Work, payment_id: str) -> PaymentPicture:
    """Tell the member and the supervisors how a payment is now."""
    picture = picture_of(payment_id)
    event = PaymentUpdated(payment=picture, plan=picture.plan, ends_at=picture.ends_at)
    work.emit(event, to=[topics.user(picture.user_id), topics.SUPERVISORS])
    return picture


def _in_order(*where: Any) -> Any:
    """Payments to be held, in the order in which everybody holds them."""
    return Payment.select(Payment.id).where(*where).order_by(Payment.id)


def _refuse_doubtful(work: Work, payment: Payment) -> None:
    if payment.status == UNKNOWN and payment.link_expires_at > work.now:
        raise PaymentInDoubt
    if payment.link_claimed_at is not None:
        raise PaymentBeingPrepared
    is_new = Transaction.created_at > work.now - BANK_LASTS
    if Transaction.select().where(Transaction.payment == payment.id, Transaction.status == PENDING, is_new).exists():
        raise PaymentInProgress


def _may_be_given_out(work: Work, payment: Payment, plan: PlanRow, environment: str) -> bool:
    is_same = (payment.amount, payment.duration_days) == (plan["price"], plan["duration_days"])
    is_payable = payment.status in (PENDING, DECLINED) and payment.environment == environment
    return is_same and is_payable and (payment.link_id is None or payment.link_expires_at > work.now + SPARE)


def _reuse(work: Work, payment: Payment, plan: PlanRow, purchase: Purchase) -> Opened:
    if payment.link_id is not None:
        return Opened(payment.id, link_id=payment.link_id)
    expires_at = work.now + purchase.link_lasts
    Payment.update(link_claimed_at=work.now, link_expires_at=expires_at).where(Payment.id == payment.id).execute()
    return Opened(payment.id, order=_order(payment.id, plan, expires_at, purchase.own_url))


def _create(work: Work, plan: PlanRow, purchase: Purchase, retired: str | None) -> Opened:
    payment_id, expires_at = str(uuid.uuid4()), work.now + purchase.link_lasts
    Payment.create(
        id=payment_id,
        user=work.actor.user_id,
        plan=plan["id"],
        amount=plan["price"],
        currency=plan["currency"],
        duration_days=plan["duration_days"],
        environment=purchase.environment,
        status=PENDING,
        is_open=True,
        link_expires_at=expires_at,
        link_claimed_at=work.now,
        created_at=work.now,
        updated_at=work.now,
        force_insert=True,
    )
    return Opened(payment_id, order=_order(payment_id, plan, expires_at, purchase.own_url), retired=retired)


def _order(payment_id: str, plan: PlanRow, expires_at: datetime, own_url: str) -> LinkOrder:
    return LinkOrder(
        payment_id=payment_id,
        name=plan["name"],
        description=f"Membresía Beneficiate, {plan['duration_days']} días",
        amount=plan["price"],
        expires_at=expires_at,
        redirect_url=f"{own_url}/pagos/{payment_id}",
    )
