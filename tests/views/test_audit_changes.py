"""What an entry of the audit log has changed, in words."""

import pytest

from beneficiate.views.audit_changes import HIDDEN_VALUE, NO_VALUE, RecordedChanges


def describe(before, after, *, shows_private=False, names=None):
    changes = RecordedChanges(before, after, names or {}).describe(shows_private=shows_private)
    return [(one.name, one.before, one.after) for one in changes]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("is_active", True, "Sí"),
        ("is_active", False, "No"),
        ("tries", 0, "0"),
        ("text", "", NO_VALUE),
        ("text", None, NO_VALUE),
        ("starts_at", "2026-09-04 13:05:00+00:00", "4 sept 2026, 8:05\u00a0a.\u00a0m."),
        ("starts_at", "pronto", "pronto"),
        ("availability", "away", "Ausente"),
        ("hours", ["cerrado 0-1440"], "cerrado 00:00-24:00"),
        ("hours", ["cerrado 0-1440", "abierto 480-720"], "abierto 08:00-12:00"),
        ("2026-12-24", ["cerrado 780-845"], "cerrado 13:00-14:05"),
        (
            "week",
            {"0": ["0-1440"], "6": ["480-720", "840-1080"]},
            "lunes: 00:00-24:00; domingo: 08:00-12:00, 14:00-18:00",
        ),
        ("week", {"miercoles": "08:00-12:00", "lunes": "14:00-18:00"}, "lunes: 14:00-18:00; miércoles: 08:00-12:00"),
        ("note", ["480-720"], "480-720"),
        ("agent", 7, "Yuliana Gil"),
        ("agent", 8, "8"),
    ],
)
def test_values_are_read_by_people(name, value, text):
    (change,) = describe({}, {name: value}, names={("agent", 7): "Yuliana Gil"})
    assert change[2] == text


@pytest.mark.parametrize(
    ("subject", "status", "text"),
    [("appointment:1", "EXPIRED", "Vencida"), ("payment:x", "EXPIRED", "Vencido"), ("chat:1", "EXPIRED", "EXPIRED")],
)
def test_statuses_are_those_of_the_subject(subject, status, text):
    (change,) = RecordedChanges({}, {"status": status}, {}, subject).describe(shows_private=False)
    assert change.after == text


def test_field_without_a_name_is_shown_by_its_code_and_one_of_the_past_too():
    assert describe({"old": 1}, {"new": 2}) == [("old", "1", NO_VALUE), ("new", NO_VALUE, "2")]


def test_private_fields_are_hidden_unless_asked_for():
    assert describe({"message": "x"}, {"message": "y"}) == [("Mensaje", HIDDEN_VALUE, HIDDEN_VALUE)]
    assert describe({"message": "x"}, {"message": "y"}, shows_private=True) == [("Mensaje", "x", "y")]
