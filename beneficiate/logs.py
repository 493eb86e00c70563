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
from collections.abc import Callable

import structlog

TRACEBACK_DEPTH = 8


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
            if now < self._next_at.get(kind, now):
                self._left_out[kind] = self._left_out.get(kind, 0) + 1
                return None
            self._next_at[kind] = now + self._interval_s
            return self._left_out.pop(kind, 0)


def configure_logging(*, as_json: bool, level: int = logging.INFO) -> None:
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
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for noisy in ("tornado.access", "peewee"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def log_loop_exception(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Log an exception of the event loop. asyncio's own handler would print the arguments of the failed callback."""
    structlog.get_logger(__name__).error(
        "loop_problem", exc_info=context.get("exception"), said=str(context["message"]).split("(")[0]
    )


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
