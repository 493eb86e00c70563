"""From what a unit said to parcels on the bus: each event is encoded once for all who hear it."""

import msgspec

from beneficiate.protocol.events import ConnectionsEnded
from beneficiate.realtime.bus import Bus, BusMessage
from beneficiate.realtime.event_handlers import EventHandlers
from beneficiate.unit_of_work import OutgoingEvent

encode_json = msgspec.json.Encoder().encode


class Publisher:
    """Called by the store after each commit, on the loop."""

    def __init__(self, bus: Bus, event_handlers: EventHandlers) -> None:
        self._bus = bus
        self._event_handlers = event_handlers

    def __call__(self, outgoing: list[OutgoingEvent]) -> None:
        self._bus.publish([to_bus_message(outgoing_event) for outgoing_event in outgoing if outgoing_event.channels])
        for outgoing_event in outgoing:
            self._event_handlers.dispatch(outgoing_event.event)


def to_bus_message(outgoing_event: OutgoingEvent) -> BusMessage:
    event = outgoing_event.event
    if isinstance(event, ConnectionsEnded):
        return BusMessage(outgoing_event.channels, event.reason.encode(), None, event.code)
    return BusMessage(outgoing_event.channels, encode_json(event), outgoing_event.mark)
