"""Loads and locks every row of a batch of settlements, applies changes in memory, writes them in bulk.

One statement for each table and batch instead of a dozen for each payment: Peewee takes longer to build the SQL of a
settlement than PostgreSQL takes to execute it.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypedDict

from peewee import Expression

from beneficiate.actions.away_notices import notice_payment_problems, notice_plan
from beneficiate.actions.facts import record_payment_facts
from beneficiate.actions.member_changes import emit_member_changed
from beneficiate.domain.billing.money import pesos_to_cents
from beneficiate.domain.billing.outcome import APPROVED, Money, PaymentState
from beneficiate.domain.billing.periods import PeriodPlacement, SubscriptionPeriod, remove_periods, schedule_period
from beneficiate.domain.facts import REVOKED
from beneficiate.models.accounts import User
from beneficiate.models.base import instant_to_text, lock_rows
from beneficiate.models.payments import (
    EVENT_DONE,
    Payment,
    PaymentTransaction,
    Plan,
    PlanEmail,
    Subscription,
    WompiEvent,
)
from beneficiate.protocol import channels
from beneficiate.protocol.payments import PaymentUpdated, PlanActivated
from beneficiate.queries.payments import find_payment_span, load_periods_by_user
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.payments import serialize_payment_row

RECEIPT_EMAIL = "receipt"
TransactionStates = dict[str, tuple[str, Money]]

_PAYMENT_COLUMNS = ("id", "status", "is_open", "activated_at", "paid_by", "activated_by_id", "revoked_at", "updated_at")
_PAYMENT_CHANGES = ", ".join(f"{column} = new.{column}" for column in _PAYMENT_COLUMNS[1:])
_EVENT_COLUMNS = ("id", "state", "outcome", "payment_id", "processed_at")
_EVENT_CHANGES = (
    "state = new.state, payment_id = new.payment_id, processed_at = new.processed_at, next_try_at = NULL, "
    # The outcome of the first processing stays when an event is replayed.
    "outcome = CASE WHEN new.outcome = 'RECORDED' AND wompi_events.outcome <> '' "
    "THEN wompi_events.outcome ELSE new.outcome END"
)


class _PeriodRow(TypedDict):
    """The columns of a new row of `Subscription`."""

    user: int
    plan: int
    payment: str
    max_beneficiaries: int | None
    starts_at: datetime
    ends_at: datetime
    created_at: datetime


@dataclass(slots=True)
class SettlementBatch:
    """Locked payments with their transactions (status and money by id) and their members' plan periods."""

    payments: list[Payment]
    transactions: dict[str, TransactionStates]
    periods: dict[int, list[SubscriptionPeriod]]
    _stale_user_ids: set[int] = field(default_factory=set)
    _changed_payments: dict[str, Payment] = field(default_factory=dict)
    _activated_spans: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    _new_transactions: list[dict[str, object]] = field(default_factory=list)
    _new_periods: list[_PeriodRow] = field(default_factory=list)
    _new_emails: list[dict[str, object]] = field(default_factory=list)
    _done_events: list[tuple[object, ...]] = field(default_factory=list)
    _new_statuses: list[tuple[str, str]] = field(default_factory=list)
    _new_problems: list[tuple[int, str, str, str]] = field(default_factory=list)

    def payment_state(self, payment: Payment) -> PaymentState:
        """Return what is known of a payment, for the rules of `domain/billing`."""
        return PaymentState(
            price=Money(pesos_to_cents(payment.amount), payment.currency),
            is_activated=payment.activated_at is not None,
            is_revoked=payment.revoked_at is not None,
            paid_by=payment.paid_by or "",
        )

    def has_overlapping_purchase(self, payment: Payment) -> bool:
        """Return whether another purchase of the same member was paid after this one was begun."""
        own = Payment.select().where(Payment.user == payment.user_id, Payment.activated_at >= payment.created_at)
        others = {one.id: one for one in (*own, *self.payments) if one.user_id == payment.user_id}
        others.pop(payment.id, None)
        return any(
            one.paid_by and one.revoked_at is None and one.activated_at >= payment.created_at for one in others.values()
        )

    def update_payment(self, uow: UnitOfWork, payment: Payment, **columns: object) -> None:
        """Change columns of a payment; `flush` writes them and emits the payment."""
        if columns.get("status", payment.status) != payment.status:
            self._new_statuses.append((payment.id, str(columns["status"])))
        if columns.get("revoked_at") is not None:
            self._new_statuses.append((payment.id, REVOKED))
        for name, value in columns.items():
            setattr(payment, name, value)
        payment.updated_at = uow.now
        self._changed_payments[payment.id] = payment

    def add_transaction(self, row: dict[str, object]) -> None:
        """Add a transaction that is written with the batch."""
        self._new_transactions.append(row)

    def add_problem(self, payment: Payment, kind: str, transaction_id: str) -> None:
        """Let the member be told, if they are away, what a transaction made of a payment: a kind of notice."""
        self._new_problems.append((payment.user_id, kind, payment.id, transaction_id))

    def mark_event_done(self, uow: UnitOfWork, event_id: int, payment_id: str, outcome: str) -> None:
        """Mark a Wompi event as processed when the batch is written."""
        self._done_events.append((event_id, EVENT_DONE, outcome, payment_id, instant_to_text(uow.now)))

    def activate_plan(self, uow: UnitOfWork, payment: Payment, paid_by: str, activated_by: int | None) -> None:
        """Insert the plan's period. The unique index on (payment, part) makes a second activation impossible."""
        placed = self._place_period(uow, payment)
        self._new_periods.append(
            {
                "user": payment.user_id,
                "plan": payment.plan_id,
                "payment": payment.id,
                "max_beneficiaries": payment.max_beneficiaries,
                "starts_at": placed.starts_at,
                "ends_at": placed.ends_at,
                "created_at": uow.now,
            }
        )
        self._load_periods(payment.user_id).append(
            SubscriptionPeriod(0, payment.amount, placed.starts_at, placed.ends_at)
        )
        self._new_emails.append(
            {
                "user": payment.user_id,
                "kind": RECEIPT_EMAIL,
                "key": f"{RECEIPT_EMAIL} {payment.id}",
                "plan": payment.plan_id,
                "ends_at": placed.ends_at,
                "payment": payment.id,
                "created_at": uow.now,
            }
        )
        self._activated_spans[payment.id] = (placed.starts_at, placed.ends_at)
        self.update_payment(
            uow,
            payment,
            status=APPROVED,
            is_open=False,
            activated_at=uow.now,
            paid_by=paid_by,
            activated_by_id=activated_by,
        )

    def _place_period(self, uow: UnitOfWork, payment: Payment) -> PeriodPlacement:
        """Find where the payment's period goes, and move the periods that follow it."""
        length = timedelta(days=payment.duration_days)
        placed = schedule_period(self._load_periods(payment.user_id), payment.amount, length, uow.now)
        if not placed.moved and not placed.remainder:
            return placed
        # A period that moves must be a row already; then the place is computed again.
        self.flush(uow)
        placed = schedule_period(self._load_periods(payment.user_id), payment.amount, length, uow.now)
        for period in placed.moved:
            _update_period(period)
        if placed.remainder is not None:
            _insert_remainder(uow, placed.remainder)
        self._stale_user_ids.add(payment.user_id)
        return placed

    def revoke_plan(self, uow: UnitOfWork, payment: Payment) -> None:
        """Remove the plan's remaining time; periods after it move forward."""
        self.flush(uow)
        own = {row.id for row in Subscription.select(Subscription.id).where(Subscription.payment == payment.id)}
        for period in remove_periods(self._load_periods(payment.user_id), own, uow.now):
            _update_period(period)
        self._stale_user_ids.add(payment.user_id)
        self.update_payment(uow, payment, revoked_at=uow.now)

    def flush(self, uow: UnitOfWork) -> None:
        """Write what has changed since the last flush, and emit it."""
        if self._new_transactions:
            PaymentTransaction.insert_many(self._new_transactions).execute()
        if self._new_periods:
            Subscription.insert_many(self._new_periods).execute()
            PlanEmail.insert_many(self._new_emails).on_conflict_ignore().execute()
            notice_plan(uow, [(row["user"], f"{RECEIPT_EMAIL} {row['payment']}") for row in self._new_periods])
        if self._changed_payments:
            Payment.update_bulk(
                _PAYMENT_CHANGES,
                _PAYMENT_COLUMNS,
                [_payment_row(payment) for payment in self._changed_payments.values()],
            )
        if self._done_events:
            WompiEvent.update_bulk(_EVENT_CHANGES, _EVENT_COLUMNS, self._done_events)
        notice_payment_problems(uow, self._new_problems)
        record_payment_facts(uow, self._new_statuses)
        self._stale_user_ids.update(row["user"] for row in self._new_periods)
        for payment in self._changed_payments.values():
            _emit_payment_events(uow, payment, self._activated_spans.get(payment.id))
        for pending in (
            self._new_transactions,
            self._new_periods,
            self._new_emails,
            self._done_events,
            self._new_statuses,
            self._new_problems,
            self._changed_payments,
            self._activated_spans,
        ):
            pending.clear()

    def _load_periods(self, user_id: int) -> list[SubscriptionPeriod]:
        """Return the member's periods; loaded again when the rows have changed since."""
        if user_id in self._stale_user_ids:
            self.periods[user_id] = load_periods_by_user([user_id]).get(user_id, [])
            self._stale_user_ids.discard(user_id)
        return self.periods[user_id]


def load_settlement_batch(where: Expression) -> SettlementBatch:
    """Load and lock the payments that match `where`.

    Members are locked before payments, in one order everywhere, so that two processes never deadlock.
    """
    user_of_payment = list(Payment.select(Payment.id, Payment.user).where(where).tuples())
    users = {user_id for _, user_id in user_of_payment}
    User.lock_rows(users)
    ids = [payment_id for payment_id, _ in user_of_payment]
    list(lock_rows(Payment.select(Payment.id).where(Payment.id.in_(ids)).order_by(Payment.id)).tuples())
    payments = list(Payment.select(Payment, Plan).join(Plan).where(Payment.id.in_(ids)))
    attempts: dict[str, TransactionStates] = defaultdict(dict)
    transaction_columns = (
        PaymentTransaction.payment,
        PaymentTransaction.id,
        PaymentTransaction.status,
        PaymentTransaction.amount_in_cents,
        PaymentTransaction.currency,
    )
    for payment_id, id_, status, cents, currency in (
        PaymentTransaction.select(*transaction_columns).where(PaymentTransaction.payment.in_(ids)).tuples()
    ):
        attempts[payment_id][id_] = (status, Money(cents, currency))
    return SettlementBatch(payments, attempts, defaultdict(list, load_periods_by_user(users)))


def _payment_row(payment: Payment) -> tuple[object, ...]:
    values = (getattr(payment, column) for column in _PAYMENT_COLUMNS)
    return tuple(instant_to_text(value) if isinstance(value, datetime) else value for value in values)


def _emit_payment_events(uow: UnitOfWork, payment: Payment, activated_span: tuple[datetime, datetime] | None) -> None:
    span = activated_span or (find_payment_span(payment.id) if payment.status == APPROVED else None)
    payload = serialize_payment_row(payment, span)
    recipients = [channels.user_channel(payment.user_id), channels.SUPERVISORS_CHANNEL]
    if activated_span is not None:
        uow.emit(PlanActivated(payment=payload, plan=payload.plan, ends_at=activated_span[1]), channels=recipients)
    uow.emit(PaymentUpdated(payment=payload, plan=payload.plan, ends_at=payload.ends_at), channels=recipients)
    emit_member_changed(uow, payment.user_id)


def _insert_remainder(uow: UnitOfWork, remainder: SubscriptionPeriod) -> None:
    """Insert the rest of a period that a more expensive plan interrupted, as a row of its own."""
    interrupted = Subscription.get_by_id(remainder.id)
    same_payment = (
        Subscription.payment == interrupted.payment_id if interrupted.payment_id else Subscription.id == interrupted.id
    )
    parts = [row.part for row in Subscription.select(Subscription.part).where(same_payment)]
    Subscription.insert(
        user=interrupted.user_id,
        plan=interrupted.plan_id,
        payment=interrupted.payment_id,
        part=max(parts) + 1,
        max_beneficiaries=interrupted.max_beneficiaries,
        starts_at=remainder.starts_at,
        ends_at=remainder.ends_at,
        created_at=uow.now,
    ).execute()


def _update_period(period: SubscriptionPeriod) -> None:
    Subscription.update(starts_at=period.starts_at, ends_at=period.ends_at).where(
        Subscription.id == period.id
    ).execute()
