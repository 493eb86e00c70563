"""A report: its figures are those of the facts, its parts add up, and each figure opens what it counts."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Scope
from beneficiate.domain.reports.groups import group_hour_metrics
from beneficiate.models.accounts import Agent
from beneficiate.models.call_centre import Topic
from beneficiate.models.facts import Fact
from beneficiate.queries.metrics import compute_figures
from beneficiate.queries.report_filters import load_typed_report
from beneficiate.queries.report_lists import LIST_PARAMETERS, load_report_list
from beneficiate.queries.reports import load_report_names, select_facts
from beneficiate.unit_of_work import UnitOfWork
from tests.domain.booking.moments import at
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


@pytest.mark.parametrize("more", [{}, {"tema": "pagos"}, {"tema": "-"}, {"desde": "2026-11-25"}])
def test_every_figure_is_that_of_the_facts_and_opens_them(uow, more):
    report = load_typed_report(uow, typed(**{"desde": "2026-11-11"} | more))
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


@pytest.mark.parametrize(
    ("step", "first_day", "total"), [("dia", "2026-11-15", 4), ("semana", "2026-10-20", 6), ("mes", "2026-10-01", 6)]
)
def test_parts_add_up(uow, step, first_day, total):
    report = load_typed_report(uow, typed(por=step, desde=first_day))
    assert report.figures["opened"].figure.value == total
    assert sum(row.figures["opened"].figure.value or 0 for row in report.times) == total
    assert sum(row.figures["opened"].figure.value for row in report.topics) == total
    assert sum(shown.figure.value for shown in report.heat.totals) == total
    assert sum(row.figures["assigned"].figure.value for row in report.agents) == report.figures["assigned"].figure.value
    assert report.rows == total
    for row in (*report.times, *report.topics, *report.agents):
        for shown in row.figures.values():
            assert follow(uow, shown.address).shown.figure == shown.figure
    for row in report.heat.rows:
        for cell in row.cells:
            assert len(follow(uow, cell.shown.address).rows) == cell.shown.figure.value


@pytest.mark.parametrize("code", [one.code for metrics in group_hour_metrics().values() for one in metrics])
def test_every_figure_by_hour_opens_what_it_counts(uow, code):
    report = load_typed_report(uow, typed(cifra=code, desde="2026-10-01"))
    assert report.heat.metric.code == code
    nothing = METRICS[code].compute([])
    totals, has_opened_empty = [nothing] * 7, False
    for row in report.heat.rows:
        for number, cell in enumerate(row.cells):
            if cell.shown.figure == nothing and has_opened_empty:
                continue
            has_opened_empty |= cell.shown.figure == nothing
            page = follow(uow, cell.shown.address)
            assert page.shown.figure == cell.shown.figure == METRICS[code].compute(one.tally for one in page.rows)
            totals[number] = totals[number] if not cell.shown.figure.count else cell.shown.figure
    # Each weekday has facts of one hour of the day at most.
    assert [shown.figure for shown in report.heat.totals] == totals


def test_report_of_an_agent_counts_what_they_got(uow):
    names = load_report_names(uow)
    (yuliana,) = (id_ for id_, (name, _) in names.agents.items() if name.startswith("Yuliana"))
    report = load_typed_report(uow, typed(agente=str(yuliana)))
    assert report.agent_name.startswith("Yuliana")
    assert report.figures["assigned"].figure.value == 2
    assert report.heat.metric.code == "assigned"
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


@pytest.mark.parametrize(
    ("filters", "change"),
    [
        ({"desde": "2026-11-09"}, "Sin datos para comparar"),
        ({"desde": "2026-11-10"}, "2 más, 100,0\u00a0%"),
        ({"desde": "2026-10-25"}, "Sin datos para comparar"),
    ],
    ids=["partly covered", "covered from the first day on", "before the first day"],
)
def test_period_is_compared_only_with_days_that_all_have_figures(uow, filters, change):
    report = load_typed_report(uow, typed(**filters))
    assert report.figures["opened"].change.text == change
    has_data = change[0] != "S"
    for shown in report.figures.values():
        assert bool(shown.before_address) is has_data
        assert has_data or (shown.before_text, shown.change.text) == ("—", "Sin datos para comparar")
    assert ("no se compara" in report.before_text) is not has_data


def test_parts_before_the_first_fact_have_no_figures(uow):
    report = load_typed_report(uow, typed(desde="2026-08-15", por="mes"))
    assert [row.figures["opened"].text for row in report.times] == ["—", "—", "2", "4"]
    assert [row.figures["satisfaction"].text for row in report.times] == ["—", "—", "2,00", "4,50"]
    weeks = load_typed_report(uow, typed(desde="2026-10-12", hasta="2026-11-01", por="semana"))
    assert [row.figures["opened"].text for row in weeks.times] == ["—", "1", "1"]
    none = load_typed_report(uow, typed(desde="2026-01-01", hasta="2026-02-01"))
    assert {shown.text for shown in (*none.figures.values(), *none.heat.totals)} == {"—"}
    assert {cell.shown.text for row in none.heat.rows for cell in row.cells} == {"—"}


def test_business_days_leave_out_sundays_and_holidays(uow):
    assert load_typed_report(uow, typed()).business_days == 19


def test_topics_and_agents_to_choose_from(uow):
    names = load_report_names(uow)
    assert [one.label for one in names.topic_choices][-1] == "Sin tema"
    assert any(one.label.startswith("Omar") for one in names.agent_choices)
    Topic.create(code="viejo", name="Afiliaciones", is_active=False)
    assert [one.label for one in load_report_names(uow).topic_choices] == [
        "Afiliaciones (inactivo)",
        "Pagos",
        "Sin tema",
    ]


BOUNDARIES = (
    "2020-01-01 00:00",
    "2024-02-28 23:59:59.999999", "2024-02-29 00:00", "2024-02-29 23:59:59.999999", "2024-03-01 00:00",
    "2025-12-31 23:59:59.999999", "2026-01-01 00:00", "2026-01-04 23:59:59.999999", "2026-01-05 00:00",
    "2026-11-24 23:59:59.999999", "2026-11-25 00:00",
)  # fmt: skip
ODD_FILTERS = [
    {"desde": "2024-02-29", "hasta": "2024-02-29"},
    {"desde": "2024-02-01", "hasta": "2024-02-29"},
    {"desde": "2025-02-28", "hasta": "2025-03-01"},
    {"desde": "2025-12-30", "hasta": "2026-01-05", "por": "semana"},
    {"desde": "2025-12-31", "hasta": "2026-01-01", "por": "mes", "tema": "-"},
    {"desde": "2023-11-27", "hasta": "2026-11-25"},
    {"desde": "2020-01-01", "hasta": "2020-12-31", "por": "dia"},
    {"periodo": "semana", "en": "2026-01-01"},
    {"periodo": "mes", "en": "2024-02-29"},
    {"periodo": "hoy"},
]  # fmt: skip


def select_near_boundaries(times):
    """Parts with something to count, and their neighbours, which a wrong midnight would give it to; and the first."""
    counted = {number for number, row in enumerate(times) if any(one.figure.count for one in row.figures.values())}
    return [row for number, row in enumerate(times) if number == 0 or counted & {number - 1, number, number + 1}]


@pytest.mark.parametrize("filters", ODD_FILTERS, ids=lambda one: " ".join(one.values()))
@pytest.mark.parametrize("is_rolled", [True, False])
def test_midnights_of_odd_days_are_counted_once_and_each_figure_opens_its_list(uow, filters, is_rolled):
    yuliana = Agent.get()
    for number, text in enumerate(BOUNDARIES):
        row = {
            "chat_id": 5000 + number,
            "span": 1,
            "actor_role": "member",
            "agent_id": yuliana.id,
            "agent_name": "Yuliana",
        }
        for kind in ("opened", "assigned", "closed"):
            Fact.create(at=at(text), kind=kind, detail="missed" if kind == "closed" else "", duration_s=number, **row)
    if is_rolled:
        fold()
    report = load_typed_report(uow, typed(**filters))
    period = report.filters.period
    within = [text for text in BOUNDARIES if str(period.first) <= text[:10] <= str(period.last)]
    added = [row for row in follow(uow, report.figures["opened"].address).rows if row.chat_id >= 5000]
    assert len(added) == len(within)
    assert sum(row.figures["opened"].figure.value for row in report.times) == report.figures["opened"].figure.value
    times = select_near_boundaries(report.times)
    parts = [one.figures.values() for one in (*times, *report.topics, *report.agents)]
    for shown in (*report.figures.values(), *(one for figures in parts for one in figures)):
        assert follow(uow, shown.address).shown.figure == shown.figure
        if shown.before_address:
            assert follow(uow, shown.before_address).shown.figure == shown.before
