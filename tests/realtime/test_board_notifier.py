"""The board is computed once for all who watch it, at once and then at most once a second."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.errors import Unavailable
from beneficiate.protocol.channels import BOARD_CHANNEL
from beneficiate.realtime.board_notifier import BOARD_INTERVAL_S, BoardNotifier, DrawnBoard
from beneficiate.realtime.bus import BusMessage
from tests.realtime.fakes import connect, received_events

CHANGED = BusMessage((BOARD_CHANNEL,), b"")
NOW = datetime(2026, 11, 25, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Drawing:
    """Draws boards, counts them, and fails or waits when told to."""

    def __init__(self):
        self.count = 0
        self.changes_at = NOW + HOUR
        self.problem = None
        self.may_finish = asyncio.Event()
        self.may_finish.set()

    async def __call__(self, topic):
        self.count += 1
        html = f"<div>{topic}{self.count}</div>"
        await self.may_finish.wait()
        if self.problem:
            raise self.problem
        return DrawnBoard(html, NOW, self.changes_at)


async def settle():
    """Let the tasks run that are ready."""
    for _ in range(5):
        await asyncio.sleep(0)


def boards(watcher):
    return [event.get("html", event["event"]) for event in received_events(*watcher)]


@pytest.mark.gen_test
async def test_changes_within_a_second_are_one_frame_computed_once_for_all(hub, scheduler):
    draw = Drawing()
    notify = BoardNotifier(hub, draw, scheduler)
    watchers = [connect(hub, user_id) for user_id in (1, 2)]
    for connection, _ in watchers:
        notify.add_watcher(connection, "")
    await settle()
    assert [boards(one) for one in watchers] == [["<div>1</div>"]] * 2
    for _ in range(5):
        notify(CHANGED)
    await settle()
    assert [boards(one) for one in watchers] == [[], []]
    # The second watcher came after the first frame was begun: it is among what the next one has.
    scheduler.advance(BOARD_INTERVAL_S)
    await settle()
    assert [boards(one) for one in watchers] == [["<div>2</div>"]] * 2
    scheduler.advance(BOARD_INTERVAL_S)
    await settle()
    assert draw.count == 2


@pytest.mark.gen_test
async def test_without_watchers_nothing_is_computed(hub, scheduler):
    draw = Drawing()
    notify = BoardNotifier(hub, draw, scheduler)
    notify(CHANGED)
    connection, _ = connect(hub, 1)
    notify.add_watcher(connection, "")
    notify.remove_watcher(connection)
    await settle()
    scheduler.advance(BOARD_INTERVAL_S)
    notify(CHANGED)
    await settle()
    assert draw.count == 1


async def show_after_problem(hub, scheduler, problem, *changes):
    """Fail to draw the first board; a second and these changes later, the next one is sent."""
    draw = Drawing()
    draw.problem = problem
    notify, watcher = BoardNotifier(hub, draw, scheduler), connect(hub, 1)
    notify.add_watcher(watcher[0], "")
    await settle()
    assert boards(watcher) == ["board_unavailable"]
    draw.problem = None
    scheduler.advance(BOARD_INTERVAL_S)
    for change in changes:
        notify(change)
    await settle()
    assert boards(watcher) == ["<div>2</div>"]


@pytest.mark.gen_test
async def test_board_that_could_not_be_loaded_is_tried_again_after_a_second(hub, scheduler):
    await show_after_problem(hub, scheduler, Unavailable())


@pytest.mark.gen_test
async def test_board_that_cannot_be_drawn_is_logged_and_the_next_change_is_sent(hub, scheduler):
    await show_after_problem(hub, scheduler, ZeroDivisionError(), CHANGED)


@pytest.mark.gen_test
async def test_no_second_board_is_computed_while_one_takes_longer_than_a_second(hub, scheduler):
    draw = Drawing()
    draw.may_finish.clear()
    notify, watcher = BoardNotifier(hub, draw, scheduler), connect(hub, 1)
    notify.add_watcher(watcher[0], "")
    await settle()
    notify(CHANGED)
    for _ in range(3):
        scheduler.advance(BOARD_INTERVAL_S)
        await settle()
    assert draw.count == 1
    draw.may_finish.set()
    await settle()
    scheduler.advance(BOARD_INTERVAL_S)
    await settle()
    assert boards(watcher) == ["<div>1</div>", "<div>2</div>"]


@pytest.mark.gen_test
async def test_board_is_sent_when_the_clock_alone_changes_it(hub, scheduler):
    draw = Drawing()
    draw.changes_at = NOW + timedelta(minutes=3)
    notify, watcher = BoardNotifier(hub, draw, scheduler), connect(hub, 1)
    notify.add_watcher(watcher[0], "")
    await settle()
    scheduler.advance(179)
    await settle()
    assert draw.count == 1
    draw.changes_at = NOW + HOUR
    scheduler.advance(1)
    await settle()
    assert draw.count == 2
    assert len(boards(watcher)) == 2


@pytest.mark.gen_test
async def test_each_board_is_sent_to_who_watches_it_and_one_is_drawn_at_a_time(hub, scheduler):
    draw = Drawing()
    draw.may_finish.clear()
    notify, (one, other) = BoardNotifier(hub, draw, scheduler), [connect(hub, user_id) for user_id in (1, 2)]
    notify.add_watcher(one[0], "citas")
    notify.add_watcher(other[0], "pagos")
    await settle()
    assert draw.count == 1
    draw.may_finish.set()
    await settle()
    assert (boards(one), boards(other)) == (["<div>citas1</div>"], ["<div>pagos2</div>"])
    # Whoever chooses another topic is sent no board of the one before.
    notify.add_watcher(one[0], "")
    scheduler.advance(BOARD_INTERVAL_S)
    notify(CHANGED)
    await settle()
    assert sorted(boards(one) + boards(other)) == ["<div>3</div>", "<div>pagos4</div>"]
    notify.remove_watcher(one[0])
    notify.remove_watcher(other[0])
    scheduler.advance(BOARD_INTERVAL_S)
    notify(CHANGED)
    await settle()
    assert draw.count == 4
