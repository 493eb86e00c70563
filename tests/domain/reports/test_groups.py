"""Every figure of a period is in one group."""

from dataclasses import replace

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Scope
from beneficiate.domain.reports.groups import group_metrics, is_more_better


def test_every_figure_of_a_period_is_in_one_group():
    codes = [metric.code for metrics in group_metrics().values() for metric in metrics]
    assert sorted(codes) == sorted(code for code, metric in METRICS.items() if metric.scope is not Scope.INSTANT)
    assert "Otras" not in group_metrics()


def test_new_figures_appear_by_themselves(monkeypatch):
    for code in ("missed_twice", "surprise"):
        monkeypatch.setitem(METRICS, code, replace(METRICS["missed_share"], code=code))
    groups = group_metrics()
    assert [metric.code for metric in groups["Otras"]] == ["surprise"]
    assert "missed_twice" in [metric.code for metric in groups["Perdidos y movimientos"]]


def test_longest_beginning_names_the_group():
    codes = [metric.code for metric in group_metrics()["Nivel de servicio"]]
    assert codes == ["service_level", "first_response_level", "next_response_level", "resolution_level"]


def test_what_is_better():
    verdicts = {
        code: is_more_better(METRICS[code]) for code in ("first_response", "missed_share", "satisfaction", "opened")
    }
    assert verdicts == {"first_response": False, "missed_share": False, "satisfaction": True, "opened": None}
