"""The desk's tools over HTTP: who may call what, and what comes back."""

import pytest

from beneficiate.models.audit import AuditEntry
from beneficiate.models.call_centre import CannedReply
from beneficiate.models.chats import Mention
from tests.factories import agent, connect_socket, direct_chat, member, supervisor, support_chat
from tests.http_client import call_api

SECRET = "el afiliado miente"
REPLY = {"shortcut": "saludo", "title": "Saludo", "text": "Hola, {{member.first_name}}. {{otra}}"}


@pytest.mark.gen_test
async def test_every_call_is_for_the_staff(server):
    ana, yuliana, marta = member(), agent(), supervisor()
    chat = support_chat(ana, yuliana)
    made = (await call_api(server.port, "canned-replies", marta, REPLY)).data
    paths = (
        "agent-chat/conversations",
        f"agent-chat/notes/{chat.id}",
        "agent-chat/mentions",
        "agent-chat/tags",
        "canned-replies",
        f"canned-replies/{made['id']}/for/{chat.id}",
        "search?q=hola",
    )
    for path in paths:
        statuses = [(await call_api(server.port, path, who)).status for who in (None, ana, yuliana, marta)]
        assert statuses == [401, 403, 200, 200], path


@pytest.mark.gen_test
async def test_only_supervisors_write_replies(server):
    ana, yuliana, marta = member(), agent(), supervisor()
    made = (await call_api(server.port, "canned-replies", marta, REPLY)).data
    calls = (
        ("canned-replies", "POST", {**REPLY, "shortcut": "otro"}, 201),
        (f"canned-replies/{made['id']}", "PUT", {**REPLY, "title": "Otro saludo", "version": 1}, 200),
        (f"canned-replies/{made['id']}/deactivate", "POST", {}, 200),
    )
    for path, method, body, _ in calls:
        for who, status in ((None, 401), (ana, 403), (yuliana, 403)):
            assert (await call_api(server.port, path, who, body, method)).status == status, (path, status)
    assert [row.shortcut for row in CannedReply] == ["saludo"]
    for path, method, body, done in calls:
        assert (await call_api(server.port, path, marta, body, method)).status == done, path
    assert AuditEntry.select().count() == 4
    assert {entry.address for entry in AuditEntry} == {"127.0.0.1"}


@pytest.mark.gen_test
async def test_reply_that_somebody_else_changed_is_not_overwritten(server):
    marta, luz = supervisor("Marta"), supervisor("Luz")
    made = (await call_api(server.port, "canned-replies", marta, REPLY)).data
    path, based = f"canned-replies/{made['id']}", {**REPLY, "version": made["version"]}
    saved = (await call_api(server.port, path, luz, {**based, "title": "Bienvenida"}, "PUT")).data
    assert (made["version"], saved["version"]) == (1, 2)
    refused = await call_api(server.port, path, marta, {**based, "text": "Buenas"}, "PUT")
    assert (refused.status, refused.json["code"], refused.json["version"]) == (409, "conflict", 2)
    assert refused.json["changes"] == {
        "title": {"saved": "Bienvenida", "sent": "Saludo"},
        "text": {"saved": REPLY["text"], "sent": "Buenas"},
    }
    for version in ({}, {"version": 0}, {"version": "2"}):
        assert (await call_api(server.port, path, marta, {**REPLY, **version}, "PUT")).status == 422
    assert CannedReply.get().title == "Bienvenida"
    done = await call_api(server.port, path, marta, {**REPLY, "text": "Buenas", "version": 2}, "PUT")
    assert (done.status, done.data["version"]) == (200, 3)


@pytest.mark.gen_test
async def test_invalid_reply_is_refused_with_a_reason(server):
    marta = supervisor()
    assert (await call_api(server.port, "canned-replies", marta, REPLY)).status == 201
    for body, status in (
        (REPLY, 409),
        ({**REPLY, "shortcut": "Ñ"}, 422),
        ({**REPLY, "shortcut": 7}, 422),
        ({"shortcut": "a", "title": "b"}, 422),
        ({**REPLY, "shortcut": "largo", "text": "a" * 4001}, 422),
        ({**REPLY, "shortcut": "nul", "text": "\0"}, 422),
        ("{", 400),
    ):
        assert (await call_api(server.port, "canned-replies", marta, body)).status == status, body
    for reply_id in (0, 99, 2**31):
        body = {**REPLY, "version": 1}
        assert (await call_api(server.port, f"canned-replies/{reply_id}", marta, body, "PUT")).status == 404
        assert (await call_api(server.port, f"canned-replies/{reply_id}/deactivate", marta, {})).status == 404


@pytest.mark.gen_test
async def test_reply_is_found_filled_in_and_counted(server):
    ana, yuliana, marta = member("Ana María"), agent(), supervisor()
    chat = support_chat(ana, yuliana)
    made = (await call_api(server.port, "canned-replies", marta, REPLY)).data
    assert set(made) == {"id", "shortcut", "title", "text", "uses", "is_active", "updated_at", "version"}
    client = await connect_socket(server.port, yuliana)
    assert (await client.request("use_canned", reply_id=made["id"]))["event"] == "ack"
    (found,) = (await call_api(server.port, "canned-replies?q=/salu", yuliana)).data
    assert found == {**made, "uses": 1}
    worded = (await call_api(server.port, f"canned-replies/{made['id']}/for/{chat.id}", yuliana)).data
    assert worded == {"id": made["id"], "text": "Hola, Ana María. {{otra}}", "unknown": ["otra"]}
    await call_api(server.port, f"canned-replies/{made['id']}/deactivate", marta, {})
    assert (await call_api(server.port, "canned-replies", yuliana)).data == []
    assert len((await call_api(server.port, "canned-replies?all=1", marta)).data) == 1
    assert (await client.request("use_canned", reply_id=made["id"]))["code"] == "not_found"


@pytest.mark.gen_test
async def test_notes_are_the_objects_of_the_socket_and_for_staff_only(server):
    ana, yuliana, marta = member("Ana"), agent("Yuliana"), supervisor("Marta")
    chat = support_chat(ana, yuliana)
    at_desk, at_home = await connect_socket(server.port, yuliana), await connect_socket(server.port, ana)
    await at_home.request("chat_message", chat_id=chat.id, message="Hola")
    ack = await at_desk.request("add_note", chat_id=chat.id, text=SECRET, mentions=[marta.id], client_id="n-1")
    received = await at_desk.receive("note_added")
    assert ack["note"] == received["note"]
    assert (await call_api(server.port, f"agent-chat/notes/{chat.id}", marta)).data == [received["note"]]
    (mention,) = (await call_api(server.port, "agent-chat/mentions", marta)).data
    assert (mention["note"], mention["first_name"]) == (received["note"], "Ana")
    paths = (
        f"agent-chat/user/{ana.id}",
        f"agent-chat/messages/{chat.id}",
        "agent-chat/online-users",
        f"agent-chat/notes/{chat.id}",
        "agent-chat/mentions",
        "search?q=miente",
    )
    for path in paths:
        assert SECRET not in (await call_api(server.port, path, ana)).text
    board = await connect_socket(server.port, marta)
    assert (await board.request("see_mentions", note_id=received["note"]["id"]))["event"] == "ack"
    assert Mention.get().seen_at is not None
    assert (await call_api(server.port, "agent-chat/mentions", marta)).data == []


@pytest.mark.gen_test
async def test_list_has_counts_and_a_next_page(server):
    yuliana = agent()
    for _ in range(51):
        support_chat(member(), None)
    first = (await call_api(server.port, "agent-chat/conversations?list=all", yuliana)).data
    assert (len(first["conversations"]), first["counts"]["all"]) == (50, 51)
    rest = (await call_api(server.port, f"agent-chat/conversations?list=all&before={first['before']}", yuliana)).data
    assert (len(rest["conversations"]), rest["before"]) == (1, None)
    assert (await call_api(server.port, "agent-chat/conversations", yuliana)).data["conversations"] == []
    for query in ("list=otra", "list=all&before=x"):
        assert (await call_api(server.port, f"agent-chat/conversations?{query}", yuliana)).status == 422, query


@pytest.mark.gen_test
async def test_direct_chat_has_no_notes_no_tags_and_no_replies(server):
    yuliana, marta = agent(), supervisor()
    desk = direct_chat(yuliana, marta)
    made = (await call_api(server.port, "canned-replies", marta, REPLY)).data
    for path in (f"agent-chat/notes/{desk.id}", f"canned-replies/{made['id']}/for/{desk.id}"):
        assert (await call_api(server.port, path, yuliana)).status == 404


@pytest.mark.gen_test
async def test_message_is_found_a_moment_later(server):
    ana, yuliana = member("Ana", last_name="Núñez"), agent()
    chat = support_chat(ana, yuliana)
    client = await connect_socket(server.port, ana)
    await client.request("chat_message", chat_id=chat.id, message="Necesito una cita de cardiología")
    lines = []
    while not lines:
        found = (await call_api(server.port, "search?q=cardiologia", yuliana)).data
        lines = found["lines"]
    assert (lines[0]["chat_id"], lines[0]["seq"]) == (chat.id, 1)
    assert lines[0]["snippet"] == ["Necesito una cita de ", "cardiología", ""]
    (found,) = (await call_api(server.port, "search?q=nunez", yuliana)).data["members"]
    assert (found["id"], found["chat_id"]) == (ana.id, chat.id)
    for query in ("q=a&page=0", "q=a&page=x", "q=a&page=101"):
        assert (await call_api(server.port, f"search?{query}", yuliana)).status == 422
    assert (await call_api(server.port, "search", yuliana)).data == {"members": [], "lines": [], "has_more": False}
    assert (await call_api(server.port, "search?q=hola%00", yuliana)).status == 200
