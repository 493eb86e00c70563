"""Nothing lost, nothing doubled, nothing out of order: over cut connections, killed and stopped servers."""

import asyncio
import json
import signal

import pytest

from beneficiate.models.chats import Message
from tests import factories
from tests.databases import BACKENDS
from tests.factories import connect_socket
from tests.reconnecting_client import chat_through_cuts, make_crowd, stored_messages
from tests.ws_client import open_raw_websocket, stuck_socket, wait_until

PLENTY = {"messages_per_s": 1_000_000, "messages_burst": 1_000_000, "commands_per_s": 1_000_000}


@pytest.fixture
def process(new_process):
    """A server process on the test's database, not started yet."""
    return new_process()


@pytest.mark.slow
@pytest.mark.gen_test(timeout=110)
async def test_messages_over_cut_connections_arrive_once_and_in_order(start):
    # Nobody is so long away, however slow the machine, that their chat goes to somebody else.
    server = await start(**PLENTY, presence_grace_s=60)

    figures = await chat_through_cuts(server.port, messages_each=80, seed=2026, timeout_s=100)

    assert figures.lines == 80 * 12
    assert figures.cuts > 15, "the proxy did not cut enough for this to mean anything"
    assert figures.sent > figures.lines, "no line had to be sent again"
    assert figures.repeats > 0


@pytest.mark.slow
@pytest.mark.gen_test(timeout=60)
async def test_killed_server_keeps_every_acknowledged_message_once(process):
    await process.start()
    everybody = make_crowd(process.port)
    for client in everybody.clients:
        client.start()
    everybody.write_all(100)
    await wait_until(lambda: everybody.acked >= 200)

    process.kill()

    await wait_until(lambda: not any(client.is_connected for client in everybody.clients))
    assert 200 <= everybody.acked < 1200, "it was not killed in the middle of the burst"
    _assert_all_acked_are_stored(everybody)
    await process.start()
    await everybody.wait_until_quiet(30)
    await everybody.stop()
    assert everybody.check_all() == 1200


@pytest.mark.slow
@pytest.mark.gen_test(timeout=60)
async def test_stopped_server_commits_closes_with_1012_and_exits(process):
    await process.start()
    everybody = make_crowd(process.port)
    for client in everybody.clients:
        client.start()
    everybody.write_all(400)
    await wait_until(lambda: everybody.acked >= 300)

    process.send_signal(signal.SIGTERM)
    await wait_until(lambda: all(1012 in client.close_codes for client in everybody.clients))

    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", process.port)
    assert await process.exit_code(5) == 0
    assert everybody.acked < 4800, "it was not stopped in the middle of the burst"
    _assert_all_acked_are_stored(everybody)
    _assert_what_is_stored_is_a_beginning(everybody)
    assert "Traceback" not in process.output
    await process.start()
    await everybody.wait_until_quiet(30)
    await everybody.stop()
    assert everybody.check_all() == 4800


@pytest.mark.parametrize("backend", BACKENDS[:1])
@pytest.mark.slow
@pytest.mark.gen_test(timeout=60)
async def test_server_stops_within_seconds_without_close_frames_of_clients(process):
    await process.start()
    stuck = [await stuck_socket(process.port, factories.member().token) for _ in range(3)]

    process.send_signal(signal.SIGTERM)

    assert await process.exit_code(8) == 0
    for sock in stuck:
        sock.close()


@pytest.mark.slow
@pytest.mark.gen_test(timeout=60)
async def test_messages_sent_before_the_stop_are_stored_or_safe_to_resend(process):
    await process.start()
    ana, yuliana = factories.member(), factories.agent()
    chat = factories.support_chat(ana, yuliana)
    acked, code = [], asyncio.get_running_loop().create_future()
    socket = await open_raw_websocket(
        process.port, ana.token, lambda text: acked.append(text) if b'"ack"' in text else None, code.set_result
    )
    for number in range(300):
        socket.send_text(_line(chat.id, number))

    process.send_signal(signal.SIGTERM)

    assert await asyncio.wait_for(code, 8) == 1012
    assert await process.exit_code(8) == 0
    stored = stored_messages(chat.id)
    assert len(acked) <= len(stored)
    assert [text for _, _, text in stored] == [f"línea {number}" for number in range(len(stored))]
    await process.start()
    again = await connect_socket(process.port, ana)
    for number in range(300):
        again.send_raw(_line(chat.id, number))
    await again.receive(lambda frame: frame.get("id") == "n299")
    await factories.close_all_sockets()
    assert [(seq, text) for seq, _, text in stored_messages(chat.id)] == [(n + 1, f"línea {n}") for n in range(300)]


@pytest.mark.parametrize("backend", BACKENDS[:1])
@pytest.mark.slow
@pytest.mark.gen_test(timeout=30)
async def test_interrupt_stops_the_server_gracefully(process):
    await process.start()
    client = await connect_socket(process.port, factories.member())

    process.send_signal(signal.SIGINT)

    assert await client.wait_closed() == 1012
    assert await process.exit_code(5) == 0


def _line(chat_id, number):
    text = f"línea {number}"
    fields = {"chat_id": chat_id, "message": text, "client_id": f"n{number}"}
    return json.dumps({"event": "agent_chat_message", "id": f"n{number}", **fields}).encode()


def _assert_all_acked_are_stored(everybody):
    stored = {(row.seq, row.id, row.message): row.client_id for row in Message.select()}
    for client in everybody.clients:
        for client_id, line in client.acked.items():
            assert stored.get(line) == client_id, f"acknowledged and not stored: {line}"


def _assert_what_is_stored_is_a_beginning(everybody):
    """Of what each one wrote in a chat, what is stored has no gaps."""
    for chat, one, other in everybody.chats:
        texts = [text for _, _, text in stored_messages(chat.id)]
        for client in (one, other):
            written = client.chats[chat.id].written
            own = [text for text in texts if text in set(written)]
            assert own == written[: len(own)]
