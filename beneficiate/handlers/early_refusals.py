"""Requests that are refused before their body has come: the answer is sent at once, the body is never kept."""

import sys
from asyncio import Future
from collections.abc import Awaitable, Callable
from typing import Any, cast

from tornado.http1connection import HTTP1Connection
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerRequest,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.web import RequestHandler, stream_request_body

from beneficiate.context import ContextApplication
from beneficiate.errors import Problem, TooLarge, Unavailable
from beneficiate.handlers.api import ApiHandler
from beneficiate.handlers.base import MAX_BODY_BYTES, BaseHandler, PageHandler

DISCARD_S = 5.0
"""How long the rest of a refused body is read and discarded. To close the connection at once would reset it, and most
clients then report a broken connection instead of the answer."""

TOO_LARGE_SENTENCE = "La solicitud es demasiado grande."
LARGE_BODY_BYTES = 8 * 1024
MAX_LARGE_BODIES = 256
"""So many unfinished bodies over `LARGE_BODY_BYTES` are kept, 16 MB at the most. Smaller ones, such as a sign-in, are
limited by the number of connections only: whoever holds large ones must not keep others from signing in."""


class AnswerBeforeBody(HTTPConnection):
    """The connection of a request whose answer is complete before its body: it is finished when the body has ended."""

    def __init__(self, connection: HTTP1Connection, body: Future[None]) -> None:
        self._connection = connection
        self._body = body

    def write_headers(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders, chunk: bytes | None = None
    ) -> Future[None]:
        return self._connection.write_headers(start_line, headers, chunk)

    def write(self, chunk: bytes) -> Future[None]:
        return self._connection.write(chunk)

    def finish(self) -> None:
        self._body.add_done_callback(self._finish)

    def set_close_callback(self, callback: Callable[[], None] | None) -> None:
        self._connection.set_close_callback(callback)

    def _finish(self, body: Future[None]) -> None:
        # It has an exception when the client was too slow or closed the connection.
        if body.exception() is None:
            self._connection.finish()


def answer_before_body(handler: BaseHandler) -> None:
    """Make what this handler answers from now on be sent at once, and the body be discarded. For `prepare`."""
    request = handler.request
    connection = cast(HTTP1Connection, request.connection)
    # It is not kept, and time is what limits it.
    connection.set_max_body_size(sys.maxsize)
    connection.set_body_timeout(DISCARD_S)
    if "Expect" not in request.headers:
        # A client that asks first sends no body after a refusal.
        body = request._body_future  # noqa: SLF001  Tornado has no public name for the end of a streamed body
        request.connection = AnswerBeforeBody(connection, body)


class RefusedMixin(BaseHandler):
    """Refuses any request without its body."""

    problem_type: type[Problem]
    """Made anew for each request: an exception keeps the frames of every time that it was raised."""
    sentence: str | None = None

    def check_xsrf_cookie(self) -> None:
        """Accept every request: it is refused anyway, and the token may be in the body."""

    async def prepare(self) -> None:
        answer_before_body(self)
        raise self.problem_type(self.sentence)

    def data_received(self, chunk: bytes) -> None:
        """Discard what still comes."""


@stream_request_body
class TooLargeApiRequest(RefusedMixin, ApiHandler):
    """Any call of the API whose announced body is over the limit."""

    problem_type, sentence = TooLarge, TOO_LARGE_SENTENCE


@stream_request_body
class TooLargePageRequest(RefusedMixin, PageHandler):
    """Any other request whose announced body is over the limit."""

    problem_type, sentence = TooLarge, TOO_LARGE_SENTENCE


@stream_request_body
class TooManyBodiesApiRequest(RefusedMixin, ApiHandler):
    """A call of the API with a large body while too many others are unfinished."""

    problem_type = Unavailable


@stream_request_body
class TooManyBodiesPageRequest(RefusedMixin, PageHandler):
    """Any other request with a large body while too many others are unfinished."""

    problem_type = Unavailable


class CountedBody(HTTPMessageDelegate):
    """Passes a request on to its handler, and calls `release` once when its body has come or its peer has gone."""

    def __init__(self, delegate: HTTPMessageDelegate, release: Callable[[], None]) -> None:
        self._delegate = delegate
        self._release = release

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        return self._delegate.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return self._delegate.data_received(chunk)

    def finish(self) -> None:
        self._release()
        self._delegate.finish()

    def on_connection_close(self) -> None:
        self._release()
        self._delegate.on_connection_close()


class BodyLimitApplication(ContextApplication):
    """An application that looks at the announced length of a body before it is read.

    Handlers that stream the body have limits of their own.
    """

    large_bodies = 0
    """Unfinished ones, over `LARGE_BODY_BYTES`."""

    # Any: as Tornado declares them; the type of the result is private.
    def get_handler_delegate(
        self,
        request: HTTPServerRequest,
        target_class: type[RequestHandler],
        target_kwargs: dict[str, Any] | None = None,
        path_args: list[bytes] | None = None,
        path_kwargs: dict[str, bytes] | None = None,
    ) -> Any:
        if getattr(target_class, "_stream_request_body", False):
            return super().get_handler_delegate(request, target_class, target_kwargs, path_args, path_kwargs)
        length = announced_length(request.headers)
        is_api, is_large = issubclass(target_class, ApiHandler), length > LARGE_BODY_BYTES
        if length > MAX_BODY_BYTES:
            target_class = TooLargeApiRequest if is_api else TooLargePageRequest
        elif is_large and self.large_bodies >= MAX_LARGE_BODIES:
            target_class = TooManyBodiesApiRequest if is_api else TooManyBodiesPageRequest
        elif is_large:
            self.large_bodies += 1
            delegate = super().get_handler_delegate(request, target_class, target_kwargs, path_args, path_kwargs)
            return CountedBody(delegate, self._release_body)
        return super().get_handler_delegate(request, target_class, target_kwargs, path_args, path_kwargs)

    def _release_body(self) -> None:
        self.large_bodies -= 1


def announced_length(headers: HTTPHeaders) -> int:
    """Return the announced length of a body; of one that comes in chunks, the most that is accepted."""
    return MAX_BODY_BYTES if "Transfer-Encoding" in headers else parse_content_length(headers.get("Content-Length", ""))


def parse_content_length(text: str) -> int:
    """Return the announced length of a body; 0 when it is none, which the server refuses itself."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
