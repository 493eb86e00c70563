"""The queue as people live it: over real sockets, through restarts, in two processes at once."""

import asyncio
import time

import pytest

from beneficiate.actions import queue
from beneficiate.errors import ChatIsTaken
from beneficiate.models.accounts import AVAILABLE, Agent, User
from beneficiate.models.call_centre import Skill
from beneficiate.models.chats import ACTIVE, CLOSED, SUPPORT, WAITING, Chat, ChatEvent
from beneficiate.protocol.queue import TakeChat
from tests.actions.queue_steps import agent_availability, available_agent, create_topic
from tests.factories import agent, connect_socket, member, member_with_plan, supervisor, support_chat
from tests.flows.bot_client import BotClient
from tests.flows.test_double_booking import race
from tests.ws_client import wait_until

AGENTS, CLAIMS = 50, 1000


def at_desk(first_name="Yuliana", capacity=5, **more):
    """An agent who is available, and comes online by connecting."""
    return available_agent(first_name, capacity, is_online=False, **more)


async def join(client, **fields):
    """Ask for an agent; the id of the chat."""
    return (await client.request("request_agent", **fields))["chat"]["id"]


async def receive_place(client, position):
    return await client.receive(lambda frame: frame["event"] == "queue_position" and frame["position"] == position)


def who_has(chat_id):
    row = Chat.get_by_id(chat_id)
    return row.status, row.agent_id


def nobody_waits_in_vain():
    """No chat waits while somebody who may take it has room, and nobody has more than they can have."""
    waiting = list(Chat.select().where(Chat.kind == SUPPORT, Chat.status == WAITING))
    for one in Agent.select().join(User).where(Agent.availability == AVAILABLE, User.online_status):
        load = Chat.select().where(Chat.agent == one.id, Chat.status == ACTIVE).count()
        known = {skill.topic_id for skill in Skill.select().where(Skill.agent == one.id)}
        mine = [chat for chat in waiting if chat.topic_id is None or chat.topic_id in known]
        if load > one.capacity or (load < one.capacity and mine):
            return False
    return True


# ---- Waiting -------------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_waiting_members_are_sent_their_position(server):
    ana, luis, yuliana = member(), member(), agent()
    of_ana, of_luis = await connect_socket(server.port, ana), await connect_socket(server.port, luis)
    desk = await connect_socket(server.port, yuliana)

    first, second = await join(of_ana), await join(of_luis)

    place = {"event": "queue_position", "chat_id": first, "position": 1, "estimated_wait_s": None}
    assert await receive_place(of_ana, 1) == place
    assert (await receive_place(of_luis, 2))["chat_id"] == second
    await desk.receive(lambda frame: frame["event"] == "queue_changed" and frame["waiting"] == 2)
    await of_ana.request("close_chat", chat_id=first)
    assert (await receive_place(of_luis, 1))["chat_id"] == second
    of_rosa = await connect_socket(server.port, member())
    await join(of_rosa)
    await receive_place(of_rosa, 2)
    await desk.request("take_chat", chat_id=second)
    assert (await of_luis.receive(lambda f: f["event"] == "new_chat" and f["chat"]["status"] == ACTIVE))["chat"][
        "agent"
    ]
    await receive_place(of_rosa, 1)  # the positions of all are sent together
    assert "queue_position" not in {frame["event"] for frame in await of_luis.receive_until_pong()}


@pytest.mark.gen_test
async def test_position_is_sent_at_most_once_a_second(server):
    people = [member() for _ in range(16)]
    clients = [await connect_socket(server.port, who) for who in people]
    chats = [await join(client) for client in clients]
    last = clients[-1]
    await receive_place(last, 16)
    received, began = 0, time.monotonic()

    for leaving in (range(8), range(8, 15)):
        for number in leaving:
            await clients[number].request("close_chat", chat_id=chats[number])
        place = {}
        while place.get("position") != 16 - leaving.stop:
            place = await last.receive("queue_position")
            received += 1

    assert 2 <= received <= time.monotonic() - began + 2


@pytest.mark.gen_test(timeout=60)
async def test_position_survives_a_reload_and_a_restart(new_process):
    ana, luis = member(), member()
    process = await new_process().start()
    await join(await connect_socket(process.port, ana))
    tab = await connect_socket(process.port, luis)
    chat = await join(tab)
    before = await receive_place(tab, 2)

    tab.close()
    again = await connect_socket(process.port, luis, wait_for_state=False)
    assert await again.receive("queue_position") == before
    assert await join(again) == chat

    process.kill()
    process = await new_process().start()
    again = await connect_socket(process.port, luis, wait_for_state=False)
    assert await again.receive("queue_position") == before


# ---- Being served --------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_waiting_chat_is_assigned_to_an_agent_who_becomes_available(server):
    ana, yuliana = member("Ana"), agent("Yuliana")
    home, desk = await connect_socket(server.port, ana), await connect_socket(server.port, yuliana, "/ws/agent")
    chat = await join(home)

    await desk.request("set_availability", availability="available")

    opened = await desk.receive("chat_initiated")
    assert (opened["chat"]["id"], opened["chat"]["user"]["first_name"]) == (chat, "Ana")
    mine = await home.receive(lambda frame: frame["event"] == "new_chat" and frame["chat"]["status"] == ACTIVE)
    assert mine["chat"]["agent"]["first_name"] == "Yuliana"
    assert (await home.receive("user_connected"))["user_id"] == yuliana.id
    assert (await desk.receive("queue_changed"))["waiting"] in (0, 1)
    await desk.request("agent_chat_message", chat_id=chat, message="Buenos días")
    assert (await home.receive("agent_chat_message"))["message"]["message"] == "Buenos días"


@pytest.mark.gen_test
async def test_available_agent_is_assigned_chats_on_connecting(server):
    home, yuliana = await connect_socket(server.port, member()), at_desk()
    chat = await join(home)

    await connect_socket(server.port, yuliana)

    await wait_until(lambda: who_has(chat) == (ACTIVE, yuliana.agent_id))


@pytest.mark.gen_test
async def test_chat_without_a_timely_reply_goes_to_another_agent(start):
    server = await start(first_reply_s=1)
    yuliana, omar = at_desk("Yuliana"), at_desk("Omar")
    home, desk = await connect_socket(server.port, member()), await connect_socket(server.port, yuliana)
    chat = await join(home)
    await desk.receive("chat_initiated")
    other = await connect_socket(server.port, omar)

    left = await desk.receive("chat_left")

    assert (left["chat_id"], left["reason"]) == (chat, "no_reply")
    assert (await desk.receive("availability_changed"))["availability"] == "away"
    assert (await other.receive("chat_initiated"))["chat"]["id"] == chat
    await other.request("agent_chat_message", chat_id=chat, message="Buenos días")
    # The time for another chat ends later than the one for Omar's would.
    of_marta = await connect_socket(server.port, at_desk("Marta"))
    unanswered = await join(await connect_socket(server.port, member()))
    assert (await of_marta.receive("chat_left"))["chat_id"] == unanswered
    assert who_has(chat) == (ACTIVE, omar.agent_id)
    assert agent_availability(omar)[0] == AVAILABLE


@pytest.mark.gen_test
async def test_chat_of_a_disconnected_agent_goes_to_another(server):
    yuliana, omar, marta = at_desk("Yuliana"), at_desk("Omar"), supervisor()
    home, desk = await connect_socket(server.port, member()), await connect_socket(server.port, yuliana)
    board = await connect_socket(server.port, marta)
    chat = await join(home)
    await desk.receive("chat_initiated")
    await desk.request("agent_chat_message", chat_id=chat, message="Buenos días")
    await home.request("agent_chat_message", chat_id=chat, message="¿Me ayuda?")
    other = await connect_socket(server.port, omar)

    desk.close()

    assert (await other.receive("chat_initiated"))["chat"]["id"] == chat
    gone = await board.receive("availability_changed")
    assert (gone["agent_id"], gone["availability"]) == (yuliana.agent_id, "away")
    assert (await home.receive(lambda f: f["event"] == "new_chat" and f["chat"].get("agent")))["chat"]["id"] == chat


@pytest.mark.gen_test
async def test_agent_who_reloads_the_page_keeps_the_chat(server):
    yuliana, omar = at_desk("Yuliana", 1), at_desk("Omar", 1)
    chats, desks = [], []
    for who in (yuliana, omar):
        desks.append(await connect_socket(server.port, who))
        chats.append(await join(await connect_socket(server.port, member())))
        await desks[-1].receive("chat_initiated")

    for desk in desks:
        desk.close()
        await desk.wait_closed()
    await connect_socket(server.port, yuliana)

    # Omar stays away: when his chat waits again, the grace period of both is over.
    await wait_until(lambda: who_has(chats[1]) == (WAITING, None))
    assert who_has(chats[0]) == (ACTIVE, yuliana.agent_id)


# ---- The assistant -------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_bot_is_silent_from_the_request_for_a_person_on(server):
    ana, yuliana = member_with_plan("Ana"), agent("Yuliana")
    bot, desk = await BotClient.connect(server.port, ana), await connect_socket(server.port, yuliana)
    await bot.start()
    asked = await bot.send_text(ana.user.document_number)
    await bot.send_text("hablar con una persona")
    chat = (await bot.client.receive("new_chat"))["chat"]["id"]
    assert (await bot.start())["state"] == "with_person"
    assert (await bot.send_text("hola?"))["state"] == "with_person"
    assert (await bot.client.receive("user_message"))["message"]["message"] == "hola?"

    await desk.request("take_chat", chat_id=chat)
    muted = await bot.send_text("hola")
    assert (muted["state"], "Yuliana" in muted["message"]) == ("with_person", True)
    assert (await desk.receive("user_message"))["message"]["message"] == "hola"

    assert (await desk.request("give_to_bot", chat_id=chat))["event"] == "ack"
    back = await bot.receive()
    bot.sent_count += 1
    assert back["options"] == asked["options"]
    assert (await bot.press_button(back["options"][0]))["state"] != "with_person"
    assert who_has(chat) == (ACTIVE, yuliana.agent_id)


# ---- Everybody at once ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.gen_test(timeout=90)
async def test_one_of_a_thousand_claims_wins(server):
    agents = [agent() for _ in range(AGENTS)]
    chat = await join(await connect_socket(server.port, member()))

    outcomes = []
    for _ in range(CLAIMS // AGENTS):  # on a busy machine the last of 1,000 wait so long that they are refused
        claims = (server.context.store.run(queue.take_chat, TakeChat(chat_id=chat), who.actor) for who in agents)
        outcomes += await asyncio.gather(*claims, return_exceptions=True)

    won = {one.agent_id for one in outcomes if not isinstance(one, Exception)}
    assert won == {agents[0].agent_id}
    assert sum(isinstance(one, ChatIsTaken) for one in outcomes) == CLAIMS - CLAIMS // AGENTS
    assert ChatEvent.select().where(ChatEvent.kind == "picked").count() == 1


@pytest.mark.slow
def test_one_of_a_thousand_claims_on_many_connections_wins(db):
    agents, chat = [agent() for _ in range(AGENTS)], support_chat(member(), None)
    tries = [(queue.take_chat, TakeChat(chat_id=chat.id), who.actor) for who in agents] * (CLAIMS // AGENTS)
    each = CLAIMS // AGENTS
    assert race(tries) == {"won": each, "chat_taken": CLAIMS - each}
    (picked,) = ChatEvent.select().where(ChatEvent.kind == "picked")
    assert who_has(chat.id) == (ACTIVE, picked.agent_id)


class TestTwoProcesses:
    """On one PostgreSQL and one Redis."""

    pytestmark = pytest.mark.slow

    @pytest.fixture(params=["postgresql"])
    def backend(self, request):
        return request.param

    @pytest.fixture
    def two(self, new_process, redis_url, io_loop):
        async def start():
            quick = {"REDIS_URL": redis_url, "BENEFICIATE_PRESENCE_GRACE_S": 0.5}
            return await asyncio.gather(new_process(**quick).start(), new_process(**quick).start())

        return io_loop.run_sync(start)

    @pytest.mark.gen_test
    async def test_waiting_member_is_sent_the_moves_of_another_process(self, two):
        here, there = two
        of_ana, of_luis = await connect_socket(here.port, member()), await connect_socket(there.port, member())
        first = await join(of_ana)
        second = await join(of_luis)
        await receive_place(of_luis, 2)
        await of_ana.request("close_chat", chat_id=first)
        assert (await receive_place(of_luis, 1))["chat_id"] == second
        yuliana = at_desk()
        await connect_socket(here.port, yuliana)
        assert (await of_luis.receive("user_connected"))["user_id"] == yuliana.id
        assert who_has(second) == (ACTIVE, yuliana.agent_id)

    @pytest.mark.gen_test(timeout=90)
    async def test_no_chat_waits_while_an_agent_of_two_processes_has_room(self, two):
        topics = [create_topic("citas"), create_topic("pagos")]
        people = [member() for _ in range(24)]
        desks = [at_desk(capacity=2, topics=topics[: n % 3]) for n in range(6)]
        at_home = [await connect_socket(two[n % 2].port, who) for n, who in enumerate(people)]
        at_work = [await connect_socket(two[n % 2].port, who) for n, who in enumerate(desks)]
        refused = []

        await asyncio.gather(
            *(_come_and_go(client, n, refused) for n, client in enumerate(at_home)),
            *(_work(client, who, refused) for client, who in zip(at_work, desks, strict=True)),
        )

        assert nobody_waits_in_vain()
        # Somebody was quicker; but nobody was turned away by two who waited for each other.
        assert set(refused) <= {"not_found", "chat_closed"}
        assert Chat.select().where(Chat.status != CLOSED).count() <= len(people)
        assert Chat.select().where(Chat.status == ACTIVE).count() > 0


async def _say(client, refused, event, **fields):
    answer = await client.request(event, **fields)
    if answer["event"] == "error":
        refused.append(answer["code"])
    return answer


async def _come_and_go(client, n, refused):
    """A member asks six times, about one thing after another, and waits for the last."""
    for turn in range(6):
        about = (None, "citas", "pagos")[(n + turn) % 3]
        chat = (await _say(client, refused, "request_agent", topic=about))["chat"]["id"]
        await _say(client, refused, "agent_chat_message", chat_id=chat, message=f"Hola {turn}")
        if turn < 5:
            await _say(client, refused, "close_chat", chat_id=chat)


async def _work(client, who, refused):
    """An agent is there and away, puts chats back and closes some."""
    for turn in range(10):
        await _say(client, refused, "set_availability", availability=("away", "available")[turn % 2])
        mine = Chat.select().where(Chat.agent == who.agent_id, Chat.status == ACTIVE).first()
        if mine is not None:
            await _say(client, refused, "return_chat" if turn % 3 else "close_chat", chat_id=mine.id)
