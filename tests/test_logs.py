"""Exceptions are logged as their class and place, without their text; repeated lines are left out."""

import asyncio

import pytest
from structlog.testing import capture_logs

from beneficiate.logs import LogThrottle, _add_exception_location, log_loop_exception


def test_text_of_an_exception_is_not_logged():
    with pytest.raises(ValueError, match="ana") as caught:
        int("ana@example.com")
    event = _add_exception_location(None, "error", {"event": "failed", "exc_info": caught.value})
    assert event["problem"] == "ValueError"
    assert event["where"][-1].endswith("test_text_of_an_exception_is_not_logged")
    assert "ana@example.com" not in repr(event)


def test_entries_without_an_exception_stay_as_they_are():
    assert _add_exception_location(None, "info", {"event": "started"}) == {"event": "started"}


def test_arguments_of_a_failed_callback_are_not_logged():
    loop = asyncio.new_event_loop()
    context = {"message": "Exception in callback send('ana@example.com')", "exception": ValueError()}
    with capture_logs() as entries:
        log_loop_exception(loop, context)
    loop.close()
    assert [entry["said"] for entry in entries] == ["Exception in callback send"]


def test_one_line_of_each_kind_per_interval_is_admitted_and_the_others_are_counted():
    now = [0.0]
    throttle = LogThrottle(1.0, lambda: now[0])
    assert [throttle.admit(kind) for kind in ("lost", "lost", "locked", "lost")] == [0, None, 0, None]
    now[0] = 1.0
    assert [throttle.admit(kind) for kind in ("lost", "locked", "lost")] == [2, 0, None]
