"""Reactions hear what they asked for, and a failing one stops nobody."""

from beneficiate.protocol.events import LineSent, MemberLineSent, TypingStarted, TypingStopped, UserConnected
from beneficiate.realtime.bus import MemoryBus
from beneficiate.realtime.publisher import Publisher
from beneficiate.realtime.reactions import Reactions
from beneficiate.store import Emission

TYPING = TypingStarted(chat_id=12, user_id=31)


def _fail(event):
    raise ZeroDivisionError(event)


def test_a_reaction_hears_the_events_of_its_class():
    heard, reactions = [], Reactions()
    reactions.on(TypingStarted, heard.append)
    reactions.emit(TYPING)
    reactions.emit(TypingStopped(chat_id=12, user_id=31))
    assert heard == [TYPING]


def test_a_reaction_hears_the_classes_below_its_own():
    heard, reactions = [], Reactions()
    reactions.on(LineSent, heard.append)
    message = MemberLineSent(chat_id=12, message=None)
    reactions.emit(message)
    assert heard == [message]


def test_a_failing_reaction_stops_neither_its_neighbours_nor_the_caller():
    heard, reactions = [], Reactions()
    for handler in (heard.append, _fail, heard.append):
        reactions.on(TypingStarted, handler)
    reactions.emit(TYPING)
    assert heard == [TYPING, TYPING]


def test_a_failing_reaction_keeps_nothing_from_the_bus():
    parcels, reactions, bus = [], Reactions(), MemoryBus()
    reactions.on(TypingStarted, _fail)
    bus._listener = parcels.append
    publish = Publisher(bus, reactions)
    publish([Emission(TYPING, ("user:1",)), Emission(UserConnected(user_id=31), ("presence",)), Emission(TYPING, ())])
    # What is for nobody does not travel.
    assert [parcel.topics for parcel in parcels] == [("user:1",), ("presence",)]
