"""Lists behind figures have parts of a hundred rows without gaps, and refuse what no report gives."""

from datetime import date, timedelta

import pytest

from beneficiate.domain.reports.periods import Period
from beneficiate.errors import NotFound
from beneficiate.queries.report_lists import LIST_PARAMETERS, load_report_list
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.report_figures import ReportFilters
from tests.factories import supervisor
from tests.queries.report_rows import CUT, add_chat, fold

FILTERS = ReportFilters(Period(date(2026, 11, 1), date(2026, 11, 25)), CUT)


def load(code="opened", filters=FILTERS, **more):
    texts = dict.fromkeys(LIST_PARAMETERS, "") | {"figura": code} | filters.parameters() | more
    return load_report_list(UnitOfWork(supervisor().actor, CUT), texts)


def test_parts_have_every_row_once(db, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.report_lists.ROWS_PER_PAGE", 3)
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


def test_list_is_as_of_the_cut(db):
    add_chat(0, hour=9)
    page = load(filters=ReportFilters(FILTERS.period, CUT - timedelta(hours=2)))
    assert (page.rows, page.shown.figure.value) == ([], 0)


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
        {"agente": "x"},
        {"agente": "9999999999"},
        {"hora": "168"},
        {"antes": "x"},
        {"antes": "2026-11-25T10:00:00/5"},
        {"antes": "2026-11-25T10:00:00+00:00/"},
        {"antes": "9999-12-31T23:59:59+00:00/5"},
    ],
)
def test_what_no_report_gives_is_not_found(db, more):
    with pytest.raises(NotFound):
        load(**more)
