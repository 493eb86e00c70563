"""A batched action returns a result or a Problem for each command, in their order."""

from datetime import UTC, datetime

import pytest

from beneficiate.errors import NotFound
from beneficiate.protocol.events import UserConnected
from beneficiate.unit_of_work import Actor, BatchItem, UnitOfWork, batched, handle_each

ANA = Actor(31, "member")


def even(item):
    if item.command % 2:
        raise NotFound
    return item.command


@batched(limit=7, writes=False)
def double_even(uow, items):
    return handle_each(items, lambda item: 2 * even(item))


@pytest.fixture
def uow():
    return UnitOfWork(ANA, datetime.now(UTC))


def test_batched_keeps_its_options():
    assert (double_even.limit, double_even.writes) == (7, False)


def test_run_one_returns_the_result_or_raises_the_problem(uow):
    assert double_even.run_one(uow, 4) == 8
    with pytest.raises(NotFound):
        double_even.run_one(uow, 3)


def test_handle_each_keeps_the_order_and_the_problems():
    results = handle_each([BatchItem(ANA, number) for number in (2, 3, 4)], even)
    assert [type(one) if isinstance(one, Exception) else one for one in results] == [2, NotFound, 4]


def test_other_exceptions_end_the_batch():
    with pytest.raises(ZeroDivisionError):
        handle_each([BatchItem(ANA, 0)], lambda item: 1 / item.command)


def test_emitted_events_keep_their_channels(uow):
    uow.emit(UserConnected(user_id=31), channels=(name for name in ("a", "b")))
    assert [(one.event.user_id, one.channels, one.mark) for one in uow.outgoing] == [(31, ("a", "b"), None)]


def test_deferred_items_are_handled_together_at_the_end(uow):
    handled = []

    def store(unit, items):
        handled.append((unit, items))

    for item in (1, 2):
        uow.defer(store, item)
    assert handled == []
    uow.finish()
    uow.finish()
    assert handled == [(uow, [1, 2])]


def test_what_was_rolled_back_is_forgotten(uow):
    handled = []

    def store(unit, items):
        handled.extend(items)

    def store_more(unit, items):
        handled.extend(items)

    uow.defer(store, 1)
    mark = uow.mark()
    uow.emit(UserConnected(user_id=1), channels=["one"])
    uow.defer(store, 2)
    uow.defer(store_more, 3)
    uow.undo_to(mark)
    uow.finish()
    assert (handled, uow.outgoing) == ([1], [])
