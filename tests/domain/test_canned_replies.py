"""Canned replies fill in what is known and leave the rest visible."""

from datetime import UTC, datetime

import pytest

from beneficiate.domain.canned_replies import (
    VARIABLE_EXAMPLES,
    fill_variables,
    format_date_and_time,
)

VALUES = {"member.first_name": "Ana María", "agent.first_name": "Yuliana", "plan.name": ""}


def test_what_is_known_is_filled_in_wherever_it_stands():
    text = "Hola, {{member.first_name}}. Soy {{ agent.first_name }}. ¿{{member.first_name}}?"
    assert fill_variables(text, VALUES) == ("Hola, Ana María. Soy Yuliana. ¿Ana María?", [])


def test_what_is_unknown_or_empty_stays_visible_and_is_reported_once():
    text = "{{plan.name}} {{member.age}} {{plan.name}}"
    assert fill_variables(text, VALUES) == (text, ["plan.name", "member.age"])


@pytest.mark.parametrize(
    "text",
    [
        "{{ 7*7 }}",
        "{{member.__class__}}",
        "{{member['first_name']}}",
        "{% for x in y %}",
        "{{}}",
        "{member.first_name}",
        "{{member.first_name",
        "{{member.first_name|upper}}",
        "${member.first_name}",
        "{{{{",
    ],
)
def test_nothing_else_means_anything(text):
    assert fill_variables(text, VALUES).text == text


def test_value_is_not_expanded_again():
    values = {"member.first_name": "{{agent.first_name}}", "agent.first_name": "Yuliana"}
    assert fill_variables("{{member.first_name}}", values) == ("{{agent.first_name}}", [])
    assert fill_variables("{{member.first_name}}", {"member.first_name": r"\1 \g<0>"}).text == r"\1 \g<0>"


def test_long_text_of_braces_takes_no_time():
    text = "{{" * 50_000 + "{{" + " " * 50_000
    assert fill_variables(text, VALUES) == (text, [])


def test_every_variable_of_the_list_is_one():
    assert fill_variables(" ".join(f"{{{{{name}}}}}" for name in VARIABLE_EXAMPLES), {}).unknown == list(
        VARIABLE_EXAMPLES
    )


def test_times_are_those_of_bogota():
    assert (
        format_date_and_time(datetime(2026, 8, 25, 20, 0, tzinfo=UTC))
        == "martes 25 de agosto a las 3:00\u00a0p.\u00a0m."
    )
    assert (
        format_date_and_time(datetime(2026, 8, 25, 18, 30, tzinfo=UTC))
        == "martes 25 de agosto a la 1:30\u00a0p.\u00a0m."
    )
