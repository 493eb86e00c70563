"""The supervisors' board, the lists behind its figures, and their definitions."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Figure
from beneficiate.handlers.templating import create_environment
from beneficiate.models.chats import Chat
from beneficiate.queries.board_agents import AGENT_CODES
from beneficiate.views.board import AgentChat, Board, BoardFigure, BoardPartial, Wait, WaitingRow, build_list_address
from beneficiate.views.board_alerts import ALERT_PATH
from beneficiate.views.board_hours import BoardHours
from tests.actions.queue_steps import create_topic
from tests.factories import PASSWORD, agent, connect_socket, member, supervisor
from tests.http_client import CookieClient
from tests.views.test_board import NOW
from tests.views.test_board import row as board_row

BOARD = "/supervisor"
DEFINITIONS = "/supervisor/definiciones"


@pytest.mark.gen_test
async def test_every_metric_is_defined_on_the_page(server):
    browser = CookieClient(server.port)
    await browser.sign_in(supervisor(), PASSWORD)
    page = (await browser.get(DEFINITIONS)).text
    for metric in METRICS.values():
        assert f'<tr id="{metric.code}">' in page
        assert metric.question in page


@pytest.mark.gen_test
async def test_number_on_the_board_opens_its_list(server):
    browser = CookieClient(server.port)
    await browser.sign_in(supervisor(), PASSWORD)
    client = await connect_socket(server.port, ana := member("Ana"))
    await client.request("request_agent")
    page = (await browser.get(BOARD)).text
    address = re.search(r'href="(/supervisor/tablero/lista\?figura=waiting&amp;hasta=[^"&]+)"', page)[1]
    shown = (await browser.get(address.replace("&amp;", "&"))).text
    assert re.search(r'<span id="figure">1</span>', shown)
    assert ana.user.name in shown
    await client.request("close_chat", chat_id=Chat.get(Chat.user == ana.id).id)
    assert 'id="queue-none"' in (await browser.get(BOARD)).text
    # As of the instant of the page: the list stays what it was.
    assert ana.user.name in (await browser.get(address.replace("&amp;", "&"))).text


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("figura=nada", 404),
        ("figura=waiting&hasta=ayer", 422),
        ("figura=waiting&hasta=2026-11-25T10:00:00", 422),
        ("figura=waiting&hasta=9999-12-31T23:59:59Z", 422),
        ("figura=waiting&agente=x", 404),
        ("figura=waiting&agente=1,", 404),
        ("figura=active&agente=1,2", 200),
        ("figura=waiting", 200),
        ("figura=waiting&tema=-", 200),
        ("figura=waiting&tema=nada", 404),
        ("figura=waiting&antes=x", 404),
        ("figura=opened&antes=2026-11-25T10:00:00Z/7", 200),
    ],
)
async def test_list_of_something_else_is_refused(server, query, status):
    browser = CookieClient(server.port)
    await browser.sign_in(supervisor(), PASSWORD)
    assert (await browser.get(f"/supervisor/tablero/lista?{query}")).status == status


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("clase=nada", 404),
        ("clase=late&tema=nada", 404),
        ("clase=late&hasta=ayer", 422),
        ("clase=late&filas=1,x", 404),
        ("clase=late&filas=1,2", 200),
        ("clase=due_appointments&pagina=9", 200),
    ],
)
async def test_rows_of_another_alert_are_refused(server, query, status):
    browser = CookieClient(server.port)
    await browser.sign_in(supervisor(), PASSWORD)
    assert (await browser.get(f"{ALERT_PATH}?{query}")).status == status


@pytest.mark.gen_test
async def test_alert_on_the_board_opens_every_row_that_it_counts(server):
    browser = CookieClient(server.port)
    await browser.sign_in(supervisor(), PASSWORD)
    chats = []
    for who in (member("Ana"), member("Eva"), member("Iris")):
        client = await connect_socket(server.port, who)
        await client.request("request_agent")
        chats.append((Chat.get(Chat.user == who.id).id, who.user.name))
    Chat.update(response_due_at=datetime.now(UTC) - timedelta(minutes=1)).execute()
    page = (await browser.get(BOARD)).text
    assert "3 chats están vencidos." in page
    address = re.search(r'href="(/supervisor/tablero/alerta\?clase=late[^"]+)"', page)[1]
    shown = (await browser.get(address.replace("&amp;", "&"))).text
    assert re.search(r'<span id="count">3</span>', shown)
    assert all(f'href="/agente?chat={chat_id}"' in shown and name in shown for chat_id, name in chats)


@pytest.mark.gen_test
async def test_board_of_a_topic_keeps_it_and_says_when_there_is_none(server):
    create_topic("pagos")
    browser = CookieClient(server.port)
    await browser.sign_in(supervisor(), PASSWORD)
    page = (await browser.get(f"{BOARD}?tema=pagos")).text
    assert '<option value="pagos" selected>Pagos</option>' in page
    assert re.search(r'figura=waiting&amp;hasta=[^"]+&amp;tema=pagos"', page)
    for topic in ("nada", "x" * 200, "%F0%9F%98%80"):
        wrong = await browser.get(f"{BOARD}?tema={topic}")
        assert wrong.status == 200
        assert "No conocemos ese tema. Se muestran todos." in wrong.text
    watching = await connect_socket(server.port, supervisor())
    assert (await watching.request("watch_board", topic="nada"))["event"] == "error"
    await watching.request("watch_board", topic="pagos")
    assert (await watching.receive("board"))["topic"] == "pagos"


@pytest.mark.gen_test
async def test_pages_are_for_supervisors_only(server):
    browser = CookieClient(server.port)
    await browser.sign_in(agent(), PASSWORD)
    for path in (BOARD, DEFINITIONS, "/supervisor/tablero/lista?figura=waiting", f"{ALERT_PATH}?clase=late"):
        assert (await browser.get(path)).status == 403


@pytest.mark.gen_test
async def test_change_is_sent_to_who_watches(server):
    """And to nobody else, as the page would print it."""
    marta, other, omar = supervisor("Marta"), supervisor("Luz"), agent("Omar")
    watching, idle, desk = [await connect_socket(server.port, who) for who in (marta, other, omar)]
    await watching.request("watch_board")
    first = await watching.receive("board")
    assert 'id="queue-none"' in first["html"]
    refused = await desk.request("watch_board")
    assert refused["event"] == "error"
    home = await connect_socket(server.port, ana := member("Ana"))
    await home.request("request_agent")
    frame = await watching.receive(lambda one: one["event"] == "board" and ana.user.name in one["html"])
    assert frame["at"] > first["at"]
    assert not [one for one in await idle.receive_until_pong() if one["event"] == "board"]


def test_what_can_have_the_focus_has_a_name_of_its_own():
    """So that it keeps the focus when the board is drawn again."""
    agents = [board_row(agent_id=number, chats=[AgentChat(number, "Ana", "", NOW)]) for number in (1, 2)]
    figures = {
        code: BoardFigure(metric, Figure(1, 1), build_list_address(code, NOW)) for code, metric in METRICS.items()
    }
    own, used = {code: figures[code] for code in AGENT_CODES}, figures["active"]
    waiting = [WaitingRow(1, 7, "Ana", "", "", Wait(NOW, None, None), 2, "Sin cupo")]
    hours = BoardHours([])
    crew = [replace(one, figures=own) for one in agents]
    shown = Board(NOW, "", "", "", figures, [], None, waiting, crew, used, 4, [], hours, NOW)
    html = create_environment().get_template(BoardPartial.template).render(static_url=str, board=shown)
    named = re.findall(r"<(?:a|summary)\b[^>]*>", html)
    keys = [re.search(r'data-key="([^"]+)"', tag)[1] for tag in named]
    assert len(keys) == len(set(keys)) > 20
