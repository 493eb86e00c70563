"""Structured logs on stderr: JSON in production, readable text in development.

They contain no personal or health data. So an exception is logged as its class and the place where it was raised,
without its text and local variables: the text of a database error quotes the row.
"""

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping

import structlog

TRACEBACK_DEPTH = 8
FAILURE_INTERVAL_S = 10.0
"""One problem is written once in so many seconds: a job or a connection may meet it hundreds of times a second."""
MAX_KINDS = 1000
"""Kinds of log lines that a throttle knows; further ones share one interval."""


class LogThrottle:
    """Admits one log line of each kind per interval, and counts those that were left out. Any thread may ask."""

    def __init__(self, interval_s: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval_s = interval_s
        self._clock = clock
        self._lock = threading.Lock()
        self._next_at: dict[str, float] = {}
        self._left_out: dict[str, int] = {}

    def admit(self, kind: str) -> int | None:
        """Return how many lines of this kind were left out before this one; None when this one is left out too."""
        with self._lock:
            now = self._clock()
            if kind not in self._next_at and len(self._next_at) >= MAX_KINDS:
                self._forget_old_kinds(now)
                kind = kind if len(self._next_at) < MAX_KINDS else ""
            if now < self._next_at.get(kind, now):
                self._left_out[kind] = self._left_out.get(kind, 0) + 1
                return None
            self._next_at[kind] = now + self._interval_s
            return self._left_out.pop(kind, 0)

    def _forget_old_kinds(self, now: float) -> None:
        """Forget the kinds whose interval has passed and of which nothing is left to report."""
        for kind in [kind for kind, next_at in self._next_at.items() if next_at <= now and kind not in self._left_out]:
            del self._next_at[kind]


_failures = LogThrottle(FAILURE_INTERVAL_S)


def log_failure(
    event: str, problem: BaseException | None, details: Mapping[str, object] | None = None, /, **labels: object
) -> None:
    """Log an exception that nobody handles, with its place; the same one again once in 10 s, with `left_out`.

    Two are the same when event, `labels` and class of the exception are. `labels` have few values, such as the name of
    a job; `details` are written as well and may have any, such as the id of a row. Any thread may call it.
    """
    kind = " ".join(map(str, (event, type(problem).__name__, *labels.values())))
    left_out = _failures.admit(kind)
    if left_out is not None:
        logger = structlog.get_logger(__name__)
        logger.error(event, exc_info=problem, **labels, **(details or {}), left_out=left_out)


def log_repeated_warning(event: str, **labels: object) -> None:
    """Log a warning about a state that lasts, such as a server that is away: once in 10 s, as `log_failure` does."""
    left_out = _failures.admit(" ".join(map(str, (event, *labels.values()))))
    if left_out is not None:
        structlog.get_logger(__name__).warning(event, **labels, left_out=left_out)


def configure_logging(*, as_json: bool) -> None:
    """Send our log events and those of the libraries through one formatter."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_exception_location,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for noisy in ("tornado.access", "peewee"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def log_loop_exception(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Log an exception of the event loop. asyncio's own handler would print the arguments of the failed callback."""
    problem = context.get("exception")
    said = str(context["message"]).split("(")[0]
    log_failure("loop_problem", problem if isinstance(problem, BaseException) else None, said=said)


def _add_exception_location(
    logger: object, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Replace `exc_info` by the class of the exception and the frames of its traceback."""
    found = event.pop("exc_info", None)
    problem = sys.exc_info()[1] if found is True else found[1] if isinstance(found, tuple) else found
    if isinstance(problem, BaseException):
        frames = traceback.extract_tb(problem.__traceback__)[-TRACEBACK_DEPTH:]
        event["problem"] = type(problem).__name__
        event["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event
