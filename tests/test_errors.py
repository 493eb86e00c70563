"""The family of problems."""

import re

import pytest

from beneficiate.errors import InvalidForm, NotFound, Problem, RateLimited, Unavailable, all_problem_types


def test_every_problem_has_a_sentence_and_an_http_status_of_an_error():
    problems = all_problem_types()
    assert len(set(problems)) == len(problems)
    assert all(problem.sentence.endswith((".", "?")) and 400 <= problem.status < 600 for problem in problems)


def test_whoever_is_asked_to_wait_is_told_how_long():
    asking = {kind for kind in all_problem_types() if re.search("de nuevo en|segundos|minutos", kind.sentence)}
    assert asking > {Unavailable}
    assert all(kind().retry_after_s for kind in asking)
    assert RateLimited(9).retry_after_s == 9


def test_subtypes_are_listed_too():
    assert {NotFound, InvalidForm} <= set(all_problem_types())
    assert Problem not in all_problem_types()


def test_sentence_of_its_own_replaces_the_default_one():
    assert NotFound("No encontramos ese pago.").sentence == str(NotFound("No encontramos ese pago."))
    assert NotFound().sentence == NotFound.sentence


@pytest.mark.parametrize(
    ("seconds", "wait"),
    [(1, "1 segundo"), (90, "90 segundos"), (120, "2 minutos"), (3541, "60 minutos"), (7201, "3 horas")],
)
def test_rate_limit_names_the_wait(seconds, wait):
    assert RateLimited(seconds).sentence.endswith(f"Intente de nuevo en {wait}.")
