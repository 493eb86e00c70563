"""The table of metrics."""

import re

import pytest

from beneficiate.domain import facts
from beneficiate.domain.booking.lifecycle import APPOINTMENT_TRANSITIONS
from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Scope, Unit

PARTS_OF_A_DAY = ("to_confirm", "confirmed", "attended", "no_show", "cancelled")


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.code)
def test_metric_is_defined_in_words_that_people_read(metric):
    assert re.fullmatch("[a-z][a-z0-9_]*", metric.code)
    assert re.fullmatch(r"¿[^?]+\?", metric.question)
    assert metric.name[0].isupper()
    assert metric.rule.endswith(".")
    assert set(metric.kinds) <= set(facts.FACT_KINDS)


def test_no_two_metrics_have_one_name_or_count_the_same():
    assert len({metric.name for metric in METRICS.values()}) == len(METRICS)
    counted = [(one.kinds, one.details, one.actors, one.scope, one.fold, one.unit) for one in METRICS.values()]
    assert len(set(counted)) == len(METRICS)


def test_every_kind_of_fact_is_counted_by_a_metric():
    assert {kind for metric in METRICS.values() for kind in metric.kinds} == set(facts.FACT_KINDS)


def test_each_status_of_an_appointment_of_a_day_has_a_figure():
    of_day = [metric for metric in METRICS.values() if metric.scope is Scope.APPOINTMENT_DAY]
    parts = [metric for metric in of_day if metric.code.removeprefix("appointments_") in PARTS_OF_A_DAY]
    statuses = [status for metric in parts for status in metric.details]
    assert len(set(statuses)) == len(statuses)
    assert set(statuses) == set(APPOINTMENT_TRANSITIONS) - {"PENDING"}  # which has no time yet


def test_shares_have_a_count_beside_them():
    assert {metric.code for metric in METRICS.values() if metric.unit is Unit.SHARE} == {
        "missed_share",
        "bot_completion",
        "satisfied_share",
        "service_level",
        "first_response_level",
        "next_response_level",
        "resolution_level",
        "rated_share",
    }
