"""The kinds of alerts: each finds its rows, the one that matters most first."""

import pytest

from beneficiate.models.chats import Chat
from beneficiate.queries.alert_kinds import ALERT_KINDS
from beneficiate.queries.board import load_board
from beneficiate.queries.board_topics import ALL_TOPICS
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.queue_steps import QueueActions, seconds_after_now
from tests.factories import supervisor
from tests.queries.test_board_alerts import listed


@pytest.fixture
def desk(act):
    return QueueActions(act)


@pytest.mark.parametrize("code", ALERT_KINDS)
def test_every_kind_is_known_by_its_code_and_finds_nothing_where_there_is_nothing(db, code):
    kind = ALERT_KINDS[code]
    query = kind.table.select(kind.moment).where(*kind.find(seconds_after_now(0), ALL_TOPICS))
    assert (kind.code, list(query.order_by(kind.moment, kind.table.key).tuples())) == (code, [])


def test_first_of_the_late_ones_is_the_one_whose_deadline_passed_first(desk):
    """Also where it is that of the end, which comes before that of the next response."""
    first, second = desk.join(second=0), desk.join(second=1)
    due = {"response_due_at": seconds_after_now(50), "resolution_due_at": seconds_after_now(10)}
    Chat.update(due).where(Chat.id == second.id).execute()
    Chat.update(response_due_at=seconds_after_now(20)).where(Chat.id == first.id).execute()
    board = load_board(UnitOfWork(supervisor().actor, seconds_after_now(60)))
    (alert,) = board.alerts
    assert (alert.at, listed(alert.address)) == (seconds_after_now(10), [second.id, first.id])
