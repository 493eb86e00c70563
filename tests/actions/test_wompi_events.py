"""Events are stored first, counted when they arrive again, and retried for days."""

import pytest

from beneficiate.actions import wompi_events
from beneficiate.actions.wompi_events import (
    FIRST_RETRY_AFTER,
    GIVE_UP_AFTER,
    MAX_EVENTS_PER_RUN,
    MAX_RETRY_WAIT,
    EventOutcome,
    StoreEvent,
)
from beneficiate.models.payments import WompiEvent
from beneficiate.queries.wompi_events import PendingEvent
from beneficiate.unit_of_work import SYSTEM, BatchItem, UnitOfWork
from tests.actions.payment_steps import DAY, HOUR, MINUTE, NOW, SECOND, signed_event


def store(act, event=None, body="{}", now=NOW):
    return act(wompi_events.store_event, StoreEvent(event or signed_event(), body), SYSTEM, now)[0]


def store_together(events):
    uow = UnitOfWork(SYSTEM, NOW)
    return wompi_events.store_event.function(
        uow, [BatchItem(SYSTEM, StoreEvent(event, str(n))) for n, event in enumerate(events)]
    )


def due(act, now):
    return act(wompi_events.claim_due_events, wompi_events.MAX_EVENTS_PER_RUN, SYSTEM, now)[0]


def row(event_id):
    return WompiEvent.get_by_id(event_id)


def ended(act, event_id, outcome, is_final, now=NOW):
    act(wompi_events.record_event_outcome, EventOutcome(event_id, outcome, is_final), SYSTEM, now)


# ---- Stored ---------------------------------------------------------------------------------------


def test_event_is_kept_as_it_came_and_tried_soon(act, db):
    got = store(act, signed_event("1-7-1", "APPROVED"), '{"event": "x"}')
    event = row(got.event_id)
    assert (got.is_done, event.name, event.transaction_id, event.transaction_status) == (
        False,
        "transaction.updated",
        "1-7-1",
        "APPROVED",
    )
    assert (event.body, event.copies, event.state, event.outcome, event.tries) == ('{"event": "x"}', 1, "KEPT", "", 0)
    assert (event.received_at, event.next_try_at, event.processed_at) == (NOW, NOW + FIRST_RETRY_AFTER, None)


def test_copy_only_raises_the_count_whatever_its_checksum_is(act, db):
    first = store(act, signed_event(checksum="aa"), "one")
    again = store(act, signed_event(checksum="bb"), "two", NOW + DAY)
    assert again == first
    assert (row(first.event_id).copies, row(first.event_id).body, row(first.event_id).received_at) == (2, "one", NOW)
    assert WompiEvent.select().count() == 1


def test_copy_of_what_is_done_is_known_to_be_done(act, db):
    event_id = store(act).event_id
    ended(act, event_id, "UNKNOWN_LINK", is_final=True)
    got = store(act)
    assert (got.event_id, got.is_done) == (event_id, True)
    assert (row(event_id).state, row(event_id).next_try_at) == ("DONE", None)


def test_copy_of_what_was_given_up_is_tried_again_at_once(act, db):
    event_id = store(act).event_id
    WompiEvent.update(state="FAILED", next_try_at=None).execute()
    assert (store(act).event_id, store(act).is_done) == (event_id, False)


def test_void_of_a_transaction_is_another_event_than_its_approval(act, db):
    ids = {
        store(act, signed_event("1-7-1", status)).event_id for status in ("PENDING", "APPROVED", "VOIDED", "APPROVED")
    }
    ids.add(store(act, signed_event("1-8-1", "APPROVED")).event_id)
    assert len(ids) == 4
    assert [event.copies for event in WompiEvent.select().order_by(WompiEvent.id)] == [1, 2, 1, 1]


def test_what_is_about_no_transaction_is_kept_and_done(act, db):
    got = store(act, signed_event("", "", "nequi_token.updated", "aa"))
    event = row(got.event_id)
    assert (event.state, event.outcome, event.next_try_at) == ("DONE", "IGNORED", None)
    assert store(act, signed_event("", "", "nequi_token.updated", "aa")).is_done
    assert store(act, signed_event("", "", "nequi_token.updated", "bb")).event_id != got.event_id


def test_in_a_batch_each_gets_its_own_answer_and_copies_are_counted(act, db):
    before = store(act, signed_event("c"))
    ended(act, before.event_id, "RECORDED", is_final=True)
    got = store_together([signed_event(id_) for id_ in ("b", "a", "b", "c", "b", "a")])
    assert [one.is_done for one in got] == [False, False, False, True, False, False]
    assert got[0] == got[2] == got[4] != got[1] == got[5]
    assert got[3].event_id == before.event_id
    stored = {event.transaction_id: (event.copies, event.body) for event in WompiEvent.select()}
    assert stored == {"a": (2, "1"), "b": (3, "0"), "c": (2, "{}")}


# ---- Retried --------------------------------------------------------------------------------------


def test_event_is_claimed_when_it_is_due_and_by_one_only(act, db):
    event_id = store(act, signed_event("1-7-1")).event_id
    assert due(act, NOW + FIRST_RETRY_AFTER - SECOND) == []
    assert due(act, NOW + FIRST_RETRY_AFTER) == [PendingEvent(event_id, "1-7-1", signed_event("1-7-1").status)]
    assert due(act, NOW + FIRST_RETRY_AFTER) == []


def test_waits_double_up_to_an_hour_and_end_after_three_days(act, db):
    event_id, now, waits = store(act).event_id, NOW + FIRST_RETRY_AFTER, []
    while due(act, now):
        waits.append(row(event_id).next_try_at - now)
        now = row(event_id).next_try_at
    assert waits[:4] == [2 * FIRST_RETRY_AFTER, 4 * FIRST_RETRY_AFTER, 8 * FIRST_RETRY_AFTER, 16 * FIRST_RETRY_AFTER]
    assert set(waits[9:]) == {MAX_RETRY_WAIT}
    assert all(wait <= MAX_RETRY_WAIT for wait in waits)
    assert GIVE_UP_AFTER - HOUR <= now - NOW - HOUR <= GIVE_UP_AFTER
    event = row(event_id)
    assert (event.state, event.next_try_at, event.tries) == ("FAILED", None, len(waits))
    assert due(act, now + DAY) == []


def test_it_is_still_tried_at_the_end_of_the_third_day(act, db):
    event_id = store(act).event_id
    WompiEvent.update(next_try_at=NOW + GIVE_UP_AFTER).execute()
    assert [one.event_id for one in due(act, NOW + GIVE_UP_AFTER)] == [event_id]


def test_longest_due_come_first_and_no_more_than_fit(act, db):
    ids = [store(act, signed_event(f"t{n}"), now=NOW - n * SECOND).event_id for n in range(MAX_EVENTS_PER_RUN + 3)]
    rounds = [[one.event_id for one in due(act, NOW + MINUTE)] for _ in range(3)]
    assert [len(one) for one in rounds] == [MAX_EVENTS_PER_RUN, 3, 0]
    assert sorted(rounds[0] + rounds[1]) == sorted(ids)
    assert rounds[0][0] == ids[-1]
    assert rounds[1][-1] == ids[0]


@pytest.mark.parametrize("is_final", [True, False])
def test_what_became_of_an_event_is_recorded(act, db, is_final):
    event_id = store(act).event_id
    ended(act, event_id, "NOT_FOUND", is_final, NOW + MINUTE)
    event = row(event_id)
    assert event.outcome == "NOT_FOUND"
    if is_final:
        assert (event.state, event.processed_at, event.next_try_at) == ("DONE", NOW + MINUTE, None)
    else:
        assert (event.state, event.processed_at, event.next_try_at) == ("KEPT", None, NOW + FIRST_RETRY_AFTER)
