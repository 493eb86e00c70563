"""The page of a problem."""

import pytest

from beneficiate.errors import Forbidden, Internal, NotFound, RateLimited, Unavailable
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


@pytest.mark.parametrize(
    ("problem", "is_form", "again", "is_refused"),
    [
        (RateLimited(3), False, "/planes", False),
        (RateLimited(3), True, "/planes", True),
        # Whether it was stored is not known.
        (Unavailable(), True, "/planes", False),
        (NotFound(), True, "", False),
    ],
)
def test_page_of_a_wait_leads_back_and_says_that_a_form_was_not_saved(problem, is_form, again, is_refused):
    page = ErrorPage.from_problem(problem, "0123456789abcdef", "/planes", is_form=is_form)
    assert (page.again, page.is_refused) == (again, is_refused)
