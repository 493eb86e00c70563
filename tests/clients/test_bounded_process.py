"""A process that reads a file of strangers ends alone, and what it complains about has nothing of the file."""

import subprocess

import pytest

from beneficiate.clients import bounded_process
from beneficiate.clients.bounded_process import TooCostly, run_bounded
from beneficiate.errors import Unavailable

MEMORY_BYTES = 512 * 1024 * 1024


@pytest.fixture
def end_with(monkeypatch):
    """Replace the process by its end: a status, and what it complained about."""

    def replace(status, stderr=b""):
        ended = subprocess.CompletedProcess([], status, b"", stderr)
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: ended)

    return replace


def run():
    return run_bounded("beneficiate.clients.workbooks", MEMORY_BYTES, [])


def test_process_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(bounded_process, "TIMEOUT_S", 0.001)
    with pytest.raises(TooCostly):
        run()


def test_process_that_a_signal_ends_was_too_costly(end_with):
    end_with(-11)
    with pytest.raises(TooCostly):
        run()


def test_process_that_fails_by_itself_is_unavailable_and_logs_no_content(end_with, capsys):
    end_with(1, stderr=b"Traceback\nImportError: Ana Torres")
    with pytest.raises(Unavailable):
        run()
    logged = capsys.readouterr().out
    assert "ImportError" in logged
    assert "Torres" not in logged


def test_process_that_does_not_start_is_unavailable(monkeypatch):
    monkeypatch.setattr(bounded_process.sys, "executable", "/nowhere/python")
    with pytest.raises(Unavailable):
        run()
