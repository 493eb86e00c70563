"""Looking for payments whose event never came: which are due, and what is written down after a look."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from beneficiate.billing.checks import SOON, next_check
from beneficiate.models.base import locked
from beneficiate.models.payments import Payment, Transaction
from beneficiate.store import Work

AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Check:
    """A payment that is looked for. One in doubt has no link that we know."""

    payment_id: str
    link_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """The payments of a look, and the transactions of theirs that are known already: (id, state)."""

    checks: list[Check]
    known: set[tuple[str, str]]


def claim(work: Work, everything: bool = False) -> Round:
    """The payments that are due, claimed until the next look; `everything`: all that are still looked for."""
    is_due = Payment.check_at.is_null(False) if everything else Payment.check_at <= work.now
    query = Payment.select(Payment.id, Payment.link_id, Payment.created_at).where(is_due)
    first = [row[0] for row in query.order_by(Payment.check_at).limit(AT_ONCE).tuples()]
    held = locked(query.where(Payment.id.in_(first)).order_by(Payment.id))
    checks = [Check(*row) for row in held.tuples()]
    if not checks:
        return Round([], set())
    ids = [check.payment_id for check in checks]
    Payment.update(check_at=work.now + SOON).where(Payment.id.in_(ids)).execute()
    known = Transaction.select(Transaction.id, Transaction.status).where(Transaction.payment.in_(ids))
    return Round(checks, set(known.tuples()))


def unknown_links(work: Work, links: set[str]) -> set[str]:
    """Of these links those that belong to no payment of ours."""
    known = Payment.select(Payment.link_id).where(Payment.link_id.in_(links))
    return links - {link_id for (link_id,) in known.tuples()}


def note(work: Work, payment_ids: Iterable[str]) -> None:
    """All that Wompi has of these payments was seen: when is the next look?"""
    for payment in locked(Payment.select().where(Payment.id.in_(list(payment_ids))).order_by(Payment.id)):
        due = next_check(
            work.now, payment.created_at, payment.link_expires_at, is_settled=payment.activated_at is not None
        )
        Payment.update(checked_at=work.now, check_at=due).where(Payment.id == payment.id).execute()
