"""Presence: as the people concerned receive it, and as it is stored in `users`."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest

from beneficiate.actions import presence
from beneficiate.models.accounts import Agent, ServerProcess, User, UserConnection
from beneficiate.tokens import TokenClaims
from beneficiate.unit_of_work import SYSTEM
from tests.databases import BACKENDS
from tests.factories import agent, connect_socket, direct_chat, member, supervisor, support_chat
from tests.flows.presence_steps import PRESENCE_EVENTS, presence_changes, receive_changes
from tests.ws_client import open_raw_websocket, wait_until

GRACE_S = 0.4


@pytest.fixture(params=BACKENDS[:1])
def backend(request):
    """These wait for clocks, not for a database: one is enough where sockets are open."""
    return request.param


@pytest.mark.gen_test
async def test_agent_is_notified_of_the_first_connection_only(server):
    ana, luis, yuliana = member(), member(), agent()
    support_chat(ana, yuliana)
    at_desk = await connect_socket(server.port, yuliana)

    await connect_socket(server.port, ana)
    assert await at_desk.receive("user_connected") == {"event": "user_connected", "user_id": ana.id, "status": "online"}
    await connect_socket(server.port, ana)
    await connect_socket(server.port, luis)

    assert await receive_changes(at_desk, luis, "online") == [(luis.id, "online")]


@pytest.mark.gen_test
async def test_reconnection_within_the_grace_period_is_no_absence(server):
    ana, luis, yuliana = member(), member(), agent()
    support_chat(ana, yuliana)
    at_desk, at_home, leaves = [await connect_socket(server.port, who) for who in (yuliana, ana, luis)]
    await receive_changes(at_desk, luis, "online")

    at_home.close()
    await at_home.wait_closed()
    await connect_socket(server.port, ana)
    leaves.close()

    assert await receive_changes(at_desk, luis, "offline") == [(luis.id, "offline")]
    assert User.get_by_id(ana.id).online_status


@pytest.mark.gen_test
async def test_person_is_offline_after_the_grace_period(server):
    ana, yuliana = member(), agent()
    support_chat(ana, yuliana)
    at_desk, at_home = await connect_socket(server.port, yuliana), await connect_socket(server.port, ana)
    came = User.get_by_id(ana.id)
    assert came.online_status
    assert datetime.now(UTC) - came.last_seen < timedelta(seconds=5)

    began = time.monotonic()
    at_home.close()

    assert (await at_desk.receive("user_disconnected")) == {
        "event": "user_disconnected",
        "user_id": ana.id,
        "status": "offline",
    }
    assert time.monotonic() - began >= GRACE_S
    went = User.get_by_id(ana.id)
    assert not went.online_status
    assert came.last_seen < went.last_seen <= datetime.now(UTC)
    assert UserConnection.select().where(UserConnection.user == ana.id).count() == 0


@pytest.mark.gen_test
async def test_only_the_last_closed_connection_changes_presence(server):
    ana, luis, yuliana = member(), member(), agent()
    support_chat(ana, yuliana)
    at_desk = await connect_socket(server.port, yuliana)
    *tabs, leaves = [await connect_socket(server.port, who) for who in (ana, ana, ana, luis)]
    await receive_changes(at_desk, luis, "online")

    for tab in (tabs[1], tabs[0], leaves):
        tab.close()
        await tab.wait_closed()
    assert await receive_changes(at_desk, luis, "offline") == [(luis.id, "offline")]
    tabs[2].close()

    assert await receive_changes(at_desk, ana, "offline") == [(ana.id, "offline")]


@pytest.mark.gen_test
async def test_cut_connection_counts_as_closed(server):
    ana, yuliana = member(), agent()
    support_chat(ana, yuliana)
    at_desk = await connect_socket(server.port, yuliana)
    at_home = await open_raw_websocket(server.port, ana.token, lambda text: None)
    await at_desk.receive("user_connected")

    at_home.cut(reset=True)

    assert (await at_desk.receive("user_disconnected"))["user_id"] == ana.id


@pytest.mark.gen_test
async def test_presence_of_a_member_is_sent_to_partners_and_staff_only(server):
    ana, luis, yuliana, pedro, marta = member(), member(), agent(), agent(), supervisor()
    support_chat(ana, yuliana)
    support_chat(luis, pedro)
    neighbour = await connect_socket(server.port, luis)
    staff = [await connect_socket(server.port, who) for who in (yuliana, pedro, marta)]
    await neighbour.receive_until_pong()

    at_home = await connect_socket(server.port, ana)
    for client in staff:
        await receive_changes(client, ana, "online")
    at_home.close()
    for client in staff:
        assert await receive_changes(client, ana, "offline") == [(ana.id, "offline")]

    assert await neighbour.receive_until_pong() == []


@pytest.mark.gen_test
async def test_member_is_sent_the_presence_of_their_agent_only(server):
    ana, luis, yuliana, pedro = member(), member(), agent(), agent()
    chat = support_chat(ana, yuliana)
    support_chat(luis, yuliana, status="CLOSED")
    of_ana, of_luis = await connect_socket(server.port, ana), await connect_socket(server.port, luis)

    at_desk = await connect_socket(server.port, yuliana)
    await connect_socket(server.port, pedro)
    assert (await of_ana.receive("user_connected"))["user_id"] == yuliana.id
    await of_ana.request("agent_chat_message", chat_id=chat.id, message="¿Hola?")
    at_desk.close()
    # Nobody has the chat any more, which says more than that somebody is gone.
    assert (await of_ana.receive("new_chat"))["chat"]["status"] == "WAITING"

    received = [frame["event"] for frame in await of_ana.receive_until_pong()]
    assert set(received) <= {"user_message", "new_message", "queue_position"}
    assert await of_luis.receive_until_pong() == []


@pytest.mark.gen_test
async def test_users_of_a_direct_chat_are_sent_each_others_presence(server):
    marta, yuliana = supervisor(), agent()
    direct_chat(marta, yuliana)
    at_board = await connect_socket(server.port, marta)

    at_desk = await connect_socket(server.port, yuliana)
    assert set(await receive_changes(at_board, yuliana, "online")) == {(yuliana.id, "online")}
    at_desk.close()

    assert (await receive_changes(at_board, yuliana, "offline"))[-1] == (yuliana.id, "offline")


@pytest.mark.gen_test
async def test_initial_state_has_only_visible_people(server):
    ana, luis, yuliana, pedro = member("Ana"), member("Luis"), agent("Yuliana"), agent("Pedro")
    support_chat(ana, yuliana)
    for who in (luis, pedro, yuliana):
        await connect_socket(server.port, who)

    at_home = await connect_socket(server.port, ana, wait_for_state=False)
    at_desk = await connect_socket(server.port, yuliana, wait_for_state=False)

    assert [person["id"] for person in (await at_home.receive("online_users"))["users"]] == [yuliana.id]
    assert {person["id"] for person in (await at_desk.receive("online_users"))["users"]} == {ana.id, luis.id, pedro.id}


@pytest.mark.gen_test
async def test_inactive_agent_is_sent_no_presence(server):
    ana, yuliana, pedro = member(), agent(), agent()
    support_chat(ana, yuliana)
    Agent.update(status="INACTIVE").where(Agent.id == yuliana.agent_id).execute()
    demoted, at_desk = await connect_socket(server.port, yuliana), await connect_socket(server.port, pedro)

    await connect_socket(server.port, ana)
    await receive_changes(at_desk, ana, "online")

    assert await demoted.receive_until_pong() == []


@pytest.mark.slow
@pytest.mark.gen_test
async def test_presence_of_many_is_sent_once_a_second(server):
    members, yuliana = [member() for _ in range(50)], agent()
    frames = []
    at_desk = await connect_socket(server.port, yuliana)
    listening = asyncio.create_task(_note_presence(at_desk, frames))

    sockets = []
    for start in (0, 25):
        sockets += await asyncio.gather(
            *(open_raw_websocket(server.port, who.token, lambda text: None) for who in members[start : start + 25])
        )
        await wait_until(partial(_has_all, frames, members[: start + 25], "online"))
    came, frames[:] = list(frames), []
    for one in sockets:
        one.cut()
    await wait_until(partial(_has_all, frames, members, "offline"))
    listening.cancel()

    for received in (came, frames):
        times = [at for at, _ in received]
        assert all(later - earlier > 0.9 for earlier, later in pairwise(times)), times
        assert len(received) <= 5
    assert all(
        frame["users"][-1] == {"user_id": frame["user_id"], "status": frame["status"]}
        for _, frame in came + frames
        if frame["event"] == "user_status"
    )


@pytest.mark.gen_test
async def test_simultaneous_connections_leave_the_allowed_number(start):
    server = await start(connections_per_person=10)
    ana = member()
    frames, codes = [], []

    sockets = await asyncio.gather(
        *(open_raw_websocket(server.port, ana.token, frames.append, codes.append) for _ in range(16))
    )
    await wait_until(lambda: len(codes) >= 6)
    # One more that was to be closed would be closed before it is answered.
    for one in sockets:
        one.send_text(b'{"event":"ping"}')
    await wait_until(lambda: sum(b'"pong"' in text for text in frames) + len(codes) >= 16)

    assert codes == [4409] * 6
    assert sum(one.is_open for one in sockets) == 10
    for one in sockets:
        one.cut()


@pytest.mark.gen_test
async def test_eleventh_connection_ends_the_oldest_and_the_person_stays_online(server):
    ana, luis, yuliana = member(), member(), agent()
    support_chat(ana, yuliana)
    at_desk = await connect_socket(server.port, yuliana)
    oldest, *others = [await connect_socket(server.port, ana) for _ in range(10)]
    leaves = await connect_socket(server.port, luis)
    await receive_changes(at_desk, luis, "online")

    newest = await connect_socket(server.port, ana)

    assert await oldest.wait_closed() == 4409
    for client in (*others, newest):
        assert (await client.request("ping"))["event"] == "pong"
    leaves.close()
    assert await receive_changes(at_desk, luis, "offline") == [(luis.id, "offline")]


def registration(process_id, who):
    return presence.RegisterConnection(process_id, 10, TokenClaims(who.id, 0))


@pytest.mark.parametrize("backend", BACKENDS)
def test_process_restores_its_connections_after_a_pause(act):
    now = datetime.now(UTC)
    ana, luis = member(), member()
    sleeper, other = (act(presence.register_process, name, SYSTEM, now)[0] for name in ("sleeper", "other"))
    ids = [
        act(
            presence.register_connections,
            registration(sleeper, who),
            who.actor,
            now,
        )[0]
        for who in (ana, luis)
    ]
    later = now + timedelta(seconds=20)
    act(presence.record_heartbeat, presence.ProcessHeartbeat(other, 15.0, ()), SYSTEM, later)

    act(presence.sweep_connections, presence.SweepConnections(other, 15.0, 20.0), SYSTEM, later)
    _, said = act(
        presence.sweep_connections, presence.SweepConnections(other, 15.0, 20.0), SYSTEM, later + timedelta(seconds=21)
    )
    assert {outgoing_event.event.user_id for outgoing_event in said} == {ana.id, luis.id}
    assert User.select().where(User.online_status).count() == 0

    awake = later + timedelta(seconds=22)
    _, said = act(
        presence.record_heartbeat,
        presence.ProcessHeartbeat(sleeper, 15.0, ((ids[0], ana.id, None), (ids[1], luis.id, None))),
        SYSTEM,
        awake,
    )

    assert {(type(outgoing_event.event).__name__, outgoing_event.event.user_id) for outgoing_event in said} == {
        ("UserConnected", ana.id),
        ("UserConnected", luis.id),
    }
    assert {row.id: row.user_id for row in UserConnection.select()} == {ids[0]: ana.id, ids[1]: luis.id}
    act(presence.close_connections, presence.CloseConnection(ids[0]), ana.actor, awake)
    _, said = act(
        presence.sweep_connections,
        presence.SweepConnections(sleeper, 15.0, 20.0),
        SYSTEM,
        awake + timedelta(seconds=20),
    )
    assert [outgoing_event.event.user_id for outgoing_event in said] == [ana.id]


@pytest.mark.parametrize("backend", BACKENDS)
def test_short_pause_of_a_process_emits_nothing(act):
    now = datetime.now(UTC)
    ana = member()
    sleeper = act(presence.register_process, "sleeper", SYSTEM, now)[0]
    connection = act(
        presence.register_connections,
        registration(sleeper, ana),
        ana.actor,
        now,
    )[0]

    _, said = act(
        presence.record_heartbeat,
        presence.ProcessHeartbeat(sleeper, 15.0, ((connection, ana.id, None),)),
        SYSTEM,
        now + timedelta(seconds=30),
    )

    assert said == []
    assert User.get_by_id(ana.id).online_status
    assert [row.id for row in UserConnection.select()] == [connection]


@pytest.mark.parametrize("backend", BACKENDS)
def test_restart_cleans_up_its_own_rows_only(act):
    now = datetime.now(UTC)
    ana, luis = member(), member()
    stopping, staying = (act(presence.register_process, name, SYSTEM, now)[0] for name in ("stopping", "staying"))
    for process, who in ((stopping, ana), (staying, luis), (staying, ana)):
        act(
            presence.register_connections,
            registration(process, who),
            who.actor,
            now,
        )

    act(presence.unregister_process, stopping, SYSTEM, now)
    _, said = act(
        presence.sweep_connections, presence.SweepConnections(staying, 15.0, 0.0), SYSTEM, now + timedelta(seconds=1)
    )

    assert said == [], "she has another connection in the other process"
    assert sorted(row.user_id for row in UserConnection.select()) == sorted([ana.id, luis.id])


@pytest.mark.parametrize("backend", BACKENDS)
def test_two_sweeping_processes_announce_a_dead_one_once(act):
    now = datetime.now(UTC)
    ana = member()
    dead, one, other = (act(presence.register_process, name, SYSTEM, now)[0] for name in ("dead", "one", "other"))
    act(presence.register_connections, registration(dead, ana), ana.actor, now)
    later = now + timedelta(seconds=16)
    for process in (one, other):
        act(presence.record_heartbeat, presence.ProcessHeartbeat(process, 15.0, ()), SYSTEM, later)

    said = []
    for seconds in (0, 21):
        for process in (one, other):
            said += act(
                presence.sweep_connections,
                presence.SweepConnections(process, 15.0, 20.0),
                SYSTEM,
                later + timedelta(seconds=seconds),
            )[1]

    assert [outgoing_event.event.user_id for outgoing_event in said] == [ana.id]
    assert ServerProcess.select().count() == 3, "a dead process is kept for a day, in case it only sleeps"


async def _note_presence(client, frames):
    while True:
        frame = await client.receive(lambda frame: frame["event"] in PRESENCE_EVENTS, 60)
        frames.append((time.monotonic(), frame))


def _has_all(frames, people, status):
    return _statuses(frames) == dict.fromkeys([who.id for who in people], status)


def _statuses(frames):
    return dict(change for _, frame in frames for change in presence_changes(frame))
