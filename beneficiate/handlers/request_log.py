"""The log of requests, and how long each took."""

import structlog
from tornado.web import RequestHandler

from beneficiate.context import get_context

log = structlog.get_logger(__name__)

STATIC_PATHS = ("/static/", "/favicon.ico", "/apple-touch-icon")


def log_request(handler: RequestHandler) -> None:
    """Log method, path and outcome; never a query string, which may contain personal data."""
    status = handler.get_status()
    if status == 101:
        return  # a WebSocket: presence is a row, and a log line each is felt when a thousand connect at once
    method = handler.request.method or ""
    seconds = handler.request.request_time()
    get_context(handler).telemetry.record_request(type(handler).__name__, _known_method(method), status, seconds)
    # A page loads 20 static files and more: at INFO they push the demo accounts out of the terminal.
    served = log.debug if handler.request.path.startswith(STATIC_PATHS) else log.info
    write = served if status < 400 else log.warning if status < 500 else log.error
    actor = getattr(handler, "actor", None)
    write(
        "request",
        method=method,
        path=getattr(handler, "logged_path", handler.request.path),
        status=status,
        ms=round(1000 * seconds, 1),
        user_id=actor.user_id if actor else 0,
        request_id=getattr(handler, "request_id", ""),
    )


def _known_method(method: str) -> str:
    """Return a method of HTTP, or `other`: a client may send any word, and each would be another series for ever."""
    return method if method in RequestHandler.SUPPORTED_METHODS else "other"
