"""The page of a problem."""

import pytest

from beneficiate.errors import Forbidden, Internal, NotFound
from beneficiate.views.errors import DEFAULT_TITLE, ErrorPage


@pytest.mark.parametrize(
    ("problem", "title"),
    [
        (NotFound(), "No encontramos esta página"),
        (Forbidden(), "Esta página no es para su cuenta"),
        (Internal(), DEFAULT_TITLE),
    ],
)
def test_page_has_the_title_of_the_status_and_the_sentence_of_the_problem(problem, title):
    page = ErrorPage.from_problem(problem, "0123456789abcdef")
    assert (page.status, page.title, page.sentence) == (problem.status, title, problem.sentence)
    assert page.hint == "Código de la solicitud: 01234567"
