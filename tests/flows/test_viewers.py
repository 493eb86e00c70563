"""Who of the staff looks at a chat is seen by those who look too; a member hears nothing of it, nor of a note."""

import asyncio

import pytest

from beneficiate.models.accounts import Agent
from beneficiate.realtime import viewers
from beneficiate.realtime.viewers import MAX_VIEWED_CHATS
from tests.factories import agent, close_all_sockets, connect_socket, direct_chat, member, supervisor, support_chat


def who(frame):
    return [(viewer["first_name"], viewer.get("is_typing", False)) for viewer in frame["viewers"]]


async def until(voice, expected):
    """Hear who looks until it is these."""
    while who(await voice.receive("viewers")) != expected:
        pass


@pytest.fixture
def scene(server):
    ana, yuliana, omar, marta = member("Ana"), agent("Yuliana"), agent("Omar"), supervisor("Marta")
    return server, support_chat(ana, yuliana), ana, yuliana, omar, marta


@pytest.mark.gen_test
async def test_those_who_look_see_each_other_come_type_and_go(scene):
    server, chat, ana, yuliana, omar, _ = scene
    one, other, home = [await connect_socket(server.port, person) for person in (yuliana, omar, ana)]
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
    assert "viewers" not in {frame["event"] for frame in await home.receive_all(0.3)}


@pytest.mark.gen_test
async def test_who_hangs_up_does_not_look_any_more_but_another_tab_does(scene):
    server, chat, _, yuliana, _, marta = scene
    board, left, right = [await connect_socket(server.port, person) for person in (marta, yuliana, yuliana)]
    for voice in (board, left, right):
        await voice.request("view_chat", chat_id=chat.id)
    await until(right, [("Marta", False), ("Yuliana", False)])
    left.close()
    await left.wait_closed()
    assert "viewers" not in {frame["event"] for frame in await right.receive_all(1.5)}
    right.close()
    await right.wait_closed()
    await until(board, [("Marta", False)])


@pytest.mark.gen_test
async def test_who_opens_a_second_tab_is_told_who_is_there(scene):
    server, chat, _, yuliana, _, _ = scene
    left = await connect_socket(server.port, yuliana)
    await left.request("view_chat", chat_id=chat.id)
    await until(left, [("Yuliana", False)])
    right = await connect_socket(server.port, yuliana)
    await right.request("view_chat", chat_id=chat.id)
    await until(right, [("Yuliana", False)])


@pytest.mark.gen_test
async def test_who_looks_on_hears_that_there_is_something_new_and_nobody_else_does(scene):
    server, chat, ana, yuliana, omar, marta = scene
    own, other, board, home = [await connect_socket(server.port, person) for person in (yuliana, omar, marta, ana)]
    new = {"event": "chat_changed", "chat_id": chat.id}
    await board.request("view_chat", chat_id=chat.id)
    home.send("typing", chat_id=chat.id)
    assert (await board.receive("typing"))["user_id"] == ana.id
    line = (await home.request("agent_chat_message", chat_id=chat.id, message="Hola"))["message"]
    assert await board.receive("chat_changed") == new
    for change in (
        lambda: own.request("message_read", chat_id=chat.id, message_id=line["id"]),
        lambda: board.request("assign_chat", chat_id=chat.id, agent_id=omar.agent_id),
        lambda: home.request("close_chat", chat_id=chat.id),
        lambda: home.request("reopen_chat", chat_id=chat.id),
    ):
        await asyncio.sleep(1.2 * viewers.CHANGE_INTERVAL_S)
        await change()
        assert await board.receive("chat_changed") == new
    await board.request("leave_chat", chat_id=chat.id)
    # What came before the ack may include a throttled `chat_changed`.
    board.received.clear()
    await home.request("agent_chat_message", chat_id=chat.id, message="¿Sí?")
    for voice in (own, other, home):
        assert not {"chat_changed", "viewers"} & {frame["event"] for frame in await voice.receive_all(0.2)}
    assert not {"chat_changed", "user_message"} & {frame["event"] for frame in await board.receive_all(0.2)}


@pytest.mark.gen_test
async def test_a_burst_of_lines_is_two_notices_for_those_who_look_on(scene):
    server, chat, ana, _, _, marta = scene
    board, home = await connect_socket(server.port, marta), await connect_socket(server.port, ana)
    await board.request("view_chat", chat_id=chat.id)
    for n in range(30):
        home.send("agent_chat_message", chat_id=chat.id, message=f"{n}")
    await home.request("agent_chat_message", chat_id=chat.id, message="fin")
    heard = [
        frame for frame in await board.receive_all(3 * viewers.CHANGE_INTERVAL_S) if frame["event"] == "chat_changed"
    ]
    assert 2 <= len(heard) < 10


@pytest.mark.gen_test
async def test_at_most_one_frame_a_second(scene):
    server, chat, _, yuliana, omar, _ = scene
    one, other = await connect_socket(server.port, yuliana), await connect_socket(server.port, omar)
    await one.request("view_chat", chat_id=chat.id)
    for _ in range(20):
        await other.request("view_chat", chat_id=chat.id)
        await other.request("leave_chat", chat_id=chat.id)
    await other.request("view_chat", chat_id=chat.id)
    heard = [frame for frame in await one.receive_all(2.5) if frame["event"] == "viewers"]
    assert 1 < len(heard) <= 4
    assert who(heard[-1]) == [("Yuliana", False), ("Omar", False)]


@pytest.mark.gen_test
async def test_who_is_not_heard_of_is_forgotten(scene):
    server, chat, _, yuliana, omar, _ = scene
    server.context.viewers.ttl_s = 1.5
    one, other = await connect_socket(server.port, yuliana), await connect_socket(server.port, omar)
    await other.request("view_chat", chat_id=chat.id)
    for _ in range(8):
        await one.request("view_chat", chat_id=chat.id)
        await asyncio.sleep(0.4)
    frames = [who(frame) for frame in await one.receive_all(0.2) if frame["event"] == "viewers"]
    assert frames[-1] == [("Yuliana", False)]
    # Whoever comes back is seen again.
    await other.request("view_chat", chat_id=chat.id)
    await until(one, [("Yuliana", False), ("Omar", False)])


@pytest.mark.gen_test
async def test_typing_fades_by_itself(scene):
    server, chat, _, yuliana, omar, _ = scene
    server.context.viewers.typing_ttl_s = 2.5
    one, other = await connect_socket(server.port, yuliana), await connect_socket(server.port, omar)
    for voice in (one, other):
        await voice.request("view_chat", chat_id=chat.id)
    one.send("typing", chat_id=chat.id)
    await until(other, [("Yuliana", True), ("Omar", False)])
    await until(other, [("Yuliana", False), ("Omar", False)])


@pytest.mark.gen_test
async def test_nothing_is_kept_of_those_who_left(scene):
    server, chat, _, yuliana, omar, _ = scene
    notices = server.context.viewers
    for person in (yuliana, omar):
        voice = await connect_socket(server.port, person)
        await voice.request("view_chat", chat_id=chat.id)
    await close_all_sockets()
    await asyncio.sleep(2.5)
    assert not any(
        (notices._viewed_by_connection, notices._entries_by_chat, notices._last_sent, notices._throttled_chats)
    )
    assert not server.context.hub.has_subscribers(f"viewers:{chat.id}")


@pytest.mark.gen_test
async def test_only_staff_looks_and_only_at_support_chats(scene):
    server, chat, ana, yuliana, _, marta = scene
    desk = direct_chat(yuliana, marta)
    home, one = await connect_socket(server.port, ana), await connect_socket(server.port, yuliana)
    for word in ("view_chat", "leave_chat"):
        assert (await home.request(word, chat_id=chat.id))["code"] == "unknown_event"
        for chat_id in (desk.id, 2_000_000_000):
            assert (await one.request(word, chat_id=chat_id))["code"] == "not_found"
    assert not server.context.viewers._viewed_by_connection


@pytest.mark.gen_test
async def test_a_session_looks_at_some_chats_at_a_time(scene):
    server, chat, _, yuliana, _, _ = scene
    one = await connect_socket(server.port, yuliana)
    chats = [support_chat(member(), None).id for _ in range(MAX_VIEWED_CHATS)]
    for chat_id in (chat.id, *chats):
        await one.request("view_chat", chat_id=chat_id)
    (looked_at,) = server.context.viewers._viewed_by_connection.values()
    assert list(looked_at) == chats
    assert not server.context.hub.has_subscribers(f"viewers:{chat.id}")


@pytest.mark.gen_test
async def test_a_note_reaches_the_staff_and_no_socket_of_a_member(scene):
    server, chat, ana, yuliana, omar, marta = scene
    luz, ines = agent("Luz"), agent("Inés")
    phone, laptop, other_member = [await connect_socket(server.port, person) for person in (ana, ana, member("Beto"))]
    at_desk, mentioned, viewer, board, stranger = [
        await connect_socket(server.port, person) for person in (yuliana, omar, luz, marta, ines)
    ]
    await viewer.request("view_chat", chat_id=chat.id)
    note = (await at_desk.request("add_note", chat_id=chat.id, text="Secreto", mentions=[omar.id]))["note"]
    for voice in (at_desk, mentioned, viewer, board):
        assert (await voice.receive("note_added"))["note"] == note
    await at_desk.request("tag_chat", chat_id=chat.id, tag="Secreto")
    for voice in (at_desk, viewer, board):
        assert (await voice.receive("chat_tagged"))["tags"] == ["Secreto"]
    assert (await phone.request("resume", chats={str(chat.id): 0}))["event"] == "resumed"
    again = await connect_socket(server.port, ana, wait_for_state=False)
    for voice in (phone, laptop, other_member, again):
        heard = await voice.receive_all(0.2)
        assert not {frame["event"] for frame in heard} & {"note_added", "chat_tagged", "viewers"}
        assert "Secreto" not in str(heard)
    assert "note_added" not in {frame["event"] for frame in await stranger.receive_all(0.1)}
    # Once, though the supervisor's session may be on several of its topics.
    await board.request("view_chat", chat_id=chat.id)
    await at_desk.request("add_note", chat_id=chat.id, text="Otra")
    assert [frame["event"] for frame in await board.receive_all(0.3)].count("note_added") == 1


@pytest.mark.gen_test
async def test_an_agent_who_is_one_no_more_hears_no_note(scene):
    server, chat, _, yuliana, omar, _ = scene
    voice = await connect_socket(server.port, omar)
    await voice.request("view_chat", chat_id=chat.id)
    Agent.update(status="INACTIVE").where(Agent.id == omar.agent_id).execute()
    assert await voice.wait_closed() == 4403
    back = await connect_socket(server.port, omar)
    at_desk = await connect_socket(server.port, yuliana)
    refused = await at_desk.request("add_note", chat_id=chat.id, text="Secreto", mentions=[omar.id])
    assert refused["code"] == "not_found"
    await at_desk.request("add_note", chat_id=chat.id, text="Secreto")
    assert "note_added" not in {frame["event"] for frame in await back.receive_all(0.3)}


class TestTwoProcesses:
    """What one process knows the other one hears, and forgets when it is gone."""

    pytestmark = pytest.mark.slow

    @pytest.fixture(params=["postgresql"])
    def backend(self, request):
        return request.param

    @pytest.mark.gen_test(timeout=60)
    async def test_viewers_of_another_process_are_seen_and_fade_when_it_is_killed(self, new_process, redis_url):
        here, there = await asyncio.gather(
            new_process(REDIS_URL=redis_url).start(), new_process(REDIS_URL=redis_url).start()
        )
        yuliana, omar = agent("Yuliana"), agent("Omar")
        chat = support_chat(member(), yuliana)
        one, other = await connect_socket(here.port, yuliana), await connect_socket(there.port, omar)
        await one.request("view_chat", chat_id=chat.id)
        # What a process says arrives in order: once the note is there, so is who looks.
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
        began = asyncio.get_running_loop().time()
        for _ in range(3):
            await asyncio.sleep(12)
            await one.request("view_chat", chat_id=chat.id)
        frames = [who(frame) for frame in one.received if frame["event"] == "viewers"]
        assert frames[-1] == [("Yuliana", False)]
        assert asyncio.get_running_loop().time() - began > viewers.VIEWING_TTL_S
