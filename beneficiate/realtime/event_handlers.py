"""In-process handlers of events. They run on the loop after the commit, in the process that committed."""

from collections.abc import Callable
from typing import TypeVar, cast

from beneficiate.logs import log_failure
from beneficiate.protocol.envelope import Event

E = TypeVar("E", bound=Event)


class EventHandlers:
    """The handlers of each event class: `register(event_type, handler)`, `dispatch(event)`."""

    def __init__(self) -> None:
        self._handlers: dict[type[Event], list[Callable[[Event], None]]] = {}

    def register(self, event_type: type[E], handler: Callable[[E], None]) -> None:
        """Call `handler` with every event of this class or of a subclass."""
        self._handlers.setdefault(event_type, []).append(cast(Callable[[Event], None], handler))

    def dispatch(self, event: Event) -> None:
        """Call the handlers one after another. One that fails is logged and stops neither the others nor the caller."""
        for cls in type(event).__mro__:
            for handler in self._handlers.get(cls, ()):
                try:
                    handler(event)
                except Exception as problem:  # noqa: BLE001  logged
                    log_failure("event_handler_failed", problem, event_type=type(event).__name__)
