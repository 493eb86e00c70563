"""The supervisors' board as of now, and the list of a figure."""

import pytest

from beneficiate.actions import messages
from beneficiate.errors import NotFound
from beneficiate.protocol.board import WatchBoard
from beneficiate.protocol.commands import SendMessage
from beneficiate.queries.board import BOARD_CODES, FactListQuery, can_watch_board, load_board, load_fact_list
from beneficiate.unit_of_work import BatchItem, UnitOfWork
from tests.actions.queue_steps import QueueActions, available_agent, create_topic, seconds_after_now
from tests.domain.booking.moments import at
from tests.factories import agent, member, supervisor

NEXT_HOUR = at("2026-11-25 11:00")


@pytest.fixture
def desk(act):
    return QueueActions(act)


def board_at(second=0):
    return load_board(UnitOfWork(supervisor().actor, seconds_after_now(second)))


def test_empty_board_has_every_figure(db):
    board = board_at()
    assert tuple(board.figures) == BOARD_CODES
    assert (board.waiting, board.agents, board.alerts, board.topics_text, board.waiting_since) == ([], [], [], "", None)
    assert board.changes_at == NEXT_HOUR


def test_who_waits_is_shown_in_order_with_topic_and_reason(desk):
    yuliana = available_agent(capacity=0)
    available_agent("Gil", topics=[create_topic("pagos")], is_online=False)
    first, second = desk.join(topic_code="pagos"), desk.join(second=10)
    board = board_at(60)
    shown = [(row.place, row.chat_id, row.topic, row.since, row.reason) for row in board.waiting]
    assert shown == [
        (1, first.id, "Pagos", seconds_after_now(0), "Nadie disponible en Pagos"),
        (2, second.id, "", seconds_after_now(10), "Sin cupo"),
    ]
    assert board.topics_text == "1 sin tema, 1 de Pagos"
    assert (board.figures["waiting"].text, board.figures["longest_wait"].text) == ("2", "1:00")
    assert board.waiting_since == seconds_after_now(0)
    assert (board.used, board.capacity, yuliana.agent_id) == (0, 0, board.agents[0].agent_id)


def test_board_changes_by_itself_when_a_wait_becomes_too_long(desk):
    desk.join()
    assert board_at(10).changes_at == seconds_after_now(180)
    assert board_at(180).changes_at == NEXT_HOUR


def test_figures_lead_to_the_list_of_the_same_instant(desk):
    yuliana = agent(online_status=True)
    chat = desk.join()
    desk.take(chat, yuliana, 5)
    desk.run_as(messages.send_messages, SendMessage(chat_id=chat.id, message="Hola"), yuliana, 20)
    shown = board_at(30).figures["first_response"]
    assert (shown.text, shown.count) == ("0:20", 1)
    assert shown.address == "/supervisor/tablero/lista?figura=first_response&hasta=2026-11-25T15%3A00%3A30.000000Z"
    page = load_fact_list(
        UnitOfWork(supervisor().actor, seconds_after_now(600)), FactListQuery("first_response", seconds_after_now(30))
    )
    assert page.shown == shown
    assert [(row.chat_id, row.agent_name, row.measure_s) for row in page.rows] == [(chat.id, yuliana.user.name, 20)]
    assert (page.is_cut, page.agent_name) == (False, "")


def test_list_of_an_agent_names_them(desk):
    yuliana = agent(online_status=True)
    desk.take(desk.join(), yuliana)
    uow = UnitOfWork(supervisor().actor, seconds_after_now(5))
    page = load_fact_list(uow, FactListQuery("active", seconds_after_now(5), yuliana.agent_id))
    assert (len(page.rows), page.agent_name) == (1, yuliana.user.name)
    assert load_fact_list(uow, FactListQuery("active", seconds_after_now(5), 1_000_000)).rows == []


def test_figure_that_does_not_exist_is_not_found(db):
    with pytest.raises(NotFound):
        load_fact_list(
            UnitOfWork(supervisor().actor, seconds_after_now(0)), FactListQuery("nada", seconds_after_now(0))
        )


def test_only_supervisors_watch(db):
    items = [BatchItem(who.actor, WatchBoard()) for who in (supervisor(), agent(), member())]
    results = can_watch_board.function(UnitOfWork(items[0].actor, seconds_after_now(0)), items)
    assert [isinstance(result, NotFound) for result in results] == [False, True, True]


def test_first_fifty_of_those_who_wait_are_shown_and_all_are_counted(desk, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.board.MAX_WAITING_SHOWN", 1)
    desk.join()
    desk.join()
    board = board_at(5)
    assert (len(board.waiting), board.figures["waiting"].count) == (1, 2)
