"""Each role has its commands, and each command its policy."""

from types import SimpleNamespace

import pytest

from beneficiate.protocol.booking import AnswerBot
from beneficiate.protocol.commands import SendMessage, SendSupportMessage, StartTyping, StopTyping
from beneficiate.protocol.envelope import message_type
from beneficiate.protocol.reference import list_commands
from beneficiate.websockets.commands import AGENT_COMMANDS, MEMBER_COMMANDS, SUPERVISOR_COMMANDS, AnyRoleSocketHandler
from beneficiate.websockets.dispatcher import CommandDispatcher

LIMITERS = SimpleNamespace(messages="messages", typing="typing", commands="commands")


def types_of(table):
    return {message_type(struct) for struct in table}


def test_every_command_has_a_role_or_is_about_the_connection():
    known = {*MEMBER_COMMANDS, *SUPERVISOR_COMMANDS, *CommandDispatcher.connection_commands}
    assert known == set(list_commands())


def test_roles_differ_where_they_should():
    assert types_of(SUPERVISOR_COMMANDS) - types_of(AGENT_COMMANDS) == {"assign_chat", "set_agent_away", "watch_board"}
    assert types_of(MEMBER_COMMANDS) - types_of(AGENT_COMMANDS) == {
        "chatbot_init",
        "chatbot",
        "request_agent",
        "rate_chat",
    }
    assert AnyRoleSocketHandler.commands_by_role["agent"] is AGENT_COMMANDS


@pytest.mark.parametrize("struct", SUPERVISOR_COMMANDS | MEMBER_COMMANDS, ids=message_type)
def test_messages_and_typing_have_limits_of_their_own(struct):
    spec = {**SUPERVISOR_COMMANDS, **MEMBER_COMMANDS}[struct]
    own = {
        **dict.fromkeys((SendMessage, SendSupportMessage, AnswerBot), "messages"),
        **dict.fromkeys((StartTyping, StopTyping), "typing"),
    }
    assert spec.limiter(LIMITERS) == own.get(struct, "commands")


def test_results_go_where_clients_expect_them():
    table = {**SUPERVISOR_COMMANDS, **MEMBER_COMMANDS}
    found = {message_type(struct): spec.result_in for struct, spec in table.items() if spec.result_in}
    chats = dict.fromkeys(("initiate_chat", "take_chat", "reopen_chat", "request_agent"), "chat")
    messages = dict.fromkeys(("chat_message", "agent_chat_message"), "message")
    assert found == {**chats, **messages, "add_note": "note", "all_appointments": "event"}
