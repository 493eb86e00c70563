"""Deadlines on the board explain themselves: the first of a chat, or that of its next answer."""

import pytest

from beneficiate.models.chats import Chat
from beneficiate.queries.board import load_board
from beneficiate.queries.board_deadlines import load_answer_deadlines, load_deadlines
from beneficiate.queries.service_levels import load_calendar
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.queue_steps import QueueActions, promise, seconds_after_now
from tests.factories import supervisor
from tests.queries.test_board_alerts import open_list


@pytest.fixture
def desk(act):
    return QueueActions(act)


def test_deadline_of_an_answer_is_told_whatever_comes_before_it(desk):
    promise(first_response_s=7200, resolution_s=3600)
    chat = desk.join()
    uow = UnitOfWork(supervisor().actor, seconds_after_now(10))
    calendar = load_calendar(uow)
    nearest = load_deadlines([chat.id], calendar, uow.now)[chat.id]
    answer = load_answer_deadlines([chat.id], calendar, uow.now)[chat.id]
    assert (nearest.promise, nearest.due_at) == ("resolve", seconds_after_now(3600))
    assert (answer.promise, answer.due_at) == ("first", seconds_after_now(7200))
    assert answer.explanation.startswith("Primera respuesta: 2\N{NBSP}h hábiles el miércoles 25 (")


def test_chat_without_a_promise_has_none(desk):
    chat = desk.join()
    uow = UnitOfWork(supervisor().actor, seconds_after_now(10))
    calendar = load_calendar(uow)
    assert load_deadlines([chat.id], calendar, uow.now) == load_answer_deadlines([chat.id], calendar, uow.now) == {}


def test_alert_about_deadlines_explains_that_of_the_first_and_its_list_all(desk):
    promise(resolution_s=None)
    desk.join()
    desk.join(second=1)
    (alert,) = load_board(UnitOfWork(supervisor().actor, seconds_after_now(90))).alerts
    told = "Primera respuesta: 1\N{NBSP}min hábil el miércoles 25 (10:00–10:01\N{NBSP}a.\N{NBSP}m.)."
    assert (alert.explanation, alert.at) == (told, seconds_after_now(60))
    assert [row.explanation for row in open_list(alert.address).rows] == [told, told]
    Chat.update(response_due_at=None).execute()
    assert [row.explanation for row in open_list(alert.address).rows] == ["", ""]
