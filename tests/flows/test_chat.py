"""A member and an agent talk over real sockets."""

import pytest

from tests.factories import agent, connect_socket, member, support_chat


@pytest.mark.gen_test
async def test_message_is_stored_acknowledged_and_received_by_both(server):
    ana, yuliana = member("Ana"), agent("Yuliana")
    chat = support_chat(ana, yuliana)
    at_home, at_desk = await connect_socket(server.port, ana), await connect_socket(server.port, yuliana, "/ws/agent")

    ack = await at_home.request("agent_chat_message", chat_id=chat.id, message="Buenos días", client_id="c1")
    received = await at_desk.receive("user_message")
    echo = await at_home.receive("user_message")

    assert ack["event"] == "ack"
    assert received == echo
    assert ack["message"] == received["message"]
    assert received["message"]["seq"] == 1
    assert received["message"]["sender_id"] == ana.id
    assert (await at_home.receive("message_delivered"))["message_id"] == received["message"]["id"]


@pytest.mark.gen_test
async def test_answer_names_the_agent_by_their_own_id(server):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    at_home, at_desk = await connect_socket(server.port, ana), await connect_socket(server.port, yuliana)

    at_desk.send("agent_chat_message", chat_id=chat.id, message="¿En qué le ayudo?")
    received = await at_home.receive("agent_chat_message")

    assert received["message"]["sender_type"] == "AGENT"
    assert received["message"]["sender_id"] == yuliana.agent_id
    read = await at_home.request("message_read", chat_id=chat.id, message_id=received["message"]["id"])
    assert read["event"] == "ack"
    assert (await at_desk.receive("message_read"))["user_id"] == ana.id
