"""Requests that are refused before their body has come: the answer is sent at once, the body is never kept."""

import sys
from asyncio import Future
from typing import Any, cast

from tornado.http1connection import HTTP1Connection
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPServerRequest,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.web import RequestHandler, stream_request_body

from beneficiate.context import ContextApplication
from beneficiate.errors import TooLarge
from beneficiate.handlers.api import ApiHandler
from beneficiate.handlers.base import MAX_BODY_BYTES, BaseHandler, PageHandler

DISCARD_S = 5.0
"""How long the rest of a refused body is read and discarded. To close the connection at once would reset it, and most
clients then report a broken connection instead of the answer."""


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

    # Any: the callback is whatever Tornado gives.
    def set_close_callback(self, callback: Any) -> None:
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


class TooLargeMixin(BaseHandler):
    """Refuses any request with 413, without its body."""

    def check_xsrf_cookie(self) -> None:
        """Accept every request: it is refused anyway, and the token may be in the body."""

    async def prepare(self) -> None:
        answer_before_body(self)
        raise TooLarge("La solicitud es demasiado grande.")

    def data_received(self, chunk: bytes) -> None:
        """Discard what still comes."""


@stream_request_body
class TooLargeApiRequest(TooLargeMixin, ApiHandler):
    """Any call of the API whose announced body is over the limit."""


@stream_request_body
class TooLargePageRequest(TooLargeMixin, PageHandler):
    """Any other request whose announced body is over the limit."""


class BodyLimitApplication(ContextApplication):
    """An application that looks at the announced length of a body before it is read.

    Handlers that stream the body have limits of their own.
    """

    # Any: as Tornado declares them; the type of the result is private.
    def get_handler_delegate(
        self,
        request: HTTPServerRequest,
        target_class: type[RequestHandler],
        target_kwargs: dict[str, Any] | None = None,
        *path: Any,
        **named_path: Any,
    ) -> Any:
        length = parse_content_length(request.headers.get("Content-Length", ""))
        if length > MAX_BODY_BYTES and not getattr(target_class, "_stream_request_body", False):
            is_api = issubclass(target_class, ApiHandler)
            target_class = TooLargeApiRequest if is_api else TooLargePageRequest
        return super().get_handler_delegate(request, target_class, target_kwargs, *path, **named_path)


def parse_content_length(text: str) -> int:
    """Return the announced length of a body; 0 when it is none, which the server refuses itself."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
