"""The books of a batch of settlements: read and held at once, changed in memory, written at once.

A statement for each table and batch instead of a dozen for each payment: Peewee needs longer to write the SQL of a
settlement than PostgreSQL to carry it out.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from beneficiate.billing.money import to_cents
from beneficiate.billing.outcome import APPROVED, Money, Standing
from beneficiate.billing.periods import Period, place, remove
from beneficiate.models.base import as_text, locked
from beneficiate.models.payments import Payment, Plan, PlanLetter, Subscription, Transaction, WompiEvent
from beneficiate.models.people import User
from beneficiate.protocol import topics
from beneficiate.protocol.payments import PaymentUpdated, PlanActivated
from beneficiate.queries.payments import periods_by_user, picture, span_of
from beneficiate.store import Work

RECEIPT = "receipt"
DONE = "DONE"
Attempts = dict[str, tuple[str, Money]]

_COLUMNS = ("id", "status", "is_open", "activated_at", "paid_by", "activated_by_id", "revoked_at", "updated_at")
_CHANGES = ", ".join(f"{column} = new.{column}" for column in _COLUMNS[1:])
_EVENT_COLUMNS = ("id", "state", "outcome", "payment_id", "processed_at")
_EVENT_CHANGES = (
    "state = new.state, payment_id = new.payment_id, processed_at = new.processed_at, next_try_at = NULL, "
    # What an event did the first time stays, also when it is carried out again.
    "outcome = CASE WHEN new.outcome = 'RECORDED' AND wompi_events.outcome <> '' "
    "THEN wompi_events.outcome ELSE new.outcome END"
)


@dataclass(slots=True)
class Books:
    """Payments with their attempts (state and money by transaction) and their members' periods, held until the end."""

    payments: list[Payment]
    attempts: dict[str, Attempts]
    periods: dict[int, list[Period]]
    _stale: set[int] = field(default_factory=set)
    _changed: dict[str, Payment] = field(default_factory=dict)
    _spans: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    _new_attempts: list[dict[str, Any]] = field(default_factory=list)
    _new_periods: list[dict[str, Any]] = field(default_factory=list)
    _letters: list[dict[str, Any]] = field(default_factory=list)
    _events: list[tuple[Any, ...]] = field(default_factory=list)

    def standing(self, payment: Payment) -> Standing:
        return Standing(
            price=Money(to_cents(payment.amount), payment.currency),
            is_activated=payment.activated_at is not None,
            is_revoked=payment.revoked_at is not None,
            paid_by=payment.paid_by or "",
        )

    def change(self, work: Work, payment: Payment, **columns: Any) -> None:
        """Change columns of a payment; whoever may know of it hears of it after the commit."""
        for name, value in columns.items():
            setattr(payment, name, value)
        payment.updated_at = work.now
        self._changed[payment.id] = payment

    def add_attempt(self, row: dict[str, Any]) -> None:
        self._new_attempts.append(row)

    def close_event(self, work: Work, event_id: int, payment_id: str, outcome: str) -> None:
        self._events.append((event_id, DONE, outcome, payment_id, as_text(work.now)))

    def activate(self, work: Work, payment: Payment, paid_by: str, activated_by: int | None) -> None:
        """Give the plan its time. The unique index on (payment, part) makes doing so twice impossible."""
        length = timedelta(days=payment.duration_days)
        placed = place(self._periods_of(payment.user_id), payment.amount, length, work.now)
        if placed.moved or placed.rest:
            # What moves must be a row already, and then the place is looked for once more.
            self.write(work)
            placed = place(self._periods_of(payment.user_id), payment.amount, length, work.now)
            for period in placed.moved:
                _move(period)
            if placed.rest is not None:
                _split(work, placed.rest)
            self._stale.add(payment.user_id)
        self._new_periods.append(
            {
                "user": payment.user_id,
                "plan": payment.plan_id,
                "payment": payment.id,
                "starts_at": placed.starts_at,
                "ends_at": placed.ends_at,
                "created_at": work.now,
            }
        )
        self._periods_of(payment.user_id).append(Period(0, payment.amount, placed.starts_at, placed.ends_at))
        self._letters.append(
            {
                "user": payment.user_id,
                "kind": RECEIPT,
                "key": f"{RECEIPT} {payment.id}",
                "plan": payment.plan_id,
                "ends_at": placed.ends_at,
                "payment": payment.id,
                "created_at": work.now,
            }
        )
        self._spans[payment.id] = (placed.starts_at, placed.ends_at)
        self.change(
            work,
            payment,
            status=APPROVED,
            is_open=False,
            activated_at=work.now,
            paid_by=paid_by,
            activated_by_id=activated_by,
        )

    def revoke(self, work: Work, payment: Payment) -> None:
        """Take back the time that is still ahead; what came after it moves forward."""
        self.write(work)
        own = {row.id for row in Subscription.select(Subscription.id).where(Subscription.payment == payment.id)}
        for period in remove(self._periods_of(payment.user_id), own, work.now):
            _move(period)
        self._stale.add(payment.user_id)
        self.change(work, payment, revoked_at=work.now)

    def write(self, work: Work) -> None:
        """Write what has changed since the last time, and say it."""
        if self._new_attempts:
            Transaction.insert_many(self._new_attempts).execute()
        if self._new_periods:
            Subscription.insert_many(self._new_periods).execute()
            PlanLetter.insert_many(self._letters).on_conflict_ignore().execute()
        if self._changed:
            Payment.update_bulk(_CHANGES, _COLUMNS, [_as_row(payment) for payment in self._changed.values()])
        if self._events:
            WompiEvent.update_bulk(_EVENT_CHANGES, _EVENT_COLUMNS, self._events)
        self._stale.update(row["user"] for row in self._new_periods)
        for payment in self._changed.values():
            _say(work, payment, self._spans.get(payment.id))
        for pending in (self._new_attempts, self._new_periods, self._letters, self._events, self._changed, self._spans):
            pending.clear()

    def _periods_of(self, user_id: int) -> list[Period]:
        """The member's periods; read again when what is in memory is no longer what is in the rows."""
        if user_id in self._stale:
            self.periods[user_id] = periods_by_user([user_id]).get(user_id, [])
            self._stale.discard(user_id)
        return self.periods[user_id]


def open_books(where: Any) -> Books:
    """The books of the payments for which this is true.

    Held in one order everywhere, members before payments, so that two processes never wait for each other.
    """
    found = list(Payment.select(Payment.id, Payment.user).where(where).tuples())
    users = {user_id for _, user_id in found}
    User.hold(users)
    ids = [payment_id for payment_id, _ in found]
    list(locked(Payment.select(Payment.id).where(Payment.id.in_(ids)).order_by(Payment.id)).tuples())
    payments = list(Payment.select(Payment, Plan).join(Plan).where(Payment.id.in_(ids)))
    attempts: dict[str, Attempts] = defaultdict(dict)
    columns = (
        Transaction.payment,
        Transaction.id,
        Transaction.status,
        Transaction.amount_in_cents,
        Transaction.currency,
    )
    for payment_id, id_, status, cents, currency in (
        Transaction.select(*columns).where(Transaction.payment.in_(ids)).tuples()
    ):
        attempts[payment_id][id_] = (status, Money(cents, currency))
    return Books(payments, attempts, defaultdict(list, periods_by_user(users)))


def _as_row(payment: Payment) -> tuple[Any, ...]:
    values = (getattr(payment, column) for column in _COLUMNS)
    return tuple(as_text(value) if isinstance(value, datetime) else value for value in values)


def _say(work: Work, payment: Payment, activated: tuple[datetime, datetime] | None) -> None:
    span = activated or (span_of(payment.id) if payment.status == APPROVED else None)
    seen = picture(payment, span)
    to = [topics.user(payment.user_id), topics.SUPERVISORS]
    if activated is not None:
        work.emit(PlanActivated(payment=seen, plan=seen.plan, ends_at=activated[1]), to=to)
    work.emit(PaymentUpdated(payment=seen, plan=seen.plan, ends_at=seen.ends_at), to=to)


def _split(work: Work, rest: Period) -> None:
    """The rest of a stretch that a dearer plan has cut in two, as a row of its own."""
    cut = Subscription.get_by_id(rest.id)
    same = Subscription.payment == cut.payment_id if cut.payment_id else Subscription.id == cut.id
    parts = [row.part for row in Subscription.select(Subscription.part).where(same)]
    Subscription.insert(
        user=cut.user_id,
        plan=cut.plan_id,
        payment=cut.payment_id,
        part=max(parts) + 1,
        starts_at=rest.starts_at,
        ends_at=rest.ends_at,
        created_at=work.now,
    ).execute()


def _move(period: Period) -> None:
    Subscription.update(starts_at=period.starts_at, ends_at=period.ends_at).where(
        Subscription.id == period.id
    ).execute()
