"""Each cell of each table of a report is the same on the page, in its charts, in CSV, in XLSX and in the API."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from urllib.parse import parse_qs, urlsplit

import pytest
from tornado.httpclient import AsyncHTTPClient

from beneficiate.domain.bot.progress import STEP_NAMES
from beneficiate.domain.facts import BOOKED
from beneficiate.domain.metrics.metric import Unit
from beneficiate.domain.service_levels.promises import Promise, outcome_detail
from beneficiate.formatting import WEEKDAYS, format_to_second
from beneficiate.limits import RateLimiter
from beneficiate.models.accounts import Agent
from beneficiate.models.call_centre import Topic
from beneficiate.models.facts import Fact
from beneficiate.rate_limiters import SharedLimiter
from beneficiate.views.metrics import format_value
from tests.factories import PASSWORD, agent, supervisor
from tests.handlers.report_answers import read_answers, read_book_lines, read_csv_lines
from tests.http_client import CookieClient, call_api
from tests.queries.report_rows import CUT, add_chat, fold

TABLES = {"times": "periodo", "agents": "agente", "topics": "tema"}
DAY_S = 86_400
APPOINTMENT_STATUSES = (
    "TO_BE_CONFIRMED",
    "CONFIRMED",
    "RESCHEDULED",
    "CANCELLED",
    "ATTENDED",
    "NO_SHOW",
    "CANCELLED",
    "CANCELLED",
    "EXPIRED",
)
RANGE = "periodo=rango&desde=2026-10-20&hasta=2026-11-30"
SLICES = (
    f"{RANGE}&por=dia",
    f"{RANGE}&por=semana",
    f"{RANGE}&por=mes",
    f"{RANGE}&por=semana&agente=1&cifra=missed_share",
    f"{RANGE}&por=mes&tema=pagos",
    "periodo=rango&desde=2026-11-08&hasta=2026-11-25",
    "periodo=rango&desde=2026-06-01&hasta=2026-11-30&por=mes",
    f"{RANGE}&tema=-&comparar=no",
    f"{RANGE}&agente=1&tema=pagos&cifra=queue_wait",
    "periodo=mes&en=2026-11-12",
    "periodo=hoy&en=2026-11-25",
)


def add_fact(days_ago, kind, detail="", agent=None, topic="", **values):
    who = {} if agent is None else {"agent_id": agent.agent_id, "agent_name": agent.user.name, "agent_code": "AG-1"}
    at = CUT - timedelta(days=days_ago, minutes=7)
    Fact.create(at=at, kind=kind, detail=detail, topic=topic, actor_role="agent", **who, **values)


def list_nothing_but_a_missed_chat():
    """Nobody was answered, nobody rated, nothing was paid: most figures have no value."""
    agent("Yuliana")
    return [(3, partial(add_chat, 3, topic="pagos"))]


def list_odd_values():
    """Waits of nothing, of fractions of a second on average, and of days; thousands; two people of one name."""
    yuliana, other = agent("Yuliana"), agent("Yuliana")
    return [*list_odd_chats(yuliana, other), *list_odd_matters(other)]


def list_odd_chats(yuliana, other):
    chats = (
        (0, yuliana, 0, 5, 0),
        (0, yuliana, 1, None, 18),
        (1, yuliana, 2, 4, 3),
        (1, other, 59, 1, 9),
        (4, None, 0, None, 17),
        (9, other, 3600, None, 9),
        (12, yuliana, DAY_S + 61, 2, 9),
        (20, other, 4 * DAY_S + 7, 5, 9),
        (33, yuliana, 301, 3, 9),
        (51, yuliana, 77, 4, 9),
    )
    for ago, who, wait, score, hour in chats:
        topic = "pagos" if wait % 2 else ""
        yield ago, partial(add_chat, ago, agent=who, topic=topic, wait=wait, score=score, hour=hour)
    for ago, who, topic in ((0, yuliana, "pagos"), (2, other, ""), (45, yuliana, "pagos")):
        add = partial(add_fact, ago, agent=who, topic=topic, chat_id=7, span=2)
        for seconds in (1, 2, 2 * DAY_S):
            yield ago, partial(add, "reply", duration_s=seconds)
        for promise in Promise:
            detail = outcome_detail(promise, is_met=ago > 0)
            yield ago, partial(add, "service_level", detail, duration_s=5 * DAY_S)
        for kind, detail in (("reopened", ""), ("returned", "offline"), ("transferred", "queue"), ("recalled", "")):
            yield ago, partial(add, kind, detail, duration_s=3 * DAY_S + 11)
        yield ago, partial(add, "resolution", duration_s=3 * DAY_S + 11)
        yield ago, partial(add, "handed_over", "to_person")
    opened = {"at": CUT - timedelta(days=2), "kind": "opened", "chat_id": 8, "span": 1, "actor_role": "member"}
    yield 2, Fact.insert_many([opened] * 1200).execute


def list_odd_matters(canceller):
    """Payments, appointments and dialogues."""
    for ago, status, value in (
        (0, "APPROVED", 49_999),
        (1, "APPROVED", 1_480_000),
        (1, "DECLINED", 1),
        (3, "REVOKED", 49_999),
    ):
        yield ago, partial(add_fact, ago, "payment", status, payment_id="x", value=value)
    for number, status in enumerate(APPOINTMENT_STATUSES):
        who = canceller if number % 2 else None
        starts_at = CUT - timedelta(days=number)
        yield 15, partial(add_fact, 15, "appointment", status, agent=who, appointment_id=number, starts_at=starts_at)
    for number, detail in enumerate((BOOKED, *STEP_NAMES)):
        yield number, partial(add_fact, number, "booking", detail)


def let_happen(moments):
    """Let facts happen in the order of their days; those of the last day are in no roll-up yet."""
    for ago, facts in groupby(sorted(moments, key=lambda one: -one[0]), key=lambda one: one[0]):
        if not ago:
            fold()
        for _, add in facts:
            add()


def shown(line, name="value"):
    value = line[name]
    return format_value(Unit(line["unit"]), None if value is None else float(value))


def interval(line):
    return "" if line["low"] is None else f"entre {shown(line, 'low')} y {shown(line, 'high')}"


def lines_by_key(lines, part):
    """Return the lines of a part, by key and code, in their order."""
    found = {}
    for line in lines:
        if line["part"] == part:
            found.setdefault(line["key"], {})[line["code"]] = line
    return found


def expect_total(page, lines):
    figures = lines_by_key(lines, "total")[""]
    rows = [row for row in page.tables["figures"][1:] if len(row) > 1]
    is_compared = len(page.tables["figures"][0]) == 4
    assert len(rows) == len(figures)
    for (name, value, *more), line in zip(rows, figures.values(), strict=True):
        assert (name[0], value) == (line["metric"], (shown(line), interval(line)))
        assert more == ([(shown(line, "before"), ""), (line["change"], "")] if is_compared else [])
        assert bool(line["change"]) is is_compared


def expect_tables(page, lines):
    for id_, part in TABLES.items():
        rows, expected = page.tables.get(id_, [[]]), lines_by_key(lines, part)
        assert len(rows) - 1 == len(expected)
        for row, figures in zip(rows[1:], expected.values(), strict=True):
            first = next(iter(figures.values()))
            assert row[0] == (first["name"], first["note"])
            assert rows[0][1:] == [(line["metric"], "") for line in figures.values()]
            assert row[1:] == [(shown(line), interval(line)) for line in figures.values()]


def expect_heat(page, lines):
    _, *rows, totals = page.tables["heat"]
    expected = list(lines_by_key(lines, "hora").values())
    assert len(rows) * len(WEEKDAYS) == len(expected)
    found = [(f"{day.capitalize()} {row[0][0]}", cell[0]) for row in rows
             for day, cell in zip(WEEKDAYS, row[1:], strict=True)]  # fmt: skip
    of_hours = [next(iter(figures.values())) for figures in expected]
    assert found == [(line["name"], shown(line)) for line in of_hours]
    of_days = [next(iter(figures.values())) for figures in lines_by_key(lines, "dia").values()]
    assert [total[0] for total in totals[1:]] == [shown(line) for line in of_days]
    total, *more = {line["code"] for line in of_hours + of_days}
    assert not more
    if next(line for line in lines if line["code"] == total)["unit"] in ("chats", "pesos"):
        assert sum(line["value"] for line in of_days) == sum(line["value"] for line in of_hours)


def expect_charts(page, lines):
    times = lines_by_key(lines, "periodo").values()
    for titles, codes in zip(page.charts, (["opened"], ["first_response_p90", "first_response_median"]), strict=True):
        told = [figures[code] for code in codes for figures in times]
        assert titles == [
            f"{line['name']}: {shown(line)} {line['metric'].lower()}" for line in told
            if line["value"] is not None
        ]  # fmt: skip


@pytest.fixture
def generous(server):
    """A server that one person may ask without end."""
    limiter = SharedLimiter("reports", RateLimiter(1000, 1000), None)
    server.context.limiters = replace(server.context.limiters, reports=limiter)
    return server


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("list_moments", "has_all"), [(list_nothing_but_a_missed_chat, False), (list_odd_values, True)]
)
async def test_every_cell_is_the_same_everywhere(generous, list_moments, has_all):
    boss, browser = supervisor(), CookieClient(generous.port)
    await browser.sign_in(boss, PASSWORD)
    Topic.create(code="pagos", name='=Pagos; y "más"')
    let_happen(list_moments())
    agent_id = Agent.select().order_by(Agent.id).get().id
    valued = set()
    for query in SLICES:
        asked = query.replace("agente=1", f"agente={agent_id}")
        page, of_csv, of_book, lines = await read_answers(generous, browser, boss, asked)
        assert of_csv == lines, asked
        assert of_book == lines, asked
        assert len([line for line in lines if line["part"] == "dia"]) == len(WEEKDAYS)
        for expect in (expect_total, expect_tables, expect_heat, expect_charts):
            expect(page, lines)
        valued |= {line["code"] for line in lines if line["value"]}
    assert (valued == {line["code"] for line in lines}) is has_all


@pytest.mark.gen_test
async def test_files_are_as_of_the_page_that_leads_to_them(generous):
    boss, browser = supervisor(), CookieClient(generous.port)
    await browser.sign_in(boss, PASSWORD)
    common = {"chat_id": 7, "span": 1, "actor_role": "member", "kind": "opened"}
    Fact.create(at=datetime.now(UTC), **common)
    page = (await browser.get("/supervisor/reportes?periodo=hoy&comparar=no")).text
    Fact.create(at=datetime.now(UTC), **common)
    addresses = [html.unescape(one) for one in re.findall(r'id="(?:figures-csv|workbook)" href="([^"]+)"', page)]
    cut_at = format_to_second(datetime.fromisoformat(parse_qs(urlsplit(addresses[0]).query)["corte"][0]))
    assert f"hasta {cut_at} ·\n" in page
    text = (await browser.get(addresses[0])).text
    assert f", hasta {cut_at}\r\n" in text
    assert read_csv_lines(text)[0]["value"] == 1
    book = await AsyncHTTPClient().fetch(
        f"http://127.0.0.1:{generous.port}{addresses[1]}", headers={"Cookie": browser._cookie()}
    )
    assert next(read_book_lines(book.body))["value"] == 1
    for query, value in ((urlsplit(addresses[0]).query, 1), ("periodo=hoy", 2)):
        assert (await call_api(generous.port, f"reports?{query}", boss)).data["lines"][0]["value"] == value


@pytest.mark.gen_test
@pytest.mark.parametrize("cut", ["ayer", "2026-11-25T10:00:00", "2999-01-01T00:00:00Z"])
async def test_instant_that_is_none_or_has_not_come_gives_no_file(generous, cut):
    browser = CookieClient(generous.port)
    await browser.sign_in(supervisor(), PASSWORD)
    answer = await browser.get(f"/supervisor/reportes/cifras.csv?corte={cut}")
    assert answer.status == 422
    assert "Ese corte no existe o no ha llegado." in answer.text
