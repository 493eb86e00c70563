"""Wompi webhook events: stored first, then processed with retries for three days."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from peewee import EXCLUDED

from beneficiate.domain.billing.signature import TRANSACTION_UPDATED, SignedEvent
from beneficiate.models.base import lock_rows
from beneficiate.models.payments import EVENT_DONE, EVENT_FAILED, EVENT_STORED, WompiEvent
from beneficiate.queries.wompi_events import IGNORED, PendingEvent, pending_event
from beneficiate.unit_of_work import BatchItem, UnitOfWork, batched

FIRST_RETRY_AFTER = timedelta(seconds=10)
"""The handler that receives an event processes it at once; the retry job takes over if that process died."""
MAX_RETRY_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
"""Wompi itself stops sending an event after a day."""
MAX_EVENTS_PER_RUN = 50


@dataclass(frozen=True, slots=True)
class StoreEvent:
    """An event whose signature was verified, and its body as received."""

    event: SignedEvent
    body: str


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """The row of an event. `is_done`: it was processed before, this is a copy."""

    event_id: int
    is_done: bool


@dataclass(frozen=True, slots=True)
class EventOutcome:
    """The outcome of an event that changed nothing; with `is_final` it is not tried again."""

    event_id: int
    outcome: str
    is_final: bool


@batched(limit=200)
def store_event(uow: UnitOfWork, items: list[BatchItem[StoreEvent]]) -> list[StoredEvent]:
    """Store events. A copy (another event of a transaction in the same status) only raises the count."""
    keys = [_dedupe_key(item.command.event) for item in items]
    copies = Counter(keys)
    rows: dict[str, dict[str, object]] = {}
    for key, item in zip(keys, items, strict=True):
        rows.setdefault(key, _event_row(uow, key, item.command, copies[key]))
    query = WompiEvent.insert_many([rows[key] for key in sorted(rows)]).on_conflict(
        conflict_target=[WompiEvent.dedupe_key], update={WompiEvent.copies: WompiEvent.copies + EXCLUDED.copies}
    )
    returned = query.returning(WompiEvent.dedupe_key, WompiEvent.id, WompiEvent.state).tuples().execute()
    stored_events = {key: StoredEvent(id_, state == EVENT_DONE) for key, id_, state in returned}
    return [stored_events[key] for key in keys]


def claim_due_events(uow: UnitOfWork, limit: int) -> list[PendingEvent]:
    """Claim at most `limit` unprocessed events whose next try is due, until the try after that."""
    query = WompiEvent.select().where(WompiEvent.next_try_at <= uow.now).order_by(WompiEvent.next_try_at)
    pending = []
    for event in list(lock_rows(query.limit(limit))):
        delay = min(MAX_RETRY_WAIT, FIRST_RETRY_AFTER * 2 ** min(event.tries + 1, 10))
        if uow.now - event.received_at > GIVE_UP_AFTER:
            event.state, event.next_try_at = EVENT_FAILED, None
        else:
            event.tries, event.next_try_at = event.tries + 1, uow.now + delay
            pending.append(pending_event(uow, event))
        event.save()
    return pending


def record_event_outcome(uow: UnitOfWork, command: EventOutcome) -> None:
    """Record the outcome of an event without a payment."""
    changes: dict[str, object] = {"outcome": command.outcome}
    if command.is_final:
        changes |= {"state": EVENT_DONE, "processed_at": uow.now, "next_try_at": None}
    WompiEvent.update(changes).where(WompiEvent.id == command.event_id).execute()


def _event_row(uow: UnitOfWork, key: str, command: StoreEvent, copies: int) -> dict[str, object]:
    event = command.event
    is_ours = event.name == TRANSACTION_UPDATED
    return {
        "dedupe_key": key,
        "name": event.name,
        "transaction_id": event.transaction_id,
        "transaction_status": event.status,
        "body": command.body,
        "copies": copies,
        "state": EVENT_STORED if is_ours else EVENT_DONE,
        "outcome": "" if is_ours else IGNORED,
        "next_try_at": uow.now + FIRST_RETRY_AFTER if is_ours else None,
        "received_at": uow.now,
    }


def _dedupe_key(event: SignedEvent) -> str:
    """Return the key of a transaction in a status, since VOIDED follows APPROVED. Events have no id of their own."""
    name = f"{event.transaction_id} {event.status}" if event.transaction_id else event.checksum
    return hashlib.sha256(name.encode()).hexdigest()
