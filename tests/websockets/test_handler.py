"""Who comes in, under which name, for how long, and what they see first."""

import asyncio
import base64
import hmac
import json
import time

import jwt
import pytest
from structlog.testing import capture_logs
from tornado.httpclient import HTTPClientError

from beneficiate.actions import accounts
from beneficiate.jobs import connections
from beneficiate.models.accounts import Agent, UserConnection
from beneficiate.queries.accounts import identify_actors
from beneficiate.realtime.admission import Admission
from beneficiate.security_headers import API_CSP, build_security_headers
from beneficiate.views.masking import mask_email
from beneficiate.websockets.dispatcher import CommandDispatcher
from tests.conftest import stop_refilling
from tests.factories import SECRET, agent, connect_socket, direct_chat, member, supervisor, support_chat
from tests.http_client import call_api, fetch
from tests.ws_client import open_raw_websocket

OTHER_SECRET = "a-secret-of-somebody-else-altogether"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


def token(secret=SECRET, algorithm="HS256", *, lasts_s=60, **claims):
    return jwt.encode({"exp": int(time.time()) + lasts_s, **claims}, secret, algorithm)


def by_hand(algorithm, digest, **claims):
    """A token of an algorithm that we do not take, signed with the right secret, or not at all."""
    parts = {"alg": algorithm, "typ": "JWT"}, {"exp": int(time.time()) + 60, **claims}
    text = ".".join(_base64(json.dumps(part).encode()) for part in parts)
    return f"{text}.{_base64(hmac.digest(SECRET.encode(), text.encode(), digest)) if digest else ''}"


def _base64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


async def refusal(server, path="/ws", **headers):
    """The status and the body of a handshake that is refused."""
    answer = await fetch(server.port, path, **UPGRADE, **headers)
    return answer.status, answer.text


async def offered(server, header):
    """The name that the server chooses from this header."""
    client = await connect_socket(server.port, None, headers={"Sec-WebSocket-Protocol": header})
    return client.connection.selected_subprotocol


@pytest.mark.gen_test
async def test_token_is_accepted_in_old_and_new_subprotocol_lists(server):
    jwt_ = member().token
    for name in ("beneficiate", "echo-protocol", "app-protocol", "tokenAuth"):
        assert await offered(server, f"{name}, {jwt_}") == name
    assert await offered(server, f"echo-protocol,{jwt_}") == "echo-protocol"
    assert await offered(server, f"{jwt_}, tokenAuth") == "tokenAuth"
    assert await offered(server, f"one, two, {jwt_}") == "one"
    assert await offered(server, jwt_) == jwt_


@pytest.mark.gen_test
async def test_user_is_the_id_or_the_sub_of_a_token(server):
    ana, beto = member(), member()
    more = {"sub": str(ana.id), "role": "supervisor"}, {"iss": "old", "email": "x"}
    for claims in ({"id": ana.id}, {"sub": str(ana.id)}, *({"id": ana.id, **one} for one in more)):
        client = await connect_socket(server.port, None, protocols=["beneficiate", token(**claims)])
        assert (await client.request("authenticate", token=beto.token))["code"] == "forbidden"
        assert (await client.request("authenticate", token=ana.token))["event"] == "ack"


@pytest.mark.gen_test
async def test_invalid_token_is_refused_with_401_and_an_empty_body(server):
    ana, gone = member(), member(is_active=False)
    deep = _base64(b"[" * 3000)
    assert await connect_socket(server.port, None, protocols=["beneficiate", by_hand("HS256", "sha256", id=ana.id)])
    later = int(time.time()) + 600
    bad = {
        "no token": "",
        "a word": "hola",
        "expired": token(id=ana.id, lasts_s=-60),
        "just expired": token(id=ana.id, lasts_s=-1),
        "an end in words": token(id=ana.id, exp="mañana"),
        "another secret": token(OTHER_SECRET, id=ana.id),
        "HS512": by_hand("HS512", "sha512", id=ana.id),
        "no exp": jwt.encode({"id": ana.id}, SECRET),
        "unsigned": by_hand("none", "", id=ana.id),
        "cut": ana.token[:-4],
        "three dots": "a.b.c",
        "too deep": f"{deep}.e30.c2ln",
        "nobody": token(),
        "unknown": token(id=2_000_000_000),
        "deactivated": gone.token,
        "zero": token(id=0),
        "huge": token(id=2**31),
        "a boolean": token(id=True),
        "a list": token(id=[ana.id]),
        "a sub of letters": token(sub="ana"),
        "not yet": token(id=ana.id, nbf=later),
    }
    for why, text in bad.items():
        assert await refusal(server, Sec_WebSocket_Protocol=f"beneficiate, {text}") == (401, ""), why
    assert await refusal(server) == (401, "")


@pytest.mark.gen_test
async def test_foreign_origin_is_refused(start):
    server = await start(origins=("https://www.beneficiate.co",), public_url="https://chat.beneficiate.co")
    ana = member()
    for origin in (
        "https://evil.example",
        "https://beneficiate.co",
        "http://www.beneficiate.co",
        "null",
        "https://www.beneficiate.co.evil.example",
        "https://www.beneficiate.co:444",
        "evil://127.0.0.1:9301",
        "127.0.0.1:9301",
        "https://evil.co://127.0.0.1:9301",
    ):
        answer = await refusal(server, Origin=origin, Sec_WebSocket_Protocol=f"beneficiate, {ana.token}")
        assert answer == (403, ""), origin
    for origin in ("https://www.beneficiate.co", "https://chat.beneficiate.co", f"http://127.0.0.1:{server.port}"):
        assert await connect_socket(server.port, ana, headers={"Origin": origin})
    assert await connect_socket(server.port, ana)


@pytest.mark.gen_test
async def test_foreign_name_that_points_to_this_machine_is_refused(server):
    for name in ("evil.co", "evil.co.127.0.0.1"):
        host = f"{name}:{server.port}"
        token = f"beneficiate, {member().token}"
        answer = await refusal(server, Origin=f"http://{host}", Host=host, Sec_WebSocket_Protocol=token)
        assert answer == (403, "")


@pytest.mark.gen_test
async def test_staff_paths_are_for_staff(server):
    people = {"member": member(), "agent": agent(), "supervisor": supervisor(), "inactive": agent()}
    Agent.update(status="INACTIVE").where(Agent.id == people["inactive"].agent_id).execute()
    admitted = {"/ws/agent": "agent", "/ws/supervisor": "supervisor"}
    for path, role in admitted.items():
        for name, who in people.items():
            if name == role:
                assert await connect_socket(server.port, who, path)
            else:
                assert await refusal(server, path, Sec_WebSocket_Protocol=f"x, {who.token}") == (403, ""), (path, name)


@pytest.mark.gen_test
async def test_expired_token_closes_the_connection_unless_it_was_renewed(server):
    ana, beto = member(), member()
    short = ["beneficiate", token(id=ana.id, lasts_s=3)]
    leaves, stays, forged = await asyncio.gather(
        *(connect_socket(server.port, None, protocols=short) for _ in range(3))
    )
    assert (await stays.request("authenticate", token=ana.token))["event"] == "ack"
    for wrong in (beto.token, "hola", token(OTHER_SECRET, id=ana.id), token(id=ana.id, lasts_s=-60)):
        assert (await forged.request("authenticate", token=wrong))["code"] == "forbidden"
    assert await leaves.wait_closed() == 4401
    assert await forged.wait_closed() == 4401
    assert (await stays.request("ping"))["event"] == "pong"


@pytest.mark.gen_test
async def test_deactivated_account_or_revoked_role_closes_the_connection(server, monkeypatch):
    ana, beto, yuliana, marta = member(), member(), agent(), supervisor()
    clients = [await connect_socket(server.port, who) for who in (ana, yuliana, beto, marta)]
    with monkeypatch.context() as without_job:
        without_job.setattr(connections, "find_changed_actors", lambda uow, actors: set())
        await server.context.store.run(accounts.set_account_active, (ana.user.email.upper(), False))
        assert await clients[0].wait_closed() == 4403
    Agent.update(status="INACTIVE").where(Agent.id == yuliana.agent_id).execute()
    assert await clients[1].wait_closed(timeout_s=3) == 4403
    for client in clients[2:]:
        assert (await client.request("ping"))["event"] == "pong"
    with pytest.raises(HTTPClientError, match="401"):
        await connect_socket(server.port, ana)
    assert await connect_socket(server.port, yuliana)


@pytest.mark.gen_test
async def test_member_who_becomes_an_agent_has_to_reconnect(server):
    ana = member()
    client = await connect_socket(server.port, ana)
    Agent.create(user=ana.id, agent_code="AG-NUEVA", created_at=ana.user.created_at)
    assert await client.wait_closed(timeout_s=3) == 4403


@pytest.mark.gen_test
async def test_eleventh_connection_closes_the_oldest(server):
    ana, beto = member(), member()
    other = await connect_socket(server.port, beto)
    clients = [await connect_socket(server.port, ana) for _ in range(11)]
    assert await clients[0].wait_closed() == 4409
    for client in (*clients[1:], other):
        assert (await client.request("ping"))["event"] == "pong"


@pytest.mark.gen_test
async def test_failures_of_a_network_keep_out_only_those_without_a_good_token(start):
    server = stop_refilling(await start(failed_handshakes_per_minute=4))
    ana = member()
    for _ in range(9):
        await connect_socket(server.port, ana)
    failed = [(await refusal(server, Sec_WebSocket_Protocol="x, a.b.c"))[0] for _ in range(5)]
    assert failed == [401] * 4 + [429]
    assert await connect_socket(server.port, ana)
    assert (await call_api(server.port, "auth/me", ana)).status == 200
    assert await refusal(server, Sec_WebSocket_Protocol=f"x, {ana.token[:-4]}") == (429, "")
    await server.context.store.run(accounts.set_account_active, (ana.user.email, False))
    answer = await fetch(server.port, "/ws", **UPGRADE, Sec_WebSocket_Protocol=f"x, {ana.token}")
    assert (answer.status, answer.text, int(answer.headers["Retry-After"]) > 0) == (429, "", True)


@pytest.mark.gen_test
async def test_refused_handshakes_have_the_security_headers(start):
    server = stop_refilling(await start(failed_handshakes_per_minute=1, public_url="https://chat.beneficiate.co"))
    ana = member()
    offered_tokens = [ana.token, "a.b.c", "a.b.c"]
    paths = ["/ws/agent", "/ws", "/ws"]
    for path, token, status in zip(paths, offered_tokens, (403, 401, 429), strict=True):
        answer = await fetch(server.port, path, **UPGRADE, Sec_WebSocket_Protocol=f"x, {token}")
        assert (answer.status, answer.text) == (status, "")
        assert answer.headers.items() >= build_security_headers(API_CSP, is_secure=True).items()
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert "Server" not in answer.headers


@pytest.mark.gen_test
async def test_each_role_receives_its_initial_state(server):
    ana, beto, yuliana, marta = member("Ana"), member("Beto"), agent("Yuliana"), supervisor("Marta")
    open_, closed = support_chat(ana, yuliana), support_chat(ana, yuliana, status="CLOSED")
    direct, desk = direct_chat(ana, beto), direct_chat(marta, yuliana)
    agent_client = await connect_socket(server.port, yuliana, wait_for_state=False)
    card, chats, online = [
        await agent_client.receive(command) for command in ("agent_connected", "agent_chats", "online_users")
    ]
    assert card["agent"].items() >= {"id": yuliana.agent_id, "status": "ACTIVE"}.items()
    assert {chat["id"] for chat in chats["chats"]} == {open_.id, desk.id}
    assert online["users"] == []

    member_client = await connect_socket(server.port, ana, wait_for_state=False)
    chats, online = await member_client.receive("user_chats"), await member_client.receive("online_users")
    # The open ones come first.
    assert [chat["id"] for chat in chats["chats"]][2:] == [closed.id]
    assert {chat["id"] for chat in chats["chats"]} == {open_.id, closed.id, direct.id}
    assert online["users"] == [{"id": yuliana.id, "first_name": "Yuliana", "last_name": yuliana.user.last_name}]
    assert (await member_client.receive("user_appointments"))["appointments"] == []
    assert await member_client.receive_until_pong() == []

    beto_sees = await (await connect_socket(server.port, beto, wait_for_state=False)).receive("online_users")
    assert [person["id"] for person in beto_sees["users"]] == [ana.id]
    on_board = await connect_socket(server.port, marta, wait_for_state=False)
    card, chats, online = [
        await on_board.receive(command) for command in ("agent_connected", "agent_chats", "online_users")
    ]
    assert card["agent"]["id"] == marta.agent_id
    assert [chat["id"] for chat in chats["chats"]] == [desk.id]
    assert {(person["id"], person["email"]) for person in online["users"]} == {
        (who.id, mask_email(who.user.email)) for who in (ana, beto, yuliana)
    }


@pytest.mark.gen_test
async def test_client_says_which_part_of_the_initial_state_it_reads(server):
    yuliana = agent()
    support_chat(member(), yuliana)
    path = "/ws?initial=agent_chats,online_users"
    client = await connect_socket(server.port, yuliana, path, wait_for_state=False)
    await client.request("ping")
    assert [frame["event"] for frame in client.received] == ["agent_chats", "online_users"]
    silent = await connect_socket(server.port, yuliana, "/ws?initial=", wait_for_state=False)
    assert (await silent.request("ping"))["event"] == "pong"
    assert silent.received == []


@pytest.mark.gen_test
async def test_invalid_initial_state_is_refused_with_400(server):
    ana = member()
    for query in ("initial=chat_message", "initial=everything", "initial=online_users,x", "initial=%ff"):
        assert await refusal(server, f"/ws?{query}", Sec_WebSocket_Protocol=f"x, {ana.token}") == (400, "")
    assert await refusal(server, "/ws?initial=everything", Sec_WebSocket_Protocol="x, a.b.c") == (401, "")


@pytest.mark.gen_test
async def test_a_bug_ends_the_connection_and_is_logged_without_the_address(server, monkeypatch):
    def fail(dispatcher, raw):
        raise ZeroDivisionError

    client = await connect_socket(server.port, member())
    monkeypatch.setattr(CommandDispatcher, "handle_frame", fail)
    with capture_logs() as entries:
        client.send("ping")
        await client.wait_closed()
    (failure,) = [one for one in entries if one["event"] == "socket_failed"]
    assert "127.0.0.1" not in repr(failure)


@pytest.mark.gen_test
async def test_peer_that_leaves_during_the_handshake_leaves_nothing_behind(server, monkeypatch):
    ana, luis = member(), member()
    run, asked, may_answer = server.context.store.run, asyncio.Event(), asyncio.Event()

    async def identify_slowly(*request):
        asked.set()
        await may_answer.wait()
        return await run(*request)

    monkeypatch.setattr(
        server.context.store,
        "run",
        lambda action, *more: identify_slowly(action, *more) if action is identify_actors else run(action, *more),
    )
    opening = asyncio.ensure_future(open_raw_websocket(server.port, ana.token, lambda text: None))
    await asked.wait()
    opening.cancel()
    await asyncio.wait([opening])
    await fetch(server.port, "/healthz")  # by then its end was noticed

    may_answer.set()
    await connect_socket(server.port, luis)

    assert [connection.actor.user_id for connection in server.context.hub.connections] == [luis.id]
    assert not UserConnection.select().where(UserConnection.user == ana.id).exists()


@pytest.mark.gen_test
async def test_who_cannot_be_admitted_is_told_when_to_return(server):
    ana = member()
    server.context.admission = Admission(max_waiting=0)
    answer = await fetch(server.port, "/ws", **UPGRADE, Sec_WebSocket_Protocol=f"x, {ana.token}")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    admitting = Admission(at_once=1)
    server.context.admission = admitting
    socket = await connect_socket(server.port, ana)
    assert (await socket.request("ping"))["event"] == "pong"
    assert admitting._waiting == 0
