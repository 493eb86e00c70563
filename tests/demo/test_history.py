"""The past of a load test is the same each time, and like that of real chats."""

import pytest

from beneficiate.demo.history import load_history
from beneficiate.models.facts import Fact
from beneficiate.queries.metrics import FactSelection, compute_figures
from tests.domain.booking.moments import at


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


NOW = at("2026-11-25 00:00")
COLUMNS = (Fact.at, Fact.kind, Fact.detail, Fact.chat_id, Fact.agent_id, Fact.topic, Fact.duration_s, Fact.value)


def rows():
    return list(Fact.select(*COLUMNS).order_by(Fact.id).tuples())


def test_year_is_the_same_each_time(db):
    count = load_history(200, 30, NOW)
    first = rows()
    assert load_history(200, 30, NOW) == 2 * count
    assert rows()[count:] == first


def test_chats_are_answered_rated_and_missed_as_their_facts_say(db):
    load_history(400, 30, NOW)
    selection = FactSelection(at("2026-10-20 00:00"), NOW)
    codes = ("opened", "closed", "resolved", "missed", "ratings", "satisfaction", "resolution_time")
    found = compute_figures(selection, codes)
    value = {code: figure.value for code, figure in found.items()}
    assert value["opened"] == value["closed"] == value["resolved"] + value["missed"] == 400
    assert 0 < value["missed"] < 40
    assert found["resolution_time"].count == value["resolved"]
    assert 60 < value["ratings"] < 140
    assert 3 < value["satisfaction"] <= 5
    assert Fact.select().where(Fact.duration_s < 0).count() == 0
    assert Fact.select().where(Fact.kind == "first_reply").count() == value["resolved"]
