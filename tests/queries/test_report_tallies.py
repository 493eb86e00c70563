"""Tallies from roll-ups fold to the figures of the facts alone, whatever happened in which order."""

import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beneficiate.actions.rollups import FoldFacts, fold_facts
from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.folds import OF_MEASURES, sum_measures
from beneficiate.domain.metrics.metric import Actors, Scope, Tally
from beneficiate.domain.metrics.rollups import HOURS_PER_DAY, MEASURED_BY_HOUR, NOBODY
from beneficiate.formatting import BOGOTA, bogota_date
from beneficiate.models.base import database, is_postgresql
from beneficiate.models.facts import Fact
from beneficiate.models.rollups import FactRollup, RollupState
from beneficiate.queries import rollups
from beneficiate.queries.metrics import (
    FactSelection,
    compute_figures,
    compute_metric,
    start_of_day,
)
from beneficiate.queries.report_tallies import load_hours, load_rolled_tallies
from beneficiate.queries.rollup_plans import Group
from beneficiate.queries.rollups import day_of_bogota
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.domain.booking.moments import at

FIRST = at("2026-01-30 00:00")
CODES = [code for code, metric in METRICS.items() if metric.scope is not Scope.INSTANT]
HOUR_CODES = (
    "opened",
    "missed_share",
    "first_response",
    "first_response_max",
    "first_response_p90",
    "satisfaction",
    "satisfied_share",
    "rated_share",
    "payments_amount",
)
LAST_MOMENT = timedelta(days=1) - timedelta(microseconds=1)
hours_ = st.integers(0, 24 * 65)
CHAT_KINDS = [
    ("opened", ""),
    ("first_reply", ""),
    ("reply", ""),
    ("closed", "answered"),
    ("closed", "missed"),
    ("rated", ""),
    ("assigned", "given"),
]
STATUSES = ["TO_BE_CONFIRMED", "CONFIRMED", "CANCELLED", "ATTENDED"]


def chat_fact(hour, kind, agent_id, topic, measure):
    what = {"value": measure % 5 + 1} if kind[0] == "rated" else {"duration_s": measure}
    common = {"chat_id": 1, "agent_id": agent_id, "topic": topic}
    return {"at": FIRST + timedelta(hours=hour), "kind": kind[0], "detail": kind[1], **common, **what}


def appointment_fact(hour, id_, status, day, agent_id):
    starts_at = None if day is None else FIRST + timedelta(days=day, hours=12)
    common = {"appointment_id": id_, "agent_id": agent_id, "starts_at": starts_at}
    return {"at": FIRST + timedelta(hours=hour), "kind": "appointment", "detail": status, **common}


def payment_fact(hour, amount):
    common = {"payment_id": "x", "value": amount}
    return {"at": FIRST + timedelta(hours=hour), "kind": "payment", "detail": "APPROVED", **common}


agents_ = st.sampled_from([None, 1, 2])
topics_ = st.sampled_from(["", "pagos", "citas"])
days_ = st.one_of(st.none(), st.integers(0, 60))
facts_ = st.one_of(
    st.builds(chat_fact, hours_, st.sampled_from(CHAT_KINDS), agents_, topics_, st.integers(0, 9000)),
    st.builds(appointment_fact, hours_, st.integers(1, 4), st.sampled_from(STATUSES), days_, agents_),
    st.builds(payment_fact, hours_, st.integers(1, 2_000_000)),
)
steps = st.lists(st.one_of(facts_, facts_, st.integers(1, 8)), min_size=1, max_size=30)
"""Facts, and numbers of facts that are rolled up next."""


def play(found):
    """Let the facts happen, and roll them up where the steps say so."""
    for step in found:
        if isinstance(step, int):
            fold_facts(UnitOfWork(SYSTEM, FIRST), FoldFacts(2**31 - 1, step))
        else:
            Fact.create(actor_role="agent", **step)


def compute_rolled(selection, codes, group=Group.NOTHING):
    found = load_rolled_tallies(selection, [METRICS[code] for code in codes], group)
    by_key = {key: {code: compute_metric(METRICS[code], own) for code in codes} for key, own in found.items()}
    return by_key if group is not Group.NOTHING else by_key.get("", {code: METRICS[code].compute([]) for code in codes})


def compute_hours(selection, code):
    return {hour: compute_metric(METRICS[code], own) for hour, own in load_hours(selection, METRICS[code]).items()}


@pytest.fixture
def undone(db, monkeypatch):
    """Undo what each example does; facts may come in any order of their times."""
    monkeypatch.setattr(rollups, "MAX_DELAY", timedelta(days=1000))

    def run(check):
        with database.atomic() as unit:
            check()
            unit.rollback()

    return run


@pytest.mark.parametrize("group", [None, "agent", "topic"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=steps, first=st.integers(0, 60), days=st.integers(0, 62), cut=st.one_of(st.none(), st.integers(0, 23)))
def test_figures_are_those_of_the_facts(undone, group, found, first, days, cut):
    starts_at = FIRST + timedelta(days=first)
    end = starts_at + timedelta(days=days)
    until = end + (LAST_MOMENT if cut is None else timedelta(hours=cut))
    chosen = {"agent_id": 1} if group == "agent" else {"topic": "pagos"} if group == "topic" else {}
    selection = FactSelection(starts_at, until, **chosen, as_of=FIRST + timedelta(days=90))

    def check():
        play(found)
        assert compute_rolled(selection, CODES) == compute_figures(selection, CODES)
        if not group:
            for agent_id, figures in compute_rolled(selection, CODES, Group.AGENT).items():
                if agent_id != NOBODY:
                    assert figures == compute_figures(replace(selection, agent_id=agent_id), CODES)

    undone(check)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=steps, first=st.integers(0, 60), days=st.integers(0, 62))
def test_groups_are_parts_of_the_whole(undone, found, first, days):
    starts_at = FIRST + timedelta(days=first)
    selection = FactSelection(starts_at, starts_at + timedelta(days=days) + LAST_MOMENT)

    def check():
        play(found)
        for day, figures in compute_rolled(selection, CODES, Group.DAY).items():
            start, end = day_of_bogota(day)
            own = FactSelection(start, end - timedelta(microseconds=1), as_of=selection.until)
            assert figures == compute_figures(own, CODES)
        for topic, figures in compute_rolled(selection, ["opened", "first_response_p90"], Group.TOPIC).items():
            if topic:
                chosen = FactSelection(selection.starts_at, selection.until, topic=topic)
                assert figures == compute_figures(chosen, ["opened", "first_response_p90"])
        codes = ["opened", "chat_length", "first_response_p90"]
        for monday, figures in compute_rolled(selection, codes, Group.WEEK).items():
            end = day_of_bogota(monday + timedelta(days=6))[1] - timedelta(microseconds=1)
            bounds = max(selection.starts_at, day_of_bogota(monday)[0]), min(selection.until, end)
            assert figures == compute_figures(FactSelection(*bounds), codes)
        months = compute_rolled(selection, ["opened"], Group.MONTH)
        expected = Counter(
            bogota_date(fact.at).replace(day=1)
            for fact in Fact.select().where(Fact.kind == "opened")
            if selection.starts_at <= fact.at <= selection.until
        )
        assert {key: one["opened"].value for key, one in months.items() if one["opened"].value} == expected

    undone(check)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=steps, first=st.integers(0, 60), days=st.integers(0, 62))
def test_hours_have_the_figures_of_their_facts(undone, found, first, days):
    starts_at = FIRST + timedelta(days=first)
    selection = FactSelection(starts_at, starts_at + timedelta(days=days) + LAST_MOMENT)

    def check():
        play(found)
        for code in HOUR_CODES:
            by_hour = defaultdict(list)
            for fact in Fact.select().where(Fact.kind.in_(METRICS[code].kinds)):
                if selection.starts_at <= fact.at <= selection.until:
                    local = fact.at.astimezone(BOGOTA)
                    measure = fact.value if fact.duration_s is None else fact.duration_s
                    tally = Tally(fact.kind, fact.detail, None, "", measure)
                    by_hour[local.weekday() * HOURS_PER_DAY + local.hour].append(tally)
            assert compute_hours(selection, code) == {hour: METRICS[code].compute(own) for hour, own in by_hour.items()}

    undone(check)


def test_only_appointments_are_told_apart_by_who_acted():
    """Roll-ups of all agents do not know whether one acted."""
    assert {metric.scope for metric in METRICS.values() if metric.actors is not Actors.ANYONE} == {
        Scope.APPOINTMENT_DAY
    }


def test_facts_are_rolled_up_once_and_later_ones_are_counted_beside(db):
    for hour in range(3):
        Fact.create(at=FIRST + timedelta(hours=hour), kind="opened", actor_role="member", chat_id=1)
    uow = UnitOfWork(SYSTEM, FIRST)
    last = Fact.select().order_by(Fact.id.desc()).get().id
    assert [fold_facts(uow, FoldFacts(last - 1)), fold_facts(uow, FoldFacts(last - 1))] == [2, 0]
    state = RollupState.get()
    assert (state.folded_id, state.newest_at) == (last - 1, FIRST + timedelta(hours=1))
    assert isinstance(state.newest_at, datetime)
    selection = FactSelection(start_of_day(FIRST), FIRST + timedelta(hours=1))
    assert compute_rolled(selection, ["opened"])["opened"].value == 2
    assert compute_rolled(FactSelection(FIRST, FIRST + timedelta(hours=5)), ["opened"])["opened"].value == 3


def test_fact_of_a_time_long_before_the_newest_is_counted_when_it_is_rolled_up(db):
    uow, selection = UnitOfWork(SYSTEM, FIRST), FactSelection(start_of_day(FIRST), FIRST + timedelta(days=9))
    for day, value in ((5, 1), (0, 1)):
        Fact.create(at=FIRST + timedelta(days=day), kind="opened", actor_role="member", chat_id=1)
        if day:
            fold_facts(uow, FoldFacts(2**31 - 1))
        assert compute_rolled(selection, ["opened"])["opened"].value == value
    fold_facts(uow, FoldFacts(2**31 - 1))
    assert compute_rolled(selection, ["opened"])["opened"].value == 2


@pytest.mark.parametrize("group", [Group.NOTHING, Group.AGENT, Group.TOPIC, Group.DAY, Group.WEEK])
def test_roll_ups_and_newer_facts_are_found_by_their_indexes(db, group):
    for day in range(40):
        rows = [chat_fact(day * 24, ("first_reply", ""), agent_id, "pagos", day) for agent_id in range(1, 9)]
        Fact.insert_many([{"actor_role": "agent", "detail": "", **row} for row in rows]).execute()
    fold_facts(UnitOfWork(SYSTEM, FIRST), FoldFacts(2**31 - 1, 10_000))
    database.execute_sql("ANALYZE")
    if is_postgresql():
        database.execute_sql("SET LOCAL enable_seqscan = off")
    seen = []
    execute = database.obj.execute_sql

    def note(sql, params=None):
        if "fact_rollups" in sql or ("facts" in sql and "GROUP BY" in sql):
            seen.append((sql, params))
        return execute(sql, params)

    database.obj.execute_sql = note
    try:
        selection = FactSelection(FIRST, FIRST + timedelta(days=39), topic="pagos")
        load_rolled_tallies(selection, [METRICS["first_response_p90"], METRICS["opened"]], group)
    finally:
        del database.obj.execute_sql
    assert seen
    for sql, params in seen:
        how = execute(f"EXPLAIN {'' if is_postgresql() else 'QUERY PLAN '}{sql}", params).fetchall()
        plan = " ".join(str(part) for row in how for part in row)
        assert "Seq Scan" not in plan
        assert not re.search(r"SCAN (t1|\w+_rollups|facts)(?! USING)", plan), plan


@pytest.mark.parametrize("code", HOUR_CODES)
def test_hours_of_roll_ups_of_an_older_version_are_those_of_the_facts(db, code):
    for hour in range(40):
        kind = CHAT_KINDS[hour % len(CHAT_KINDS)]
        for one in (kind, ("closed", "answered")):
            Fact.create(actor_role="agent", **chat_fact(hour, one, 1, "pagos", hour))
    Fact.create(actor_role="agent", **payment_fact(3, 49_999))
    fold_facts(UnitOfWork(SYSTEM, FIRST), FoldFacts(2**31 - 1))
    selection = FactSelection(FIRST, FIRST + timedelta(days=3))
    found = compute_hours(selection, code)
    assert any(figure.value for figure in found.values())
    FactRollup.update(hour_measures="{}").execute()
    assert compute_hours(selection, code) == found


def test_kinds_that_are_measured_by_hour_are_those_that_a_metric_measures():
    """What a count or a share needs is how many there are."""
    measuring = [
        one for one in METRICS.values() if one.scope is Scope.PERIOD and one.fold in OF_MEASURES | {sum_measures}
    ]
    assert {kind for metric in measuring for kind in metric.kinds} == MEASURED_BY_HOUR
