"""Viewers of a chat are shown to each other, at most once a second, and expire without updates."""

import pytest

from beneficiate.protocol.channels import watched_chat_channel
from beneficiate.protocol.desk_tools import VIEWING_TTL_S, ChatViewer
from beneficiate.realtime.bus import BusMessage, MemoryBus
from beneficiate.realtime.hub import Hub
from beneficiate.realtime.viewers import (
    CHANGE_INTERVAL_S,
    MAX_VIEWED_CHATS,
    TYPING_TTL_S,
    VIEWERS_INTERVAL_S,
    ViewerTracker,
)
from tests.realtime.fakes import connect, received_events

CHAT = 12


class LoopbackBus:
    """A bus of two processes: what one tracker publishes reaches the hubs of both."""

    def __init__(self):
        self.hubs = []

    def publish(self, messages):
        for message in messages:
            for hub in self.hubs:
                hub.deliver(message)


class SlowBus(MemoryBus):
    """A bus that has not joined anything until the test says so."""

    has_joined = False

    @property
    def is_joining(self):
        return not self.has_joined


@pytest.fixture
def bus():
    return LoopbackBus()


@pytest.fixture
def start_process(bus, scheduler):
    """Start a process: `(hub, tracker)`."""

    def start():
        hub = Hub()
        tracker = ViewerTracker(hub, bus, scheduler)
        bus.hubs.append(hub)
        return hub, tracker

    return start


@pytest.fixture
def process(start_process):
    return start_process()


def viewer(user_id):
    return ChatViewer(user_id=user_id, first_name=f"P{user_id}", last_name="R")


def shown(client):
    """The viewers of each `viewers` event that a client received: user id, and whether they type."""
    return [
        [(one["user_id"], one.get("is_typing", False)) for one in event["viewers"]]
        for event in received_events(*client)
        if event["event"] == "viewers"
    ]


def test_viewers_are_shown_to_each_other_at_most_once_a_second(process, scheduler):
    hub, tracker = process
    one, other = connect(hub, 45), connect(hub, 46)
    tracker.add_viewer(one[0], CHAT, viewer(45))
    assert shown(one) == [[(45, False)]]
    tracker.add_viewer(other[0], CHAT, viewer(46))
    for _ in range(20):
        tracker.remove_viewer(other[0], CHAT)
        tracker.add_viewer(other[0], CHAT, viewer(46))
    assert shown(one) == []
    scheduler.advance(VIEWERS_INTERVAL_S)
    assert shown(one) == [[(45, False), (46, False)]]


def test_two_connections_of_a_user_are_one_viewer_until_both_are_gone(process, scheduler):
    hub, tracker = process
    supervisor, left, right = connect(hub, 51), connect(hub, 45), connect(hub, 46)
    for client, user_id in ((supervisor, 51), (left, 45), (right, 45)):
        tracker.add_viewer(client[0], CHAT, viewer(user_id))
    scheduler.advance(VIEWERS_INTERVAL_S)
    assert shown(supervisor)[-1] == [(45, False), (51, False)]
    tracker.remove_connection(left[0])
    scheduler.advance(VIEWERS_INTERVAL_S)
    assert shown(supervisor) == []
    tracker.remove_connection(right[0])
    scheduler.advance(VIEWERS_INTERVAL_S)
    assert shown(supervisor) == [[(51, False)]]


def test_typing_is_shown_and_expires(process, scheduler):
    hub, tracker = process
    one, other = connect(hub, 45), connect(hub, 46)
    for client, user_id in ((one, 45), (other, 46)):
        tracker.add_viewer(client[0], CHAT, viewer(user_id))
    scheduler.advance(VIEWERS_INTERVAL_S)
    shown(other)
    tracker.set_typing(one[0], CHAT, is_typing=True)
    scheduler.advance(VIEWERS_INTERVAL_S)
    assert shown(other) == [[(45, True), (46, False)]]
    scheduler.advance(TYPING_TTL_S - VIEWERS_INTERVAL_S - 0.1)
    assert shown(other) == []
    scheduler.advance(2 * VIEWERS_INTERVAL_S)
    assert shown(other) == [[(45, False), (46, False)]]


def test_viewers_of_a_killed_process_expire(start_process, bus, scheduler):
    (here, tracker), (there, its_tracker) = start_process(), start_process()
    one, other = connect(here, 45), connect(there, 46)
    tracker.add_viewer(one[0], CHAT, viewer(45))
    its_tracker.add_viewer(other[0], CHAT, viewer(46))
    its_tracker.ask_for_viewers(CHAT)
    scheduler.advance(VIEWERS_INTERVAL_S)
    assert shown(one)[-1] == shown(other)[-1] == [(45, False), (46, False)]
    bus.hubs.remove(there)
    for _ in range(2):
        scheduler.advance(VIEWING_TTL_S / 2 - 1)
        tracker.add_viewer(one[0], CHAT, viewer(45))
        assert shown(one) == []
    scheduler.advance(VIEWERS_INTERVAL_S + 2)
    assert shown(one) == [[(45, False)]]


def test_process_with_its_first_viewer_learns_of_the_others_and_who_of_them_types(start_process, scheduler):
    (here, tracker), (there, its_tracker) = start_process(), start_process()
    one, other = connect(here, 45), connect(there, 46)
    tracker.add_viewer(one[0], CHAT, viewer(45))
    tracker.set_typing(one[0], CHAT, is_typing=True)
    its_tracker.add_viewer(other[0], CHAT, viewer(46))
    assert shown(other) == [[(46, False)]]
    its_tracker.ask_for_viewers(CHAT)
    scheduler.advance(VIEWERS_INTERVAL_S)
    assert shown(other)[-1] == [(45, True), (46, False)]


def test_who_left_while_a_process_had_no_viewer_is_not_shown_to_the_next_one(start_process, scheduler):
    (here, tracker), (there, its_tracker) = start_process(), start_process()
    one, other = connect(here, 45), connect(there, 46)
    tracker.add_viewer(one[0], CHAT, viewer(45))
    its_tracker.add_viewer(other[0], CHAT, viewer(46))
    tracker.remove_viewer(one[0], CHAT)
    its_tracker.remove_connection(other[0])
    scheduler.advance(VIEWERS_INTERVAL_S)
    shown(one)
    tracker.add_viewer(one[0], CHAT, viewer(45))
    tracker.ask_for_viewers(CHAT)
    assert shown(one) == [[(45, False)]]


def test_changes_of_a_chat_are_sent_again_after_one_could_not_be_sent(process, scheduler, monkeypatch):
    hub, tracker = process
    client = connect(hub, 45)
    tracker.add_viewer(client[0], CHAT, viewer(45))
    with monkeypatch.context() as patch:
        patch.setattr(hub, "send_to_channel", lambda *args: 1 / 0)
        hub.deliver(BusMessage((watched_chat_channel(CHAT),), b"{}"))
    scheduler.advance(CHANGE_INTERVAL_S)
    received_events(*client)
    hub.deliver(BusMessage((watched_chat_channel(CHAT),), b"{}"))
    assert [event["event"] for event in received_events(*client)] == ["chat_changed"]


def test_burst_of_changes_is_two_notices(process, scheduler):
    hub, tracker = process
    client = connect(hub, 45)
    tracker.add_viewer(client[0], CHAT, viewer(45))
    received_events(*client)
    for _ in range(30):
        hub.deliver(BusMessage((watched_chat_channel(CHAT),), b"{}"))
    scheduler.advance(CHANGE_INTERVAL_S)
    changed = {"event": "chat_changed", "chat_id": CHAT}
    assert [event for event in received_events(*client) if event["event"] == "chat_changed"] == [changed] * 2


def test_nothing_is_kept_once_everyone_has_left(process, scheduler):
    hub, tracker = process
    client = connect(hub, 45)
    tracker.add_viewer(client[0], CHAT, viewer(45))
    tracker.remove_connection(client[0])
    scheduler.advance(3 * VIEWERS_INTERVAL_S)
    kept = (tracker._viewed_by_connection, tracker._entries_by_chat, tracker._last_sent, tracker._throttled_chats)
    assert not any(kept)
    assert scheduler.is_idle


def test_one_more_chat_replaces_the_one_updated_longest_ago(process):
    hub, tracker = process
    client = connect(hub, 45)
    for chat_id in range(1, MAX_VIEWED_CHATS + 2):
        tracker.add_viewer(client[0], chat_id, viewer(45))
    (viewed,) = tracker._viewed_by_connection.values()
    assert list(viewed) == list(range(2, MAX_VIEWED_CHATS + 2))


def test_everybody_who_comes_before_the_process_has_joined_is_told_to_look_again(bus, scheduler):
    """A millisecond behind the first viewer is early enough to miss a change by another process."""
    joining = SlowBus()
    hub = Hub(joining)
    tracker = ViewerTracker(hub, bus, scheduler)
    one, other = connect(hub, 45), connect(hub, 46)
    assert tracker.add_viewer(one[0], CHAT, viewer(45))
    assert tracker.add_viewer(other[0], CHAT, viewer(46))
    # What repeats every 15 s looks no further: it has been told.
    assert not tracker.add_viewer(other[0], CHAT, viewer(46))
    joining.has_joined = True
    assert not tracker.add_viewer(connect(hub, 47)[0], CHAT, viewer(47))
