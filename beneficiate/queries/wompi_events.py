"""Wompi webhook events that are to be processed again."""

from dataclasses import dataclass
from datetime import timedelta

from beneficiate.domain.billing.signature import TRANSACTION_UPDATED
from beneficiate.models.payments import EVENT_DONE, WompiEvent
from beneficiate.unit_of_work import UnitOfWork

IGNORED = "IGNORED"
"""Outcome of an event that is not about a transaction."""
RECENT_EVENT_AGE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """An event that is to be processed now: its transaction reached `status`.

    `is_recent`: younger than RECENT_EVENT_AGE, so Wompi's API may still return a state older than the event.
    """

    event_id: int
    transaction_id: str
    status: str
    is_recent: bool = True


def find_events_to_replay(uow: UnitOfWork, only_failed: bool) -> list[PendingEvent]:
    """Return the stored events of transactions, oldest first; `only_failed`: those without effect on a payment."""
    query = WompiEvent.select().where(WompiEvent.name == TRANSACTION_UPDATED)
    if only_failed:
        query = query.where((WompiEvent.state != EVENT_DONE) | WompiEvent.payment.is_null())
    return [pending_event(uow, event) for event in query.order_by(WompiEvent.id)]


def pending_event(uow: UnitOfWork, event: WompiEvent) -> PendingEvent:
    """Return a stored event as one to be processed."""
    is_recent = uow.now - event.received_at < RECENT_EVENT_AGE
    return PendingEvent(event.id, event.transaction_id, event.transaction_status, is_recent)
