"""Typing notices are relayed once per change, end with a message, and are shown to viewers."""

from types import SimpleNamespace

import pytest

from beneficiate.protocol.commands import SendMessage, StartTyping, StopTyping
from beneficiate.protocol.desk_tools import ChatChanged, ChatViewer, ViewChat
from beneficiate.queries.viewers import ViewedChat
from beneficiate.realtime.typing import TypingState
from beneficiate.websockets import hooks

TYPING, STOPPED = StartTyping(chat_id=12), StopTyping(chat_id=12)


class RecordingViewers:
    def __init__(self):
        self.calls = []

    def set_typing(self, connection, chat_id, *, is_typing):
        self.calls.append((chat_id, is_typing))

    def add_viewer(self, connection, chat_id, viewer):
        self.calls.append((chat_id, viewer.user_id))

    def remove_viewer(self, connection, chat_id):
        self.calls.append((chat_id, None))


@pytest.fixture
def dispatcher():
    context = SimpleNamespace(viewers=RecordingViewers())
    sent = []
    connection = SimpleNamespace(sent=sent, send_event=sent.append)
    return SimpleNamespace(context=context, connection=connection, typing_state=TypingState())


def test_only_changes_of_typing_are_run(dispatcher):
    commands = (TYPING, TYPING, STOPPED, STOPPED, TYPING)
    assert [hooks.record_typing_change(dispatcher, command) for command in commands] == [True, False, True, False, True]


def test_message_ends_typing(dispatcher):
    hooks.record_typing_change(dispatcher, TYPING)
    assert hooks.end_typing(dispatcher, SendMessage(chat_id=12, message="Hola"))
    assert dispatcher.context.viewers.calls == [(12, False)]
    assert hooks.record_typing_change(dispatcher, TYPING)


def test_failed_notice_is_relayed_again(dispatcher):
    hooks.record_typing_change(dispatcher, TYPING)
    hooks.forget_typing(dispatcher, TYPING)
    assert hooks.record_typing_change(dispatcher, TYPING)


def test_viewers_follow_the_commands(dispatcher):
    viewer = ChatViewer(user_id=45, first_name="Yuliana", last_name="Castaño")
    hooks.add_viewer(dispatcher, ViewChat(chat_id=12), ViewedChat(viewer, is_outdated=False))
    hooks.show_typing_to_viewers(dispatcher, TYPING)
    hooks.show_typing_to_viewers(dispatcher, STOPPED)
    hooks.remove_viewer(dispatcher, ViewChat(chat_id=12), ViewedChat(viewer, is_outdated=False))
    assert dispatcher.context.viewers.calls == [(12, 45), (12, True), (12, False), (12, None)]
    assert dispatcher.connection.sent == []


def test_viewer_with_an_outdated_page_is_told_so(dispatcher):
    viewer = ChatViewer(user_id=45, first_name="Yuliana", last_name="Castaño")
    hooks.add_viewer(dispatcher, ViewChat(chat_id=12, version="old"), ViewedChat(viewer, is_outdated=True))
    assert dispatcher.context.viewers.calls == [(12, 45)]
    assert dispatcher.connection.sent == [ChatChanged(chat_id=12)]
