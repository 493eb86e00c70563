"""Event handlers receive what they asked for, and a failing one stops nobody."""

from structlog.testing import capture_logs

from beneficiate.protocol.events import MemberMessageSent, MessageSent, TypingStarted, TypingStopped
from beneficiate.realtime.event_handlers import EventHandlers

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
    with capture_logs() as logs:
        handlers.dispatch(TYPING)
        handlers.dispatch(TYPING)
    assert received == [TYPING] * 4
    assert [(one["event"], one["event_type"]) for one in logs] == [("event_handler_failed", "TypingStarted")]
