"""Staff who view a chat see each other; members receive neither viewers nor notes."""

import pytest

from beneficiate.models.accounts import Agent
from beneficiate.realtime import viewers
from tests.factories import agent, connect_socket, direct_chat, member, supervisor, support_chat
from tests.ws_client import wait_until


def who(frame):
    return [(viewer["first_name"], viewer.get("is_typing", False)) for viewer in frame["viewers"]]


async def until(client, expected):
    """Receive `viewers` until it lists these."""
    while who(await client.receive("viewers")) != expected:
        pass


@pytest.fixture
def scene(server):
    ana, yuliana, omar, marta = member("Ana"), agent("Yuliana"), agent("Omar"), supervisor("Marta")
    return server, support_chat(ana, yuliana), ana, yuliana, omar, marta


@pytest.mark.gen_test
async def test_viewers_see_each_other_arrive_type_and_leave(scene):
    server, chat, ana, yuliana, omar, _ = scene
    one, other, member_client = [await connect_socket(server.port, person) for person in (yuliana, omar, ana)]
    assert (await one.request("view_chat", chat_id=chat.id))["event"] == "ack"
    await until(one, [("Yuliana", False)])
    await other.request("view_chat", chat_id=chat.id)
    await until(one, [("Yuliana", False), ("Omar", False)])
    await until(other, [("Yuliana", False), ("Omar", False)])
    one.send("typing", chat_id=chat.id)
    await until(other, [("Yuliana", True), ("Omar", False)])
    await one.request("agent_chat_message", chat_id=chat.id, message="Hola")
    await until(other, [("Yuliana", False), ("Omar", False)])
    one.send("typing", chat_id=chat.id)
    await until(other, [("Yuliana", True), ("Omar", False)])
    one.send("stop_typing", chat_id=chat.id)
    await until(other, [("Yuliana", False), ("Omar", False)])
    await one.request("leave_chat", chat_id=chat.id)
    await until(other, [("Omar", False)])
    assert "viewers" not in {frame["event"] for frame in await member_client.receive_until_pong()}


@pytest.mark.gen_test
async def test_user_stops_viewing_with_the_last_tab(scene):
    server, chat, _, yuliana, omar, marta = scene
    clients = [await connect_socket(server.port, person) for person in (marta, yuliana, yuliana, omar)]
    supervisor_client, left, right, other = clients
    for client in (supervisor_client, left, right):
        await client.request("view_chat", chat_id=chat.id)
    await until(right, [("Marta", False), ("Yuliana", False)])
    left.close()
    await left.wait_closed()
    await wait_until(lambda: len(server.context.hub.connections) == 3)
    await other.request("view_chat", chat_id=chat.id)
    assert who(await right.receive("viewers")) == [("Marta", False), ("Yuliana", False), ("Omar", False)]
    right.close()
    await right.wait_closed()
    await until(supervisor_client, [("Marta", False), ("Omar", False)])


@pytest.mark.gen_test
async def test_second_tab_receives_the_viewers(scene):
    server, chat, _, yuliana, _, _ = scene
    left = await connect_socket(server.port, yuliana)
    await left.request("view_chat", chat_id=chat.id)
    await until(left, [("Yuliana", False)])
    right = await connect_socket(server.port, yuliana)
    await right.request("view_chat", chat_id=chat.id)
    await until(right, [("Yuliana", False)])


@pytest.mark.gen_test
async def test_viewers_and_nobody_else_are_notified_of_changes(scene, monkeypatch):
    monkeypatch.setattr(viewers, "CHANGE_INTERVAL_S", 0)
    server, chat, ana, yuliana, omar, marta = scene
    agent_client, other, supervisor_client, member_client = [
        await connect_socket(server.port, person) for person in (yuliana, omar, marta, ana)
    ]
    new = {"event": "chat_changed", "chat_id": chat.id}
    await supervisor_client.request("view_chat", chat_id=chat.id)
    member_client.send("typing", chat_id=chat.id)
    assert (await supervisor_client.receive("typing"))["user_id"] == ana.id
    line = (await member_client.request("agent_chat_message", chat_id=chat.id, message="Hola"))["message"]
    assert await supervisor_client.receive("chat_changed") == new
    for change in (
        lambda: agent_client.request("message_read", chat_id=chat.id, message_id=line["id"]),
        lambda: supervisor_client.request("assign_chat", chat_id=chat.id, agent_id=omar.agent_id),
        lambda: member_client.request("close_chat", chat_id=chat.id),
        lambda: member_client.request("reopen_chat", chat_id=chat.id),
    ):
        await change()
        assert await supervisor_client.receive("chat_changed") == new
    await supervisor_client.request("leave_chat", chat_id=chat.id)
    # What came before the ack may include a throttled `chat_changed`.
    supervisor_client.received.clear()
    await member_client.request("agent_chat_message", chat_id=chat.id, message="¿Sí?")
    for client in (agent_client, other, member_client):
        assert not {"chat_changed", "viewers"} & {frame["event"] for frame in await client.receive_until_pong()}
    assert not {"chat_changed", "user_message"} & {
        frame["event"] for frame in await supervisor_client.receive_until_pong()
    }


@pytest.mark.gen_test
async def test_only_staff_views_and_only_support_chats(scene):
    server, chat, ana, yuliana, _, marta = scene
    desk = direct_chat(yuliana, marta)
    member_client, one = await connect_socket(server.port, ana), await connect_socket(server.port, yuliana)
    for command in ("view_chat", "leave_chat"):
        assert (await member_client.request(command, chat_id=chat.id))["code"] == "unknown_event"
        for chat_id in (desk.id, 2_000_000_000):
            assert (await one.request(command, chat_id=chat_id))["code"] == "not_found"
    assert not server.context.viewers._viewed_by_connection


@pytest.mark.gen_test
async def test_note_reaches_the_staff_and_no_member(scene):
    server, chat, ana, yuliana, omar, marta = scene
    luz, ines = agent("Luz"), agent("Inés")
    phone, laptop, other_member = [await connect_socket(server.port, person) for person in (ana, ana, member("Beto"))]
    agent_client, mentioned, viewer, supervisor_client, stranger = [
        await connect_socket(server.port, person) for person in (yuliana, omar, luz, marta, ines)
    ]
    await viewer.request("view_chat", chat_id=chat.id)
    note = (await agent_client.request("add_note", chat_id=chat.id, text="Secreto", mentions=[omar.id]))["note"]
    for client in (agent_client, mentioned, viewer, supervisor_client):
        assert (await client.receive("note_added"))["note"] == note
    await agent_client.request("tag_chat", chat_id=chat.id, tag="Secreto")
    for client in (agent_client, viewer, supervisor_client):
        assert (await client.receive("chat_tagged"))["tags"] == ["Secreto"]
    assert (await phone.request("resume", chats={str(chat.id): 0}))["event"] == "resumed"
    again = await connect_socket(server.port, ana, wait_for_state=False)
    for client in (phone, laptop, other_member, again):
        received = await client.receive_until_pong()
        assert not {frame["event"] for frame in received} & {"note_added", "chat_tagged", "viewers"}
        assert "Secreto" not in str(received)
    assert "note_added" not in {frame["event"] for frame in await stranger.receive_until_pong()}
    # Once, though the supervisor's connection may be on several of its channels.
    await supervisor_client.request("view_chat", chat_id=chat.id)
    await agent_client.request("add_note", chat_id=chat.id, text="Otra")
    assert [frame["event"] for frame in await supervisor_client.receive_until_pong()].count("note_added") == 1


@pytest.mark.gen_test
async def test_former_agent_receives_no_note(scene):
    server, chat, _, yuliana, omar, _ = scene
    client = await connect_socket(server.port, omar)
    await client.request("view_chat", chat_id=chat.id)
    Agent.update(status="INACTIVE").where(Agent.id == omar.agent_id).execute()
    assert await client.wait_closed() == 4403
    back = await connect_socket(server.port, omar)
    agent_client = await connect_socket(server.port, yuliana)
    refused = await agent_client.request("add_note", chat_id=chat.id, text="Secreto", mentions=[omar.id])
    assert refused["code"] == "not_found"
    await agent_client.request("add_note", chat_id=chat.id, text="Secreto")
    assert "note_added" not in {frame["event"] for frame in await back.receive_until_pong()}


class TestTwoProcesses:
    """Viewers are shared by processes, and expire with their process."""

    pytestmark = pytest.mark.slow

    @pytest.fixture(params=["postgresql"])
    def backend(self, request):
        return request.param

    @pytest.mark.gen_test(timeout=60)
    async def test_viewers_of_a_process_expire_when_it_is_killed(self, start, new_process, redis_url):
        here, there = await start(redis_url=redis_url), await new_process(REDIS_URL=redis_url).start()
        yuliana, omar = agent("Yuliana"), agent("Omar")
        chat = support_chat(member(), yuliana)
        one, other = await connect_socket(here.port, yuliana), await connect_socket(there.port, omar)
        await one.request("view_chat", chat_id=chat.id)
        # Messages of a process arrive in order: after the note, the other process knows the viewer too.
        await one.request("add_note", chat_id=chat.id, text="Mire", mentions=[omar.id])
        await one.receive("note_added")
        await other.receive("note_added")
        await other.request("view_chat", chat_id=chat.id)
        await until(other, [("Yuliana", False), ("Omar", False)])
        await until(one, [("Yuliana", False), ("Omar", False)])
        one.send("typing", chat_id=chat.id)
        await until(other, [("Yuliana", True), ("Omar", False)])
        await other.request("add_note", chat_id=chat.id, text="Hola")
        assert (await one.receive("note_added"))["note"]["text"] == "Hola"
        there.kill()
        # The 30 s after which Omar expires are shortened, instead of waiting for them.
        for entry in here.context.viewers._entries_by_chat[chat.id].values():
            if entry.viewer.user_id == omar.id:
                entry.expires_at = 0.0
        await until(one, [("Yuliana", True)])
