"""Which events of Wompi are processed again."""

import pytest

from beneficiate.domain.billing.signature import TRANSACTION_UPDATED
from beneficiate.models.payments import EVENT_DONE, EVENT_FAILED, EVENT_STORED, WompiEvent
from beneficiate.queries.wompi_events import RECENT_EVENT_AGE, PendingEvent, find_events_to_replay, pending_event
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.payment_steps import NOW, SECOND, payment_with_link
from tests.factories import member

WORK = UnitOfWork(SYSTEM, NOW)


def store(key, **columns):
    given = {"name": TRANSACTION_UPDATED, "transaction_id": key, "transaction_status": "APPROVED", "body": "{}"}
    return WompiEvent.create(dedupe_key=key, **{**given, "state": EVENT_STORED, "received_at": NOW, **columns})


def test_all_or_only_failed_events_are_replayed(act, db):
    payment_id = payment_with_link(act, member())
    done = store("a", state=EVENT_DONE, payment=payment_id, outcome="ACTIVATED")
    unmatched = store("b", state=EVENT_DONE, outcome="UNKNOWN_LINK")
    waiting, failed = store("c"), store("d", state=EVENT_FAILED)
    store("e", name="nequi_token.updated")

    def found(only_failed):
        return [one.event_id for one in find_events_to_replay(WORK, only_failed=only_failed)]

    assert found(only_failed=False) == [done.id, unmatched.id, waiting.id, failed.id]
    assert found(only_failed=True) == [unmatched.id, waiting.id, failed.id]


@pytest.mark.parametrize(
    ("age", "is_recent"), [(0 * SECOND, True), (RECENT_EVENT_AGE - SECOND, True), (RECENT_EVENT_AGE, False)]
)
def test_event_is_recent_for_six_hours(db, age, is_recent):
    event = store("1-1-1", received_at=NOW - age, transaction_status="DECLINED")
    assert pending_event(WORK, event) == PendingEvent(event.id, "1-1-1", "DECLINED", is_recent)
