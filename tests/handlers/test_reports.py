"""The pages of the reports: for supervisors, with what was typed."""

import html
import re
from dataclasses import replace

import pytest

from beneficiate.limits import RateLimiter
from beneficiate.models.facts import Fact
from beneficiate.rate_limiters import SharedLimiter
from tests.factories import PASSWORD, agent, supervisor
from tests.http_client import CookieClient
from tests.queries.report_rows import add_chat

REPORTS = "/supervisor/reportes"


@pytest.fixture
def browser(server):
    return CookieClient(server.port)


@pytest.mark.gen_test
async def test_figure_opens_what_it_counts(browser):
    await browser.sign_in(supervisor(), PASSWORD)
    add_chat(0, agent=agent("Yuliana"))
    page = (await browser.get(f"{REPORTS}?periodo=rango&desde=2026-11-01&hasta=2026-11-30")).text
    address = html.unescape(re.search(r'<dd class="figure-n"><a class="n-link" href="([^"]+)">1</a>', page)[1])
    shown = (await browser.get(address)).text
    assert '<span id="figure">1</span>' in shown
    assert 'id="rail-reports" href="/supervisor/reportes" aria-current="page"' in shown


@pytest.mark.gen_test
async def test_wrong_filters_are_said_and_kept(browser):
    await browser.sign_in(supervisor(), PASSWORD)
    answer = await browser.get(f"{REPORTS}?periodo=rango&desde=31/02/2026&agente=x&tema=%3Cb%3E")
    assert answer.status == 200
    assert 'value="31/02/2026"' in answer.text
    assert "Esa fecha no existe" in answer.text
    assert "&lt;b&gt;" in answer.text
    assert 'id="report-wrong"' in answer.text


@pytest.mark.gen_test
async def test_without_facts_there_is_nothing_to_report(browser):
    await browser.sign_in(supervisor(), PASSWORD)
    assert 'id="report-none"' in (await browser.get(REPORTS)).text
    assert not Fact.select().exists()


@pytest.mark.gen_test
async def test_agents_have_no_reports(browser):
    await browser.sign_in(agent(), PASSWORD)
    assert (await browser.get(REPORTS)).status == 403
    assert (await browser.get(f"{REPORTS}/lista?figura=opened")).status == 403


@pytest.mark.gen_test
async def test_one_person_may_not_ask_without_end(server, browser):
    await browser.sign_in(supervisor(), PASSWORD)
    server.context.limiters = replace(
        server.context.limiters, reports=SharedLimiter("reports", RateLimiter(0.001, 1), None)
    )
    assert [(await browser.get(REPORTS)).status for _ in range(2)] == [200, 429]
