"""Which open chats would have other deadlines with other business hours or promises."""

import pytest

from beneficiate.domain.booking.business_hours import DEFAULT_BUSINESS_HOURS, BusinessHours
from beneficiate.domain.booking.slots import WeeklyBlock
from beneficiate.queries import deadline_moves
from beneficiate.queries.deadline_moves import load_moves_by_hours
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.queue_steps import OPEN_HOURS_NOW, QueueActions, promise, seconds_after_now
from tests.factories import supervisor

pytestmark = pytest.mark.usefixtures("db")
MORNINGS = BusinessHours([WeeklyBlock(weekday, 7 * 60, 12 * 60) for weekday in range(6)])


@pytest.fixture
def desk(act):
    return QueueActions(act)


@pytest.fixture
def uow():
    return UnitOfWork(supervisor().actor, OPEN_HOURS_NOW)


def test_chats_whose_deadlines_fall_into_other_hours_are_listed(desk, uow):
    desk.join()
    promise(first_response_s=None)
    chats = [desk.join() for _ in range(2)]
    assert load_moves_by_hours(uow, DEFAULT_BUSINESS_HOURS).moved_count == 0
    found = load_moves_by_hours(uow, MORNINGS)
    assert (found.open_count, found.moved_count, found.earlier, found.late) == (2, 2, 0, 0)
    # Until 12:00 on Wednesday, then from 7:00 on Thursday.
    assert [(row.chat_id, row.was_due_at, row.due_at) for row in found.moved] == [
        (chat.id, seconds_after_now(4 * 3600), seconds_after_now(23 * 3600)) for chat in chats
    ]


def test_so_many_are_listed_and_all_are_counted(desk, uow, monkeypatch):
    monkeypatch.setattr(deadline_moves, "MAX_SHOWN_MOVES", 1)
    promise(first_response_s=None)
    for _ in range(3):
        desk.join()
    found = load_moves_by_hours(uow, MORNINGS)
    assert (len(found.moved), found.moved_count) == (1, 3)
