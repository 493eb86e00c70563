"""Payments as supervisors see them: the list, one with everything that is known of it, events of nobody, CSV."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import JOIN, Expression

from beneficiate.domain.billing.outcome import APPROVED, DECLINED, EXPIRED, PENDING, UNKNOWN, VOIDED
from beneficiate.domain.billing.presentation import STAFF_PAYMENT_BADGES
from beneficiate.errors import NotFound
from beneficiate.models.accounts import User
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import fold_column
from beneficiate.models.payments import Payment, PaymentReview, PaymentTransaction, Plan, Subscription, WompiEvent
from beneficiate.queries.appointments import day_bounds
from beneficiate.queries.payments import payment_reference
from beneficiate.queries.wompi_events import IGNORED
from beneficiate.search import fold
from beneficiate.unit_of_work import UnitOfWork

REVIEW_TAB, IN_PROGRESS_TAB, APPROVED_TAB, DECLINED_TAB, EXPIRED_TAB, VOIDED_TAB, ALL_PAYMENTS_TAB = (
    "por-revisar",
    "en-curso",
    "aprobados",
    "rechazados",
    "vencidos",
    "anulados",
    "todos",
)
PAYMENT_TABS = {
    REVIEW_TAB: "Por revisar",
    IN_PROGRESS_TAB: "En curso",
    APPROVED_TAB: "Aprobados",
    DECLINED_TAB: "Rechazados",
    EXPIRED_TAB: "Vencidos",
    VOIDED_TAB: "Anulados",
    ALL_PAYMENTS_TAB: "Todos",
}
_STATUSES_BY_TAB = {
    IN_PROGRESS_TAB: (PENDING, UNKNOWN),
    APPROVED_TAB: (APPROVED,),
    DECLINED_TAB: (DECLINED,),
    EXPIRED_TAB: (EXPIRED,),
    VOIDED_TAB: (VOIDED,),
}
PAYMENTS_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class PaymentListQuery:
    """Which payments: a tab, a text to look for (then in all of them), days of Bogotá, and which page of 50."""

    tab: str = REVIEW_TAB
    text: str = ""
    since: date | None = None
    until: date | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class PaymentRow:
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


def load_payment_list(uow: UnitOfWork, filters: PaymentListQuery) -> dict[str, Any]:
    """The payments of a tab with the counts of all."""
    tab = filters.tab if filters.tab in PAYMENT_TABS else REVIEW_TAB
    rows = _load_payment_rows(
        _payment_conditions(tab, filters), PAYMENTS_PER_PAGE + 1, (filters.page - 1) * PAYMENTS_PER_PAGE
    )
    return {
        "asked": filters,
        "tab": tab,
        "tabs": PAYMENT_TABS,
        "counts": {one: _count_payments(one) for one in (REVIEW_TAB, IN_PROGRESS_TAB)},
        "rows": rows[:PAYMENTS_PER_PAGE],
        "has_more": len(rows) > PAYMENTS_PER_PAGE,
        "strays": _select_unmatched_events().count(),
    }


def load_payment_row(uow: UnitOfWork, payment_id: str) -> PaymentRow:
    """One payment as a row of the list. Raises NotFound."""
    rows = _load_payment_rows([Payment.id == payment_id], 1)
    if not rows:
        raise NotFound("No encontramos ese pago.")
    return rows[0]


def load_payment_detail(uow: UnitOfWork, payment_id: str) -> dict[str, Any]:
    """All that is known of a payment, and what may be done about it. Raises NotFound."""
    found = load_payment_row(uow, payment_id)
    payment = Payment.get_by_id(payment_id)
    parts = Subscription.select().where(Subscription.payment == payment_id).order_by(Subscription.starts_at)
    attempts = (
        PaymentTransaction.select()
        .where(PaymentTransaction.payment == payment_id)
        .order_by(PaymentTransaction.created_at)
    )
    events = WompiEvent.select().where(WompiEvent.payment == payment_id).order_by(WompiEvent.id)
    reviews = (
        PaymentReview.select(PaymentReview, User).join(User, JOIN.LEFT_OUTER).where(PaymentReview.payment == payment_id)
    )
    return {
        "row": found,
        "member": User.select(*_MEMBER_FIELDS).where(User.id == payment.user_id).dicts().get(),
        "payment": Payment.select().where(Payment.id == payment_id).dicts().get(),
        "spans": [(part.starts_at, part.ends_at) for part in parts if part.ends_at > part.starts_at],
        "attempts": list(attempts.dicts()),
        "events": [build_event_view(event) for event in events],
        "reviews": [build_review_view(review) for review in reviews.order_by(PaymentReview.opened_at)],
        "history": _load_audit_entries(f"payment:{payment_id}"),
        "may_activate": payment.activated_at is None,
        "may_release": payment.is_open and payment.status == UNKNOWN,
    }


def list_unmatched_events(uow: UnitOfWork, page_number: int) -> dict[str, Any]:
    """Events that belong to no payment of ours or could not be carried out, the newest first."""
    found = list(
        _select_unmatched_events()
        .order_by(WompiEvent.id.desc())
        .offset((page_number - 1) * PAYMENTS_PER_PAGE)
        .limit(PAYMENTS_PER_PAGE + 1)
    )
    return {
        "events": [build_event_view(event) for event in found[:PAYMENTS_PER_PAGE]],
        "page": page_number,
        "has_more": len(found) > PAYMENTS_PER_PAGE,
    }


_MEMBER_FIELDS = (
    User.id,
    User.first_name,
    User.last_name,
    User.document_type,
    User.document_number,
    User.email,
    User.phone,
)


def list_payment_rows(filters: PaymentListQuery, tab: str, limit: int) -> list[PaymentRow]:
    """The payments of a tab that are asked for, the newest first."""
    return _load_payment_rows(_payment_conditions(tab, filters), limit)


def _payment_conditions(tab: str, filters: PaymentListQuery) -> list[Any]:
    where: list[Any] = [_matches_payment_search(filters.text)] if filters.text else list(_conditions_of_tab(tab))
    if filters.since is not None:
        where.append(Payment.created_at >= day_bounds(filters.since)[0])
    if filters.until is not None:
        where.append(Payment.created_at < day_bounds(filters.until + timedelta(days=1))[0])
    return where


def _conditions_of_tab(tab: str) -> Iterable[Any]:
    if tab == REVIEW_TAB:
        yield Payment.id.in_(PaymentReview.select(PaymentReview.payment).where(PaymentReview.resolved_at.is_null()))
    elif tab in _STATUSES_BY_TAB:
        yield Payment.status.in_(_STATUSES_BY_TAB[tab])


def _matches_payment_search(text: str) -> Expression:
    """A reference, a link, a transaction, a document, an e-mail, or every word in the member's name."""
    text = text.strip()
    attempts = PaymentTransaction.select(PaymentTransaction.payment).where(PaymentTransaction.id == text)
    name = fold_column(User.first_name.concat(" ").concat(User.last_name))
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


def _count_payments(tab: str) -> int:
    return int(Payment.select().where(*_conditions_of_tab(tab)).count())


def _load_payment_rows(where: list[Any], limit: int, offset: int = 0) -> list[PaymentRow]:
    query = Payment.select(Payment, Plan, User).join(Plan).switch(Payment).join(User, on=Payment.user)
    query = query.where(*where) if where else query
    payments = list(query.order_by(Payment.created_at.desc(), Payment.id).limit(limit).offset(offset))
    is_shown = PaymentReview.payment.in_([payment.id for payment in payments])
    reviews: dict[str, list[str]] = {}
    for review in (
        PaymentReview.select().where(PaymentReview.resolved_at.is_null(), is_shown).order_by(PaymentReview.id)
    ):
        reviews.setdefault(review.payment_id, []).append(review.kind)
    return [build_payment_row(payment, reviews.get(payment.id, [])) for payment in payments]


def build_payment_row(payment: Payment, reviews: list[str]) -> PaymentRow:
    """Return a payment as a row of the supervisors' list."""
    return PaymentRow(
        id=payment.id,
        reference=payment_reference(payment.id),
        user_id=payment.user_id,
        member=payment.user.name,
        plan=payment.plan.name,
        amount=payment.amount,
        status=payment.status,
        status_name=STAFF_PAYMENT_BADGES[payment.status].label,
        created_at=payment.created_at,
        activated_at=payment.activated_at,
        link_id=payment.link_id,
        document=f"{payment.user.document_type} {payment.user.document_number}",
        currency=payment.currency,
        paid_by=payment.paid_by,
        reviews=reviews,
    )


def _select_unmatched_events() -> Any:
    is_under_way = (WompiEvent.state == "KEPT") & (WompiEvent.tries < 2)
    return WompiEvent.select().where(WompiEvent.payment.is_null(), WompiEvent.outcome != IGNORED, ~is_under_way)


def build_event_view(event: WompiEvent) -> dict[str, Any]:
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
        "body": indent_json(event.body),
    }


def indent_json(body: str) -> str:
    """Return JSON text indented for reading; text that is nested too deeply stays as it is."""
    try:
        return json.dumps(json.loads(body, parse_float=str), indent=2, ensure_ascii=False)
    except RecursionError:
        return body


def build_review_view(review: PaymentReview) -> dict[str, Any]:
    """Return a review with who closed it and how."""
    return {
        "id": review.id,
        "kind": review.kind,
        "transaction_id": review.transaction_id,
        "opened_at": review.opened_at,
        "resolved_at": review.resolved_at,
        "resolved_by": review.resolved_by.name if review.resolved_by_id else "",
        "note": review.note,
    }


def _load_audit_entries(subject: str) -> list[dict[str, Any]]:
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
