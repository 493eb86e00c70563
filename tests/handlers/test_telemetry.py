"""What Prometheus reads, and from where."""

import pytest

from tests import servers
from tests.factories import agent, connect_socket, member
from tests.http_client import fetch

ADDRESS = "127.0.0.1:0"


@pytest.fixture
def server(io_loop, start):
    return io_loop.run_sync(lambda: start(metrics_address=ADDRESS))


async def scrape(server):
    """The samples as numbers by their names with labels."""
    answer = await fetch(server.telemetry_port, "/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    samples = (line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in samples}


@pytest.mark.gen_test
async def test_connections_are_counted_by_role(server):
    await connect_socket(server.port, member())
    await connect_socket(server.port, member("Luis"))
    await connect_socket(server.port, agent())
    samples = await scrape(server)
    assert samples['beneficiate_connections{role="member"}'] == 2
    assert samples['beneficiate_connections{role="agent"}'] == 1


@pytest.mark.gen_test
async def test_messages_and_their_batches_are_counted(server):
    client = await connect_socket(server.port, member())
    chat_id = (await client.request("request_agent"))["chat"]["id"]
    await client.request("agent_chat_message", chat_id=chat_id, message="Buenos días", client_id="a1")
    samples = await scrape(server)
    assert samples['beneficiate_messages_total{sender="user"}'] == 1
    assert samples['beneficiate_batch_size_count{action="send_messages"}'] == 1
    assert samples['beneficiate_unit_seconds_count{name="send_messages",outcome="ok"}'] == 1


@pytest.mark.gen_test
async def test_queue_is_that_of_the_board(server):
    client = await connect_socket(server.port, member())
    samples = await scrape(server)
    assert (samples["beneficiate_waiting_chats"], samples["beneficiate_longest_wait_seconds"]) == (0, 0)
    await client.request("request_agent")
    samples = await scrape(server)
    assert samples["beneficiate_waiting_chats"] == 1
    assert 0 <= samples["beneficiate_longest_wait_seconds"] < 60


@pytest.mark.gen_test
async def test_requests_are_counted_by_handler_and_never_by_address(server):
    await fetch(server.port, "/login?email=ana@example.com")
    await fetch(server.port, "/nada/ana@example.com")
    samples = await scrape(server)
    counted = 'beneficiate_http_request_seconds_count{handler="%s",method="GET",status="%s"}'
    assert samples[counted % ("LoginPage", 200)] == 1
    assert samples[counted % ("NotFoundPage", 404)] == 1
    assert not [name for name in samples if "ana" in name]


@pytest.mark.gen_test
async def test_word_that_is_no_method_makes_no_series_of_its_own(server):
    for number in range(3):
        await fetch(server.port, "/planes", f"CC5212345{number}")
    samples = await scrape(server)
    assert not [name for name in samples if "CC5212345" in name]
    assert samples['beneficiate_http_request_seconds_count{handler="PlansPage",method="other",status="405"}'] == 3


@pytest.mark.gen_test
async def test_closed_connections_are_counted_by_code(server):
    client = await connect_socket(server.port, member())
    for connection in list(server.context.hub.connections):
        connection.close(1013, "outbox full")
    assert await client.wait_closed() == 1013
    assert (await scrape(server))['beneficiate_connection_closes_total{code="1013"}'] == 1


@pytest.mark.gen_test
async def test_members_reach_no_metrics(server):
    """The public port has no such page, and the inner one nothing else."""
    assert (await fetch(server.port, "/metrics")).status == 404
    assert (await fetch(server.telemetry_port, "/login")).status == 404
    assert (await fetch(server.telemetry_port, "/metrics", "POST", "")).status == 405


@pytest.mark.gen_test
async def test_metrics_go_on_without_the_database(server):
    await server.context.store.close()
    samples = await scrape(server)
    assert str(samples["beneficiate_waiting_chats"]) == "nan"
    assert samples["beneficiate_loop_lag_seconds_count"] >= 0


@pytest.mark.gen_test
async def test_without_an_address_nothing_listens(start):
    assert (await start()).telemetry_port == 0


@pytest.mark.gen_test
async def test_lag_of_the_bus_is_measured(start):
    with servers.redis_server(servers.free_port()) as url:
        server = await start(metrics_address=ADDRESS, redis_url=url)
        assert (await scrape(server))["beneficiate_bus_lag_seconds_count"] >= 1
