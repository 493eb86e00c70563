"""Chats over HTTP: the same objects as on the socket, page by page."""

import pytest

from beneficiate.models.chats import Chat, Message
from beneficiate.views.masking import mask_email
from tests.factories import agent, connect_socket, member, supervisor, support_chat
from tests.http_client import call_api

HUGE = "9" * 5000


def write(chat, count):
    """So many lines of the member, straight into the table."""
    said = [
        {
            "chat": chat.id,
            "seq": seq,
            "sender_type": "USER",
            "sender_id": chat.user_id,
            "message": f"Línea {seq}",
            "sent_at": chat.created_at,
        }
        for seq in range(1, count + 1)
    ]
    Message.insert_many(said).execute()
    Chat.update(last_seq=count).where(Chat.id == chat.id).execute()


@pytest.mark.gen_test
async def test_messages_come_in_pages_from_the_newest(server):
    ana = member()
    chat = support_chat(ana, agent())
    write(chat, 120)

    async def seqs(query):
        answer = await call_api(server.port, f"agent-chat/messages/{chat.id}{query}", ana)
        return [line["seq"] for line in answer.data]

    assert await seqs("") == [*range(71, 121)]
    assert await seqs("?limit=100") == [*range(21, 121)]
    assert await seqs("?before=71") == [*range(21, 71)]
    assert await seqs("?before=3&limit=10") == [1, 2]
    assert await seqs("?before=1") == []
    assert await seqs("?limit=&before=") == [*range(71, 121)]


@pytest.mark.gen_test
async def test_invalid_page_is_refused(server):
    ana = member()
    chat = support_chat(ana, agent())
    for query in (
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=x",
        "limit=1.5",
        "before=0",
        "before=x",
        f"limit={HUGE}",
        f"before={2**31}",
        f"before={HUGE}",
        "before=%D9%A1",
        "limit=true",
    ):
        answer = await call_api(server.port, f"agent-chat/messages/{chat.id}?{query}", ana)
        assert (answer.status, answer.code) == (422, "invalid"), query


@pytest.mark.gen_test
async def test_list_has_pages_from_one(server):
    yuliana = agent()
    support_chat(member(), yuliana)
    for path in (f"agent-chat/agent/{yuliana.agent_id}", f"agent-chat/user/{yuliana.id}"):
        assert (await call_api(server.port, f"{path}?page={2**31 - 1}", yuliana)).data == []
        for page in ("0", "-1", "x", str(2**31), HUGE):
            assert (await call_api(server.port, f"{path}?page={page}", yuliana)).status == 422, page


@pytest.mark.gen_test
async def test_message_is_the_same_object_as_on_the_socket(server):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    at_home, at_desk = await connect_socket(server.port, ana), await connect_socket(server.port, yuliana)
    sent = (await at_home.request("chat_message", chat_id=chat.id, message="Hola", client_id="c-1"))["message"]
    line = (await at_desk.receive("user_message"))["message"]
    await at_home.receive("message_delivered")
    answer = await call_api(server.port, f"agent-chat/messages/{chat.id}", yuliana)
    assert answer.data == [{**sent, "status": "DELIVERED"}]
    assert line == sent
    await at_desk.request("message_read", chat_id=chat.id, message_id=sent["id"])
    assert (await call_api(server.port, f"agent-chat/messages/{chat.id}", ana)).data[0]["status"] == "READ"
    assert sent["sent_at"].endswith("Z")


@pytest.mark.gen_test
async def test_lists_show_each_side_its_own_unread_and_the_other_person(server):
    ana, yuliana = member("Ana"), agent("Yuliana")
    chat = support_chat(ana, yuliana)
    client = await connect_socket(server.port, ana)
    await client.request("chat_message", chat_id=chat.id, message="Hola")
    theirs = (await call_api(server.port, f"agent-chat/agent/{yuliana.agent_id}", yuliana)).data[0]
    own = (await call_api(server.port, f"agent-chat/user/{ana.id}", ana)).data[0]
    assert (theirs["unread"], theirs["last_message"], theirs["last_seq"]) == (1, "Hola", 1)
    named = {"id": ana.id, "first_name": "Ana", "last_name": ana.user.last_name}
    assert theirs["user"] == {**named, "email": mask_email(ana.user.email)}
    assert own["unread"] == 0
    assert own["agent"] == {"id": yuliana.id, "first_name": "Yuliana", "last_name": yuliana.user.last_name}
    ids = [theirs[name] for name in ("id", "agent_id", "user_id", "status")]
    assert ids == [chat.id, yuliana.agent_id, ana.id, "ACTIVE"]


@pytest.mark.gen_test
async def test_colleague_is_notified_of_a_direct_chat(server):
    yuliana, marta = agent("Yuliana"), supervisor("Marta")
    on_board = await connect_socket(server.port, marta)
    answer = await call_api(server.port, "chats", yuliana, {"user_id": marta.id})
    assert (answer.status, answer.data["user"]["first_name"]) == (201, "Marta")
    received = (await on_board.receive("new_chat"))["chat"]
    assert (received["id"], received["user"]["first_name"]) == (answer.data["id"], "Yuliana")
    assert (await on_board.request("chat_message", chat_id=received["id"], message="Hola"))["event"] == "ack"


@pytest.mark.gen_test
async def test_direct_chat_needs_a_user_id(server):
    yuliana = agent()
    assert (await call_api(server.port, "chats", yuliana, "{")).status == 400
    for wrong in ('"1"', "true", "1.5", "0", "-1", "2147483648", HUGE, "null", "[]"):
        assert (await call_api(server.port, "chats", yuliana, f'{{"user_id": {wrong}}}')).status == 422, wrong[:30]


@pytest.mark.gen_test
async def test_online_users_are_those_whom_one_may_see(server):
    ana, beto, yuliana = member(), member(), agent()
    support_chat(ana, yuliana)
    for who in (ana, beto, yuliana):
        await connect_socket(server.port, who)
    seen = {
        who.id: {person["id"] for person in (await call_api(server.port, "agent-chat/online-users", who)).data}
        for who in (ana, beto, yuliana)
    }
    assert seen == {ana.id: {yuliana.id}, beto.id: set(), yuliana.id: {ana.id, beto.id}}


@pytest.mark.gen_test
async def test_invalid_token_is_unauthorized(server):
    ana = member()
    path = f"agent-chat/user/{ana.id}"
    good = [f"Bearer {ana.token}", f"bearer {ana.token} ", f"BEARER  {ana.token}"]
    bad = ["", "Bearer", "Bearer ", ana.token, f"Basic {ana.token}", "Bearer a.b.c", f"Bearer {ana.token[:-2]}"]
    assert [(await call_api(server.port, path, Authorization=header)).status for header in good] == [200] * len(good)
    for header in bad:
        answer = await call_api(server.port, path, Authorization=header)
        assert (answer.status, answer.code) == (401, "unauthorized"), header
    assert (await call_api(server.port, "plans/all", Authorization="Bearer a.b.c")).status == 200
