"""The deadline of a chat, in its state and with its explanation."""

from datetime import timedelta

from beneficiate.domain.booking.business_hours import DEFAULT_BUSINESS_HOURS
from beneficiate.domain.service_levels.calendar import WorkingCalendar
from beneficiate.domain.service_levels.clocks import Clocks, move_deadlines
from beneficiate.domain.service_levels.promises import NO_PROMISES, PromisedTimes
from beneficiate.views.deadlines import BROKEN_BEFORE, COUNTED_BEFORE, build_deadline
from tests.actions.queue_steps import OPEN_HOURS_NOW

CALENDAR = WorkingCalendar(DEFAULT_BUSINESS_HOURS)
PROMISED = PromisedTimes(None, None, 4 * 3600, 3600)


def build(clocks, minutes=0):
    return build_deadline(clocks, PROMISED, CALENDAR, OPEN_HOURS_NOW + timedelta(minutes=minutes))


def test_time_that_earlier_waits_took_is_said():
    clocks = Clocks(OPEN_HOURS_NOW, is_answered=True, used_s=3600)
    deadline = build(move_deadlines(clocks, PROMISED, OPEN_HOURS_NOW, CALENDAR))
    assert (deadline.promise, deadline.state) == ("resolve", "on_time")
    assert deadline.explanation.replace("\u00a0", " ") == (
        "Resolución: de 4 h ya pasaron 1 h; quedaban 3 h hábiles el miércoles 25 (10:00 a. m.–1:00 p. m.)."
    )


def test_a_deadline_that_is_not_what_would_be_counted_now_says_why():
    at = OPEN_HOURS_NOW + timedelta(minutes=7)
    deadline = build(Clocks(OPEN_HOURS_NOW, resolution_due_at=at, resolution_warn_at=at), minutes=8)
    assert (deadline.state, deadline.explanation) == ("late", f"Resolución: {COUNTED_BEFORE}")
    # Broken; now the member owes us an answer, or has written again.
    for since in (None, at + timedelta(minutes=1)):
        found = build(Clocks(since, is_answered=True, used_s=5 * 3600, resolution_due_at=at), minutes=9)
        assert (found.state, found.explanation) == ("late", f"Resolución: {BROKEN_BEFORE}")
    # Nothing is promised any more.
    kept = build_deadline(Clocks(OPEN_HOURS_NOW, resolution_due_at=at), NO_PROMISES, CALENDAR, at)
    assert kept.explanation == f"Resolución: {COUNTED_BEFORE}"


def test_without_clocks_there_is_none():
    assert build(Clocks(OPEN_HOURS_NOW)) is None
