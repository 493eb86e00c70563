"""The supervisors' board as of now, and the list of a figure."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from beneficiate.actions import messages
from beneficiate.actions.availability import change_availability
from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Figure
from beneficiate.errors import NotFound
from beneficiate.models.accounts import AWAY, Agent
from beneficiate.models.facts import Fact
from beneficiate.protocol.board import WatchBoard
from beneficiate.protocol.commands import SendMessage
from beneficiate.protocol.queue import SetAvailability
from beneficiate.queries.board import (
    BOARD_CODES,
    FactListQuery,
    can_watch_board,
    load_board,
    load_board_page,
    load_fact_list,
)
from beneficiate.unit_of_work import SYSTEM, BatchItem, UnitOfWork
from beneficiate.views.board import BoardPartial
from tests.actions.queue_steps import QueueActions, available_agent, create_topic, seconds_after_now
from tests.domain.booking.moments import at
from tests.factories import agent, member, supervisor
from tests.views.rendering import render

NEXT_HOUR = at("2026-11-25 11:00")


@pytest.fixture
def desk(act):
    return QueueActions(act)


def board_at(second=0, topic=""):
    return load_board(UnitOfWork(supervisor().actor, seconds_after_now(second)), topic)


def topics_of(board):
    return [(one.shown.count, one.about) for one in board.by_topic]


def open_list(address, second=3600):
    """Return the list behind an address of the board, opened so many seconds after NOW."""
    typed = dict(parse_qsl(urlsplit(address).query))
    query = FactListQuery(
        typed["figura"],
        datetime.fromisoformat(typed["hasta"]),
        tuple(map(int, typed["agente"].split(","))) if "agente" in typed else (),
        typed.get("tema", ""),
    )
    return load_fact_list(UnitOfWork(supervisor().actor, seconds_after_now(second)), query)


def test_empty_board_has_every_figure(db):
    board = board_at()
    assert tuple(board.figures) == BOARD_CODES
    assert (board.waiting, board.agents, board.alerts, board.by_topic, board.longest) == ([], [], [], [], None)
    assert board.changes_at == NEXT_HOUR


MIDNIGHT_S = 14 * 3600
"""From the 10:00 of these tests to the next day in Bogotá."""


def test_figure_that_is_opened_after_midnight_is_of_the_day_on_which_it_was_shown(desk):
    yuliana = agent(online_status=True)
    chat = desk.join(second=MIDNIGHT_S - 120)
    desk.take(chat, yuliana, MIDNIGHT_S - 110)
    desk.run_as(messages.send_messages, SendMessage(chat_id=chat.id, message="Hola"), yuliana, MIDNIGHT_S - 90)
    shown = board_at(MIDNIGHT_S - 1).figures["first_response"]
    assert shown.count == 1
    until = seconds_after_now(MIDNIGHT_S - 1)
    opened = load_fact_list(
        UnitOfWork(supervisor().actor, seconds_after_now(MIDNIGHT_S + 60)), FactListQuery("first_response", until)
    )
    assert opened.shown == shown
    assert [row.chat_id for row in opened.rows] == [chat.id]
    assert board_at(MIDNIGHT_S + 60).figures["first_response"].count == 0


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
    assert (page.next_position, page.agent_name) == ("", "")


def test_every_list_of_the_board_has_as_many_rows_as_it_says(desk):
    yuliana, ana = agent(online_status=True), member()
    chat = desk.join(ana)
    desk.take(chat, yuliana, 5)
    desk.run_as(messages.send_messages, SendMessage(chat_id=chat.id, message="Hola"), yuliana, 20)
    again = {"chat_id": chat.id, "span": 1, "agent_id": yuliana.agent_id, "actor_role": "agent"}
    Fact.create(at=seconds_after_now(25), kind="assigned", detail="picked", **again)
    Fact.create(at=seconds_after_now(26), kind="closed", detail="answered", **again)
    Fact.create(at=seconds_after_now(27), kind="rated", value=4, **again)
    uow = UnitOfWork(supervisor().actor, seconds_after_now(30))
    pages = {code: load_fact_list(uow, FactListQuery(code, uow.now)) for code in METRICS}
    assert {code: page.listed for code, page in pages.items()} == {code: len(page.rows) for code, page in pages.items()}
    assert (pages["queue_wait"].listed, pages["assigned"].listed, pages["rated_share"].listed) == (1, 2, 2)


@pytest.mark.parametrize("code", ["opened", "waiting"])
def test_list_of_the_board_is_whole_page_by_page(desk, monkeypatch, code):
    monkeypatch.setattr("beneficiate.queries.fact_lists.ROWS_PER_PAGE", 2)
    create_topic("pagos")
    chats = [desk.join(topic_code="pagos", second=second) for second in range(3)]
    uow = UnitOfWork(supervisor().actor, seconds_after_now(30))
    query = FactListQuery(code, seconds_after_now(20), topic="pagos")
    first = load_fact_list(uow, query)
    rest = load_fact_list(uow, replace(query, after=first.next_position))
    assert sorted(row.chat_id for row in (*first.rows, *rest.rows)) == [chat.id for chat in chats]
    assert (first.listed, first.is_first, rest.listed, rest.is_first, rest.next_position) == (3, True, 3, False, "")


def test_list_of_an_agent_names_them(desk):
    yuliana = agent(online_status=True)
    desk.take(desk.join(), yuliana)
    uow = UnitOfWork(supervisor().actor, seconds_after_now(5))
    page = load_fact_list(uow, FactListQuery("active", seconds_after_now(5), (yuliana.agent_id,)))
    assert (len(page.rows), page.agent_name) == (1, yuliana.user.name)
    assert load_fact_list(uow, FactListQuery("active", seconds_after_now(5), (1_000_000,))).rows == []


def test_figure_that_does_not_exist_is_not_found(db):
    with pytest.raises(NotFound):
        load_fact_list(
            UnitOfWork(supervisor().actor, seconds_after_now(0)), FactListQuery("nada", seconds_after_now(0))
        )


def test_only_supervisors_watch(db):
    create_topic("pagos")
    marta = supervisor()
    items = [BatchItem(who.actor, WatchBoard()) for who in (marta, agent(), member())]
    items += [BatchItem(marta.actor, WatchBoard(topic=topic)) for topic in ("pagos", "-", "nada")]
    results = can_watch_board.function(UnitOfWork(SYSTEM, seconds_after_now(0)), items)
    assert [isinstance(result, NotFound) for result in results] == [False, True, True, False, False, True]


def test_board_of_a_topic_is_about_its_chats_and_agents_alone(desk):
    pagos, citas = create_topic("pagos"), create_topic("citas")
    gil = available_agent("Gil", capacity=2, topics=[pagos, citas])
    inés = available_agent("Inés", capacity=0, topics=[citas])
    open_, other = desk.join(topic_code="pagos"), desk.join(topic_code="citas", second=1)
    desk.run_as(messages.send_messages, SendMessage(chat_id=open_.id, message="Hola"), gil, 20)
    desk.run_as(messages.send_messages, SendMessage(chat_id=other.id, message="Hola"), gil, 41)
    desk.join(second=50)
    late = desk.join(topic_code="citas", second=51)
    boards = {topic: board_at(240, topic) for topic in ("", "pagos", "citas", "-")}
    values = ("waiting", "active", "first_response", "opened")
    assert {topic: tuple(board.figures[code].figure.value for code in values) for topic, board in boards.items()} == {
        "": (2, 2, 30, 4),
        "pagos": (0, 1, 20, 1),
        "citas": (1, 1, 40, 2),
        "-": (1, 0, None, 1),
    }
    assert [(row.place, row.chat_id) for row in boards["citas"].waiting] == [(2, late.id)]
    assert {topic: topics_of(board) for topic, board in boards.items()} == {
        "": [(1, "sin tema"), (1, "de Citas")],
        "pagos": [],
        "citas": [(1, "de Citas")],
        "-": [(1, "sin tema")],
    }
    shown = {
        topic: {row.agent_id: (row.load, len(row.chats)) for row in board.agents} for topic, board in boards.items()
    }
    assert shown["pagos"] == {gil.agent_id: (2, 2)}
    assert shown["citas"] == {gil.agent_id: (2, 2), inés.agent_id: (0, 0)}
    assert shown[""] == {gil.agent_id: (2, 2), inés.agent_id: (0, 0)}
    assert set(shown["-"]) == set(shown[""])
    assert [one.title for one in boards["citas"].alerts] == ["Una persona lleva más de 3 minutos en espera."]
    assert boards["pagos"].alerts == []
    assert [hour.figures["opened"].figure.value for hour in boards["citas"].hours.hours][-1] == 2
    address = boards["citas"].figures["opened"].address
    assert address.endswith("&tema=citas")
    page = load_fact_list(
        UnitOfWork(supervisor().actor, seconds_after_now(300)),
        FactListQuery("opened", seconds_after_now(240), topic="citas"),
    )
    assert ({row.chat_id for row in page.rows}, page.topic_name) == ({other.id, late.id}, "Citas")
    assert page.board_address == "/supervisor?tema=citas"


@pytest.mark.parametrize(
    ("count", "nouns"),
    [
        (1, "chat nuevo|resuelto|perdido|confirmada|atendida|inasistencia|cancelada|aprobado|rechazado"),
        (0, "chats nuevos|resueltos|perdidos|confirmadas|atendidas|inasistencias|canceladas|aprobados|rechazados"),
    ],
)
def test_board_says_one_of_what_there_is_one_of(desk, count, nouns):
    board = board_at()
    figures = {code: replace(shown, figure=Figure(count, count)) for code, shown in board.figures.items()}
    text = re.sub("<[^>]*>", "", render(BoardPartial(replace(board, figures=figures))))
    for noun in nouns.split("|"):
        assert re.search(rf"\b{count} {noun}\b", text), noun


def test_board_of_a_topic_says_what_is_of_all(desk):
    create_topic("pagos")
    texts = [re.sub("<[^>]*>", "", render(BoardPartial(board_at(0, topic)))) for topic in ("", "pagos", "-")]
    assert [text.count("Todos los temas") for text in texts] == [0, 2, 2]


def test_wait_is_said_without_a_unit_of_its_own(desk):
    """`3 d 5 h minutos en espera` was read aloud."""
    desk.join()
    text = re.sub("<[^>]*>", "", render(BoardPartial(board_at(60))))
    assert re.search(r"[\dh] en espera", text)


def test_numbers_beside_the_figures_open_what_they_count_as_of_the_same_instant(desk):
    pagos = create_topic("pagos")
    gil, omar, luz = available_agent("Gil"), available_agent("Omar"), available_agent("Luz")
    chats = {who.agent_id: desk.join(second=1) for who in (gil, omar)}
    for who in (gil, omar):
        desk.take(chats[who.agent_id], who, 2)
    desk.run_as(change_availability, SetAvailability(availability=AWAY), omar, 3)
    Agent.update(capacity=0).where(Agent.id == luz.agent_id).execute()
    Agent.update(capacity=1).where(Agent.id == gil.agent_id).execute()
    waiting = {code: desk.join(topic_code=code, second=second) for second, code in enumerate(("pagos", None), 10)}
    board = board_at(30)
    assert (board.used.text, board.capacity) == ("1", 1)
    assert topics_of(board) == [(1, "sin tema"), (1, f"de {pagos.name}")]
    of_nothing, of_topic = (one.shown for one in board.by_topic)
    loads = {row.agent_id: row.active for row in board.agents}
    # What happens after the instant changes none of the lists.
    desk.take(waiting["pagos"], omar, 40)
    desk.close(chats[gil.agent_id], gil, 41)
    opened = {
        shown.address: [row.chat_id for row in open_list(shown.address).rows]
        for shown in (board.used, of_nothing, of_topic, *loads.values())
    }
    assert opened == {
        board.used.address: [chats[gil.agent_id].id],
        of_nothing.address: [waiting[None].id],
        of_topic.address: [waiting["pagos"].id],
        loads[gil.agent_id].address: [chats[gil.agent_id].id],
        loads[omar.agent_id].address: [chats[omar.agent_id].id],
        loads[luz.agent_id].address: [],
    }


def test_available_agents_without_chats_open_an_empty_list(desk):
    desk.take(desk.join(), agent(online_status=True), 2)
    available_agent("Gil")
    board = board_at(30)
    assert (board.used.count, open_list(board.used.address).rows) == (0, [])


def test_list_of_several_agents_says_how_many(desk):
    for name in ("Gil", "Omar"):
        desk.take(desk.join(), available_agent(name, capacity=1), 2)
    board = board_at(30)
    page = open_list(board.used.address)
    assert (board.used.count, page.listed, len(page.rows), page.agent_name) == (2, 2, 2, "2 agentes")
    assert page.shown.figure == board.used.figure


def test_list_of_an_instant_to_come_is_that_of_now(desk):
    desk.join(member("Ana"))
    uow = UnitOfWork(supervisor().actor, seconds_after_now(60))
    of_now, to_come = (
        load_fact_list(uow, FactListQuery("longest_wait", at)) for at in (uow.now, uow.now + timedelta(days=900))
    )
    assert (to_come.at, to_come.shown, to_come.rows) == (uow.now, of_now.shown, of_now.rows)
    assert of_now.shown.figure.value == 60


def test_unknown_topic_has_no_board_and_no_list(db):
    uow = UnitOfWork(supervisor().actor, seconds_after_now(0))
    with pytest.raises(NotFound):
        load_board(uow, "nada")
    with pytest.raises(NotFound):
        load_fact_list(uow, FactListQuery("opened", uow.now, topic="nada"))
    page = load_board_page(uow, "nada")
    assert (page.board.topic, page.wrong_topic) == ("", "No conocemos ese tema. Se muestran todos.")
    assert load_board_page(uow, "").wrong_topic == ""
