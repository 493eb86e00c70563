"""The base of all HTTP handlers: who is admitted, security headers, and how a Problem is answered."""

import asyncio
import errno
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from types import TracebackType
from typing import Any, ClassVar, overload

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.iostream import StreamClosedError
from tornado.web import GZipContentEncoding, HTTPError, RequestHandler

from beneficiate.audiences import Audience
from beneficiate.context import AppContext, get_context
from beneficiate.domain.dates import parse_typed_date
from beneficiate.errors import FileNotStored, Forbidden, Internal, Invalid, NotFound, Problem, TooLarge, Unauthorized
from beneficiate.handlers.assets import Release
from beneficiate.http_methods import name_allowed_methods, refuse_method
from beneficiate.logs import log_failure
from beneficiate.security_headers import API_CSP, build_security_headers
from beneficiate.security_log import REFUSED, XSRF_REFUSED
from beneficiate.unit_of_work import Actor, BatchedAction, C, R, UnitOfWork
from beneficiate.views.errors import ErrorPage
from beneficiate.views.pages import PageView

ANONYMOUS = Actor(0, "")
MAX_BODY_BYTES = 64 * 1024
LINK_SECRET = re.compile(r"[\w-]{40,}", re.ASCII)
"""The token of a link of an e-mail, which has 43 characters; a UUID has 36."""
RENDER_SLICE_S = 0.003
"""How long a page is rendered at a time: a report takes tens of milliseconds, while messages wait for the loop."""

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
"""What the system says of a disk that takes no more."""
_PROBLEM_BY_STATUS: dict[int, type[Problem]] = {401: Unauthorized, 403: Forbidden, 404: NotFound, 413: TooLarge}

PAGE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src {connect}; manifest-src 'self'; worker-src 'self'; form-action {forms}; base-uri 'none'; "
    "frame-ancestors 'none'"
)


class HttpCompression(GZipContentEncoding):
    """Compresses answers. An upgrade to a WebSocket has no body, and a thousand of them arrive at once."""

    def __init__(self, request: HTTPServerRequest) -> None:
        super().__init__(request)
        self._is_upgrade = "Upgrade" in request.headers

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        if self._is_upgrade:
            return status_code, headers, chunk
        return super().transform_first_chunk(status_code, headers, chunk, finishing)


class BaseHandler(RequestHandler):
    """Subclasses implement `authenticate` and `write_problem`."""

    content_security_policy: ClassVar[str] = API_CSP
    request_id = ""

    def initialize(self, audience: Audience) -> None:
        self.audience = audience
        self.actor = ANONYMOUS

    @property
    def context(self) -> AppContext:
        return get_context(self)

    @property
    def remote_address(self) -> str:
        return self.context.client_address(self.request.remote_ip, self.request.headers.get("X-Forwarded-For", ""))

    @property
    def logged_path(self) -> str:
        """The path of the request as the log has it: without the token of a link, also of one that was copied badly."""
        return LINK_SECRET.sub("…", self.request.path)

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        is_secure = self.context.settings.is_secure
        for name, value in build_security_headers(self.content_security_policy, is_secure=is_secure).items():
            self.set_header(name, value)
        # Tornado sets the headers again for an error, whose number must be the one in the log.
        self.request_id = self.request_id or uuid.uuid4().hex
        self.set_header("X-Request-Id", self.request_id)

    async def prepare(self) -> None:
        """Authenticate the request. Raises Unauthorized or Forbidden for those who are not of the route's audience."""
        if self.request.method == "OPTIONS":
            return
        if self.audience is not Audience.ANYONE:
            self.actor = await self.identify()
        if not self.audience.admits(self.actor.role):
            raise Unauthorized if self.actor is ANONYMOUS else Forbidden

    def check_xsrf_cookie(self) -> None:
        try:
            super().check_xsrf_cookie()
        except HTTPError:
            self.on_wrong_form_token()

    def on_wrong_form_token(self) -> None:
        """Refuse a form whose XSRF token is missing or wrong. Raises HTTPError 403."""
        self.record_wrong_form_token()
        raise HTTPError(403)

    def record_wrong_form_token(self) -> None:
        """Write to the log of security events that a form was refused for its token."""
        self.context.security_log.write(XSRF_REFUSED, address=self.remote_address, path=self.logged_path)

    def head(self, *path: str) -> Awaitable[None] | None:
        """Answer as to GET; Tornado leaves the body out."""
        return self.get(*path)

    async def identify(self) -> Actor:
        """Return who sent the request, and from where. Raises as `authenticate` does."""
        actor = await self.authenticate()
        if actor is ANONYMOUS:
            return actor
        return replace(actor, address=self.remote_address, request_id=self.request_id)

    async def check_sign_in(self) -> None:
        """Ask again whether the sign-in is open, as before something that came slowly. Raises Unauthorized."""
        raise NotImplementedError

    async def authenticate(self) -> Actor:
        """Return who sent the request; ANONYMOUS without credentials. Raises Unauthorized for invalid ones."""
        return ANONYMOUS

    def get_date_argument(self, name: str, message: str = "Esa fecha no es válida.") -> date | None:
        """Return a date of the query string, written as 2026-08-25; None without one. Raises Invalid."""
        text = self.get_query_argument(name, "")
        return parse_date(text, message) if text else None

    def get_page_argument(self) -> int:
        """Return the page of a list that the query string names, from 1 to 99,999; what is no number is the first."""
        text = self.get_query_argument("pagina", "1")
        return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 6 else 1

    @overload
    async def run_action(self, action: BatchedAction[C, R], command: C, /) -> R: ...

    @overload
    async def run_action(self, action: Callable[[UnitOfWork, C], R], command: C, /) -> R: ...

    @overload
    async def run_action(self, action: Callable[[UnitOfWork], R]) -> R: ...

    # Any: an implementation of overloads has to admit all of them.
    async def run_action(self, action: Any, *command: Any) -> Any:
        """Run an action as the authenticated person."""
        return await self.context.store.run(action, *command, actor=self.actor)

    @overload
    async def run_query(self, query: Callable[[UnitOfWork, C], R], command: C, /) -> R: ...

    @overload
    async def run_query(self, query: Callable[[UnitOfWork], R]) -> R: ...

    # Any: an implementation of overloads has to admit all of them.
    async def run_query(self, query: Any, *command: Any) -> Any:
        """Run a query as the authenticated person."""
        return await self.context.store.read(query, *command, actor=self.actor)

    async def run_search(self, query: Callable[[UnitOfWork, C], R], command: C) -> R:
        """Run a query that may take long as the authenticated person."""
        return await self.context.store.search(query, command, self.actor)

    def write_problem(self, problem: Problem) -> None:
        """Answer with a problem; the status is set already."""
        raise NotImplementedError

    # Any: the signature is that of Tornado.
    def write_error(self, status_code: int, **kwargs: Any) -> None:
        problem = _problem_from_error(status_code, kwargs.get("exc_info", (None, None, None))[1])
        self.set_status(problem.status)
        name_allowed_methods(self, problem.status)
        if isinstance(kwargs.get("exc_info", (None, None))[1], Forbidden):
            user_id, path = self.actor.user_id, self.logged_path
            self.context.security_log.write(REFUSED, address=self.remote_address, user_id=user_id, path=path)
        self.note_wait(problem)
        self.write_problem(problem)

    def note_wait(self, problem: Problem | None) -> int | None:
        """Return how many seconds to wait, which the answer says too; None unless the problem asks to."""
        if problem is None or problem.retry_after_s is None:
            return None
        self.set_header("Retry-After", str(problem.retry_after_s))
        return problem.retry_after_s

    def log_exception(
        self, typ: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        # Who has left, as by a click on the next page, is no failure.
        if not isinstance(value, (Problem, HTTPError, StreamClosedError)):
            log_failure("request_failed", value, {"request_id": self.request_id}, handler=type(self).__name__)


class PageHandler(BaseHandler):
    """An HTML page, or a part of one."""

    content_security_policy = PAGE_CSP

    def set_default_headers(self) -> None:
        super().set_default_headers()
        # Older Safari does not count a WebSocket as 'self', so it is named.
        socket = self.context.settings.own_url.replace("http", "ws", 1)
        policy = self.content_security_policy.format(connect=f"'self' {socket}", forms=self.form_targets)
        self.set_header("Content-Security-Policy", policy)

    @property
    def form_targets(self) -> str:
        """The origins to which the forms of this page may lead; browsers also count those of redirects."""
        return "'self'"

    async def render_page(self, view: PageView) -> None:
        """Answer with the template of a view."""
        await self.render_template(view.template, **view.variables())

    async def render_template(self, template: str, **context: object) -> None:
        """Answer with a template and its variables."""
        text = await join_in_slices(self._generate(template, xsrf_token=self.xsrf_token.decode(), **context))
        self.set_header("Content-Type", "text/html; charset=utf-8")
        await self.finish(_to_bytes(text))

    def write_problem(self, problem: Problem) -> None:
        is_form, request = self.request.method == "POST", self.request
        query = f"?{request.query}" if request.query and not is_form else ""
        path = "" if type(self).get is refuse_method else f"{request.path}{query}"
        view = ErrorPage.from_problem(problem, self.request_id, path, is_form=is_form)
        text = "".join(self._generate(view.template, xsrf_token="", **view.variables()))
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(_to_bytes(text))

    def _generate(self, template: str, **context: object) -> Iterator[str]:
        files: Release = self.settings["assets"].refresh()
        return self.context.templates.get_template(template).generate(
            static_url=files.url, preloads=files.preloads, **context
        )


async def join_in_slices(parts: Iterable[str]) -> str:
    """Return the parts of a template as one text; after each `RENDER_SLICE_S` others have their turn."""
    joined, ends_at = [], time.monotonic() + RENDER_SLICE_S
    for part in parts:
        joined.append(part)
        if time.monotonic() > ends_at:
            await asyncio.sleep(0)
            ends_at = time.monotonic() + RENDER_SLICE_S
    return "".join(joined)


def _to_bytes(text: str) -> bytes:
    # What others stored for us may have half a character, which UTF-8 cannot write.
    return text.encode("utf-8", "replace")


def parse_date(text: str, message: str = "Esa fecha no es válida.") -> date:
    """Return the day that was typed. Raises Invalid."""
    day = parse_typed_date(text)
    if day is None:
        raise Invalid(message)
    return day


def _problem_from_error(status: int, raised: BaseException | None) -> Problem:
    if isinstance(raised, Problem):
        return raised
    if isinstance(raised, OSError) and raised.errno in _NO_ROOM:
        return FileNotStored()
    return (
        _PROBLEM_BY_STATUS[status]()
        if status in _PROBLEM_BY_STATUS
        else _HttpProblem(status)
        if 400 <= status < 500
        else Internal()
    )


class _HttpProblem(Problem):
    """A fault of the request that Tornado has found, such as a method that the handler does not have."""

    code = "invalid"
    sentence = "No pudimos entender la solicitud."

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status  # type: ignore[misc]
