"""Exceptions are logged as their class and place, without their text; repeated lines are left out."""

import asyncio

import pytest
from structlog.testing import capture_logs

from beneficiate import logs
from beneficiate.logs import (
    MAX_KINDS,
    LogThrottle,
    _add_exception_location,
    log_failure,
    log_loop_exception,
    log_repeated_warning,
)


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


def test_a_throttle_knows_so_many_kinds_and_forgets_those_that_are_over():
    now = [0.0]
    throttle = LogThrottle(1.0, lambda: now[0])
    assert [throttle.admit(f"kind {number}") for number in range(MAX_KINDS)] == [0] * MAX_KINDS
    assert [throttle.admit("one more"), throttle.admit("another"), throttle.admit("kind 0")] == [0, None, None]
    now[0] = 1.0
    assert [throttle.admit("another"), throttle.admit("kind 0")] == [0, 1]
    assert len(throttle._next_at) == 3


@pytest.fixture
def now(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(logs, "_failures", LogThrottle(10.0, lambda: now[0]))
    return now


def test_the_same_failure_is_written_whole_once_per_interval_and_then_counted(now):
    with capture_logs() as entries:
        for number in range(3):
            log_failure("job_failed", ValueError(number), {"run": number}, job="sweep")
        log_failure("job_failed", ValueError(), job="index")
        log_failure("job_failed", TypeError(), job="sweep")
        now[0] = 10.0
        log_failure("job_failed", ValueError(), {"run": 3}, job="sweep")
    written = [(type(one["exc_info"]), one["job"], one.get("run"), one["left_out"]) for one in entries]
    assert written == [
        (ValueError, "sweep", 0, 0),
        (ValueError, "index", None, 0),
        (TypeError, "sweep", None, 0),
        (ValueError, "sweep", 3, 2),
    ]


def test_a_state_that_lasts_is_written_once_per_interval(now):
    with capture_logs() as entries:
        for now[0] in (0.0, 0.5, 1.0, 10.0):
            log_repeated_warning("bus_cannot_listen", problem="ConnectionError")
    assert [(one["log_level"], one["left_out"]) for one in entries] == [("warning", 0), ("warning", 2)]


def test_exceptions_of_the_loop_are_throttled(now):
    loop = asyncio.new_event_loop()
    with capture_logs() as entries:
        for _ in range(5):
            log_loop_exception(loop, {"message": "Task exception was never retrieved", "exception": ValueError()})
    loop.close()
    assert len(entries) == 1
