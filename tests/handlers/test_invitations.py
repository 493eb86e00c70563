"""Invitations: the supervisors' forms, and the page behind the link."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.domain import passwords
from beneficiate.models.accounts import StaffInvitation, User
from beneficiate.queries.accounts import digest_secret
from beneficiate.rate_limiters import LINKS_PER_MINUTE
from tests.actions.test_invitations import TYPED
from tests.factories import agent, supervisor
from tests.handlers.form_fields import read_form
from tests.http_client import CookieClient

PAGE = "/supervisor/ajustes/personas"
TOKEN = "a-token-of-forty-three-characters-0123456789"


def give_token():
    # Sent already, so that the job gives it no other one.
    StaffInvitation.update(token_hash=digest_secret(TOKEN), sent_at=datetime.now(UTC)).execute()


@pytest.mark.gen_test
async def test_person_is_invited_chooses_a_password_and_signs_in(server, signed_in, capsys):
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(f"{PAGE}/nueva")).text)
    done = await browser.post(f"{PAGE}/nueva", **{**form, **TYPED})
    iris = User.get(User.email == "iris@x.co")
    assert done.headers["Location"] == f"{PAGE}/{iris.id}?listo=invitada"
    assert 'id="invitation"' in (await browser.get(done.headers["Location"])).text
    give_token()
    link, own = f"/invitacion/{TOKEN}", CookieClient(server.port)
    capsys.readouterr()
    shown = await own.get(link)
    assert "ingresar como iris@x.co" in shown.text
    said = await own.post(link, password="corta")
    assert 'id="password-error"' in said.text
    assert "corta" not in said.text
    said = await own.post(link, password="iris@x.co 2026")
    assert passwords.OWN in said.text
    done = await own.post(link, password="cuatro palabras al azar")
    assert (done.status, done.headers["Location"]) == (303, "/login")
    assert TOKEN not in capsys.readouterr().out
    page = await own.get("/login")
    assert page.status == 200
    answer = await own.post("/login", email="iris@x.co", password="cuatro palabras al azar")
    assert (answer.status, answer.headers["Location"]) == (303, "/agente")
    used = await own.get(link)
    assert (used.status, "ya no sirve" in used.text) == (404, True)
    assert (await own.post(link, password="otra contraseña larga")).status in (403, 404)


@pytest.mark.gen_test
async def test_invitation_is_sent_again_and_cancelled(server, signed_in):
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(f"{PAGE}/nueva")).text)
    await browser.post(f"{PAGE}/nueva", **{**form, **TYPED})
    iris = User.get(User.email == "iris@x.co")
    give_token()
    assert (await browser.post(f"{PAGE}/{iris.id}/invitar")).status == 303
    assert StaffInvitation.get().token_hash == ""
    assert (await browser.post(f"{PAGE}/{iris.id}/anular")).headers["Location"].endswith("listo=anulada")
    assert "Invitar de nuevo" in (await browser.get(f"{PAGE}/{iris.id}")).text
    said = await browser.post(f"{PAGE}/nueva", **{**form, **TYPED, "capacidad": "25"})
    assert ('id="capacidad-error"' in said.text, 'value="25"' in said.text) == (True, True)


@pytest.mark.gen_test
async def test_expired_link_and_unknown_token_get_the_same_answer(server):
    now = datetime.now(UTC)
    iris = agent("Iris")
    StaffInvitation.create(
        user=iris.id,
        email=iris.user.email,
        token_hash=digest_secret(TOKEN),
        expires_at=now - timedelta(1),
        created_at=now,
    )
    answers = [await CookieClient(server.port).get(f"/invitacion/{token}") for token in (TOKEN, "x" * 43)]
    assert [answer.status for answer in answers] == [404, 404]
    assert iris.user.email not in answers[0].text


@pytest.mark.gen_test
async def test_who_tries_tokens_has_to_wait(server):
    client = CookieClient(server.port)
    await client.get("/recuperar")
    statuses = [(await client.get(f"/invitacion/{'x' * 43}")).status for _ in range(LINKS_PER_MINUTE + 1)]
    assert statuses[-1] == 429
    assert set(statuses[:-1]) == {404}
    refused = await client.post(f"/invitacion/{'x' * 43}")
    assert (refused.status, 'id="not-saved"' in refused.text) == (429, True)
    assert f'id="again" href="/invitacion/{"x" * 43}"' in refused.text


@pytest.mark.gen_test
async def test_agents_invite_nobody(server, signed_in):
    browser = await signed_in(agent())
    assert (await browser.get(f"{PAGE}/nueva")).status == 403
    for path in ("/nueva", "/1/invitar", "/1/anular"):
        assert (await browser.post(f"{PAGE}{path}")).status == 403
