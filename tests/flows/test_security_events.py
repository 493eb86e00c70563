"""The log names who signs in, fails, is locked out or refused, and never what they typed or their whole address."""

import pytest
from structlog.testing import capture_logs
from tornado.httpclient import HTTPClientError

from beneficiate import security_log
from tests.factories import PASSWORD, agent, connect_socket, member
from tests.http_client import CookieClient, call_api, fetch

ADDRESS, NETWORK = "203.0.113.9", "203.0.113.0/24"
EVENTS = {
    security_log.SIGNED_IN,
    security_log.SIGN_IN_FAILED,
    security_log.LOCKED,
    security_log.TOKEN_REUSED,
    security_log.REFUSED,
    security_log.XSRF_REFUSED,
    security_log.HANDSHAKE_REFUSED,
}


@pytest.fixture
def logged():
    """Every line that was logged since the test began."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture(params=["sqlite"])
def backend(request):
    return request.param


async def login(server, email, password=PASSWORD):
    return await call_api(
        server.port, "auth/login", None, {"email": email, "password": password}, X_Forwarded_For=ADDRESS
    )


def events(lines, *names):
    """Return the security events of these names as (name, user id), and check what each line may contain."""
    found = [line for line in lines if line["event"] in (names or EVENTS)]
    for line in found:
        assert ADDRESS not in str(line)
        assert "@" not in str(line)
    return [(line["event"], line["user_id"]) for line in found]


@pytest.mark.gen_test
async def test_sign_ins_failures_locks_and_theft_are_logged(start, logged):
    server = await start(sign_in_attempts=2, trusted_proxies=1)
    ana, luis = member(), member()
    pair = (await login(server, ana.user.email)).data
    for _ in range(3):
        await login(server, luis.user.email, "otra clave")
    await login(server, "nadie@x.co")
    for browser in ("own", "thief"):
        body = {"refreshToken": pair["refreshToken"]}
        await call_api(server.port, "auth/refresh-token", None, body, **{"User-Agent": browser})
    assert events(logged) == [
        ("signed_in", ana.id),
        ("sign_in_failed", luis.id),
        ("sign_in_failed", luis.id),
        ("locked", 0),
        ("sign_in_failed", 0),
        ("token_reused", ana.id),
    ]
    lines = [line for line in logged if line["event"] in EVENTS]
    assert {line["network"] for line in lines[:-1]} == {NETWORK}
    digests = [line["email_digest"] for line in lines if "email_digest" in line]
    assert digests[0] == digests[1] == digests[2] != digests[3]


@pytest.mark.gen_test
async def test_refusals_are_logged_with_the_person(server, logged):
    ana, yuliana = member(), agent()
    browser = CookieClient(server.port)
    await browser.sign_in(ana, PASSWORD)
    assert (await browser.get("/agente")).status == 403
    assert (await call_api(server.port, "search?q=ana", ana)).status == 403
    assert (await fetch(server.port, "/login", "POST", "x=1")).status == 200
    for token in ("a.b.c", yuliana.token[:-2]):
        with pytest.raises(HTTPClientError, match="401"):
            await connect_socket(server.port, None, protocols=["beneficiate", token])
    with pytest.raises(HTTPClientError, match="403"):
        await connect_socket(server.port, ana, "/ws/agent")
    assert events(logged, "refused", "xsrf_refused", "handshake_refused") == [
        ("refused", ana.id),
        ("refused", ana.id),
        ("xsrf_refused", 0),
        ("handshake_refused", 0),
        ("handshake_refused", 0),
        ("handshake_refused", ana.id),
    ]
