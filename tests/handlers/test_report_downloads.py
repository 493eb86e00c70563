"""CSV, XLSX and JSON give the figures of the page to the digit, and each download is recorded."""

import csv
import html
import io
import re
import zipfile

import pytest
from tornado.httpclient import AsyncHTTPClient

from beneficiate.domain.metrics.metric import Unit
from beneficiate.handlers import report_downloads
from beneficiate.models.audit import AuditEntry
from beneficiate.models.call_centre import Topic
from beneficiate.views.metrics import format_value
from beneficiate.views.report_lines import LINE_HEADER
from tests.factories import PASSWORD, agent, supervisor
from tests.http_client import CookieClient, call_api
from tests.queries.report_rows import add_chat

NUMBERS = ("value", "count", "low", "high", "before")
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
async def test_page_csv_workbook_and_api_agree(server, browser):
    boss = supervisor()
    await browser.sign_in(boss, PASSWORD)
    add_chats()
    page = (await browser.get(f"/supervisor/reportes?{QUERY}")).text
    text = (await browser.get(f"/supervisor/reportes/cifras.csv?{QUERY}")).text.removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    lines = [row for row in rows[rows.index(list(LINE_HEADER)) + 1 :] if row[0] == "total"]
    api = (await call_api(server.port, f"reports?{QUERY}", boss)).data
    answers = {line["code"]: line for line in api["lines"] if line["part"] == "total"}
    address = f"http://127.0.0.1:{server.port}/supervisor/reportes.xlsx?{QUERY}"
    book = read_workbook((await AsyncHTTPClient().fetch(address, headers={"Cookie": browser._cookie()})).body)
    cells = {row[4]: row for row in book[1] if row and row[0] == "total"}
    assert len(lines) == len(answers) == len(cells) > 30
    for row in lines:
        value = answers[row[4]]["value"]
        assert (float(row[6].replace(",", ".")) if row[6] else None) == pytest.approx(value, abs=1e-6)
        if value is not None:
            assert float(cells[row[4]][6]) == pytest.approx(value)
    assert re.search(r'data-code="opened">.*?>3</a>', page, re.DOTALL)
    assert answers["first_response_median"]["value"] == 301
    assert ["Total de filas", "3"] in book[2]
    assert AuditEntry.select().where(AuditEntry.what == "reports.export").count() == 2


def read_figures(body):
    """Return the rows of the second sheet, each by the names of its columns; an empty cell is None."""
    with zipfile.ZipFile(io.BytesIO(body)) as files:
        sheet = files.read("xl/worksheets/sheet2.xml").decode()
    cell = re.compile(r'<c r="([A-Z])\d+"[^>]*?>(?:<v>([^<]*)</v>|<is><t[^>]*>([^<]*)</t></is>)</c>')
    for row in sheet.split("<row ")[2:]:
        found = {letter: float(number) if number else html.unescape(text) for letter, number, text in cell.findall(row)}
        yield {title: found.get(letter) for title, letter in zip(LINE_HEADER, "ABCDEFGHIJK", strict=True)}


@pytest.mark.gen_test
@pytest.mark.parametrize("more", ["", "&por=semana", "&agente=1", "&agente=1&tema=pagos", "&tema=-", "&comparar=no"])
async def test_every_line_of_every_file_is_that_of_the_page(server, browser, more):
    boss = supervisor()
    await browser.sign_in(boss, PASSWORD)
    Topic.create(code="pagos", name='=Pagos; y "más"')
    yuliana = add_chats()
    query = f"{QUERY}{more.replace('agente=1', f'agente={yuliana.agent_id}')}"
    for days_ago, topic in ((0, "pagos"), (9, ""), (30, "pagos")):
        add_chat(days_ago, agent=yuliana, topic=topic, score=3, wait=77)
        add_chat(days_ago, topic=topic, hour=11)
    page = (await browser.get(f"/supervisor/reportes?{query}")).text
    lines = (await call_api(server.port, f"reports?{query}", boss)).data["lines"]
    text = (await browser.get(f"/supervisor/reportes/cifras.csv?{query}")).text.removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    of_csv = rows[rows.index(list(LINE_HEADER)) + 1 :]
    address = f"http://127.0.0.1:{server.port}/supervisor/reportes.xlsx?{query}"
    book = list(read_figures((await AsyncHTTPClient().fetch(address, headers={"Cookie": browser._cookie()})).body))
    assert len(lines) == len(of_csv) == len(book) > 100
    for line, row, cells in zip(lines, of_csv, book, strict=True):
        words = [line[name] for name in ("part", "key", "name", "metric", "code", "unit")]
        assert [one.removeprefix("'") for one in row[:6]] == words == [cells[title] or "" for title in LINE_HEADER[:6]]
        for number, (name, title) in enumerate(zip(NUMBERS, LINE_HEADER[6:], strict=True), 6):
            in_csv = float(row[number].replace(",", ".")) if row[number] else None
            assert in_csv == (line[name] if line[name] is None else pytest.approx(line[name], abs=1e-6))
            assert cells[title] == (line[name] if line[name] is None else pytest.approx(line[name], rel=1e-12))
        if line["part"] == "total":
            shown = page.partition(f'<tr data-code="{line["code"]}">')[2].partition("</tr>")[0]
            assert f">{format_value(Unit(line['unit']), line['value'])}<" in shown


@pytest.mark.gen_test
async def test_days_of_another_year_have_it_on_the_page_its_chart_and_in_every_file(server, browser):
    boss = supervisor()
    await browser.sign_in(boss, PASSWORD)
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
    book = list(read_figures((await AsyncHTTPClient().fetch(address, headers={"Cookie": browser._cookie()})).body))
    names = [{line["name"] for line in lines}, {line[LINE_HEADER[2]] for line in book}]
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
