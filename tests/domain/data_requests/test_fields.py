"""What people type about requests is checked, each field with a sentence of its own."""

from datetime import date

import pytest

from beneficiate.domain.data_requests.fields import NewRequest, parse_answer, parse_extension, parse_request, parse_text
from beneficiate.domain.data_requests.terms import CLAIM, QUERY
from beneficiate.errors import InvalidForm

TEXT = "Quedó como 2016 y es 2017."
DUE, LATEST = date(2026, 8, 28), date(2026, 9, 9)


def wrong(parse, *given):
    with pytest.raises(InvalidForm) as problem:
        parse(*given)
    return set(problem.value.fields)


def test_a_choice_is_a_query_or_a_claim_about_something():
    assert parse_request({"pide": "query", "texto": f" {TEXT}\n"}) == NewRequest(QUERY, "", TEXT)
    assert parse_request({"pide": "correct", "texto": TEXT}) == NewRequest(CLAIM, "correct", TEXT)
    assert wrong(parse_request, {}) == {"pide", "texto"}
    assert wrong(parse_request, {"pide": "claim", "texto": TEXT}) == {"pide"}


@pytest.mark.parametrize("text", ["", "corto", "x" * 4001, "\u200b" * 20, " " * 30])
def test_text_has_limits_and_shows_something(text):
    assert wrong(parse_text, {"pregunta": text}, "pregunta") == {"pregunta"}


def test_longest_text_is_accepted():
    assert len(parse_text({"pregunta": "x" * 4000}, "pregunta")) == 4000


@pytest.mark.parametrize(
    "day", ["", "nunca", "2026-08-28", "2026-08-29", "2026-09-10", "2026-09-05", "0001-01-01", "9999-12-31"]
)
def test_extension_ends_on_a_working_day_within_what_the_law_gives(day):
    assert wrong(parse_extension, {"motivo": TEXT, "hasta": day}, DUE, LATEST) == {"hasta"}


def test_extension_has_a_reason():
    assert parse_extension({"motivo": TEXT, "hasta": "2026-09-09"}, DUE, LATEST) == (TEXT, LATEST)
    assert wrong(parse_extension, {"hasta": "2026-09-01"}, DUE, LATEST) == {"motivo"}


def test_only_a_claim_is_decided():
    assert parse_answer({"decision": "accepted", "respuesta": TEXT}, CLAIM) == ("accepted", TEXT)
    assert parse_answer({"decision": "accepted", "respuesta": TEXT}, QUERY) == ("", TEXT)
    assert wrong(parse_answer, {"respuesta": TEXT}, CLAIM) == {"decision"}
    assert wrong(parse_answer, {"decision": "otra"}, CLAIM) == {"decision", "respuesta"}
