"""Pages with a form: run its command, then redirect, or render the page again with what was typed."""

from typing import ClassVar

from beneficiate.errors import Problem
from beneficiate.handlers.base import PageHandler
from beneficiate.http_methods import refuse_method


class FormPage(PageHandler):
    """Handles `POST`; a subclass says what the form does and how the page shows a problem.

    Problems that are not among `shown_problems` become an error page.
    """

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (Problem,)

    async def post(self, *path: str) -> None:
        try:
            location = await self.submit(*path)
        except self.shown_problems as problem:
            # Answered with 200: the page itself was rendered well, and a browser logs any other status as an error.
            self.note_wait(problem)
            await self.render_form(problem, *path)
        else:
            self.redirect(location, status=303)

    async def submit(self, *path: str) -> str:
        """Run what the form asks for; return the path to go on to."""
        raise NotImplementedError

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        """Answer with the page, what was typed and what is wrong with it."""
        raise NotImplementedError


class PostOnlyPage(PageHandler):
    """A form without an address of its own to read: first among the bases, it answers `GET` and `HEAD` with 405."""

    get = refuse_method


class TokenJudge(PageHandler):
    """First among the bases of a form that decides itself what one with another token may do.

    Such a form was made before its browser signed in or out: in another tab, or by this same form, sent again.
    """

    has_other_token = False

    def on_wrong_form_token(self) -> None:
        """Let the page decide: it calls `record_wrong_form_token` and raises Forbidden, unless nothing can change."""
        self.has_other_token = True
