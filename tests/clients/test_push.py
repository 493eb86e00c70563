"""Pushes as real services check them, over HTTP: signed, encrypted for one browser, and to the Internet alone."""

import re
import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import jwt
import pytest

from beneficiate.actions.push_messages import PendingPush, PushOutcome
from beneficiate.actions.push_subscriptions import PushTarget
from beneficiate.clients.push import PublicResolver, PushClient, _encrypt
from beneficiate.errors import Invalid
from beneficiate.push_keys import load_private_key
from beneficiate.settings import Settings
from tests.factories import SECRET
from tests.http_client import fetch
from tests.push_service import KEY, PUBLIC_KEY


@pytest.fixture
def client(io_loop, push_service):
    keys = {"push_key": KEY, "push_public_key": PUBLIC_KEY}
    made = PushClient(Settings(secret=SECRET, push_local_origin=push_service.origin, **keys).validated())
    yield made
    made.close()


def push_to(browser, kind="reminder-24", lifetime=timedelta(hours=1)):
    target = PushTarget(browser.endpoint, browser.p256dh, browser.json["keys"]["auth"])
    now = datetime.now(UTC)
    return PendingPush(7, kind, target, now + lifetime, now)


@pytest.mark.gen_test
async def test_browser_decrypts_only_the_kind_of_the_notice(push_service, client):
    ana = push_service.subscribe()
    assert (await client.send(push_to(ana))).outcome is PushOutcome.SENT
    assert (await client.send(push_to(ana, "chat"))).outcome is PushOutcome.SENT
    assert push_service.refused == []
    first, second = push_service.deliveries
    assert (first.data, second.data) == ({"kind": "reminder"}, {"kind": "chat"})
    assert (first.headers["Ttl"], first.headers["Urgency"]) == ("3600", "normal")
    assert second.headers["Urgency"] == "high"


@pytest.mark.gen_test
async def test_push_service_learns_from_the_topic_only_that_a_notice_replaces_another_of_the_browser(
    push_service, client
):
    ana, beto = push_service.subscribe(), push_service.subscribe("beto")
    for browser, kind in ((ana, "reminder-24"), (ana, "reminder-2"), (ana, "chat"), (beto, "reminder-24")):
        assert (await client.send(push_to(browser, kind))).outcome is PushOutcome.SENT
    first, later, other_kind, other_browser = (one.headers["Topic"] for one in push_service.deliveries)
    assert first == later
    assert len({first, other_kind, other_browser}) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", one) for one in (first, other_kind, other_browser))


@pytest.mark.parametrize(
    ("status", "headers", "outcome", "wait"),
    [
        (200, {}, PushOutcome.SENT, None),
        (404, {}, PushOutcome.GONE, None),
        (410, {}, PushOutcome.GONE, None),
        (429, {"Retry-After": "90"}, PushOutcome.LATER, 90),
        (503, {}, PushOutcome.LATER, None),
        (500, {"Retry-After": "soon"}, PushOutcome.LATER, None),
        (429, {"Retry-After": "Fri, 31 Dec 9999 23:59:59 -2300"}, PushOutcome.LATER, None),
        (429, {"Retry-After": "Fri, 31 Dec 2026 23:59:59 +99999999999999999"}, PushOutcome.LATER, None),
        (413, {}, PushOutcome.DROPPED, None),
        (403, {}, PushOutcome.DROPPED, None),
        (302, {"Location": "http://127.0.0.1:1/"}, PushOutcome.DROPPED, None),
    ],
)
@pytest.mark.gen_test
async def test_every_answer_has_its_outcome_and_redirects_are_not_followed(
    push_service, client, status, headers, outcome, wait
):
    result = await client.send(push_to(push_service.subscribe(status=status, headers=headers)))
    assert (result.outcome, result.retry_after_s) == (outcome, wait)


@pytest.mark.gen_test
async def test_date_to_wait_for_is_taken_as_seconds(push_service, client):
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    result = await client.send(push_to(push_service.subscribe(status=429, headers={"Retry-After": at})))
    assert 50 < result.retry_after_s <= 60


@pytest.mark.gen_test
async def test_service_that_does_not_answer_is_tried_later(push_service, client):
    browser = push_service.subscribe()
    await push_service.stop()
    assert (await client.send(push_to(browser))).outcome is PushOutcome.LATER


@pytest.mark.gen_test
async def test_keys_that_are_none_drop_the_push(push_service, client):
    push = push_to(push_service.subscribe())
    broken = PendingPush(7, "chat", PushTarget(push.target.endpoint, "AAAA", "AAAA"), push.deliver_until, push.now)
    assert (await client.send(broken)).outcome is PushOutcome.DROPPED


def test_address_of_this_machine_is_refused_unless_it_is_the_one_of_development(client, push_service):
    client.require_endpoint(f"{push_service.origin}/push/ana")
    for url in ("http://127.0.0.1:1/x", "https://localhost/x", "http://push.example.com/x"):
        with pytest.raises(Invalid):
            client.require_endpoint(url)


@pytest.mark.gen_test
async def test_name_with_a_private_address_is_refused_where_the_connection_is_opened(push_service, client):
    with pytest.raises(OSError, match="localhost"):
        await PublicResolver().resolve("localhost", 443)
    browser = push_service.subscribe()
    target = PushTarget("https://localhost.localdomain/x", browser.p256dh, browser.json["keys"]["auth"])
    now = datetime.now(UTC)
    result = await client.send(PendingPush(7, "chat", target, now + timedelta(hours=1), now))
    assert result.outcome in (PushOutcome.DROPPED, PushOutcome.LATER)


@pytest.mark.gen_test
async def test_public_addresses_are_returned_as_they_were_found():
    found = await PublicResolver().resolve("8.8.8.8", 443, socket.AF_INET)
    assert [address[0] for _, address in found] == ["8.8.8.8"]


@pytest.mark.gen_test
async def test_without_keys_there_are_no_pushes():
    client = PushClient(Settings(secret=SECRET))
    assert not client.is_on
    client.close()


def signed(origin, **changes):
    """Return the headers of a push as the client makes them, with other claims."""
    claims = {"aud": origin, "exp": int(time.time()) + 3600, "sub": "mailto:citas@beneficiate.co", **changes}
    given = {name: value for name, value in claims.items() if value is not None}
    return {"Authorization": f"vapid t={jwt.encode(given, load_private_key(KEY), 'ES256')}, k={PUBLIC_KEY}"}


@pytest.mark.parametrize(
    ("claims", "headers", "status"),
    [
        ({}, {}, 201),
        ({"sub": "https://beneficiate.co/ayuda"}, {}, 201),
        ({"aud": "https://web.push.apple.com"}, {}, 403),
        ({"exp": None}, {}, 403),
        ({"exp": 1}, {}, 403),
        ({"exp": int(time.time()) + 25 * 3600}, {}, 403),
        ({"sub": None}, {}, 403),
        ({"sub": "mailto:citas@localhost"}, {}, 403),
        ({"sub": "mailto:Citas <citas@beneficiate.co>"}, {}, 403),
        ({}, {"Authorization": f"vapid t=a.b.c, k={PUBLIC_KEY}"}, 403),
        ({}, {"Authorization": f"WebPush a.b.c, k={PUBLIC_KEY}"}, 403),
        ({}, {"Content-Encoding": "aesgcm"}, 400),
        ({}, {"TTL": ""}, 400),
        ({}, {"TTL": str(29 * 24 * 3600)}, 400),
        ({}, {"Urgency": "urgent"}, 400),
        ({}, {"Topic": "x" * 33}, 400),
        ({}, {"Topic": "cita medica"}, 400),
        ({}, {"body": b"x" * 4097}, 413),
        ({}, {"body": b"no record"}, 400),
    ],
)
@pytest.mark.gen_test
async def test_service_of_the_tests_refuses_what_real_ones_refuse(push_service, client, claims, headers, status):
    """As Apple and Google do; otherwise that it takes what the client sends would show nothing."""
    ana = push_service.subscribe()
    good = client._headers(push_to(ana), push_service.origin)
    body = headers.pop("body", None) or _encrypt(push_to(ana).target, "chat")
    given = {**good, **signed(push_service.origin, **claims), **headers}
    answer = await fetch(int(push_service.origin.rpartition(":")[2]), "/push/ana", "POST", body, **given)
    assert (answer.status, len(push_service.refused)) == (status, int(status != 201))
