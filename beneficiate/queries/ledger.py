"""Payments as supervisors see them: the list, one with everything that is known of it, events of nobody, CSV."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import JOIN, Expression

from beneficiate.billing.outcome import APPROVED, DECLINED, EXPIRED, PENDING, UNKNOWN, VOIDED
from beneficiate.errors import NotFound
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import folded
from beneficiate.models.payments import Payment, Plan, Review, Subscription, Transaction, WompiEvent
from beneficiate.models.people import User
from beneficiate.queries.appointments import day_bounds
from beneficiate.queries.payments import reference_of
from beneficiate.search import fold
from beneficiate.store import Work

REVIEW, GOING_ON, PAID, REFUSED, LAPSED, TAKEN_BACK, ALL = (
    "por-revisar",
    "en-curso",
    "aprobados",
    "rechazados",
    "vencidos",
    "anulados",
    "todos",
)
TABS = {
    REVIEW: "Por revisar",
    GOING_ON: "En curso",
    PAID: "Aprobados",
    REFUSED: "Rechazados",
    LAPSED: "Vencidos",
    TAKEN_BACK: "Anulados",
    ALL: "Todos",
}
_STATES = {
    GOING_ON: (PENDING, UNKNOWN),
    PAID: (APPROVED,),
    REFUSED: (DECLINED,),
    LAPSED: (EXPIRED,),
    TAKEN_BACK: (VOIDED,),
}
NAMES = {
    PENDING: "Pendiente",
    UNKNOWN: "Por verificar",
    APPROVED: "Aprobado",
    DECLINED: "Rechazado",
    EXPIRED: "Vencido",
    VOIDED: "Anulado",
}
PAGE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """Which payments: a tab, a text to look for (then in all of them), days of Bogotá, and which page of 50."""

    tab: str = REVIEW
    text: str = ""
    since: date | None = None
    until: date | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A payment in the list; `reviews` are the kinds of what is still open about it."""

    id: str
    reference: str
    user_id: int
    member: str
    plan: str
    amount: int
    status: str
    status_name: str
    created_at: datetime
    activated_at: datetime | None
    link_id: str | None
    document: str
    currency: str
    paid_by: str | None
    reviews: list[str]


def page(work: Work, asked: Asked) -> dict[str, Any]:
    """The payments of a tab with the counts of all."""
    tab = asked.tab if asked.tab in TABS else REVIEW
    rows = _rows(_where(tab, asked), PAGE + 1, (asked.page - 1) * PAGE)
    return {
        "asked": asked,
        "tab": tab,
        "tabs": TABS,
        "counts": {one: _count(one) for one in (REVIEW, GOING_ON)},
        "rows": rows[:PAGE],
        "has_more": len(rows) > PAGE,
        "strays": _strays().count(),
    }


def row(work: Work, payment_id: str) -> Row:
    """One payment as a row of the list. Raises NotFound."""
    rows = _rows([Payment.id == payment_id], 1)
    if not rows:
        raise NotFound("No encontramos ese pago.")
    return rows[0]


def detail(work: Work, payment_id: str) -> dict[str, Any]:
    """All that is known of a payment, and what may be done about it. Raises NotFound."""
    found = row(work, payment_id)
    payment = Payment.get_by_id(payment_id)
    parts = Subscription.select().where(Subscription.payment == payment_id).order_by(Subscription.starts_at)
    attempts = Transaction.select().where(Transaction.payment == payment_id).order_by(Transaction.created_at)
    events = WompiEvent.select().where(WompiEvent.payment == payment_id).order_by(WompiEvent.id)
    reviews = Review.select(Review, User).join(User, JOIN.LEFT_OUTER).where(Review.payment == payment_id)
    return {
        "row": found,
        "member": User.select(*_MEMBER).where(User.id == payment.user_id).dicts().get(),
        "payment": Payment.select().where(Payment.id == payment_id).dicts().get(),
        "spans": [(part.starts_at, part.ends_at) for part in parts if part.ends_at > part.starts_at],
        "attempts": list(attempts.dicts()),
        "events": [_event(event) for event in events],
        "reviews": [_review(review) for review in reviews.order_by(Review.opened_at)],
        "history": _audit(f"payment:{payment_id}"),
        "may_activate": payment.activated_at is None,
        "may_release": payment.is_open and payment.status == UNKNOWN,
    }


def strays(work: Work, page_number: int) -> dict[str, Any]:
    """Events that belong to no payment of ours or could not be carried out, the newest first."""
    found = list(_strays().order_by(WompiEvent.id.desc()).offset((page_number - 1) * PAGE).limit(PAGE + 1))
    return {
        "events": [_event(event) for event in found[:PAGE]],
        "page": page_number,
        "has_more": len(found) > PAGE,
    }


_MEMBER = (User.id, User.first_name, User.last_name, User.document_type, User.document_number, User.email, User.phone)


def rows_of(asked: Asked, tab: str, limit: int) -> list[Row]:
    """The payments of a tab that are asked for, the newest first."""
    return _rows(_where(tab, asked), limit)


def _where(tab: str, asked: Asked) -> list[Any]:
    where: list[Any] = [_matches(asked.text)] if asked.text else list(_of_tab(tab))
    if asked.since is not None:
        where.append(Payment.created_at >= day_bounds(asked.since)[0])
    if asked.until is not None:
        where.append(Payment.created_at < day_bounds(asked.until + timedelta(days=1))[0])
    return where


def _of_tab(tab: str) -> Iterable[Any]:
    if tab == REVIEW:
        yield Payment.id.in_(Review.select(Review.payment).where(Review.resolved_at.is_null()))
    elif tab in _STATES:
        yield Payment.status.in_(_STATES[tab])


def _matches(text: str) -> Expression:
    """A reference, a link, a transaction, a document, an e-mail, or every word in the member's name."""
    text = text.strip()
    attempts = Transaction.select(Transaction.payment).where(Transaction.id == text)
    name = folded(User.first_name.concat(" ").concat(User.last_name))
    has_words = [name.contains(word) for word in fold(text).split()]
    in_name = has_words[0] if has_words else User.id == 0
    for one in has_words[1:]:
        in_name &= one
    return (
        (Payment.id.startswith(text.lower().removeprefix("bnf-")) & (len(text) >= 8))
        | (Payment.link_id == text)
        | Payment.id.in_(attempts)
        | (User.document_number == text)
        | (User.email == text.lower())
        | in_name
    )


def _count(tab: str) -> int:
    return int(Payment.select().where(*_of_tab(tab)).count())


def _rows(where: list[Any], limit: int, offset: int = 0) -> list[Row]:
    query = Payment.select(Payment, Plan, User).join(Plan).switch(Payment).join(User, on=Payment.user)
    query = query.where(*where) if where else query
    payments = list(query.order_by(Payment.created_at.desc(), Payment.id).limit(limit).offset(offset))
    is_shown = Review.payment.in_([payment.id for payment in payments])
    reviews: dict[str, list[str]] = {}
    for review in Review.select().where(Review.resolved_at.is_null(), is_shown).order_by(Review.id):
        reviews.setdefault(review.payment_id, []).append(review.kind)
    return [_row(payment, reviews.get(payment.id, [])) for payment in payments]


def _row(payment: Payment, reviews: list[str]) -> Row:
    return Row(
        id=payment.id,
        reference=reference_of(payment.id),
        user_id=payment.user_id,
        member=payment.user.name,
        plan=payment.plan.name,
        amount=payment.amount,
        status=payment.status,
        status_name=NAMES[payment.status],
        created_at=payment.created_at,
        activated_at=payment.activated_at,
        link_id=payment.link_id,
        document=f"{payment.user.document_type} {payment.user.document_number}",
        currency=payment.currency,
        paid_by=payment.paid_by,
        reviews=reviews,
    )


def _strays() -> Any:
    is_under_way = (WompiEvent.state == "KEPT") & (WompiEvent.tries < 2)
    return WompiEvent.select().where(WompiEvent.payment.is_null(), WompiEvent.outcome != "IGNORED", ~is_under_way)


def _event(event: WompiEvent) -> dict[str, Any]:
    """An event with its body laid out to be read."""
    return {
        "id": event.id,
        "name": event.name,
        "transaction_id": event.transaction_id,
        "transaction_status": event.transaction_status,
        "state": event.state,
        "outcome": event.outcome,
        "copies": event.copies,
        "tries": event.tries,
        "received_at": event.received_at,
        "processed_at": event.processed_at,
        "body": _laid_out(event.body),
    }


def _laid_out(body: str) -> str:
    try:
        return json.dumps(json.loads(body, parse_float=str), indent=2, ensure_ascii=False)
    except RecursionError:
        return body


def _review(review: Review) -> dict[str, Any]:
    return {
        "id": review.id,
        "kind": review.kind,
        "transaction_id": review.transaction_id,
        "opened_at": review.opened_at,
        "resolved_at": review.resolved_at,
        "resolved_by": review.resolved_by.name if review.resolved_by_id else "",
        "note": review.note,
    }


def _audit(subject: str) -> list[dict[str, Any]]:
    query = AuditEntry.select(AuditEntry, User).join(User, JOIN.LEFT_OUTER).where(AuditEntry.subject == subject)
    return [
        {
            "at": entry.at,
            "who": entry.actor.name if entry.actor_id else "",
            "what": entry.what,
            "reason": entry.reason,
        }
        for entry in query.order_by(AuditEntry.id)
    ]
