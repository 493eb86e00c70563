"""Commands are carried out in order, acknowledged, and refused without harm to others."""

import asyncio
import json
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from beneficiate.errors import Conflict, Internal, RateLimited, Unavailable
from beneficiate.models.chats import Message
from beneficiate.protocol.commands import CloseChat, MarkRead, SendMessage
from beneficiate.settings import MAX_TRANSPORT_FRAME_BYTES
from beneficiate.unit_of_work import Actor
from beneficiate.websockets.dispatcher import MAX_PENDING_COMMANDS, CommandDispatcher, CommandSpec
from tests.factories import agent, connect_socket, direct_chat, member, support_chat
from tests.websockets.frame_samples import INVISIBLE, MESSAGE_FRAME, NOT_OBJECTS, WRONG_IDS


class FakeStore:
    """Records what is run; the test resolves the futures."""

    def __init__(self):
        self.runs = []

    def run(self, action, command, actor):
        future = asyncio.get_running_loop().create_future()
        self.runs.append((action, command, future))
        return future


class FakeConnection:
    def __init__(self):
        self.actor, self.is_closed, self.sent = Actor(31, "member"), False, []

    def send_event(self, event):
        self.sent.append(event)


def make_dispatcher(**specs):
    """A dispatcher whose frames are commands already."""
    store, connection = FakeStore(), FakeConnection()
    free = SimpleNamespace(acquire=lambda key: None)
    context = SimpleNamespace(
        store=store,
        limiters=SimpleNamespace(messages=free, typing=free, commands=free),
        settings=SimpleNamespace(errors_per_minute=100),
    )
    table = {SendMessage: CommandSpec("send", **specs), MarkRead: CommandSpec("read"), CloseChat: CommandSpec("close")}
    reader = SimpleNamespace(read=lambda frame, actor: frame)
    return CommandDispatcher(context, connection, reader, table), store, connection


def send_command(number):
    return SendMessage(chat_id=12, message=f"{number}", id=f"s{number}")


@pytest.mark.gen_test
async def test_commands_of_one_action_run_together_and_another_action_waits():
    dispatcher, store, _ = make_dispatcher()
    for command in (send_command(1), send_command(2), MarkRead(chat_id=12, message_id=1), send_command(3)):
        dispatcher.handle_frame(command)
    assert [action for action, _, _ in store.runs] == ["send", "send"]
    for _, _, future in store.runs:
        future.set_result(None)
    await asyncio.sleep(0)
    assert [action for action, _, _ in store.runs] == ["send", "send", "read"]
    store.runs[2][2].set_result(None)
    await asyncio.sleep(0)
    assert [action for action, _, _ in store.runs] == ["send", "send", "read", "send"]


@pytest.mark.gen_test
async def test_result_goes_into_the_field_of_the_table():
    dispatcher, store, connection = make_dispatcher(result_in="message")
    dispatcher.handle_frame(send_command(1))
    store.runs[0][2].set_result("stored")
    await asyncio.sleep(0)
    (ack,) = connection.sent
    assert (ack.id, ack.message) == ("s1", "stored")


@pytest.mark.gen_test
async def test_command_that_before_refuses_is_acknowledged_and_not_run():
    dispatcher, store, connection = make_dispatcher(before=lambda dispatcher, command: False)
    dispatcher.handle_frame(send_command(1))
    assert store.runs == []
    assert [event.id for event in connection.sent] == ["s1"]


@pytest.mark.gen_test
async def test_failure_calls_its_hook_and_sends_the_code():
    failed = []
    dispatcher, store, connection = make_dispatcher(on_failure=lambda dispatcher, command: failed.append(command.id))
    dispatcher.handle_frame(send_command(1))
    store.runs[0][2].set_exception(Conflict())
    await asyncio.sleep(0)
    assert failed == ["s1"]
    assert [(event.id, event.code) for event in connection.sent] == [("s1", Conflict.code)]


def _fail(*args):
    raise ZeroDivisionError


@pytest.mark.gen_test
@pytest.mark.parametrize("hook", ["before", "after", "on_failure"])
async def test_command_whose_hook_fails_is_answered_and_holds_up_no_other(hook):
    dispatcher, store, connection = make_dispatcher(**{hook: _fail})
    # The first is in flight when the second, which fails, and the third are queued.
    for command in (MarkRead(chat_id=12, message_id=1, id="r1"), send_command(2), CloseChat(chat_id=12, id="c3")):
        dispatcher.handle_frame(command)
    with capture_logs() as logs:
        store.runs[0][2].set_result(None)
        await asyncio.sleep(0)
        if hook != "before":
            store.runs[1][2].set_exception(Conflict()) if hook == "on_failure" else store.runs[1][2].set_result(None)
            await asyncio.sleep(0)
    assert [action for action, *_ in store.runs][-1] == "close"
    assert [(one.id, getattr(one, "code", None)) for one in connection.sent] == [("r1", None), ("s2", "internal")]
    assert [(one["event"], one["command"]) for one in logs] == [("command_failed", "SendMessage")]


@pytest.mark.gen_test
async def test_resume_that_fails_is_answered(server, monkeypatch):
    client = await connect_socket(server.port, member())
    monkeypatch.setattr("beneficiate.websockets.dispatcher.send_missed_messages", _fail)
    answer = await client.request("resume", chats={"1": 0})
    assert answer["code"] == "internal"


@pytest.mark.gen_test
async def test_too_many_pending_commands_are_rate_limited():
    dispatcher, store, connection = make_dispatcher()
    for number in range(MAX_PENDING_COMMANDS + 1):
        dispatcher.handle_frame(send_command(number))
    assert len(store.runs) == MAX_PENDING_COMMANDS
    assert [event.code for event in connection.sent] == [RateLimited.code]
    for _, _, future in store.runs:
        future.cancel()


@pytest.mark.gen_test
async def test_invalid_frame_is_answered_and_stores_nothing(start):
    server = await start(errors_per_minute=10_000)
    ana = member()
    chat = support_chat(ana, agent())
    client = await connect_socket(server.port, ana)
    line = {**MESSAGE_FRAME, "chat_id": chat.id}
    for frame, code in [*((frame, "bad_frame") for frame in NOT_OBJECTS), *_wrong_lines(line, ana.id)]:
        client.send_raw(frame if isinstance(frame, str) else json.dumps(frame))
        error = await client.receive("error")
        told = {"code": error["code"], "id": error.get("id"), "fields": set(error) - {"id"}}
        has_reference = isinstance(frame, dict) and frame["id"] == "q1"
        assert told == {
            "code": code,
            "id": "q1" if has_reference else None,
            "fields": {"event", "code", "message", "error"},
        }, str(frame)[:100]
        assert error["message"] == error["error"]
    client.send_raw(json.dumps(line).encode(), binary=True)
    assert (await client.receive("error"))["code"] == "bad_frame"
    assert (await client.request("ping"))["event"] == "pong"
    assert not Message.select().exists()


def _wrong_lines(line, own_id):
    """Frames that are JSON objects but no commands, and the code of each."""
    changes = {
        "unknown_event": [{"event": "hola"}, {"event": 5}],
        "invalid": [
            {"surprise": 1},
            {"message": "a" * 4001},
            {"message": "a\0"},
            {"client_id": 5},
            {"id": 5},
            {"id": "q" * 65},
            *({"message": text} for text in INVISIBLE),
            *({"chat_id": wrong} for wrong in WRONG_IDS),
        ],
        "forbidden": [{"sender_id": own_id + 1}, {"user_id": str(own_id + 1)}, {"closed_by": own_id + 1}],
        "too_large": [{"sent_at": "a" * 66_000}],
    }
    return [({**line, **change}, code) for code, every in changes.items() for change in every]


@pytest.mark.gen_test
async def test_command_is_acknowledged_only_under_a_reference(server):
    ana = member()
    chat = support_chat(ana, agent())
    client = await connect_socket(server.port, ana)
    client.send("chat_message", chat_id=chat.id, message="a" * 4000)
    client.send("close_chat", chat_id=chat.id)
    client.send("ping")
    await client.receive("pong")
    await client.receive("chat_closed")
    assert (await client.request("chat_message", chat_id=chat.id, message="Hola"))["code"] == "chat_closed"
    assert [frame for frame in client.received if frame["event"] in ("ack", "error")] == []


@pytest.mark.gen_test
async def test_resend_stores_nothing_and_returns_the_stored_message(server):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    client = await connect_socket(server.port, ana)
    line = {"chat_id": chat.id, "message": "Hola", "client_id": "c-1"}
    for reference in "abc":  # in one burst, so that they meet in one batch
        client.send("chat_message", id=reference, **line)
    client.send("chat_message", id="d", **{**line, "message": "Otra cosa"})
    burst = [await client.receive(lambda frame, r=r: frame.get("id") == r) for r in "abcd"]
    later = await client.request("agent_chat_message", **line)
    other = await client.request("chat_message", **{**line, "message": "Otra cosa"})
    theirs = await (await connect_socket(server.port, yuliana)).request("chat_message", **line)
    assert burst[0]["message"] == burst[1]["message"] == burst[2]["message"] == {**later["message"], "status": "SENT"}
    assert burst[3]["code"] == other["code"] == "conflict"
    assert theirs["message"]["seq"] == 2
    assert Message.select().count() == 2


@pytest.mark.gen_test
async def test_invalid_command_in_a_burst_fails_alone(server):
    ana, beto = member(), member("Beto")
    chat, theirs = direct_chat(ana, beto), support_chat(beto, None)
    client = await connect_socket(server.port, ana)
    bad = [
        {"chat_id": theirs.id},
        {"chat_id": chat.id, "message": " "},
        {"chat_id": 2**31},
        {"chat_id": 2_000_000_000},
        {"chat_id": chat.id, "message": "a\0"},
        {"chat_id": chat.id, "sender_id": beto.id},
    ]
    for number in range(30):
        client.send("chat_message", id=f"g{number}", chat_id=chat.id, message=f"Línea {number}")
        client.send("chat_message", id=f"b{number}", **{"message": "Hola", **bad[number % len(bad)]})
    acks = [await client.receive(lambda frame, r=f"g{number}": frame.get("id") == r) for number in range(30)]
    errors = [await client.receive(lambda frame, r=f"b{number}": frame.get("id") == r) for number in range(30)]
    stored = [(ack["message"]["seq"], ack["message"]["message"]) for ack in acks]
    assert stored == [(number + 1, f"Línea {number}") for number in range(30)]
    codes = ["not_found", "invalid", "invalid", "not_found", "invalid", "forbidden"]
    assert [error["code"] for error in errors] == codes * 5
    assert Message.select().count() == 30


@pytest.mark.gen_test
async def test_too_many_errors_close_the_connection(start):
    server = await start(errors_per_minute=5)
    client = await connect_socket(server.port, member())
    for _ in range(6):
        client.send_raw("hola")
    assert await client.wait_closed() == 1008


@pytest.mark.parametrize("problem", [Unavailable, Internal])
@pytest.mark.gen_test
async def test_failures_on_our_side_are_not_counted_as_abuse(problem):
    dispatcher, store, connection = make_dispatcher()
    count = dispatcher.context.settings.errors_per_minute + 1
    for number in range(count):
        dispatcher.handle_frame(send_command(number))
    for _, _, future in store.runs:
        future.set_exception(problem())
    await asyncio.sleep(0)
    assert [event.code for event in connection.sent] == [problem.code] * count


@pytest.mark.gen_test
async def test_oversized_frame_closes_the_connection(server):
    client = await connect_socket(server.port, member())
    client.send_raw("a" * (MAX_TRANSPORT_FRAME_BYTES + 1))
    assert await client.wait_closed() in (1009, 1006, None)


@pytest.mark.gen_test
async def test_invalid_utf8_closes_the_connection(server):
    client = await connect_socket(server.port, member())
    client.connection.protocol._write_frame(True, 1, b'{"event": "\xff"}')
    assert await client.wait_closed() in (1002, 1006, 1007, None)
