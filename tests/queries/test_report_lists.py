"""Lists behind figures have parts of a hundred rows without gaps, and refuse what no report gives."""

from dataclasses import replace
from datetime import date, timedelta, timezone

import pytest

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Scope
from beneficiate.domain.reports.periods import Period
from beneficiate.errors import NotFound
from beneficiate.models.facts import Fact
from beneficiate.queries.report_lists import LIST_PARAMETERS, load_report_list
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.report_figures import ReportFilters
from tests.factories import agent, supervisor
from tests.queries.report_rows import CUT, add_chat, fold

FILTERS = ReportFilters(Period(date(2026, 11, 1), date(2026, 11, 25)), CUT)


def load(code="opened", filters=FILTERS, **more):
    texts = dict.fromkeys(LIST_PARAMETERS, "") | {"figura": code} | filters.parameters() | more
    return load_report_list(UnitOfWork(supervisor().actor, CUT), texts)


def test_parts_have_every_row_once(db, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.fact_lists.ROWS_PER_PAGE", 3)
    chats = [add_chat(number % 4) for number in range(8)]
    fold()
    page, seen = load(), []
    while True:
        seen += [row.chat_id for row in page.rows]
        if not page.next_position:
            break
        page = load(antes=page.next_position)
    assert len(seen) == len(set(seen)) == 8
    assert set(seen) == set(chats)
    assert page.shown.figure.value == 8
    assert not page.is_first


def every_metric(is_rolled):
    yuliana = agent()
    for number in range(5):
        add_chat(number % 2, agent=yuliana, wait=20 + number, score=1 + number, hour=9)
    add_chat(0, hour=8)
    again = {"agent_id": yuliana.agent_id, "chat_id": 1, "span": 1, "actor_role": "agent"}
    Fact.create(at=CUT - timedelta(minutes=20), kind="assigned", detail="picked", **again)
    if is_rolled:
        fold()
    return [metric for metric in METRICS.values() if metric.scope is Scope.PERIOD]


@pytest.mark.parametrize("is_rolled", [True, False])
def test_every_list_has_as_many_rows_as_it_says(db, is_rolled):
    pages = {metric.code: load(metric.code) for metric in every_metric(is_rolled)}
    assert {code: page.listed for code, page in pages.items()} == {code: len(page.rows) for code, page in pages.items()}
    assert (pages["queue_wait"].listed, pages["assigned"].listed) == (5, 6)
    assert (pages["rated_share"].listed, pages["rated_share"].shown.figure.count) == (11, 6)


def test_list_of_an_hour_has_the_figure_of_that_hour(db):
    metrics, hour = every_metric(is_rolled=True), 2 * 24 + 9
    pages = {metric.code: load(metric.code, replace(FILTERS, hour=hour)) for metric in metrics}
    assert {code: page.listed for code, page in pages.items()} == {code: len(page.rows) for code, page in pages.items()}
    assert pages["first_response_median"].shown.text == "0:22"
    assert (pages["opened"].shown.text, pages["queue_wait"].listed) == ("3", 3)


def test_appointments_have_no_hour_of_the_week(db):
    with pytest.raises(NotFound):
        load("appointments", replace(FILTERS, hour=3))


def test_list_is_as_of_the_cut(db):
    add_chat(0, hour=9)
    page = load(filters=ReportFilters(FILTERS.period, CUT - timedelta(hours=2)))
    assert (page.rows, page.shown.figure.value) == ([], 0)


@pytest.mark.parametrize("name", ["corte", "fin", "antes"])
def test_instant_of_any_zone_is_read(db, name):
    """PostgreSQL knows no zone of 16 hours or more."""
    add_chat(0, hour=9)
    instant = CUT.astimezone(timezone(timedelta(hours=23, minutes=59))).isoformat()
    assert len(load(**{name: f"{instant}/0" if name == "antes" else instant}).rows) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"figura": "nada"},
        {"figura": "waiting"},
        {"desde": "ayer"},
        {"desde": "2026-12-01"},
        {"desde": "2000-01-01"},
        {"corte": "2026-11-25T10:00:00"},
        {"corte": "2027-11-25T10:00:00Z"},
        {"corte": "0001-01-01T00:00:00Z"},
        {"fin": "x"},
        {"fin": "9999-12-31T23:59:59-14:00"},
        {"desde": "9998-01-01", "hasta": "9999-12-31"},
        {"agente": "x"},
        {"agente": "9999999999"},
        {"hora": "168"},
        {"antes": "x"},
        {"antes": "2026-11-25T10:00:00/5"},
        {"antes": "2026-11-25T10:00:00+00:00/"},
        {"antes": f"2026-11-25T10:00:00+00:00/{2**63}"},
        {"antes": "9999-12-31T23:59:59+00:00/5"},
    ],
)
def test_what_no_report_gives_is_not_found(db, more):
    with pytest.raises(NotFound):
        load(**more)
