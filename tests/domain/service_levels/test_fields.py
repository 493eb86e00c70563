"""What a supervisor types as a service level."""

import pytest

from beneficiate.domain.service_levels.fields import parse_service_level, service_level_texts
from beneficiate.domain.service_levels.promises import PromisedTimes
from beneficiate.errors import InvalidForm

TYPED = {"primera": "1", "siguiente": "1:30", "resolver": "4", "avisar": "60", "meta": "80 %", "desde": "nuevos"}


def test_fields_are_read_and_written_alike():
    fields = parse_service_level(TYPED)
    assert fields.promised == PromisedTimes(60, 90, 4 * 3600, 3600)
    assert (fields.goal, fields.moves_open) == (80, False)
    assert service_level_texts(fields.promised, fields.goal) == TYPED


@pytest.mark.parametrize(
    ("name", "text", "promised"),
    [
        ("primera", "", PromisedTimes(None, 90, 4 * 3600, 3600)),
        ("resolver", "1,5 h", PromisedTimes(60, 90, 5400, 3600)),
        ("resolver", "0.25", PromisedTimes(60, 90, 900, 3600)),
        ("resolver", "20 min", PromisedTimes(60, 90, 1200, 3600)),
        ("resolver", "90min", PromisedTimes(60, 90, 5400, 3600)),
        ("resolver", "1:20", PromisedTimes(60, 90, 4800, 3600)),
        ("resolver", "1 h 20 min", PromisedTimes(60, 90, 4800, 3600)),
        ("resolver", "0,33", PromisedTimes(60, 90, 1188, 3600)),
        ("avisar", "", PromisedTimes(60, 90, 4 * 3600, 0)),
    ],
)
def test_what_is_empty_promises_nothing_and_hours_have_decimals(name, text, promised):
    assert parse_service_level({**TYPED, name: text}).promised == promised
    again = service_level_texts(promised, 80)
    assert parse_service_level(again).promised == promised


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("primera", "0"),
        ("primera", "1:75"),
        ("primera", "1441"),
        ("primera", "٣"),
        ("siguiente", "tres"),
        ("siguiente", "-1"),
        ("resolver", "0"),
        ("resolver", "501"),
        ("resolver", "4 días"),
        ("resolver", "1:75"),
        ("resolver", "h"),
        ("resolver", "min"),
        ("resolver", "20 min 1 h"),
        ("avisar", "6001"),
        ("meta", "0"),
        ("meta", "101"),
        ("meta", ""),
        ("desde", "todos"),
    ],
)
def test_what_is_wrong_is_said_of_its_field_alone(name, text):
    with pytest.raises(InvalidForm) as caught:
        parse_service_level({**TYPED, name: text})
    assert list(caught.value.fields) == [name]


def test_everything_may_be_wrong_at_once():
    with pytest.raises(InvalidForm) as caught:
        parse_service_level(dict.fromkeys(TYPED, "?"))
    assert list(caught.value.fields) == list(TYPED)


@pytest.mark.parametrize(("seconds", "text"), [(1200, "20 min"), (4800, "1:20"), (14_400, "4"), (1188, "0,33")])
def test_resolution_is_written_in_hours_and_minutes(seconds, text):
    assert service_level_texts(PromisedTimes(None, None, seconds, 0), 80)["resolver"] == text
