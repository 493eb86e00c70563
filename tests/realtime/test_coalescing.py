"""Presence, queue positions and delivery marks are combined: the first at once, the others once per interval."""

import asyncio

import msgspec
import pytest

from beneficiate.errors import Unavailable
from beneficiate.protocol.channels import PRESENCE_CHANNEL, QUEUE_CHANNEL
from beneficiate.protocol.events import PresenceChange
from beneficiate.queries.assignment import QueuePosition
from beneficiate.realtime.bus import BusMessage
from beneficiate.realtime.coalescing import (
    DELIVERY_INTERVAL_S,
    PRESENCE_INTERVAL_S,
    QUEUE_INTERVAL_S,
    DeliveryTracker,
    PresenceNotifier,
    QueuePositionNotifier,
)
from beneficiate.unit_of_work import MessageMark
from tests.realtime.fakes import connect, received_events

QUEUE_CHANGED = BusMessage((QUEUE_CHANNEL,), b"")


def presence(user_id, status="online"):
    return BusMessage((PRESENCE_CHANNEL,), msgspec.json.encode(PresenceChange(user_id, status)))


def test_first_change_of_presence_is_sent_at_once_and_the_next_ones_together(hub, scheduler):
    staff = connect(hub, 45, PRESENCE_CHANNEL)
    notify = PresenceNotifier(hub, scheduler)
    for user_id, status in ((31, "online"), (32, "online"), (33, "online"), (32, "offline")):
        notify(presence(user_id, status))
    assert [event["event"] for event in received_events(*staff)] == ["user_connected"]
    scheduler.advance(PRESENCE_INTERVAL_S)
    (event,) = received_events(*staff)
    assert event["event"] == "user_status"
    assert [(one["user_id"], one["status"]) for one in event["users"]] == [(33, "online"), (32, "offline")]
    scheduler.advance(PRESENCE_INTERVAL_S)
    assert scheduler.is_idle


def test_changes_of_presence_are_sent_again_after_one_could_not_be_sent(hub, scheduler, monkeypatch):
    staff = connect(hub, 45, PRESENCE_CHANNEL)
    notify = PresenceNotifier(hub, scheduler)
    with monkeypatch.context() as patch:
        patch.setattr(hub, "send_to_channel", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            notify(presence(31))
    scheduler.advance(PRESENCE_INTERVAL_S)
    notify(presence(32))
    assert [event["user_id"] for event in received_events(*staff)] == [32]


def test_presence_is_dropped_without_subscribers(hub, scheduler):
    PresenceNotifier(hub, scheduler)(presence(31))
    assert scheduler.is_idle


def positions(*places):
    return [QueuePosition(31 + number, 12 + number, place, None) for number, place in enumerate(places)]


@pytest.mark.gen_test
async def test_only_changed_positions_are_sent_and_at_most_once_per_interval(hub, scheduler):
    answers = [positions(1, 2), positions(1, 3)]

    async def load():
        return answers.pop(0)

    first, second = connect(hub, 31), connect(hub, 32)
    notify = QueuePositionNotifier(hub, load, scheduler)
    for _ in range(5):
        notify(QUEUE_CHANGED)
    await asyncio.sleep(0)
    assert [event["position"] for one in (first, second) for event in received_events(*one)] == [1, 2]
    scheduler.advance(QUEUE_INTERVAL_S)
    await asyncio.sleep(0)
    assert received_events(*first) == []
    assert [event["position"] for event in received_events(*second)] == [3]
    scheduler.advance(QUEUE_INTERVAL_S)
    assert scheduler.is_idle


@pytest.mark.gen_test
async def test_positions_that_cannot_be_loaded_are_sent_with_the_next_change(hub, scheduler):
    answers = [Unavailable(), positions(1)]

    async def load():
        answer = answers.pop(0)
        if isinstance(answer, Unavailable):
            raise answer
        return answer

    member = connect(hub, 31)
    notify = QueuePositionNotifier(hub, load, scheduler)
    notify(QUEUE_CHANGED)
    await asyncio.sleep(0)
    assert received_events(*member) == []
    scheduler.advance(QUEUE_INTERVAL_S)
    notify(QUEUE_CHANGED)
    await asyncio.sleep(0)
    assert [event["position"] for event in received_events(*member)] == [1]


def test_marks_are_stored_once_their_bytes_are_written(hub, scheduler):
    stored = []
    tracker = DeliveryTracker(lambda mark, actor: stored.append((mark.seq, actor.user_id)), scheduler)
    connection, transport = connect(hub, 31, on_delivery_pending=tracker)
    connection.send(b"x", MessageMark(12, 1, 9001, "agent:7"))
    connection.send(b"x", MessageMark(12, 2, 9002, "agent:7"))
    scheduler.advance(DELIVERY_INTERVAL_S)
    assert stored == [], "the outbox is not flushed yet"
    connection.flush()
    transport.is_stuck = True
    scheduler.advance(DELIVERY_INTERVAL_S)
    assert stored == [], "the network has not taken the bytes yet"
    transport.is_stuck = False
    scheduler.advance(DELIVERY_INTERVAL_S)
    assert stored == [(2, 31)]
    assert scheduler.is_idle


def test_marks_of_one_connection_that_fail_hold_up_no_others(hub, scheduler):
    stored = []

    def store(mark, actor):
        if actor.user_id == 31:
            raise ZeroDivisionError
        stored.append(mark.seq)

    tracker = DeliveryTracker(store, scheduler)
    for user_id in (31, 32):
        connection, _ = connect(hub, user_id, on_delivery_pending=tracker)
        connection.send(b"x", MessageMark(12, user_id, 9000 + user_id, "agent:7"))
        connection.flush()
    scheduler.advance(DELIVERY_INTERVAL_S)
    assert stored == [32]
