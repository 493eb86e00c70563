"""What every answer says about itself, and which other sites may ask."""

import asyncio
import re

import pytest
from structlog.testing import capture_logs
from tornado.iostream import StreamClosedError

from beneficiate.handlers import base
from beneficiate.handlers.health import LivenessHandler
from beneficiate.security_headers import API_CSP, SECURITY_HEADERS
from tests.factories import PASSWORD, agent
from tests.http_client import CookieClient, fetch

SITE = "https://www.beneficiate.co"
# Path: the status without a sign-in, and the policy that the answer has.
ANSWERS = {
    "/": (302, "page"),
    "/login": (200, "page"),
    "/logout": (200, "page"),
    "/demo": (200, "page"),
    "/agente": (302, "page"),
    "/agente/chats/1": (302, "page"),
    "/nada": (404, "page"),
    "/api/v1/nada": (404, "data"),
    "/api/v1/plans/all": (200, "data"),
    "/api/v1/townships/departments": (401, "data"),
    "/api/v1/auth/login": (405, "data"),
    "/sesion/token": (401, "data"),
    "/healthz": (200, "data"),
    "/readyz": (200, "data"),
    "/static/css/tokens.css": (200, "data"),
    "/static/widget/app.js": (200, "data"),
    "/static/nada.css": (404, "data"),
    "/static/../run.py": (403, "data"),
    "/static/%2e%2e/run.py": (403, "data"),
    "/static/src/core/protocol.js": (200, "data"),
    "/favicon.ico": (200, "data"),
}
CORS = (
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Methods",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
)
ALLOWED = ["Authorization, Content-Type", "GET, POST, PUT, OPTIONS", "Retry-After, X-Request-Id", "600"]


def page_policy(server):
    ours = server.settings.own_url.replace("http", "ws", 1)
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self' {ours}; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


@pytest.mark.gen_test
async def test_every_answer_has_the_security_headers(server):
    policies = {"page": page_policy(server), "data": API_CSP}
    for path, (status, kind) in ANSWERS.items():
        answer = await fetch(server.port, path)
        assert (answer.status, answer.headers["Content-Security-Policy"]) == (status, policies[kind]), path
        told = {name: answer.headers.get(name) for name in SECURITY_HEADERS if name != "Cache-Control"}
        assert told == {name: value for name, value in SECURITY_HEADERS.items() if name != "Cache-Control"}, path
        assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-Id"]), path
        assert "Server" not in answer.headers, path
        assert "Strict-Transport-Security" not in answer.headers, path


@pytest.mark.gen_test
async def test_only_versioned_files_are_cached(server):
    browser = CookieClient(server.port)
    await browser.sign_in(agent(), PASSWORD)
    assert (await browser.get("/agente")).headers["Cache-Control"] == "no-store"
    assert (await fetch(server.port, "/api/v1/plans/all")).headers["Cache-Control"] == "no-store"
    version = server.application.settings["assets"].current.version
    for path, kept in (
        ("css/tokens.css", "no-cache"),
        (f"{version}/css/tokens.css", "public, max-age=31536000, immutable"),
        ("0123456789ab/css/tokens.css", "no-cache"),
    ):
        answer = await fetch(server.port, f"/static/{path}")
        assert (answer.status, answer.headers["Cache-Control"]) == (200, kept), path
    etag = (await fetch(server.port, "/static/src/core/protocol.js")).headers["Etag"]
    assert (await fetch(server.port, "/static/src/core/protocol.js", If_None_Match=etag)).status == 304


@pytest.mark.gen_test
async def test_pages_need_nothing_that_their_policy_forbids(server):
    browser = CookieClient(server.port)
    texts = [(await browser.get(path)).text for path in ("/login", "/logout", "/demo", "/nada")]
    await browser.sign_in(agent(), PASSWORD)
    texts.append((await browser.get("/agente")).text)
    for text in texts:
        assert not re.search(r"<script(?![^>]*\b(?:src=\"/static/|type=\"application/json\"))[^>]*>\s*[^<\s]", text)
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|javascript:|(?:src|href)=\"(?:https?:)?//", text)


@pytest.mark.gen_test
async def test_over_tls_browsers_are_told_to_stay_there(start):
    server = await start(public_url="https://chat.beneficiate.co")
    answer = await fetch(server.port, "/login")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "wss://chat.beneficiate.co" in answer.headers["Content-Security-Policy"]


@pytest.mark.gen_test
async def test_api_answers_the_pages_of_allowed_sites_only(start):
    server = await start(origins=(SITE,))
    for method in ("GET", "OPTIONS"):
        for path in ("/api/v1/plans/all", "/api/v1/townships/departments", "/api/v1/nada"):
            allowed = await fetch(server.port, path, method, Origin=SITE)
            assert [allowed.headers.get(name) for name in CORS] == [SITE, *ALLOWED], path
            for origin in ("https://evil.example", "null", SITE + ".evil.example", SITE.replace("https", "http"), ""):
                foreign = await fetch(server.port, path, method, Origin=origin)
                assert [name for name in CORS if name in foreign.headers] == [], origin
            assert "Origin" in allowed.headers["Vary"]
            assert "Access-Control-Allow-Credentials" not in allowed.headers


@pytest.mark.gen_test
async def test_preflight_needs_no_token_and_carries_nothing(start):
    server = await start(origins=(SITE,))
    for path in ("/api/v1/chats", "/api/v1/auth/login", "/api/v1/agent-chat/messages/1"):
        answer = await fetch(server.port, path, "OPTIONS", Origin=SITE, Access_Control_Request_Method="POST")
        assert (answer.status, answer.text) == (204, "")


@pytest.mark.gen_test
async def test_pages_are_for_no_other_site(start):
    server = await start(origins=(SITE,))
    for path in ("/login", "/sesion/token", "/healthz/nada", "/static/css/tokens.css"):
        answer = await fetch(server.port, path, Origin=SITE)
        assert [name for name in CORS if name in answer.headers] == [], path


@pytest.mark.gen_test
async def test_unknown_method_is_answered_in_the_format_of_the_handler(server):
    for method in ("PUT", "DELETE", "PATCH"):
        answer = await fetch(server.port, "/api/v1/plans/all", method, "" if method != "DELETE" else None)
        assert (answer.status, answer.code, answer.json["statusCode"]) == (405, "invalid", 405)
    assert (await fetch(server.port, "/login", "DELETE")).status in (403, 405)


@pytest.mark.gen_test
async def test_a_bug_is_answered_each_time_and_logged_once_per_interval(server, monkeypatch):
    def fail(handler):
        raise ZeroDivisionError

    monkeypatch.setattr(LivenessHandler, "get", fail)
    with capture_logs() as entries:
        answers = [await fetch(server.port, "/healthz") for _ in range(3)]
    assert [answer.status for answer in answers] == [500] * 3
    (failure,) = [one for one in entries if one["event"] == "request_failed"]
    assert (failure["handler"], failure["request_id"]) == ("LivenessHandler", answers[0].headers["X-Request-Id"])


@pytest.mark.gen_test
async def test_a_client_who_has_left_is_no_failure(server, monkeypatch):
    def leave(handler):
        raise StreamClosedError

    monkeypatch.setattr(LivenessHandler, "get", leave)
    with capture_logs() as entries:
        await fetch(server.port, "/healthz")
    assert [one["event"] for one in entries if one["event"] == "request_failed"] == []


@pytest.mark.gen_test
async def test_messages_have_their_turn_while_a_page_is_rendered(server, monkeypatch):
    seen = []

    class LongTemplate:
        def generate(self, **context):
            seen.append("first part")
            asyncio.get_running_loop().call_soon(seen.append, "another's turn")
            yield "uno, "
            seen.append("second part")
            yield "dos"

    monkeypatch.setattr(base, "RENDER_SLICE_S", -1)
    monkeypatch.setattr(server.context.templates, "get_template", lambda name: LongTemplate())
    assert (await fetch(server.port, "/login")).text == "uno, dos"
    assert seen == ["first part", "another's turn", "second part"]
