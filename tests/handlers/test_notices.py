"""The page of notices, and what its script and the browser's worker say to the server."""

import json

import pytest

from beneficiate.domain.notices import NoticeChoices
from beneficiate.models.notices import PushSubscription
from beneficiate.queries.notices import load_choices
from tests.factories import PASSWORD, agent, member
from tests.http_client import CookieClient, call_api, fetch
from tests.models.test_notices import browser as stored_browser
from tests.push_service import KEY, PUBLIC_KEY, Browser

LOCAL = "http://127.0.0.1:9900"
ANA = Browser(f"{LOCAL}/push/ana")


@pytest.fixture
def pushing(io_loop, start):
    """A server with keys."""
    return io_loop.run_sync(lambda: start(push_key=KEY, push_public_key=PUBLIC_KEY, push_local_origin=LOCAL))


async def enter(server, who):
    client = CookieClient(server.port)
    await client.sign_in(who, PASSWORD)
    await client.get("/mi/avisos")
    return client


async def post_json(client, path, body, **headers):
    text = body if isinstance(body, str) else json.dumps(body)
    given = {"Cookie": client._cookie(), "X_XSRFToken": client.xsrf_token, **headers}
    return await fetch(client.port, path, "POST", text, **given)


@pytest.mark.gen_test
async def test_choices_are_saved_and_shown(pushing):
    ana = member()
    client = await enter(pushing, ana)
    page = await client.get("/mi/avisos")
    assert (page.status, PUBLIC_KEY in page.text, "Chats que le asignan" in page.text) == (200, True, False)
    form = {"shown": ["chat.push", "chat.email"], "on": "chat.push", "quiet": "1", "from": "22", "until": "6"}
    answer = await client.post("/mi/avisos", **form)
    assert (answer.status, answer.headers["Location"]) == (303, "/mi/avisos?listo=guardado")
    assert load_choices(ana.id) == NoticeChoices(frozenset({"chat.email"}), 22, 6)
    assert "guardamos cómo le avisamos" in (await client.get("/mi/avisos?listo=guardado")).text


@pytest.mark.parametrize(
    "form",
    [
        {"shown": "payment.email"},
        {"off": "x"},
        {"quiet": "1", "from": "24", "until": "7"},
        {"quiet": "1", "from": "0", "until": "0"},
        {"quiet": "1", "from": "07", "until": "9"},
        {"quiet": "1", "from": "²", "until": "7"},
        {"quiet": "1"},
    ],
)
@pytest.mark.gen_test
async def test_what_cannot_be_chosen_is_said_on_the_page(pushing, form):
    client = await enter(pushing, member())
    answer = await client.post("/mi/avisos", **form)
    is_of_the_hours = "quiet" in form
    assert (answer.status, 'id="hours-error"' in answer.text) == (200, is_of_the_hours)
    assert ('id="notices-problem"' in answer.text) != is_of_the_hours


@pytest.mark.gen_test
async def test_same_hour_twice_is_asked_again_with_what_was_typed_and_nothing_is_stored(pushing):
    ana = member()
    client = await enter(pushing, ana)
    form = {"shown": ["chat.push", "chat.email"], "on": "chat.push", "quiet": "1", "from": "22", "until": "22"}
    page = await client.post("/mi/avisos", **form)
    assert "Elija dos horas distintas" in page.text
    assert page.text.count('<option value="22" selected>') == 2
    assert 'id="quiet" value="1" checked' in page.text
    assert 'value="chat.push" checked' in page.text
    assert 'value="chat.email" checked' not in page.text
    assert load_choices(ana.id) == NoticeChoices()


@pytest.mark.gen_test
async def test_choices_are_read_and_stored_by_the_api_too(pushing):
    ana, yuliana = member(), agent()
    before = await call_api(pushing.port, "notices", ana)
    assert (before.status, before.data["email"], before.data["has_push"]) == (200, ana.user.email, True)
    assert before.data["quiet_hours"] == {"is_on": False, "begins": 21, "ends": 7}
    chat = next(row for row in before.data["rows"] if row["push_name"] == "chat.push")
    assert (chat["title"], chat["is_pushed"], chat["email_name"], chat["is_mailed"]) == (
        "Mensajes del chat",
        True,
        "chat.email",
        True,
    )
    body = {"off": ["chat.email"], "quiet_hours": {"begins": 22, "ends": 6}}
    stored = await call_api(pushing.port, "notices", ana, body, "PUT")
    assert stored.data == (await call_api(pushing.port, "notices", ana)).data
    assert stored.data["quiet_hours"] == {"is_on": True, "begins": 22, "ends": 6}
    assert load_choices(ana.id) == NoticeChoices(frozenset({"chat.email"}), 22, 6)
    assert load_choices(yuliana.id) == NoticeChoices()
    assert (await call_api(pushing.port, "notices", ana, {"off": []}, "PUT")).status == 200
    assert load_choices(ana.id) == NoticeChoices()
    staff = (await call_api(pushing.port, "notices", yuliana)).data["rows"]
    assert "desk.push" in [row["push_name"] for row in staff]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"off": ["payment.email"]},
        {"off": ["x" * 33]},
        {"off": ["chat.push"] * 33},
        {"off": None},
        {"off": [], "quiet_hours": {"begins": 7, "ends": 7}},
        {"off": [], "quiet_hours": {"begins": 24, "ends": 7}},
        {"off": [], "quiet_hours": {"begins": 7}},
        {"off": [], "quiet_hours": "7"},
    ],
)
@pytest.mark.gen_test
async def test_what_cannot_be_chosen_is_refused_by_the_api(pushing, body):
    ana = member()
    answer = await call_api(pushing.port, "notices", ana, body, "PUT")
    assert (answer.status, answer.json["code"]) == (422, "invalid")
    assert load_choices(ana.id) == NoticeChoices()


@pytest.mark.gen_test
async def test_without_keys_nothing_is_said_of_pushes_and_they_keep_their_switches(server):
    ana = agent()
    client = await enter(server, ana)
    page = await client.get("/mi/avisos")
    assert (page.status, "navegador" in page.text.casefold()) == (200, False)
    assert (await post_json(client, "/mi/avisos/navegador", ANA.json)).status == 404
    assert (await post_json(client, "/avisos/navegador", {})).status == 404
    await client.post("/mi/avisos", off="chat.push", shown="chat.email", on="chat.email")
    assert load_choices(ana.id).switched_off == {"chat.push"}
    assert 'name="off" value="chat.push"' in (await client.get("/mi/avisos")).text


@pytest.mark.gen_test
async def test_browser_is_subscribed_named_on_the_page_and_removed(pushing):
    client = await enter(pushing, member())
    assert (await post_json(client, "/mi/avisos/navegador", ANA.json)).status == 200
    state = await post_json(client, "/mi/avisos/navegador/estado", {"endpoint": ANA.endpoint})
    assert state.data == {"is_own": True, "is_current": True}
    row = PushSubscription.get()
    assert f'action="/mi/avisos/{row.id}/quitar"' in (await client.get("/mi/avisos")).text
    assert "Esta sesión" in (await client.get("/mi/avisos")).text
    assert (await client.post(f"/mi/avisos/{row.id}/quitar")).headers["Location"] == "/mi/avisos?listo=quitado"
    assert PushSubscription.select().count() == 0
    await post_json(client, "/mi/avisos/navegador", ANA.json)
    assert (await post_json(client, "/mi/avisos/navegador/quitar", {"endpoint": ANA.endpoint})).status == 200
    assert PushSubscription.select().count() == 0


@pytest.mark.gen_test
async def test_signing_out_ends_what_the_browser_takes(pushing):
    client = await enter(pushing, member())
    await post_json(client, "/mi/avisos/navegador", ANA.json)
    await client.get("/logout")
    await client.post("/logout")
    assert PushSubscription.select().count() == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 422),
        ("{}", 422),
        ({**ANA.json, "endpoint": "https://127.0.0.1/x"}, 422),
        ({**ANA.json, "endpoint": "https://push.example.com/" + "a" * 1024}, 422),
        ({**ANA.json, "endpoint": 7}, 422),
        ({**ANA.json, "keys": {"p256dh": "\u0000", "auth": "AAAA"}}, 422),
        ({**ANA.json, "keys": None}, 422),
        ("[" * 5000, 422),
    ],
)
@pytest.mark.gen_test
async def test_no_body_is_a_failure_of_ours(pushing, body, status):
    client = await enter(pushing, member())
    assert (await post_json(client, "/mi/avisos/navegador", body)).status == status
    assert PushSubscription.select().count() == 0


@pytest.mark.gen_test
async def test_another_site_and_nobody_subscribe_nothing(pushing):
    client = await enter(pushing, member())
    assert (await post_json(client, "/mi/avisos/navegador", ANA.json, X_XSRFToken="")).status == 403
    nobody = CookieClient(pushing.port)
    for path in ("navegador", "navegador/estado", "navegador/quitar"):
        assert (await post_json(nobody, f"/mi/avisos/{path}", ANA.json)).status == 401
    assert (await nobody.get("/mi/avisos")).headers["Location"].startswith("/login?next=")


@pytest.mark.gen_test
async def test_another_persons_browser_is_not_theirs_to_see_or_remove(pushing):
    luis = member("Luis")
    row = stored_browser(luis, ANA.endpoint)
    client = await enter(pushing, member())
    await client.post(f"/mi/avisos/{row.id}/quitar")
    assert PushSubscription.select().count() == 1
    state = await post_json(client, "/mi/avisos/navegador/estado", {"endpoint": ANA.endpoint})
    assert state.data == {"is_own": False, "is_current": False}


@pytest.mark.gen_test
async def test_worker_replaces_an_address_that_it_knows_without_a_session(pushing):
    client = await enter(pushing, member())
    await post_json(client, "/mi/avisos/navegador", ANA.json)
    fresh = Browser(f"{LOCAL}/push/new")
    body = json.dumps({"old": ANA.endpoint, "new": fresh.json})
    assert (await fetch(pushing.port, "/avisos/navegador", "POST", body)).status == 200
    assert PushSubscription.get().endpoint == fresh.endpoint
    assert (await fetch(pushing.port, "/avisos/navegador", "POST", body)).status == 404


@pytest.mark.gen_test
async def test_worker_and_manifest_are_at_the_root(server):
    worker = await fetch(server.port, "/avisos.js")
    assert (worker.status, worker.headers["Content-Type"].split(";")[0]) == (200, "text/javascript")
    assert worker.headers["Cache-Control"] == "no-cache"
    assert worker.headers["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    manifest = await fetch(server.port, "/manifest.webmanifest")
    assert (manifest.status, manifest.headers["Content-Type"]) == (200, "application/manifest+json")
    for icon in manifest.json["icons"]:
        assert (await fetch(server.port, icon["src"])).headers["Content-Type"] == "image/png"
    assert 'href="/manifest.webmanifest"' in (await fetch(server.port, "/login")).text
