"""Events of Wompi: kept before anything is done about them, claimed by whoever carries them out, tried for days."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from peewee import EXCLUDED

from beneficiate.billing.signature import TRANSACTION_UPDATED, SignedEvent
from beneficiate.models.base import locked
from beneficiate.models.payments import WompiEvent
from beneficiate.store import Order, Work, batched

KEPT, DONE, FAILED = "KEPT", "DONE", "FAILED"
IGNORED = "IGNORED"
FIRST_TRY = timedelta(seconds=10)
"""The door that takes an event in carries it out at once: the clock comes after it, if it died."""
LONGEST_WAIT = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=3)
"""Wompi itself gives up after a day."""
YOUNG = timedelta(hours=6)
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Keep:
    """An event with the signature of Wompi, and its body as it came."""

    event: SignedEvent
    body: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An event that is committed. `is_done`: it was carried out before, this is a copy."""

    event_id: int
    is_done: bool


@dataclass(frozen=True, slots=True)
class Due:
    """An event that is to be carried out now: it says that its transaction is in this state."""

    event_id: int
    transaction_id: str
    status: str
    is_young: bool = True
    """So young that Wompi may read something older than what the event says."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an event that changed nothing: its outcome; with `is_over` it is not tried again."""

    event_id: int
    outcome: str
    is_over: bool


@batched(limit=200)
def keep(work: Work, orders: list[Order[Keep]]) -> list[Kept]:
    """Store events. A copy, that is another event of a transaction in the same state, only raises the count."""
    keys = [_dedupe_key(order.command.event) for order in orders]
    rows: dict[str, dict[str, Any]] = {}
    for key, order in zip(keys, orders, strict=True):
        if key in rows:
            rows[key]["copies"] += 1
        else:
            rows[key] = _row(work, key, order.command)
    query = WompiEvent.insert_many([rows[key] for key in sorted(rows)]).on_conflict(
        conflict_target=[WompiEvent.dedupe_key], update={WompiEvent.copies: WompiEvent.copies + EXCLUDED.copies}
    )
    stored = query.returning(WompiEvent.dedupe_key, WompiEvent.id, WompiEvent.state).tuples().execute()
    kept = {key: Kept(id_, state == DONE) for key, id_, state in stored}
    return [kept[key] for key in keys]


def claim_due(work: Work, _: None = None) -> list[Due]:
    """Events that nobody has carried out yet and whose next try is due, claimed until the one after that."""
    query = WompiEvent.select().where(WompiEvent.next_try_at <= work.now).order_by(WompiEvent.next_try_at)
    due = []
    for event in list(locked(query.limit(AT_ONCE))):
        wait = min(LONGEST_WAIT, FIRST_TRY * 2 ** min(event.tries + 1, 10))
        if work.now - event.received_at > GIVEN_UP_AFTER:
            event.state, event.next_try_at = FAILED, None
        else:
            event.tries, event.next_try_at = event.tries + 1, work.now + wait
            due.append(_due(work, event))
        event.save()
    return due


def claim_all(work: Work, only_failed: bool) -> list[Due]:
    """Every stored event of a transaction, or those that were never carried out, to be carried out (again)."""
    query = WompiEvent.select().where(WompiEvent.name == TRANSACTION_UPDATED)
    if only_failed:
        query = query.where((WompiEvent.state != DONE) | WompiEvent.payment.is_null())
    return [_due(work, event) for event in query.order_by(WompiEvent.id)]


def end(work: Work, fate: Fate) -> None:
    """Write down what became of an event without a payment."""
    changes: dict[str, Any] = {"outcome": fate.outcome}
    if fate.is_over:
        changes |= {"state": DONE, "processed_at": work.now, "next_try_at": None}
    WompiEvent.update(changes).where(WompiEvent.id == fate.event_id).execute()


def _due(work: Work, event: WompiEvent) -> Due:
    is_young = work.now - event.received_at < YOUNG
    return Due(event.id, event.transaction_id, event.transaction_status, is_young)


def _row(work: Work, key: str, command: Keep) -> dict[str, Any]:
    event = command.event
    is_ours = event.name == TRANSACTION_UPDATED
    return {
        "dedupe_key": key,
        "name": event.name,
        "transaction_id": event.transaction_id,
        "transaction_status": event.status,
        "body": command.body,
        "copies": 1,
        "state": KEPT if is_ours else DONE,
        "outcome": "" if is_ours else IGNORED,
        "next_try_at": work.now + FIRST_TRY if is_ours else None,
        "received_at": work.now,
    }


def _dedupe_key(event: SignedEvent) -> str:
    """The transaction and its state, not the transaction alone: VOIDED comes after APPROVED. Events have no id."""
    name = f"{event.transaction_id} {event.status}" if event.transaction_id else event.checksum
    return hashlib.sha256(name.encode()).hexdigest()
