"""Published events reach the bus encoded, and the handlers of this process."""

from beneficiate.protocol.events import ConnectionsEnded, TypingStarted, UserConnected
from beneficiate.realtime.bus import BusMessage, MemoryBus
from beneficiate.realtime.event_handlers import EventHandlers
from beneficiate.realtime.publisher import Publisher, to_bus_message
from beneficiate.unit_of_work import MessageMark, OutgoingEvent

TYPING = TypingStarted(chat_id=12, user_id=31)
MARK = MessageMark(12, 41, 9041, "user:31")


def _fail(event):
    raise ZeroDivisionError(event)


def test_event_is_encoded_with_its_channels_and_mark():
    message = to_bus_message(OutgoingEvent(TYPING, ("user:1",), MARK))
    assert message == BusMessage(("user:1",), b'{"event":"typing","chat_id":12,"user_id":31}', MARK)


def test_connections_ended_becomes_a_close_code():
    message = to_bus_message(OutgoingEvent(ConnectionsEnded(code=4403, reason="no longer admitted"), ("user:1",)))
    assert (message.close_code, message.payload) == (4403, b"no longer admitted")


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


def test_an_event_that_cannot_be_encoded_keeps_no_other_from_being_published():
    bus_messages, bus = [], MemoryBus()
    bus._listener = bus_messages.append
    unencodable = TypingStarted(chat_id=object(), user_id=31)
    Publisher(bus, EventHandlers())([OutgoingEvent(unencodable, ("user:1",)), OutgoingEvent(TYPING, ("user:2",))])
    assert [bus_message.channels for bus_message in bus_messages] == [("user:2",)]
