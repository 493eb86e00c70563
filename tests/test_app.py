"""The composition of a process."""

import pytest

from beneficiate.app import build_application, build_telemetry_application


@pytest.mark.gen_test
async def test_pages_and_metrics_are_two_applications(server):
    pages, metrics = build_application(server.context), build_telemetry_application(server.context)
    assert not {rule.matcher.regex.pattern for rule in metrics.wildcard_router.rules} - {"^/metrics$", "^.*$"}
    assert len(pages.wildcard_router.rules) > 100
