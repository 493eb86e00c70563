"""When the call centre is open: by its rows, by the default hours without any, and the sentence for people."""

from datetime import date

import pytest

from beneficiate.models.call_centre import BusinessHoursBlock, BusinessHoursException
from beneficiate.queries.business_hours import load_business_hours_state, load_business_hours_today, load_coming_days
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from beneficiate.views.administration import ListFilters
from tests.domain.booking.moments import at
from tests.factories import supervisor

NBSP = "\u00a0"


def seen(moment):
    return load_business_hours_state(UnitOfWork(SYSTEM, at(moment)))


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        ("2026-11-24 05:30", "Volvemos hoy a las 7:00_a._m."),
        ("2026-11-24 19:00", "Volvemos mañana a las 7:00_a._m."),
        ("2026-11-27 20:00", "Volvemos mañana a las 8:00_a._m."),
        ("2026-11-28 13:00", "Volvemos el lunes a las 7:00_a._m."),
        ("2027-01-09 15:00", "Volvemos el martes a las 7:00_a._m."),
    ],
    ids=["early", "evening", "friday", "saturday", "monday-is-epiphany"],
)
def test_out_of_hours_one_is_told_when_we_are_back(db, moment, sentence):
    told = seen(moment)
    assert (told["is_open"], told["sentence"]) == (False, sentence.replace("_", NBSP))
    assert told["opens_at"].endswith("Z")


def test_within_hours_nothing_has_to_be_said(db):
    assert seen("2026-11-24 07:00") == {"is_open": True, "opens_at": None, "sentence": ""}


def test_several_blocks_a_day_and_dated_exceptions_count(db):
    for starts, ends in ((8 * 60, 12 * 60), (13 * 60, 17 * 60)):
        BusinessHoursBlock.create(weekday=1, starts=starts, ends=ends)
    BusinessHoursException.create(day=date(2026, 12, 1))
    BusinessHoursException.create(day=date(2026, 12, 6), starts=10 * 60, ends=11 * 60, is_open=True)
    assert seen("2026-11-24 12:30")["sentence"] == f"Volvemos hoy a la 1:00{NBSP}p.{NBSP}m."
    assert seen("2026-11-24 13:00")["is_open"]
    assert seen("2026-11-30 12:00")["sentence"] == f"Volvemos el domingo a las 10:00{NBSP}a.{NBSP}m."
    assert seen("2026-12-06 11:00")["sentence"] == f"Volvemos el martes 15 de diciembre a las 8:00{NBSP}a.{NBSP}m."


def test_hours_that_never_open_say_so(db):
    BusinessHoursBlock.create(weekday=0, starts=0, ends=1)
    for day in range(1, 32):
        BusinessHoursException.create(day=date(2026, 12, day))
    assert seen("2026-12-01 12:00")["sentence"].startswith("Volvemos el lunes 4 de enero")


def test_today_has_its_hours_and_says_whether_it_is_open_now(db):
    opening = load_business_hours_today(UnitOfWork(SYSTEM, at("2026-11-28 12:59")))
    assert (opening.is_open, opening.sentence, opening.spans) == (True, "", [(480, 780)])
    opening = load_business_hours_today(UnitOfWork(SYSTEM, at("2026-11-29 12:59")))
    assert (opening.is_open, opening.spans) == (False, [])
    assert opening.sentence == f"Volvemos mañana a las 7:00{NBSP}a.{NBSP}m."


def test_days_that_differ_are_found_by_date_and_have_pages(db, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.administration.ROWS_PER_PAGE", 2)
    uow = UnitOfWork(supervisor().actor, at("2026-11-25 10:00"))
    for day in ("2026-12-31", "2026-11-24", "2026-12-24", "2027-01-02"):
        BusinessHoursException.create(day=date.fromisoformat(day), is_open=False)
    first = load_coming_days(uow, ListFilters())
    rest = load_coming_days(uow, ListFilters(after=first.next_id))
    days = [str(one.shown.day) for one in (*first.rows, *rest.rows)]
    assert days == ["2026-12-24", "2026-12-31", "2027-01-02"]
    searches = {"enero": days[2:], "24 de diciembre": days[:1], "jueves": days[:2], "2026-12-31": days[1:2]}
    for text, found in searches.items():
        assert [str(one.shown.day) for one in load_coming_days(uow, ListFilters(text=text)).rows] == found, text
