"""Publishes the events of a committed unit of work: each is encoded once for all its receivers."""

from beneficiate.logs import log_failure
from beneficiate.protocol.events import ConnectionsEnded
from beneficiate.realtime.bus import Bus, BusMessage
from beneficiate.realtime.encoding import encode_json
from beneficiate.realtime.event_handlers import EventHandlers
from beneficiate.unit_of_work import OutgoingEvent


class Publisher:
    """Called by the store after each commit, on the loop."""

    def __init__(self, bus: Bus, event_handlers: EventHandlers) -> None:
        self._bus = bus
        self._event_handlers = event_handlers

    def __call__(self, outgoing: list[OutgoingEvent]) -> None:
        """Publish events to the bus and to the handlers of this process."""
        self._bus.publish(_to_bus_messages(outgoing))
        for outgoing_event in outgoing:
            self._event_handlers.dispatch(outgoing_event.event)


def _to_bus_messages(outgoing: list[OutgoingEvent]) -> list[BusMessage]:
    """Encode the events that have channels; one that cannot be encoded is logged and left out."""
    messages = []
    for outgoing_event in outgoing:
        try:
            if outgoing_event.channels:
                messages.append(to_bus_message(outgoing_event))
        except Exception as problem:  # noqa: BLE001  logged, without the content
            log_failure("event_not_encoded", problem, event_type=type(outgoing_event.event).__name__)
    return messages


def to_bus_message(outgoing_event: OutgoingEvent) -> BusMessage:
    """Encode an event for the bus. ConnectionsEnded becomes a message that closes the connections of its channels."""
    event = outgoing_event.event
    if isinstance(event, ConnectionsEnded):
        return BusMessage(outgoing_event.channels, event.reason.encode(), None, event.code)
    return BusMessage(outgoing_event.channels, encode_json(event), outgoing_event.mark)
