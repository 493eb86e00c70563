"""The past of a load test is the same each time, and like that of real chats."""

from datetime import date, timedelta

import pytest
from peewee import fn

from beneficiate.actions.rollups import FoldFacts, fold_facts
from beneficiate.demo.history import load_history
from beneficiate.domain.booking.lifecycle import OPEN_STATUSES
from beneficiate.domain.facts import WITHOUT_TOPIC
from beneficiate.models.facts import Fact
from beneficiate.queries.appointment_tallies import appointments_differ
from beneficiate.queries.metrics import FactSelection, compute_figures
from beneficiate.queries.report_filters import load_typed_report
from beneficiate.queries.rollups import differs_from_facts
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from beneficiate.views.reports import TypedReport
from tests.domain.booking.moments import at


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


NOW = at("2026-11-25 00:00")
UOW = UnitOfWork(SYSTEM, NOW)
COLUMNS = (Fact.at, Fact.kind, Fact.detail, Fact.chat_id, Fact.agent_id, Fact.topic, Fact.duration_s, Fact.value)


def rows():
    return list(Fact.select(*COLUMNS).order_by(Fact.id).tuples())


def test_year_is_the_same_each_time(db):
    count = load_history(200, 30, NOW)
    first = rows()
    assert load_history(200, 30, NOW) == count == len(first)
    assert rows()[count:] == first


def test_chats_are_answered_rated_and_missed_as_their_facts_say(db):
    load_history(400, 30, NOW)
    selection = FactSelection(at("2026-10-20 00:00"), NOW)
    codes = ("opened", "reopened", "closed", "resolved", "missed", "ratings", "satisfaction", "resolution_time")
    found = compute_figures(selection, codes)
    value = {code: figure.value for code, figure in found.items()}
    assert value["opened"] == 400
    assert value["opened"] + value["reopened"] == value["closed"] == value["resolved"] + value["missed"]
    assert 0 < value["missed"] < 40
    assert found["resolution_time"].count == value["resolved"]
    assert 60 < value["ratings"] < 140
    assert 3 < value["satisfaction"] <= 5
    assert Fact.select().where(Fact.duration_s < 0).count() == 0
    assert Fact.select().where(Fact.kind == "first_reply").count() == value["resolved"]


def test_every_figure_of_a_report_has_something_to_count_and_roll_ups_agree(db):
    load_history(1000, 30, NOW)
    first, last = date(2026, 10, 26), date(2026, 11, 25)
    while fold_facts(UOW, FoldFacts(2**31 - 1, 20_000)):
        pass
    report = load_typed_report(UOW, TypedReport(periodo="rango", desde=str(first), hasta=str(last), por="mes"))
    assert [code for code, shown in report.figures.items() if not shown.figure.value] == []
    for rows in (report.times, report.agents, report.topics):
        assert [row.name for row in rows if not any(shown.figure.value for shown in row.figures.values())] == []
    for day in (first + timedelta(days=number) for number in range((last - first).days + 30)):
        assert not differs_from_facts(UOW, day)
        assert not appointments_differ(UOW, day)


def test_nothing_happens_after_the_instant(db):
    load_history(1000, 30, NOW)
    assert Fact.select(fn.MAX(Fact.at)).scalar() <= NOW
    statuses = {status for (status,) in Fact.select(Fact.detail).where(Fact.kind == "appointment").distinct().tuples()}
    assert statuses == OPEN_STATUSES - {"PENDING"} | {"CANCELLED", "EXPIRED", "ATTENDED", "NO_SHOW"}
    with_a_topic = Fact.select().where(Fact.kind.in_(WITHOUT_TOPIC), Fact.topic != "")
    assert not with_a_topic.exists()
