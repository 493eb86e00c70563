"""A report: its figures are those of the facts, its parts add up, and each figure opens what it counts."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Scope
from beneficiate.models.call_centre import Topic
from beneficiate.queries.metrics import compute_figures
from beneficiate.queries.report_filters import load_typed_report
from beneficiate.queries.report_lists import LIST_PARAMETERS, load_report_list
from beneficiate.queries.reports import load_report_names, select_facts
from beneficiate.unit_of_work import UnitOfWork
from tests.factories import agent, supervisor
from tests.queries.report_rows import CUT, add_chat, fold, typed


@pytest.fixture
def uow(db):
    Topic.create(code="pagos", name="Pagos", is_active=True)
    yuliana, omar = agent("Yuliana"), agent("Omar")
    for days_ago, who, topic, score in (
        (31, None, "pagos", None),
        (30, omar, "pagos", 2),
        (9, yuliana, "", None),
        (1, omar, "", 4),
        (0, None, "", None),
        (0, yuliana, "pagos", 5),
    ):
        add_chat(days_ago, agent=who, topic=topic, score=score, wait=30 + days_ago)
    fold(17)
    return UnitOfWork(supervisor().actor, CUT)


def follow(uow, address, **more):
    given = dict(parse_qsl(urlsplit(address).query)) | more
    return load_report_list(uow, {name: given.get(name, "") for name in LIST_PARAMETERS})


@pytest.mark.parametrize("filters", [{}, {"tema": "pagos"}, {"tema": "-"}, {"desde": "2026-11-25"}])
def test_every_figure_is_that_of_the_facts_and_opens_them(uow, filters):
    report = load_typed_report(uow, typed(**filters))
    codes = [code for code, metric in METRICS.items() if metric.scope is not Scope.INSTANT]
    assert set(report.figures) == set(codes)
    for code, shown in report.figures.items():
        page = follow(uow, shown.address)
        assert page.shown.figure == shown.figure == METRICS[code].compute(row.tally for row in page.rows)
        before = follow(uow, shown.before_address)
        assert shown.before == before.shown.figure == METRICS[code].compute(row.tally for row in before.rows)
    assert {code: one.figure for code, one in report.figures.items()} == compute_figures(
        select_facts(report.filters), codes
    )


@pytest.mark.parametrize("step", ["dia", "semana", "mes"])
def test_parts_add_up(uow, step):
    report = load_typed_report(uow, typed(por=step, desde="2026-10-01"))
    total = report.figures["opened"].figure.value
    assert total == 6
    assert sum(row.figures["opened"].figure.value for row in report.times) == total
    assert sum(row.figures["opened"].figure.value for row in report.topics) == total
    assert sum(report.heat.totals) == total
    assert sum(row.figures["assigned"].figure.value for row in report.agents) == report.figures["assigned"].figure.value
    assert report.rows == total
    for row in (*report.times, *report.topics, *report.agents):
        for shown in row.figures.values():
            assert follow(uow, shown.address).shown.figure == shown.figure
    for row in report.heat.rows:
        for cell in row.cells:
            if cell.count:
                assert len(follow(uow, cell.address).rows) == cell.count


def test_report_of_an_agent_counts_what_they_got(uow):
    names = load_report_names(uow)
    (yuliana,) = (id_ for id_, (name, _) in names.agents.items() if name.startswith("Yuliana"))
    report = load_typed_report(uow, typed(agente=str(yuliana)))
    assert report.agent_name.startswith("Yuliana")
    assert report.figures["assigned"].figure.value == 2
    assert report.heat.code == "assigned"
    assert [row.key for row in report.agents] == [str(yuliana)]


def test_period_before_is_cut_at_the_same_time_of_day(uow):
    report = load_typed_report(uow, typed(desde="2026-11-24"))
    assert report.before.period.text == "22 al 23 de noviembre de 2026"
    assert report.before.ends_at == CUT.replace(day=23)
    assert load_typed_report(uow, typed(comparar="no")).before is None
    over = load_typed_report(uow, typed(desde="2026-11-23", hasta="2026-11-24"))
    assert over.before.ends_at is None


def test_report_before_the_first_fact_is_empty(uow):
    report = load_typed_report(uow, typed(desde="2026-01-01", hasta="2026-02-01"))
    assert report.is_empty
    assert report.first_day.isoformat() == "2026-10-25"
    assert not load_typed_report(uow, typed()).is_empty


def test_business_days_leave_out_sundays_and_holidays(uow):
    assert load_typed_report(uow, typed()).business_days == 19


def test_topics_and_agents_to_choose_from(uow):
    names = load_report_names(uow)
    assert [one.label for one in names.topic_choices][-1] == "Sin tema"
    assert any(one.label.startswith("Omar") for one in names.agent_choices)
