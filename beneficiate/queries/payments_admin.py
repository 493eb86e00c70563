"""Payments for supervisors: the list, one payment with all that is known of it, and events of no payment."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from peewee import JOIN, Expression, ModelSelect

from beneficiate.domain.billing.outcome import APPROVED, DECLINED, EXPIRED, PENDING, UNKNOWN, VOIDED
from beneficiate.domain.email_addresses import normalize_email_address
from beneficiate.domain.identity_documents import possible_numbers
from beneficiate.errors import NotFound
from beneficiate.models.accounts import User
from beneficiate.models.audit import AuditEntry
from beneficiate.models.payments import Payment, PaymentReview, PaymentTransaction, Plan, Subscription, WompiEvent
from beneficiate.queries import people
from beneficiate.queries.appointments import day_bounds
from beneficiate.queries.audit_texts import open_entries
from beneficiate.queries.wompi_events import IGNORED
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.member_panel import MemberContact
from beneficiate.views.payment_detail import (
    AttemptView,
    HistoryEntry,
    PayingMember,
    PaymentDetail,
    ReviewView,
    build_attempt_view,
    build_event_view,
    build_review_view,
    merge_history,
)
from beneficiate.views.payment_rows import PaymentRow, build_payment_row
from beneficiate.views.payments_admin import (
    APPROVED_TAB,
    DECLINED_TAB,
    EXPIRED_TAB,
    IN_PROGRESS_TAB,
    PAYMENT_TABS,
    REVIEW_TAB,
    VOIDED_TAB,
    PaymentList,
    PaymentListQuery,
    UnmatchedEvents,
)

_STATUSES_BY_TAB = {
    IN_PROGRESS_TAB: (PENDING, UNKNOWN),
    APPROVED_TAB: (APPROVED,),
    DECLINED_TAB: (DECLINED,),
    EXPIRED_TAB: (EXPIRED,),
    VOIDED_TAB: (VOIDED,),
}
PAYMENTS_PER_PAGE = 50


class PaymentPosition(NamedTuple):
    """The place of a payment in a list, the newest first."""

    created_at: datetime
    payment_id: str


def load_payment_list(uow: UnitOfWork, query: PaymentListQuery) -> PaymentList:
    """Return a page of the payments of a tab with the counts of the tabs; an unknown tab is the first one."""
    tab = query.tab if query.tab in PAYMENT_TABS else REVIEW_TAB
    rows = _load_payment_rows(
        _payment_conditions(tab, query), PAYMENTS_PER_PAGE + 1, (query.page - 1) * PAYMENTS_PER_PAGE
    )
    return PaymentList(
        query=query,
        tab=tab,
        counts={one: _count_payments(one) for one in (REVIEW_TAB, IN_PROGRESS_TAB)},
        rows=rows[:PAYMENTS_PER_PAGE],
        has_more=len(rows) > PAYMENTS_PER_PAGE,
        unmatched_events=_select_unmatched_events().count(),
    )


def load_payment_row(uow: UnitOfWork, payment_id: str) -> PaymentRow:
    """Return one payment as a row of the list. Raises NotFound."""
    rows = _load_payment_rows([Payment.id == payment_id], 1)
    if not rows:
        raise NotFound("No encontramos ese pago.")
    return rows[0]


def load_payment_detail(uow: UnitOfWork, payment_id: str) -> PaymentDetail:
    """Return all that is known of a payment, and what may be done about it. Raises NotFound."""
    row = load_payment_row(uow, payment_id)
    payment = Payment.get_by_id(payment_id)
    reviews = _load_reviews(payment_id)
    return PaymentDetail(
        row=row,
        member=_load_member(payment.user_id),
        is_open=payment.is_open,
        link_expires_at=payment.link_expires_at,
        revoked_at=payment.revoked_at,
        checked_at=payment.checked_at,
        problem=payment.problem,
        spans=_load_spans(payment_id),
        attempts=_load_attempts(payment_id),
        events=[build_event_view(event) for event in _select_events(payment_id)],
        reviews=reviews,
        history=merge_history(reviews, _load_audit_entries(f"payment:{payment_id}")),
        may_activate=payment.activated_at is None,
        may_release=payment.is_open and payment.status == UNKNOWN,
    )


def list_unmatched_events(uow: UnitOfWork, page_number: int) -> UnmatchedEvents:
    """Return a page of the events that belong to no payment or could not be processed, the newest first."""
    found = list(
        _select_unmatched_events()
        .order_by(WompiEvent.id.desc())
        .offset((page_number - 1) * PAYMENTS_PER_PAGE)
        .limit(PAYMENTS_PER_PAGE + 1)
    )
    events = [build_event_view(event) for event in found[:PAYMENTS_PER_PAGE]]
    return UnmatchedEvents(events, page_number, len(found) > PAYMENTS_PER_PAGE)


def list_payment_rows(
    query: PaymentListQuery, tab: str, limit: int, after: PaymentPosition | None = None
) -> list[PaymentRow]:
    """Return the payments of a tab that match the query and follow a position, the newest first."""
    where = _payment_conditions(tab, query)
    if after is not None:
        is_later = (Payment.created_at == after.created_at) & (Payment.id > after.payment_id)
        where.append((Payment.created_at <= after.created_at) & ((Payment.created_at < after.created_at) | is_later))
    return _load_payment_rows(where, limit)


def count_payments(query: PaymentListQuery, tab: str) -> int:
    """Return how many payments of a tab match the query."""
    rows = Payment.select().join(User, on=Payment.user)
    where = _payment_conditions(tab, query)
    return int((rows.where(*where) if where else rows).count())


def _payment_conditions(tab: str, query: PaymentListQuery) -> list[Expression]:
    where = [_matches_payment_search(query.text)] if query.text else list(_conditions_of_tab(tab))
    if query.since is not None:
        where.append(Payment.created_at >= day_bounds(query.since)[0])
    if query.until is not None:
        where.append(Payment.created_at < day_bounds(query.until + timedelta(days=1))[0])
    return where


def _conditions_of_tab(tab: str) -> Iterator[Expression]:
    if tab == REVIEW_TAB:
        yield Payment.id.in_(PaymentReview.select(PaymentReview.payment).where(PaymentReview.resolved_at.is_null()))
    elif tab in _STATUSES_BY_TAB:
        yield Payment.status.in_(_STATUSES_BY_TAB[tab])


def _matches_payment_search(text: str) -> Expression:
    """Match a reference, a link, a transaction, a document, an e-mail, or the member's name."""
    text = text.strip()
    attempts = PaymentTransaction.select(PaymentTransaction.payment).where(PaymentTransaction.id == text)
    return (
        (Payment.id.startswith(text.lower().removeprefix("bnf-")) & (len(text) >= 8))
        | (Payment.link_id == text)
        | Payment.id.in_(attempts)
        | User.document_number.in_(possible_numbers(text))
        | (User.email == normalize_email_address(text))
        | User.id.in_(people.select_named_users(text))
    )


def _count_payments(tab: str) -> int:
    return int(Payment.select().where(*_conditions_of_tab(tab)).count())


def _load_payment_rows(where: list[Expression], limit: int, offset: int = 0) -> list[PaymentRow]:
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


def _select_unmatched_events() -> ModelSelect:
    is_under_way = (WompiEvent.state == "KEPT") & (WompiEvent.tries < 2)
    return WompiEvent.select().where(WompiEvent.payment.is_null(), WompiEvent.outcome != IGNORED, ~is_under_way)


def _select_events(payment_id: str) -> ModelSelect:
    return WompiEvent.select().where(WompiEvent.payment == payment_id).order_by(WompiEvent.id)


def _load_member(user_id: int) -> PayingMember:
    fields = (User.first_name, User.last_name, User.document_type, User.document_number, User.email, User.phone)
    user = User.select(*fields).where(User.id == user_id).get()
    contact = MemberContact.from_user(user).mask()
    return PayingMember(user.name, contact.document, contact.email, contact.phone)


def _load_spans(payment_id: str) -> list[tuple[datetime, datetime]]:
    periods = Subscription.select(Subscription.starts_at, Subscription.ends_at).where(
        Subscription.payment == payment_id
    )
    return [span for span in periods.order_by(Subscription.starts_at).tuples() if span[1] > span[0]]


def _load_attempts(payment_id: str) -> list[AttemptView]:
    attempts = PaymentTransaction.select().where(PaymentTransaction.payment == payment_id)
    return [build_attempt_view(one) for one in attempts.order_by(PaymentTransaction.created_at)]


def _load_reviews(payment_id: str) -> list[ReviewView]:
    reviews = PaymentReview.select(PaymentReview, User).join(User, JOIN.LEFT_OUTER)
    return [
        build_review_view(one)
        for one in reviews.where(PaymentReview.payment == payment_id).order_by(PaymentReview.opened_at)
    ]


def _load_audit_entries(subject: str) -> list[HistoryEntry]:
    """Return what people did; what the system did is in the events and attempts of the payment."""
    query = AuditEntry.select().where(AuditEntry.subject == subject, AuditEntry.actor_id.is_null(False))
    entries = list(query.order_by(AuditEntry.id))
    opened = open_entries(entries)
    return [HistoryEntry(one.at, one.what, one.actor_name, opened[one.id][2]) for one in entries]
