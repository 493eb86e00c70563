"""The shares of kept promises."""

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Tally


def test_each_promise_has_its_share_and_all_have_one():
    counts = {"first.met": 3, "first.late": 1, "next.met": 1, "next.late": 1, "resolve.late": 2}
    tallies = [Tally("service_level", detail, 1, "", 60, times) for detail, times in counts.items()]
    tallies.append(Tally("first_reply", "", 1, "", 60, 9))
    figures = {code: METRICS[code].compute(tallies) for code in METRICS if code.endswith("_level")}
    assert {code: (figure.value, figure.count) for code, figure in figures.items()} == {
        "service_level": (0.5, 8),
        "first_response_level": (0.75, 4),
        "next_response_level": (0.5, 2),
        "resolution_level": (0.0, 2),
    }
    assert figures["first_response_level"].low < 0.75 < figures["first_response_level"].high
    assert METRICS["resolution_level"].compute([]).value is None
