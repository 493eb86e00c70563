"""Cookies of a sign-in in two steps, with https too."""

import pytest

from tests.factor_steps import add_second_factor
from tests.factories import PASSWORD, agent
from tests.http_client import CookieClient


@pytest.mark.gen_test
async def test_with_https_no_other_host_can_set_the_cookie_of_a_challenge(start):
    server = await start(public_url="https://chat.beneficiate.co")
    browser, yuliana = CookieClient(server.port), agent()
    add_second_factor(yuliana)
    await browser.get("/login")
    answer = await browser.post("/login", email=yuliana.user.email, password=PASSWORD)
    assert answer.headers["Location"] == "/login/codigo"
    cookie = browser.set_cookies["__Host-beneficiate_challenge"]
    assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", "")


@pytest.mark.gen_test
async def test_no_other_site_is_where_a_second_step_leads(server):
    browser, yuliana = CookieClient(server.port), agent()
    add_second_factor(yuliana)
    for target in ("https://evil.example", "//evil.example", "/login/codigo", "/login/activar"):
        await browser.get("/login")
        answer = await browser.post("/login", email=yuliana.user.email, password=PASSWORD, next=target)
        assert answer.headers["Location"] == "/login/codigo"
