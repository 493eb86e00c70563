"""Some demo payments in several states, made with the actions that members, Wompi and the jobs use."""

from datetime import datetime, timedelta
from typing import NamedTuple

from beneficiate.actions import payment_checks, payments
from beneficiate.actions.settlements import SettleTransaction, settle_transactions
from beneficiate.domain.billing.money import pesos_to_cents
from beneficiate.domain.billing.outcome import APPROVED, DECLINED, PENDING, VOIDED
from beneficiate.domain.billing.wompi import WompiTransaction
from beneficiate.models.accounts import User
from beneficiate.models.payments import Payment, Plan
from beneficiate.unit_of_work import SYSTEM, Actor, BatchItem, UnitOfWork

ENVIRONMENT = "test"
LINK_LIFETIME = timedelta(hours=1)
ATTEMPT_AFTER = timedelta(minutes=4)
"""How long after the purchase its member has paid, and between two attempts."""


class DemoAttempt(NamedTuple):
    """An attempt to pay: its method, what is known of it, and its statuses one after the other."""

    method: str
    detail: str
    statuses: tuple[str, ...]


class DemoPayment(NamedTuple):
    """A purchase of a demo member so many hours ago."""

    email: str
    plan_code: str
    hours_ago: float
    attempts: tuple[DemoAttempt, ...]


CARD, OTHER_CARD, PSE, NEQUI = ("CARD", "VISA 4242"), ("CARD", "MASTERCARD 5100"), ("PSE", ""), ("NEQUI", "")
DEMO_PAYMENTS = (
    DemoPayment("natalia.jaramillo", "INDIVIDUAL", 190, (DemoAttempt(*CARD, (APPROVED,)),)),
    DemoPayment("pedro.ardila", "FAMILY", 100, (DemoAttempt(*PSE, (PENDING, APPROVED)),)),
    DemoPayment("wilfrido.contreras", "INDIVIDUAL", 76, (DemoAttempt(*CARD, (APPROVED, VOIDED)),)),
    DemoPayment("sandra.cifuentes", "INDIVIDUAL", 51, ()),
    DemoPayment("yolanda.quinones", "INDIVIDUAL", 28, (DemoAttempt(*NEQUI, (APPROVED,)),) * 2),
    DemoPayment("deisy.guarin", "INDIVIDUAL", 0.6, (DemoAttempt(*OTHER_CARD, (DECLINED,)),)),
    DemoPayment("jhonatan.rincon", "INDIVIDUAL", 0.4, (DemoAttempt(*CARD, (DECLINED,)), DemoAttempt(*PSE, (PENDING,)))),
)
"""Approved, approved after a while at the bank, voided, expired, charged twice, declined, at the bank."""


def load_demo_payments(now: datetime, own_url: str) -> str:
    """Add the payments, unless there are some. Returns a summary."""
    if not Payment.select().exists():
        for number, demo in enumerate(DEMO_PAYMENTS, 1):
            _buy(number, demo, now - timedelta(hours=demo.hours_ago), own_url)
        payments.expire_payments(UnitOfWork(SYSTEM, now))
    return f"{Payment.select().count()} payments."


def _buy(number: int, demo: DemoPayment, at: datetime, own_url: str) -> None:
    user = User.get_or_none(User.email == f"{demo.email}@demo.beneficiate.co")
    plan = Plan.get_or_none(Plan.code == demo.plan_code)
    if user is None or plan is None:
        return
    purchase = payments.Purchase(plan.id, ENVIRONMENT, LINK_LIFETIME, own_url)
    payment_id = payments.open_payment(UnitOfWork(Actor(user.id, "member", None, user.name), at), purchase).payment_id
    payments.store_link(UnitOfWork(SYSTEM, at), (payment_id, f"demo{number}"))
    for place, attempt in enumerate(demo.attempts, 1):
        at += ATTEMPT_AFTER
        for status in attempt.statuses:
            _settle(Payment.get_by_id(payment_id), f"demo-{number}-{place}", attempt, status, at)
    if not demo.attempts:
        payment_checks.record_check(UnitOfWork(SYSTEM, at + 2 * LINK_LIFETIME), [payment_id])


def _settle(payment: Payment, transaction_id: str, attempt: DemoAttempt, status: str, at: datetime) -> None:
    transaction = WompiTransaction(
        id=transaction_id,
        status=status,
        amount_in_cents=pesos_to_cents(payment.amount),
        currency=payment.currency,
        reference=f"{payment.link_id}_{int(at.timestamp())}_demo",
        link_id=payment.link_id,
        method=attempt.method,
        method_detail=attempt.detail,
        reason="",
        created_at=at,
    )
    settle_transactions.function(
        UnitOfWork(SYSTEM, at), [BatchItem(SYSTEM, SettleTransaction(transaction, ENVIRONMENT))]
    )
