"""Two processes on one PostgreSQL and one Redis: events of one reach the connections of the other."""

import asyncio
import signal
import time
from datetime import UTC, datetime

import pytest
from tornado.httpclient import HTTPClientError

from beneficiate.models.accounts import AVAILABLE, Agent, ServerProcess, User, UserConnection
from tests import servers
from tests.factories import PASSWORD, agent, connect_socket, direct_chat, member, supervisor, support_chat
from tests.flows.presence_steps import receive_changes
from tests.http_client import CookieClient, call_api
from tests.reconnecting_client import make_crowd
from tests.ws_client import wait_until

pytestmark = pytest.mark.slow
GRACE_S, EXPIRY_S = 0.5, 2.0


@pytest.fixture(params=["postgresql"])
def backend(request):
    return request.param


@pytest.fixture
def run(new_process):
    """Start server processes: `await run(redis_url, **environment)`."""

    async def run_one(redis_url, **environment):
        quick = {"BENEFICIATE_PRESENCE_GRACE_S": GRACE_S}
        return await new_process(REDIS_URL=redis_url, **{**quick, **environment}).start()

    return run_one


@pytest.fixture
def two(run, redis_url, io_loop):
    """Two running processes."""

    async def start():
        return await asyncio.gather(run(redis_url), run(redis_url))

    return io_loop.run_sync(start)


@pytest.fixture
def two_that_expire(run, redis_url, io_loop):
    """Two running processes, whose people are gone when one of them says nothing for two seconds.

    On a busy machine that is too short for those who are there: it is for tests of processes that end.
    """

    async def start():
        quick = {"BENEFICIATE_PROCESS_EXPIRY_S": EXPIRY_S}
        return await asyncio.gather(run(redis_url, **quick), run(redis_url, **quick))

    return io_loop.run_sync(start)


@pytest.mark.gen_test
async def test_message_reaches_the_other_side_in_another_process(two):
    here, there = two
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    at_home, at_desk = await connect_socket(here.port, ana), await connect_socket(there.port, yuliana, "/ws/agent")

    ack = await at_home.request("agent_chat_message", chat_id=chat.id, message="Buenos días", client_id="c1")
    received = await at_desk.receive("user_message")
    await at_desk.request("agent_chat_message", chat_id=chat.id, message="¿En qué le ayudo?")
    answer = await at_home.receive("agent_chat_message")

    assert received["message"] == ack["message"]
    assert (answer["message"]["seq"], answer["message"]["message"]) == (2, "¿En qué le ayudo?")


@pytest.mark.gen_test
async def test_delivered_read_typing_and_close_reach_another_process(two):
    here, there = two
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    at_home, at_desk = await connect_socket(here.port, ana), await connect_socket(there.port, yuliana)
    on_phone = await connect_socket(there.port, ana)

    at_home.send("typing", chat_id=chat.id)
    assert (await at_desk.receive("typing"))["user_id"] == ana.id
    at_home.send("stop_typing", chat_id=chat.id)
    assert (await at_desk.receive("stop_typing"))["user_id"] == ana.id

    line = (await at_home.request("agent_chat_message", chat_id=chat.id, message="Hola"))["message"]
    assert (await at_home.receive("message_delivered"))["message_id"] == line["id"]
    await at_desk.request("message_read", chat_id=chat.id, message_id=line["id"])
    read = await at_home.receive("message_read")
    assert (read["user_id"], read["message_id"]) == (yuliana.id, line["id"])

    await at_desk.request("close_chat", chat_id=chat.id)
    closed = await at_home.receive("chat_closed")
    assert closed["closed_by"] == yuliana.id
    assert await on_phone.receive("chat_closed") == closed
    assert (await at_home.receive("new_message"))["message"] == closed["message"]


@pytest.mark.gen_test
async def test_two_tabs_in_two_processes_show_the_same(two):
    here, there = two
    marta, yuliana = supervisor(), agent()
    chat = direct_chat(marta, yuliana)
    left, right = await connect_socket(here.port, marta), await connect_socket(there.port, marta)
    at_desk = await connect_socket(here.port, yuliana)

    left.send("chat_message", chat_id=chat.id, message="¿Todo bien?")
    right.send("chat_message", chat_id=chat.id, message="¿Me escucha?")
    at_desk.send("chat_message", chat_id=chat.id, message="Sí, todo bien.")

    screens = [
        sorted([(await client.receive("new_message"))["message"] for _ in range(3)], key=lambda m: m["seq"])
        for client in (left, right, at_desk)
    ]
    assert screens[0] == screens[1] == screens[2]
    assert [message["seq"] for message in screens[0]] == [1, 2, 3]


@pytest.mark.gen_test
async def test_viewers_in_two_processes_see_each_other_and_what_changes(two):
    here, there = two
    ana, yuliana, omar = member(), agent("Yuliana"), agent("Omar")
    chat = support_chat(ana, yuliana)
    one, other, at_home = [
        await connect_socket(port, who) for port, who in ((here.port, yuliana), (there.port, omar), (here.port, ana))
    ]
    await one.request("view_chat", chat_id=chat.id)
    await other.request("view_chat", chat_id=chat.id)
    for client in (one, other):
        await client.receive(lambda f: f["event"] == "viewers" and len(f["viewers"]) == 2)
    await at_home.request("agent_chat_message", chat_id=chat.id, message="Hola")
    assert await other.receive("chat_changed") == {"event": "chat_changed", "chat_id": chat.id}
    await one.request("leave_chat", chat_id=chat.id)
    left = await other.receive(lambda f: f["event"] == "viewers" and len(f["viewers"]) == 1)
    assert left["viewers"][0]["first_name"] == "Omar"


@pytest.mark.gen_test(timeout=60)
async def test_many_clients_over_two_processes_receive_everything_once(two):
    here, there = two
    everybody = make_crowd(here.port, members=6, agents=3)
    for client in everybody.clients[::2]:
        client.port = there.port
    for client in everybody.clients:
        client.start()

    everybody.write_all(60)

    await everybody.wait_until_quiet(40)
    await everybody.stop()
    assert everybody.check_all() == 60 * 2 * 7


@pytest.mark.gen_test
async def test_person_in_both_processes_goes_offline_after_the_last_connection_only(two):
    here, there = two
    ana, luis, yuliana = member(), member(), agent()
    support_chat(ana, yuliana)
    at_desk = await connect_socket(here.port, yuliana)
    on_phone, on_laptop = await connect_socket(here.port, ana), await connect_socket(there.port, ana)
    leaves = await connect_socket(here.port, luis)
    await receive_changes(at_desk, luis, "online")

    for client in (on_phone, leaves):
        client.close()
        await client.wait_closed()
    assert await receive_changes(at_desk, luis, "offline") == [(luis.id, "offline")]
    assert User.get_by_id(ana.id).online_status

    on_laptop.close()
    assert (await at_desk.receive("user_disconnected"))["user_id"] == ana.id
    assert not User.get_by_id(ana.id).online_status


@pytest.mark.gen_test
async def test_change_of_process_within_the_grace_period_is_no_absence(two):
    here, there = two
    ana, luis, yuliana = member(), member(), agent()
    support_chat(ana, yuliana)
    at_desk = await connect_socket(there.port, yuliana)
    before, leaves = await connect_socket(here.port, ana), await connect_socket(here.port, luis)
    await receive_changes(at_desk, luis, "online")

    before.close()
    await before.wait_closed()
    await connect_socket(there.port, ana)
    leaves.close()

    assert await receive_changes(at_desk, luis, "offline") == [(luis.id, "offline")]


@pytest.mark.gen_test
async def test_people_of_a_crashed_process_go_offline(two_that_expire):
    here, there = two_that_expire
    ana, luis, yuliana = member(), member(), agent()
    support_chat(ana, yuliana)
    at_desk = await connect_socket(here.port, yuliana)
    await connect_socket(there.port, ana)
    await connect_socket(there.port, luis)
    await connect_socket(here.port, luis)
    await receive_changes(at_desk, luis, "online")

    there.kill()

    began = time.monotonic()
    assert await receive_changes(at_desk, ana, "offline") == [(ana.id, "offline")]
    assert time.monotonic() - began > EXPIRY_S / 2
    assert [user.id for user in User.select().where(User.online_status).order_by(User.id)] == [luis.id, yuliana.id]
    assert UserConnection.select().count() == 2


@pytest.mark.gen_test
async def test_process_with_a_heartbeat_is_alive(two_that_expire):
    here, there = two_that_expire
    ana, luis, yuliana = member(), member(), agent()
    support_chat(ana, yuliana)
    at_desk = await connect_socket(here.port, yuliana)
    await connect_socket(there.port, ana)
    await at_desk.receive("user_connected")

    now = datetime.now(UTC)
    without_heartbeat = ServerProcess.create(name="without a heartbeat", beat_at=now)
    UserConnection.create(process=without_heartbeat, user=luis.id, opened_at=now)
    User.update(online_status=True).where(User.id == luis.id).execute()

    # It started last: had the others no heartbeat, their people would go offline first.
    assert await receive_changes(at_desk, luis, "offline") == [(luis.id, "offline")]
    assert User.get_by_id(ana.id).online_status
    beats = [process.beat_at for process in ServerProcess.select().where(ServerProcess.id != without_heartbeat.id)]
    assert abs((beats[0] - beats[1]).total_seconds()) < EXPIRY_S


@pytest.mark.gen_test
async def test_people_of_a_stopped_process_go_offline_after_the_grace_period(two):
    here, there = two
    ana, yuliana = member(), agent()
    support_chat(ana, yuliana)
    at_desk, at_home = await connect_socket(here.port, yuliana), await connect_socket(there.port, ana)
    await at_desk.receive("user_connected")

    there.send_signal(signal.SIGTERM)

    assert await at_home.wait_closed() == 1012
    assert (await at_desk.receive("user_disconnected"))["user_id"] == ana.id
    assert await there.exit_code(5) == 0


@pytest.mark.gen_test(timeout=60)
async def test_process_that_was_paused_goes_on_where_it_was(two_that_expire):
    """As a laptop that sleeps, or a machine that is moved: it comes back alive, late, and with open connections."""
    here, there = two_that_expire
    everybody = make_crowd(here.port, members=2, agents=1)
    # Not the agent, whose chats would go to the queue.
    members = everybody.clients[1:]
    for client in members:
        client.port = there.port
    for client in everybody.clients:
        client.start()
    everybody.write_all(20)
    await wait_until(lambda: everybody.acked > 40)

    there.send_signal(signal.SIGSTOP)
    paused = [client.person.id for client in members]
    # The other process finds no heartbeat of it, and says that its people are gone.
    offline = User.select().where(User.id.in_(paused), ~User.online_status)
    await wait_until(lambda: offline.count() == len(paused), 20)
    everybody.write_all(20)
    there.send_signal(signal.SIGCONT)

    await everybody.wait_until_quiet(30)
    await wait_until(lambda: offline.count() == 0, 20)
    await everybody.stop()
    assert everybody.check_all() == 40 * 2 * 2
    assert "Traceback" not in here.output + there.output


@pytest.mark.gen_test
async def test_newest_connections_of_a_person_stay_over_all_processes(run, redis_url):
    limited = {"BENEFICIATE_CONNECTIONS_PER_PERSON": 3}
    here, there = await asyncio.gather(run(redis_url, **limited), run(redis_url, **limited))
    ana = member()
    first, second = await connect_socket(here.port, ana), await connect_socket(here.port, ana)
    third = await connect_socket(there.port, ana)

    fourth = await connect_socket(there.port, ana)
    assert await first.wait_closed() == 4409
    fifth = await connect_socket(there.port, ana)
    assert await second.wait_closed() == 4409

    for client in (third, fourth, fifth):
        assert (await client.request("ping"))["event"] == "pong"


@pytest.mark.gen_test
async def test_deactivated_person_is_disconnected_in_both_processes(two):
    here, there = two
    ana = member()
    clients = [await connect_socket(here.port, ana), await connect_socket(there.port, ana)]

    User.update(is_active=False).where(User.id == ana.id).execute()

    assert [await client.wait_closed() for client in clients] == [4403, 4403]


@pytest.mark.gen_test
async def test_sign_out_ends_tokens_and_connections_of_that_sign_in_in_both_processes(two):
    here, there = two
    yuliana = agent()
    leaving, staying = CookieClient(here.port), CookieClient(there.port)
    for browser in (leaving, staying):
        assert (await browser.sign_in(yuliana, PASSWORD)).status == 303
    left, kept = [(await browser.post("/sesion/token")).json["data"]["token"] for browser in (leaving, staying)]
    ports = (here.port, there.port)
    closing = [await connect_socket(port, None, protocols=["beneficiate", left]) for port in ports]
    open_ = [await connect_socket(port, None, protocols=["beneficiate", kept]) for port in ports]

    await leaving.post("/logout")

    assert [await client.wait_closed() for client in closing] == [4401, 4401]
    for port in ports:
        assert (await call_api(port, "auth/me", Authorization=f"Bearer {left}")).status == 401
        assert (await call_api(port, "auth/me", Authorization=f"Bearer {kept}")).status == 200
        with pytest.raises(HTTPClientError, match="401"):
            await connect_socket(port, None, protocols=["beneficiate", left])
    for client in open_:
        assert (await client.request("ping"))["event"] == "pong"


@pytest.mark.gen_test
async def test_agent_who_signs_out_is_away_and_offline_without_a_grace(run, redis_url):
    patient = {"BENEFICIATE_PRESENCE_GRACE_S": 3600}
    here, there = await asyncio.gather(run(redis_url, **patient), run(redis_url, **patient))
    yuliana, marta = agent(), supervisor()
    Agent.update(availability=AVAILABLE).where(Agent.id == yuliana.agent_id).execute()
    browser = CookieClient(here.port)
    await browser.sign_in(yuliana, PASSWORD)
    token = (await browser.post("/sesion/token")).json["data"]["token"]
    await connect_socket(here.port, None, protocols=["beneficiate", token])
    at_desk = await connect_socket(there.port, marta)

    await browser.post("/logout")

    changed = await at_desk.receive("availability_changed")
    assert (changed["agent_id"], changed["availability"]) == (yuliana.agent_id, "away")
    assert (await at_desk.receive("user_disconnected"))["user_id"] == yuliana.id


@pytest.mark.gen_test(timeout=60)
async def test_outage_of_redis_limits_a_process_to_its_own_connections(run):
    port = servers.free_port()
    with servers.redis_server(port) as url:
        here, there = await asyncio.gather(run(url), run(url))
        ana, luis, yuliana = member(), member(), agent()
        near, far = support_chat(ana, yuliana), support_chat(luis, yuliana)
        at_desk, close_by, far_away = (
            await connect_socket(here.port, yuliana),
            await connect_socket(here.port, ana),
            await connect_socket(there.port, luis),
        )

    assert (await close_by.request("agent_chat_message", chat_id=near.id, message="¿Hola?"))["event"] == "ack"
    assert (await at_desk.receive("user_message"))["message"]["message"] == "¿Hola?"
    missed = await far_away.request("agent_chat_message", chat_id=far.id, message="¿Me oye?")
    assert missed["event"] == "ack"
    # That he came online may have reached this process while there was a Redis.
    assert not any("message" in event for event in await at_desk.receive_until_pong())

    with servers.redis_server(port):
        assert [await client.wait_closed(20) for client in (at_desk, close_by, far_away)] == [1012, 1012, 1012]
        at_desk, far_away = await connect_socket(here.port, yuliana), await connect_socket(there.port, luis)
        at_desk.send("resume", chats={str(far.id): 0})
        assert (await at_desk.receive("user_message"))["message"] == missed["message"]
        await at_desk.receive("resumed")
        await far_away.request("agent_chat_message", chat_id=far.id, message="Otra vez")
        assert await at_desk.receive(lambda f: f["event"] == "user_message" and f["message"]["seq"] == 2)
        await at_desk.request("agent_chat_message", chat_id=far.id, message="Ya le oigo")
        assert (await far_away.receive("agent_chat_message"))["message"]["message"] == "Ya le oigo"
        assert "Traceback" not in here.output + there.output


@pytest.mark.gen_test(timeout=60)
async def test_many_clients_lose_nothing_when_redis_and_a_process_die(run):
    port = servers.free_port()
    with servers.redis_server(port) as url:
        here, there = await asyncio.gather(run(url), run(url))
        everybody = make_crowd(here.port, members=4, agents=2)
        for client in everybody.clients[::2]:
            client.port = there.port
        for client in everybody.clients:
            client.start()
        everybody.write_all(100)
        await wait_until(lambda: everybody.acked > 150)
    acked = everybody.acked
    everybody.write_all(20)
    await wait_until(lambda: everybody.acked > acked + 100)

    with servers.redis_server(port):
        await wait_until(lambda: all(1012 in client.close_codes for client in everybody.clients))
        there.kill()
        for client in everybody.clients:
            client.port = here.port
        await everybody.wait_until_quiet(40)
        await everybody.stop()
    assert everybody.check_all() == 120 * 2 * 5
