"""Reactions hear what they asked for, and a failing one stops nobody."""

from beneficiate.protocol.events import MemberMessageSent, MessageSent, TypingStarted, TypingStopped, UserConnected
from beneficiate.realtime.bus import MemoryBus
from beneficiate.realtime.event_handlers import EventHandlers
from beneficiate.realtime.publisher import Publisher
from beneficiate.unit_of_work import OutgoingEvent

TYPING = TypingStarted(chat_id=12, user_id=31)


def _fail(event):
    raise ZeroDivisionError(event)


def test_a_reaction_hears_the_events_of_its_class():
    heard, reactions = [], EventHandlers()
    reactions.register(TypingStarted, heard.append)
    reactions.dispatch(TYPING)
    reactions.dispatch(TypingStopped(chat_id=12, user_id=31))
    assert heard == [TYPING]


def test_a_reaction_hears_the_classes_below_its_own():
    heard, reactions = [], EventHandlers()
    reactions.register(MessageSent, heard.append)
    message = MemberMessageSent(chat_id=12, message=None)
    reactions.dispatch(message)
    assert heard == [message]


def test_a_failing_reaction_stops_neither_its_neighbours_nor_the_caller():
    heard, reactions = [], EventHandlers()
    for handler in (heard.append, _fail, heard.append):
        reactions.register(TypingStarted, handler)
    reactions.dispatch(TYPING)
    assert heard == [TYPING, TYPING]


def test_a_failing_reaction_keeps_nothing_from_the_bus():
    parcels, reactions, bus = [], EventHandlers(), MemoryBus()
    reactions.register(TypingStarted, _fail)
    bus._listener = parcels.append
    publish = Publisher(bus, reactions)
    publish(
        [
            OutgoingEvent(TYPING, ("user:1",)),
            OutgoingEvent(UserConnected(user_id=31), ("presence",)),
            OutgoingEvent(TYPING, ()),
        ]
    )
    # What is for nobody does not travel.
    assert [parcel.channels for parcel in parcels] == [("user:1",), ("presence",)]
