"""How requests are shown: words, marks and classes."""

from datetime import UTC, date, datetime

import pytest

from beneficiate.views.data_requests import RequestEvent, RequestSummary

NOW = datetime(2026, 8, 25, 15, tzinfo=UTC)


def summary(**columns):
    given = {
        "id": 35,
        "number": "RD-2026-0035",
        "kind": "claim",
        "subject": "correct",
        "state": "in_progress",
        "received_at": NOW,
        "due_on": date(2026, 8, 28),
        "closed_at": None,
        "distance": "Quedan 3 días hábiles",
        "is_late": False,
        "is_close": False,
    }
    return RequestSummary(**{**given, **columns})


def test_names_are_those_of_the_kind_the_subject_and_the_state():
    one = summary()
    assert (one.kind_name, one.subject_name, one.badge.label) == ("Reclamo", "Corregir un dato", "En trámite")
    assert summary(kind="query", subject="").subject_name == "Saber algo de sus datos"


@pytest.mark.parametrize(
    ("columns", "classes"),
    [({}, "clock"), ({"is_close": True}, "clock is-close"), ({"is_late": True, "is_close": False}, "clock is-past")],
)
def test_mark_says_how_near_the_end_is(columns, classes):
    assert summary(**columns).clock_class == classes


def test_request_is_open_until_it_is_closed():
    assert summary().is_open
    assert not summary(closed_at=NOW).is_open


def test_event_is_said_in_words():
    event = RequestEvent("asked", NOW, "Marta", "El registro civil.")
    assert (event.name, event.icon) == ("Se pidió información", "circle-question-mark")
