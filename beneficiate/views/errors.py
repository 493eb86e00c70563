"""The page that shows a problem."""

from dataclasses import dataclass
from typing import ClassVar

from beneficiate.errors import Problem, RateLimited
from beneficiate.views.pages import PageView

TITLES = {
    401: "Debe iniciar sesión",
    403: "Esta página no es para su cuenta",
    404: "No encontramos esta página",
    429: "Espere un momento",
    503: "Volvemos en un momento",
}
DEFAULT_TITLE = "Algo salió mal"
REQUEST_ID_CHARS = 8
"""So many characters of the request's id are shown; they find it in the log."""


@dataclass(frozen=True)
class ErrorPage(PageView):
    """A problem in words. `status` is the HTTP status.

    `again` is the path of the page to read again after a wait, if there is one; `is_refused`: a form was sent in vain.
    """

    template: ClassVar[str] = "error.html"

    status: int
    title: str
    sentence: str
    hint: str
    again: str = ""
    is_refused: bool = False

    @classmethod
    def from_problem(cls, problem: Problem, request_id: str, path: str = "", *, is_form: bool = False) -> "ErrorPage":
        """Return the page of a problem, with the start of the request's id for whoever asks about it.

        `path` is where the page, or that of the form, is read; empty for a form without one of its own.
        """
        title = TITLES.get(problem.status, DEFAULT_TITLE)
        hint = f"Código de la solicitud: {request_id[:REQUEST_ID_CHARS]}"
        again = path if problem.retry_after_s is not None else ""
        is_refused = is_form and isinstance(problem, RateLimited)
        return cls(problem.status, title, problem.sentence, hint, again, is_refused)
