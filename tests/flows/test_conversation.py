"""A member and an agent talk over real sockets."""

import pytest

from tests.people import agent, connect, member, support_chat


@pytest.mark.gen_test
async def test_a_line_is_stored_acknowledged_and_heard_by_both(server):
    ana, yuliana = member("Ana"), agent("Yuliana")
    chat = support_chat(ana, yuliana)
    at_home, at_desk = await connect(server.port, ana), await connect(server.port, yuliana, "/ws/agent")

    ack = await at_home.ask("agent_chat_message", chat_id=chat.id, message="Buenos días", client_id="c1")
    heard = await at_desk.hear("user_message")
    echo = await at_home.hear("user_message")

    assert ack["event"] == "ack"
    assert heard == echo
    assert ack["message"] == heard["message"]
    assert heard["message"]["seq"] == 1
    assert heard["message"]["sender_id"] == ana.id
    assert (await at_home.hear("message_delivered"))["message_id"] == heard["message"]["id"]


@pytest.mark.gen_test
async def test_the_answer_names_the_agent_by_their_own_id(server):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    at_home, at_desk = await connect(server.port, ana), await connect(server.port, yuliana)

    at_desk.say("agent_chat_message", chat_id=chat.id, message="¿En qué le ayudo?")
    heard = await at_home.hear("agent_chat_message")

    assert heard["message"]["sender_type"] == "AGENT"
    assert heard["message"]["sender_id"] == yuliana.agent_id
    read = await at_home.ask("message_read", chat_id=chat.id, message_id=heard["message"]["id"])
    assert read["event"] == "ack"
    assert (await at_desk.hear("message_read"))["user_id"] == ana.id
