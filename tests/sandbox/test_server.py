"""The server: its port, its URL, what can be changed while it runs, and limits."""

import json

import pytest

from beneficiate.sandbox.behaviour import Behaviour
from beneficiate.sandbox.keys import TEST_KEYS
from beneficiate.sandbox.server import MAX_SANDBOX_BODY_BYTES, Sandbox
from tests.http_client import fetch
from tests.sandbox.merchant import LINK_BODY


@pytest.mark.gen_test
async def test_port_in_use_is_replaced_by_a_free_one(sandbox):
    other = Sandbox("", port=sandbox.port)
    await other.start()
    assert other.port not in (0, sandbox.port)
    assert other.url == f"http://127.0.0.1:{other.port}"
    assert other.api_url == f"{other.url}/v1"
    assert (await fetch(other.port, "/_sandbox/behaviour")).status == 200
    await other.stop()
    with pytest.raises(ConnectionRefusedError):
        await fetch(other.port, "/_sandbox/behaviour")


def test_address_that_is_not_ours_is_a_fault_and_not_a_reason_for_another_port():
    with pytest.raises(OSError, match=r"(?i)address"):
        Sandbox("", address="203.0.113.1")


@pytest.mark.gen_test
async def test_two_gateways_know_nothing_of_each_other(sandbox):
    other = Sandbox("")
    await other.start()
    made = await fetch(
        other.port, "/v1/payment_links", "POST", json.dumps(LINK_BODY), Authorization=f"Bearer {TEST_KEYS.private_key}"
    )
    path = f"/v1/payment_links/{made.data['id']}"
    assert ((await fetch(other.port, path)).status, (await fetch(sandbox.port, path)).status) == (200, 404)
    assert (sum(other.requests.values()), sum(sandbox.requests.values())) == (2, 1)
    await other.stop()


@pytest.mark.gen_test
async def test_behaviour_and_url_of_events_are_changed_while_it_runs(sandbox):
    sandbox.behaviour = Behaviour(fail_status=503)
    assert (await fetch(sandbox.port, "/v1/merchants/info")).status == 503
    sandbox.behaviour.fail_status = 0
    assert (await fetch(sandbox.port, "/v1/merchants/info")).status == 401
    sandbox.events_url = "http://127.0.0.1:9/x"
    assert sandbox.events_url == "http://127.0.0.1:9/x"
    assert list(sandbox.events) == []


@pytest.mark.gen_test
async def test_body_that_is_too_large_is_not_read(sandbox):
    answer = await fetch(sandbox.port, "/v1/payment_links", "POST", "a" * (MAX_SANDBOX_BODY_BYTES + 1))
    assert answer.status == 400
    assert not sandbox.requests


@pytest.mark.parametrize(("path", "status"), [("/", 404), ("/l/", 404), ("/l/a-b", 404), ("/static/../setup.cfg", 403)])
@pytest.mark.gen_test
async def test_paths_that_it_does_not_have(sandbox, path, status):
    assert (await fetch(sandbox.port, path)).status in (status, 404)
