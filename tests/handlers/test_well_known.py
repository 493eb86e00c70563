"""Addresses that every site is asked for, HEAD, and slashes at the end."""

from io import BytesIO

import pytest
from PIL import Image
from tornado.httpclient import AsyncHTTPClient

from beneficiate.handlers.assets import STATIC
from tests.http_client import fetch


@pytest.mark.gen_test
async def test_usual_addresses_are_answered(server):
    robots = await fetch(server.port, "/robots.txt")
    assert (robots.status, robots.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert "Disallow: /\n" in robots.text
    security = await fetch(server.port, "/.well-known/security.txt")
    assert security.text.startswith("Contact: mailto:citas@beneficiate.co\nExpires: 20")
    assert (await fetch(server.port, "/.well-known/change-password")).headers["Location"] == "/mi/acceso"


@pytest.mark.gen_test
async def test_icons_that_browsers_ask_for_are_images(server):
    icons = {"/favicon.ico": ("ICO", {(16, 16), (32, 32), (48, 48)}), "/apple-touch-icon.png": ("PNG", {(180, 180)}),
             "/apple-touch-icon-precomposed.png": ("PNG", {(180, 180)})}  # fmt: skip
    for path, (kind, sizes) in icons.items():
        client = AsyncHTTPClient()
        answer = await client.fetch(f"http://127.0.0.1:{server.port}{path}")
        assert answer.headers["Content-Type"].startswith("image/"), path
        with Image.open(BytesIO(answer.body)) as image:
            assert (image.format, set(image.info.get("sizes", {image.size}))) == (kind, sizes), path
    with Image.open(STATIC / "icons/apple-touch-icon.png") as image:
        assert image.convert("RGBA").getchannel("A").getextrema() == (255, 255)
    assert 'rel="apple-touch-icon" href="/static/' in (await fetch(server.port, "/login")).text


@pytest.mark.gen_test
async def test_head_is_answered_as_get_without_a_body(server):
    for path in ("/login", "/planes", "/healthz", "/api/v1/plans/all", "/static/css/tokens.css", "/nada", "/mi"):
        got, head = await fetch(server.port, path), await fetch(server.port, path, "HEAD")
        assert (head.status, head.text) == (got.status, ""), path
        assert head.headers.get("Content-Type") == got.headers.get("Content-Type"), path
    assert (await fetch(server.port, "/api/v1/auth/login", "HEAD")).status == 405


@pytest.mark.gen_test
async def test_slash_at_the_end_leads_to_the_page_and_never_to_another_site(server):
    expected = {"/login/?next=/mi": "/login?next=/mi", "//evil.co/": "/evil.co", "/%5Cevil.co/": "/%5Cevil.co"}
    for path, location in expected.items():
        answer = await fetch(server.port, path)
        assert (answer.status, answer.headers["Location"]) == (301, location), path


@pytest.mark.gen_test
async def test_post_of_another_site_is_refused_even_with_a_token(server):
    page = await fetch(server.port, "/login")
    cookie = page.headers["Set-Cookie"].split(";")[0]
    token = cookie.partition("=")[2]
    form = f"_xsrf={token}&email=a@x.co&password=x"
    sent = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    foreign = ({"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Origin": "https://evil.co"})
    for headers in foreign:
        assert (await fetch(server.port, "/login", "POST", form, **sent, **headers)).status == 403
    for headers in ({}, {"Sec_Fetch_Site": "same-origin"}, {"Origin": f"http://127.0.0.1:{server.port}"}):
        assert (await fetch(server.port, "/login", "POST", form, **sent, **headers)).status == 200
