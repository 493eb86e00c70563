"""Password, address and number are changed by their person, who proves that they know the password."""

import pytest

from beneficiate.domain import passwords
from beneficiate.jobs.emails import send_due_account_emails
from beneficiate.models.account_emails import NEW_DEVICE, AccountEmail
from beneficiate.models.accounts import User
from tests.factories import PASSWORD, agent, member
from tests.handlers.test_recovery import link_in
from tests.http_client import CookieClient, call_api
from tests.jobs.test_emails import outbox

NEW_PASSWORD = "arepa nube tren domingo"
PAGE = "/mi/acceso"


@pytest.mark.gen_test
@pytest.mark.parametrize("role", [member, agent])
async def test_password_is_changed_and_other_devices_are_signed_out(server, signed_in, role):
    who = role()
    browser, other = await signed_in(who), await signed_in(who)
    await browser.get(PAGE)
    said = await browser.post(f"{PAGE}/clave", present="no es esta", password=NEW_PASSWORD)
    assert (said.status, 'id="password-present-error"' in said.text) == (200, True)
    said = await browser.post(f"{PAGE}/clave", present=PASSWORD, password="lospollitosdicen")
    assert passwords.LEAKED in said.text
    done = await browser.post(f"{PAGE}/clave", present=PASSWORD, password=NEW_PASSWORD)
    assert (done.status, done.headers["Location"]) == (303, f"{PAGE}?listo=clave")
    assert 'id="access-said"' in (await browser.get(f"{PAGE}?listo=clave")).text
    assert (await other.get(PAGE)).status == 302
    assert (await CookieClient(server.port).sign_in(who, PASSWORD)).status == 200
    assert (await CookieClient(server.port).sign_in(who, NEW_PASSWORD)).status == 303


@pytest.mark.gen_test
async def test_who_finds_a_page_open_does_not_guess_the_password(server, signed_in):
    browser = await signed_in(member())
    await browser.get(PAGE)
    for _ in range(server.context.settings.sign_in_attempts):
        await browser.post(f"{PAGE}/clave", present="no es esta", password=NEW_PASSWORD)
    said = await browser.post(f"{PAGE}/clave", present=PASSWORD, password=NEW_PASSWORD)
    assert (said.status, 'data-code="rate_limited"' in said.text) == (200, True)


@pytest.mark.gen_test
async def test_address_is_changed_once_it_is_confirmed(server, context, signed_in, tmp_path):
    ana = member("Ana", email="ana@x.co")
    browser = await signed_in(ana)
    await send_due_account_emails(context)
    await browser.get(PAGE)
    for email, present, wrong in (
        ("nueva@", PASSWORD, "email-error"),
        ("ANA@x.co", PASSWORD, "email-error"),
        ("nueva@x.co", "no es esta", "email-present-error"),
    ):
        said = await browser.post(f"{PAGE}/correo", email=email, present=present)
        assert (f'id="{wrong}"' in said.text, f'value="{email}"' in said.text) == (True, True)
    done = await browser.post(f"{PAGE}/correo", email="Nueva@x.co", present=PASSWORD)
    assert done.headers["Location"] == f"{PAGE}?listo=enlace#correo"
    await send_due_account_emails(context)
    link, stranger = link_in(outbox(tmp_path)[-1]), CookieClient(server.port)
    for _ in range(2):
        assert "nueva@x.co" in (await stranger.get(link)).text
    assert User.get_by_id(ana.id).email == "ana@x.co"
    done = await stranger.post(link)
    assert (done.status, done.headers["Location"]) == (303, "/login?listo=correo")
    assert (await stranger.get(link)).status == 404
    assert User.get_by_id(ana.id).email == "nueva@x.co"
    await send_due_account_emails(context)
    assert {one["To"].addresses[0].addr_spec for one in outbox(tmp_path)[-2:]} == {"ana@x.co", "nueva@x.co"}


@pytest.mark.gen_test
async def test_number_is_stored_in_one_form(server, signed_in):
    ana = member()
    browser = await signed_in(ana)
    await browser.get(PAGE)
    said = await browser.post(f"{PAGE}/celular", phone="12")
    assert ('id="phone-error"' in said.text, 'value="12"' in said.text) == (True, True)
    assert (await browser.post(f"{PAGE}/celular", phone="310 442 8016")).status == 303
    assert User.get_by_id(ana.id).phone == "+573104428016"


@pytest.mark.gen_test
async def test_forms_are_only_sent_by_who_is_signed_in(server):
    stranger = CookieClient(server.port)
    await stranger.get("/login")
    assert (await stranger.get(PAGE)).headers["Location"].startswith("/login?next=")
    for form in ("clave", "correo", "celular"):
        assert (await stranger.post(f"{PAGE}/{form}")).status == 401


@pytest.mark.gen_test
async def test_owner_is_told_of_a_device_that_the_account_does_not_know(server):
    ana, browser = member(email="ana@x.co"), CookieClient(server.port)
    await browser.sign_in(ana, PASSWORD)
    kinds = AccountEmail.select(AccountEmail.kind, AccountEmail.email).tuples()
    assert list(kinds) == [(NEW_DEVICE, "ana@x.co")]
    await browser.get("/logout")
    await browser.post("/logout")
    await browser.sign_in(ana, PASSWORD)
    assert len(kinds.clone()) == 1
    body = {"email": "ana@x.co", "password": PASSWORD}
    first = await call_api(server.port, "auth/login", None, body)
    known = {**body, "deviceToken": first.data["deviceToken"]}
    await call_api(server.port, "auth/login", None, known)
    assert len(kinds.clone()) == 2
