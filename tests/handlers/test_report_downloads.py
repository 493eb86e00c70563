"""Downloads of a report: each is recorded, none is cut, and none is given for wrong filters."""

import csv
import html
import io
import re
import zipfile

import pytest
from tornado.httpclient import AsyncHTTPClient

from beneficiate.handlers import report_downloads
from beneficiate.models.audit import AuditEntry
from tests.factories import PASSWORD, agent, supervisor
from tests.handlers.report_answers import read_book_lines
from tests.http_client import CookieClient, call_api
from tests.queries.report_rows import add_chat

QUERY = "periodo=rango&desde=2026-11-01&hasta=2026-11-30"


@pytest.fixture
def browser(server):
    return CookieClient(server.port)


def add_chats():
    yuliana = agent("Yuliana")
    for days_ago, score in ((0, 5), (1, 4), (2, None)):
        add_chat(days_ago, agent=yuliana, score=score, wait=301)
    return yuliana


def read_workbook(body):
    """Return the rows of each sheet, as strings."""
    with zipfile.ZipFile(io.BytesIO(body)) as files:
        sheets = [files.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2, 3)]
    cell = re.compile(r'<c r="[A-Z]+\d+"[^>]*?>(?:<v>([^<]*)</v>|<is><t[^>]*>([^<]*)</t></is>)</c>')
    return [
        [[html.unescape(number or text) for number, text in cell.findall(row)] for row in sheet.split("<row ")[1:]]
        for sheet in sheets
    ]


@pytest.mark.gen_test
async def test_downloads_are_recorded_and_a_workbook_has_a_row_for_each_span(server, browser):
    await browser.sign_in(supervisor(), PASSWORD)
    add_chats()
    await browser.get(f"/supervisor/reportes/cifras.csv?{QUERY}")
    address = f"http://127.0.0.1:{server.port}/supervisor/reportes.xlsx?{QUERY}"
    book = read_workbook((await AsyncHTTPClient().fetch(address, headers={"Cookie": browser._cookie()})).body)
    assert ["Total de filas", "3"] in book[2]
    assert AuditEntry.select().where(AuditEntry.what == "reports.export").count() == 2


@pytest.mark.gen_test
async def test_days_of_another_year_have_it_on_the_page_its_chart_and_in_every_file(server, browser):
    boss = supervisor()
    await browser.sign_in(boss, PASSWORD)
    add_chat(330)
    add_chat(329)
    query = "periodo=rango&desde=2025-12-30&hasta=2026-01-02&por=dia"
    days = [
        "Martes 30 de diciembre de 2025",
        "Miércoles 31 de diciembre de 2025",
        "Jueves 1 de enero de 2026",
        "Viernes 2 de enero de 2026",
    ]
    page = (await browser.get(f"/supervisor/reportes?{query}")).text
    for day in days:
        assert f'<th scope="row">{day}' in page
        assert re.search(f"<title>{day}: [01] ", page)
    chart = page.partition('<svg class="chart"')[2].partition("</svg>")[0]
    labels = re.findall(r'<text class="plot-tick is-mid[^>]*>([^<F]+)</text>', chart)
    assert [label.strip() for label in labels] == ["30 dic 25", "31", "1 ene 26", "2"]
    lines = (await call_api(server.port, f"reports?{query}", boss)).data["lines"]
    text = (await browser.get(f"/supervisor/reportes/cifras.csv?{query}")).text
    address = f"http://127.0.0.1:{server.port}/supervisor/reportes.xlsx?{query}"
    book = read_book_lines((await AsyncHTTPClient().fetch(address, headers={"Cookie": browser._cookie()})).body)
    names = [{line["name"] for line in lines}, {line["name"] for line in book}]
    assert all(set(days) <= found for found in names)
    assert all(f";{day};" in text for day in days)


@pytest.mark.gen_test
async def test_api_says_what_is_wrong(server):
    answer = await call_api(server.port, "reports?tema=nada", supervisor())
    assert (answer.status, answer.code) == (422, "invalid")
    assert (await call_api(server.port, "reports", agent())).status == 403


@pytest.mark.gen_test
async def test_rows_are_sent_part_by_part_and_counted(browser, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.report_spans.SPANS_PER_SLICE", 2)
    await browser.sign_in(supervisor(), PASSWORD)
    add_chats()
    answer = await browser.get(f"/supervisor/reportes/atenciones.csv?{QUERY}")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    begin = next(number for number, row in enumerate(rows) if row and row[0] == "Chat")
    assert len(rows[begin + 1 : -1]) == 3
    assert rows[-1] == ["Total de filas", "3"]
    assert ["Zona horaria", "Bogotá (UTC-5)"] in rows
    assert rows[begin + 1][6:9] == ["301", "540", "Resuelto"]


@pytest.mark.gen_test
async def test_workbook_that_is_too_long_is_refused_before_it_is_recorded(browser, monkeypatch):
    monkeypatch.setattr(report_downloads, "MAX_ROWS", 2)
    await browser.sign_in(supervisor(), PASSWORD)
    add_chats()
    answer = await browser.get(f"/supervisor/reportes.xlsx?{QUERY}")
    assert answer.status == 422
    assert "demasiadas filas" in answer.text
    assert not AuditEntry.select().where(AuditEntry.what == "reports.export").exists()


@pytest.mark.gen_test
async def test_wrong_filters_give_no_file(browser):
    await browser.sign_in(supervisor(), PASSWORD)
    answer = await browser.get("/supervisor/reportes/cifras.csv?tema=nada")
    assert answer.status == 422
    assert "No conocemos ese tema." in answer.text


@pytest.mark.gen_test
async def test_agents_get_no_file(browser):
    await browser.sign_in(agent(), PASSWORD)
    for path in ("reportes.xlsx", "reportes/cifras.csv", "reportes/atenciones.csv"):
        assert (await browser.get(f"/supervisor/{path}")).status == 403


@pytest.mark.gen_test
async def test_rows_of_an_agent_are_counted_where_they_end(server, browser):
    boss = supervisor()
    await browser.sign_in(boss, PASSWORD)
    query = f"{QUERY}&agente={add_chats().agent_id}"
    page = (await browser.get(f"/supervisor/reportes?{query}")).text
    text = (await browser.get(f"/supervisor/reportes/atenciones.csv?{query}")).text
    assert "Las atenciones que tuvo de últimas Yuliana" in page
    assert "Atenciones que empezaron;Las que tuvo de últimas este agente" in text
    assert text.endswith("Total de filas;3\r\n")
    assert (await call_api(server.port, f"reports?{query}", boss)).data["spans"] is None
    assert (await call_api(server.port, f"reports?{QUERY}", boss)).data["spans"] == 3
