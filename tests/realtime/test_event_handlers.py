"""Reactions receive what they asked for, and a failing one stops nobody."""

from beneficiate.protocol.events import MemberMessageSent, MessageSent, TypingStarted, TypingStopped, UserConnected
from beneficiate.realtime.bus import MemoryBus
from beneficiate.realtime.event_handlers import EventHandlers
from beneficiate.realtime.publisher import Publisher
from beneficiate.unit_of_work import OutgoingEvent

TYPING = TypingStarted(chat_id=12, user_id=31)


def _fail(event):
    raise ZeroDivisionError(event)


def test_handler_receives_the_events_of_its_class():
    received, handlers = [], EventHandlers()
    handlers.register(TypingStarted, received.append)
    handlers.dispatch(TYPING)
    handlers.dispatch(TypingStopped(chat_id=12, user_id=31))
    assert received == [TYPING]


def test_handler_receives_the_events_of_subclasses():
    received, handlers = [], EventHandlers()
    handlers.register(MessageSent, received.append)
    message = MemberMessageSent(chat_id=12, message=None)
    handlers.dispatch(message)
    assert received == [message]


def test_failing_handler_stops_neither_other_handlers_nor_the_caller():
    received, handlers = [], EventHandlers()
    for handler in (received.append, _fail, received.append):
        handlers.register(TypingStarted, handler)
    handlers.dispatch(TYPING)
    assert received == [TYPING, TYPING]


def test_failing_handler_does_not_stop_publishing():
    bus_messages, handlers, bus = [], EventHandlers(), MemoryBus()
    handlers.register(TypingStarted, _fail)
    bus._listener = bus_messages.append
    publish = Publisher(bus, handlers)
    publish(
        [
            OutgoingEvent(TYPING, ("user:1",)),
            OutgoingEvent(UserConnected(user_id=31), ("presence",)),
            OutgoingEvent(TYPING, ()),
        ]
    )
    # What is for nobody does not travel.
    assert [bus_message.channels for bus_message in bus_messages] == [("user:1",), ("presence",)]
