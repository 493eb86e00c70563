"""Everything that a request may be has a name and an icon."""

from pathlib import Path

from beneficiate.domain.data_requests.lifecycle import DECISIONS, EVENTS, STATES, SUBJECTS
from beneficiate.domain.data_requests.presentation import (
    DECISION_NAMES,
    EVENT_NAMES,
    KIND_NAMES,
    STATE_BADGES,
    SUBJECT_NAMES,
    format_request_number,
)
from beneficiate.domain.data_requests.terms import KINDS

SPRITE = (Path(__file__).parents[3] / "static" / "icons" / "sprite.svg").read_text(encoding="utf-8")


def test_every_state_event_subject_and_decision_has_a_name():
    assert set(STATE_BADGES) == set(STATES)
    assert set(EVENT_NAMES) == set(EVENTS)
    assert set(SUBJECT_NAMES) == {*SUBJECTS, ""}
    assert set(DECISION_NAMES) == set(DECISIONS)
    assert set(KIND_NAMES) == set(KINDS)


def test_icons_are_of_the_set():
    icons = {badge.icon for badge in STATE_BADGES.values()} | {icon for _, icon in EVENT_NAMES.values()}
    assert [icon for icon in icons if f'id="i-{icon}"' not in SPRITE] == []


def test_number_has_the_year_and_at_least_four_digits():
    assert format_request_number(35, 2026) == "RD-2026-0035"
    assert format_request_number(12345, 2027) == "RD-2027-12345"
