"""From what a unit said to parcels on the bus: each event is encoded once for all who hear it."""

import msgspec

from beneficiate.protocol.events import SessionsEnded
from beneficiate.realtime.bus import Bus, Parcel
from beneficiate.realtime.reactions import Reactions
from beneficiate.store import Emission

encode = msgspec.json.Encoder().encode


class Publisher:
    """Called by the store after each commit, on the loop."""

    def __init__(self, bus: Bus, reactions: Reactions) -> None:
        self._bus = bus
        self._reactions = reactions

    def __call__(self, emissions: list[Emission]) -> None:
        self._bus.publish([as_parcel(emission) for emission in emissions if emission.to])
        for emission in emissions:
            self._reactions.emit(emission.event)


def as_parcel(emission: Emission) -> Parcel:
    event = emission.event
    if isinstance(event, SessionsEnded):
        return Parcel(emission.to, event.reason.encode(), None, event.code)
    return Parcel(emission.to, encode(event), emission.line)
