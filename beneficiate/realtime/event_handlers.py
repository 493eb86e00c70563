"""In-process reactions to what happened: they run on the loop after the commit, in the process that committed."""

from collections.abc import Callable
from typing import Any

import structlog

from beneficiate.protocol.envelope import Event

log = structlog.get_logger(__name__)

EventHandler = Callable[[Any], None]


class EventHandlers:
    """The event bus of the house: `on(event, handler)`, `emit(event)`."""

    def __init__(self) -> None:
        self._handlers: dict[type[Event], list[EventHandler]] = {}

    def register(self, event: type[Event], handler: EventHandler) -> None:
        """Call `handler` with every event of this class or of one below it."""
        self._handlers.setdefault(event, []).append(handler)

    def dispatch(self, event: Event) -> None:
        """Call the handlers one after another. One that fails is logged and stops neither the others nor the caller."""
        for cls in type(event).__mro__:
            for handler in self._handlers.get(cls, ()):
                try:
                    handler(event)
                except Exception:
                    log.exception("reaction_failed", event_type=type(event).__name__)
