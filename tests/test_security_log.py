"""Security events have a digest instead of the e-mail, a network instead of the address, and do not flood the log."""

import pytest
from structlog.testing import capture_logs

from beneficiate import security_log
from beneficiate.security_log import (
    HANDSHAKE_REFUSED,
    LINES_PER_WINDOW,
    SIGN_IN_FAILED,
    SIGNED_IN,
    WINDOW_S,
    SecurityLog,
)


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def events(clock):
    return SecurityLog("x" * 32, clock)


def test_event_names_the_network_and_a_digest_of_the_email(events):
    with capture_logs() as lines:
        events.write(SIGN_IN_FAILED, address="203.0.113.9", user_id=7, email="ana@x.co")
        events.write(SIGN_IN_FAILED, address="2001:db8::9", email="ana@x.co")
        SecurityLog("y" * 32).write(SIGN_IN_FAILED, address="203.0.113.9", email="ana@x.co")
        events.write(SIGNED_IN, address="203.0.113.9", user_id=7, kind="page")
    digest = lines[0]["email_digest"]
    expected = {"event": "sign_in_failed", "log_level": "warning", "user_id": 7, "network": "203.0.113.0/24"}
    assert lines[0] == {**expected, "email_digest": digest}
    assert (lines[1]["network"], lines[1]["email_digest"], lines[1]["user_id"]) == ("2001:db8::/64", digest, 0)
    assert lines[2]["email_digest"] != digest
    assert (lines[3]["log_level"], lines[3]["kind"]) == ("info", "page")
    assert "ana@x.co" not in str(lines)
    assert "113.9" not in str(lines)


def test_flood_of_one_network_becomes_a_count(events, clock):
    with capture_logs() as lines:
        for _ in range(500):
            events.write(HANDSHAKE_REFUSED, address="203.0.113.9", reason="token")
        events.write(HANDSHAKE_REFUSED, address="198.51.100.7", reason="token")
        events.report_suppressed()
        assert len(lines) == LINES_PER_WINDOW + 1
        clock.now += WINDOW_S
        events.write(HANDSHAKE_REFUSED, address="203.0.113.200", reason="token")
    assert [line["event"] for line in lines[-2:]] == ["security_events_suppressed", "handshake_refused"]
    assert (lines[-2]["suppressed"], lines[-2]["count"], lines[-2]["source"]) == (
        "handshake_refused",
        500 - LINES_PER_WINDOW,
        "203.0.113.0/24",
    )


def test_count_is_written_without_another_event(events, clock):
    with capture_logs() as lines:
        for _ in range(LINES_PER_WINDOW + 2):
            events.write(security_log.REFUSED, user_id=7)
        clock.now += WINDOW_S
        events.report_suppressed()
        events.report_suppressed()
    assert (lines[-1]["source"], lines[-1]["count"]) == ("user:7", 2)
    assert len(lines) == LINES_PER_WINDOW + 1


def test_many_networks_share_a_window_once_there_are_too_many(events, monkeypatch):
    monkeypatch.setattr(security_log, "MAX_WINDOWS", 3)
    with capture_logs() as lines:
        for number in range(200):
            events.write(HANDSHAKE_REFUSED, address=f"10.0.{number}.1", reason="token")
    assert len(lines) == 3 + LINES_PER_WINDOW
