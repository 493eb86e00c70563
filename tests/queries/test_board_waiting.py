"""Who waits, on the board."""

import pytest

from beneficiate.handlers.templating import create_environment
from beneficiate.views.board import BoardPartial, Wait
from tests.actions.queue_steps import QueueActions, available_agent, create_topic, promise, seconds_after_now
from tests.queries.test_board import NEXT_HOUR, board_at, topics_of


@pytest.fixture
def desk(act):
    return QueueActions(act)


def test_who_waits_is_shown_in_order_with_topic_and_reason(desk):
    yuliana = available_agent(capacity=0)
    available_agent("Gil", topics=[create_topic("pagos")], is_online=False)
    first, second = desk.join(topic_code="pagos"), desk.join(second=10)
    board = board_at(60)
    shown = [(row.place, row.chat_id, row.topic, row.wait, row.reason) for row in board.waiting]
    assert shown == [
        (1, first.id, "Pagos", Wait(seconds_after_now(0), None, None), "Nadie disponible en Pagos"),
        (2, second.id, "", Wait(seconds_after_now(10), None, None), "Sin cupo"),
    ]
    assert topics_of(board) == [(1, "sin tema"), (1, "de Pagos")]
    assert (board.figures["waiting"].text, board.figures["longest_wait"].text) == ("2", "1:00")
    assert board.longest == board.waiting[0].wait
    assert (board.used.count, board.capacity, yuliana.agent_id) == (0, 0, board.agents[0].agent_id)


def test_wait_has_the_answer_that_was_promised_for_its_topic(desk):
    available_agent(capacity=0)
    promise()
    promise(create_topic("pagos"), first_response_s=600, warn_s=60)
    of_topic, other = desk.join(topic_code="pagos"), desk.join(second=10)
    board = board_at(300)
    waits = {row.chat_id: row.wait for row in board.waiting}
    of_ten = "Primera respuesta: 10\N{NBSP}min hábiles el miércoles 25 (10:00–10:10\N{NBSP}a.\N{NBSP}m.)."
    of_one = "Primera respuesta: 1\N{NBSP}min hábil el miércoles 25 (10:00–10:01\N{NBSP}a.\N{NBSP}m.)."
    assert waits[of_topic.id] == Wait(seconds_after_now(0), seconds_after_now(600), seconds_after_now(540), of_ten)
    assert waits[other.id] == Wait(seconds_after_now(10), seconds_after_now(70), seconds_after_now(40), of_one)
    assert board.longest == waits[of_topic.id]
    assert board.changes_at == NEXT_HOUR
    html = create_environment().get_template(BoardPartial.template).render(static_url=str, board=board)
    assert html.count("data-answer-by=") == 3
    # Each row has its own; the longest wait has that of ten minutes, and the alert that of the one which has passed.
    assert (html.count(of_ten), html.count(of_one)) == (2, 2)
    assert "La meta" not in html


def test_board_changes_by_itself_when_a_wait_becomes_too_long(desk):
    desk.join()
    assert board_at(10).changes_at == seconds_after_now(180)
    assert board_at(180).changes_at == NEXT_HOUR


def test_first_fifty_of_those_who_wait_are_shown_and_all_are_counted(desk, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.board_waiting.MAX_WAITING_SHOWN", 1)
    desk.join()
    desk.join()
    board = board_at(5)
    assert (len(board.waiting), board.figures["waiting"].count) == (1, 2)


def test_alert_counts_also_those_beyond_the_first_fifty(desk, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.board_waiting.MAX_WAITING_SHOWN", 1)
    desk.join()
    desk.join()
    board = board_at(200)
    assert [one.title for one in board.alerts] == ["2 personas llevan más de 3 minutos en espera."]
    assert board.longest.since == seconds_after_now(0)
