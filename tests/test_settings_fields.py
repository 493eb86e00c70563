"""Fields of settings: parsing and ranges."""

from dataclasses import dataclass

import pytest

from beneficiate.settings_fields import InvalidSettings, find_range_error, parse_settings, setting_field


@dataclass
class Sample:
    name: str = setting_field("NAME", "a", "")
    names: tuple[str, ...] = setting_field("NAMES", (), "")
    number: int = setting_field("NUMBER", 5, "")
    share: float = setting_field("SHARE", 1.0, "")
    zero: int = setting_field("ZERO", 0, "", least=0, most=10)
    optional: int | None = setting_field("OPTIONAL", None, "")


def test_values_have_the_types_of_their_defaults():
    environ = {
        "NAME": "b",
        "NAMES": " c, d ,",
        "NUMBER": "7",
        "SHARE": "0.5",
        "ZERO": "",
        "OPTIONAL": "3",
        "OTHER": "x",
    }
    expected = {"name": "b", "names": ("c", "d"), "number": 7, "share": 0.5, "optional": 3}
    assert parse_settings(Sample, environ) == expected


def test_variable_of_ours_that_no_field_has_is_refused_with_the_nearest_name():
    for name in ("BENEFICIATE_NAMES", "BENEFICIATE_PORT", "BENEFICIATE_"):
        with pytest.raises(InvalidSettings, match=f"{name} is no setting. Did you mean "):
            parse_settings(Sample, {name: "8888"})


@pytest.mark.parametrize(
    ("name", "text"),
    [("BENEFICIATE_SERVICE_HOST", "10.0.0.1"), ("BENEFICIATE_WEB_SERVICE_PORT_HTTP", "80"),
     ("BENEFICIATE_PORT", "tcp://10.0.0.1:80"), ("BENEFICIATE_PORT_80_TCP", "tcp://10.0.0.1:80"),
     ("BENEFICIATE_PORT_80_TCP_ADDR", "10.0.0.1")],
)  # fmt: skip
def test_variables_that_kubernetes_adds_for_a_service_are_no_settings(name, text):
    assert parse_settings(Sample, {name: text}) == {}


@pytest.mark.parametrize(
    ("name", "text"), [("NUMBER", "x"), ("NUMBER", "1.5"), ("SHARE", "soon"), ("OPTIONAL", "9" * 5000)]
)
def test_text_that_is_no_number_is_refused(name, text):
    with pytest.raises(InvalidSettings, match=f"{name} must be a number"):
        parse_settings(Sample, {name: text})


@pytest.mark.parametrize(
    ("field", "value"),
    [("number", 0), ("number", -1), ("number", 10**10), ("share", 0.0), ("share", -0.5), ("share", float("nan")),
     ("share", float("inf")), ("zero", -1), ("zero", 11), ("optional", 0)],
)  # fmt: skip
def test_number_out_of_its_range_is_named(field, value):
    assert field.upper() in find_range_error(Sample(**{field: value}))


def test_numbers_in_their_range_are_taken():
    assert find_range_error(Sample()) is None
    assert find_range_error(Sample(number=1, share=0.001, zero=10, optional=1)) is None
