"""The page that shows a problem."""

from dataclasses import dataclass
from typing import ClassVar

from beneficiate.errors import Problem
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
    """A problem in words. `status` is the HTTP status."""

    template: ClassVar[str] = "error.html"

    status: int
    title: str
    sentence: str
    hint: str

    @classmethod
    def from_problem(cls, problem: Problem, request_id: str) -> "ErrorPage":
        """Return the page of a problem, with the start of the request's id for whoever asks about it."""
        hint = f"Código de la solicitud: {request_id[:REQUEST_ID_CHARS]}"
        return cls(problem.status, TITLES.get(problem.status, DEFAULT_TITLE), problem.sentence, hint)
