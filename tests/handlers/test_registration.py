"""Registration: nothing typed is lost, nobody is told who has an account, and the link needs its button."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate import passwords
from beneficiate.errors import AddressNotConfirmed
from beneficiate.jobs.emails import send_due_account_emails
from beneficiate.limits import EMAILS_PER_ADDRESS
from beneficiate.models.account_emails import NEW_DEVICE, AccountEmail, Registration
from beneficiate.models.accounts import SignIn, User
from beneficiate.passwords import verify_password
from tests import factories
from tests.databases import BACKENDS
from tests.domain.test_registrations import TYPED
from tests.factories import member
from tests.handlers.test_recovery import link_in, statements_of
from tests.http_client import CookieClient, call_api
from tests.jobs.test_emails import outbox

PASSWORD = "arepa nube tren domingo"


async def register(server, **changes):
    browser = CookieClient(server.port)
    assert (await browser.get("/registro")).status == 200
    return browser, await browser.post("/registro", **{**TYPED, "password": PASSWORD, **changes})


@pytest.mark.gen_test
async def test_person_registers_confirms_and_is_signed_in(server, context, tmp_path, capsys):
    capsys.readouterr()
    browser, done = await register(server)
    assert (done.status, done.headers["Location"]) == (303, "/registro/enviado")
    assert "iris@x.co" in (await browser.get("/registro/enviado")).text
    await send_due_account_emails(context)
    link = link_in(outbox(tmp_path)[-1])
    other = CookieClient(server.port)
    for _ in range(2):
        assert "Confirme que es usted" in (await other.get(link)).text
    said = await other.post(link, password="no es esta")
    assert (said.status, 'id="password-error"' in said.text, User.select().count()) == (200, True, 0)
    stale = other.xsrf_token
    forged = await other.post(link, password=PASSWORD, _xsrf="x")
    assert (forged.status, User.select().count()) == (403, 0)
    done = await other.post(link, password=PASSWORD, _xsrf=stale)
    assert (done.status, done.headers["Location"]) == (303, "/registro/listo")
    again = await other.post(link, password=PASSWORD, _xsrf=stale)
    assert (again.status, again.headers["Location"]) == (303, link)
    assert "ya está confirmada" in (await other.get(link)).text
    assert "Su cuenta está lista, Iris" in (await other.get("/registro/listo")).text
    assert (await other.get("/mi")).status == 200
    assert "ya está confirmada" in (await browser.get(link)).text
    assert (await browser.get("/registro/enviado")).headers["Location"] == "/registro"
    await send_due_account_emails(context)
    assert len(outbox(tmp_path)) == 1
    logged = capsys.readouterr().out
    assert not [secret for secret in (link.rpartition("/")[2], "iris@x.co", "52777888", PASSWORD) if secret in logged]


@pytest.mark.gen_test
async def test_confirmation_verifies_once_and_signs_in_whatever_others_have_tried(
    server, context, tmp_path, monkeypatch
):
    await register(server)
    await send_due_account_emails(context)
    link, browser = link_in(outbox(tmp_path)[-1]), CookieClient(server.port)
    for _ in range(server.settings.sign_in_attempts + 1):
        await call_api(server.port, "auth/login", None, {"email": "iris@x.co", "password": "no es esta clave"})
    verified, matches = [], passwords._matches
    monkeypatch.setattr(passwords, "_matches", lambda text, of: verified.append(of) or matches(text, of))
    await browser.get(link)
    done = await browser.post(link, password=PASSWORD)
    assert (done.status, done.headers["Location"]) == (303, "/registro/listo")
    assert verified == [User.get().password_hash]
    assert (await browser.get("/mi")).status == 200
    assert not AccountEmail.select().where(AccountEmail.kind == NEW_DEVICE).exists()


@pytest.mark.gen_test
async def test_nothing_typed_is_lost_but_the_password(server):
    _, said = await register(server, numero="abc", correo="iris@", datos="", password="corta", ciudad="Armenia")
    assert said.status == 200
    assert re.findall(r'id="(\w+)-error"', said.text) == ["numero", "ciudad", "correo", "password", "datos"]
    for kept in ('value="abc"', 'value="iris@"', 'value="Armenia"', 'value="310 442 8016"', 'value="1984"'):
        assert kept in said.text
    assert "corta" not in said.text
    assert Registration.select().count() == 0


@pytest.mark.gen_test
async def test_answer_is_the_same_for_everybody_and_the_owner_is_told(server, context, tmp_path):
    member("Ana", email="ana@x.co", document_type="CC", document_number="52123456")
    answers = [
        (await register(server, **typed))[1]
        for typed in ({}, {"correo": "ana@x.co"}, {"numero": "52123456", "correo": "otra@x.co"})
    ]
    assert len({(one.status, one.headers["Location"], one.text) for one in answers}) == 1
    await send_due_account_emails(context)
    sent = sorted((one["To"].addresses[0].addr_spec, one["Subject"]) for one in outbox(tmp_path))
    told = "Ya tiene una cuenta con nosotros"
    assert sent == [("ana@x.co", told), ("ana@x.co", told), ("iris@x.co", "Confirme su cuenta")]
    assert User.select().count() == 1


@pytest.mark.gen_test
@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_time_cannot_tell_who_has_an_account_since_none_is_looked_for(server, context):
    member("Ana", email="ana@x.co", document_type="CC", document_number="52123456")
    cases = ({}, {"correo": "ana@x.co"}, {"numero": "52123456", "correo": "otra@x.co"})
    first, *others = [await statements_of(register(server, **typed)) for typed in cases]
    assert others == [first, first]
    assert not [sql for sql in first if '"users"' in sql]


@pytest.mark.gen_test
async def test_who_has_not_confirmed_cannot_sign_in_and_is_told_why(server):
    browser, _ = await register(server)
    await browser.get("/login")
    said = await browser.post("/login", email="iris@x.co", password=PASSWORD)
    assert (said.status, AddressNotConfirmed.sentence in said.text) == (200, True)
    answer = await call_api(server.port, "auth/login", None, {"email": "iris@x.co", "password": PASSWORD})
    assert (answer.status, json.loads(answer.text)["code"]) == (401, "address_not_confirmed")
    said = await browser.post("/login", email="iris@x.co", password="otra cosa larga")
    assert AddressNotConfirmed.sentence not in said.text
    assert AccountEmail.select().count() == EMAILS_PER_ADDRESS
    # Beyond the limit the sentence is the same, and no e-mail goes out.
    said = await browser.post("/login", email="iris@x.co", password=PASSWORD)
    assert AddressNotConfirmed.sentence in said.text
    assert AccountEmail.select().count() == EMAILS_PER_ADDRESS


@pytest.mark.gen_test
async def test_wrong_password_is_compared_as_often_for_everybody(server, monkeypatch):
    ana = member("Ana", email="ana@x.co", document_type="CC", document_number="52123456")
    member("Luis", email="luis@x.co")
    for address in ("ana@x.co", "iris@x.co"):
        await register(server, correo=address)
    compared = []

    def verify(password, password_hash, highest_old_cost=0):
        compared.append(password_hash)
        return verify_password(password, password_hash, highest_old_cost)

    monkeypatch.setattr("beneficiate.handlers.attempts.verify_password", verify)
    numbers = set()
    for address in ("ana@x.co", "luis@x.co", "iris@x.co", "nadie@x.co"):
        answer = await call_api(server.port, "auth/login", None, {"email": address, "password": "no es esta clave"})
        assert (answer.status, answer.code) == (401, "wrong_credentials")
        numbers.add(len(compared))
        compared.clear()
    assert numbers == {2}
    right = await call_api(server.port, "auth/login", None, {"email": "ana@x.co", "password": factories.PASSWORD})
    assert (right.status, compared) == (200, [ana.user.password_hash])


@pytest.mark.gen_test
async def test_another_email_can_be_asked_for(server, context):
    browser, _ = await register(server)
    await browser.get("/registro/enviado")
    done = await browser.post("/registro/enviado")
    assert done.headers["Location"] == "/registro/enviado?listo=otro"
    assert 'id="sent-again"' in (await browser.get(done.headers["Location"])).text
    for _ in range(EMAILS_PER_ADDRESS - 2):
        await browser.post("/registro/enviado")
    assert 'id="sent-problem"' in (await browser.post("/registro/enviado")).text
    stranger = CookieClient(server.port)
    await stranger.get("/login")
    assert (await stranger.post("/registro/enviado")).status == 404


@pytest.mark.gen_test
async def test_link_that_has_expired_is_renewed(server, context, tmp_path):
    browser, _ = await register(server)
    await send_due_account_emails(context)
    link, now = link_in(outbox(tmp_path)[0]), datetime.now(UTC)
    AccountEmail.update(expires_at=now - timedelta(seconds=1)).execute()
    assert "ya venció" in (await browser.get(link)).text
    assert (await browser.post(link, password=PASSWORD)).status == 200
    assert User.select().count() == 0
    assert (await browser.post(link, otro="1")).headers["Location"] == f"{link}?listo=otro"
    await send_due_account_emails(context)
    fresh = next(found for found in map(link_in, outbox(tmp_path)) if found != link)
    assert (await browser.post(fresh, password=PASSWORD)).headers["Location"] == "/registro/listo"


@pytest.mark.gen_test
async def test_unknown_link_and_odd_values_are_answered(server):
    browser, old_text = await register(server, datos="0")
    assert 'data-code="conflict"' in old_text.text
    assert (await browser.get(f"/registro/confirmar/{'x' * 43}")).status == 404
    assert (await browser.post(f"/registro/confirmar/{'x' * 43}", password="x")).status == 404
    for odd in ("\ud7ff", "a\x00b", "<b>", "'; DROP", "9" * 5000):
        assert (await browser.post("/registro", **dict.fromkeys(TYPED, odd), password=odd)).status == 200


@pytest.mark.gen_test
async def test_sign_in_after_a_registration_tells_nobody_who_has_an_account(server, context, tmp_path):
    member("Ana", email="ana@x.co")
    answers = []
    for email in ("ana@x.co", "nadie@x.co"):
        await register(server, correo=email)
        answer = await call_api(server.port, "auth/login", None, {"email": email, "password": PASSWORD})
        answers.append((answer.status, answer.json["code"], answer.json["error"]))
    assert len(set(answers)) == 1
    assert SignIn.select().count() == 0
    await send_due_account_emails(context)
    sent = {(one["To"].addresses[0].addr_spec, one["Subject"]) for one in outbox(tmp_path)}
    assert sent == {("ana@x.co", "Ya tiene una cuenta con nosotros"), ("nadie@x.co", "Confirme su cuenta")}


@pytest.mark.gen_test
async def test_password_of_a_registration_neither_proves_an_account_nor_forgets_failures(server, settings):
    ana = member("Ana", email="ana@x.co")
    own = CookieClient(server.port)
    await own.sign_in(ana, factories.PASSWORD)
    await register(server, correo="ana@x.co")
    await own.get("/mi/acceso")
    said = await own.post("/mi/acceso/clave", present=PASSWORD, password="otra arepa nube tren")
    assert (said.status, "No es su contraseña de ahora." in said.text) == (200, True)
    statuses = []
    for _ in range(settings.sign_in_attempts):
        for typed in (PASSWORD, "no es esta"):
            body = {"email": "ana@x.co", "password": typed}
            statuses.append((await call_api(server.port, "auth/login", None, body)).status)
    last = await call_api(server.port, "auth/login", None, {"email": "ana@x.co", "password": factories.PASSWORD})
    assert (set(statuses), last.status) == ({401}, 429)


@pytest.mark.gen_test
@pytest.mark.parametrize("text", ["a\0@x.co", "\ud800@x.co", "ﬁ@x.co", "ß@straße.de", "@", "İ" * 254, "a@x.co\n"])
async def test_odd_addresses_and_passwords_are_no_failure(server, text):
    body = json.dumps({"email": text, "password": text, "deviceToken": text})
    assert (await call_api(server.port, "auth/login", None, body)).status in {400, 401, 422}
    for path, fields in (
        ("/login", {"email": text, "password": text}),
        ("/recuperar", {"email": text}),
        ("/registro", {**TYPED, "correo": text, "ciudad": text, "nombres": text, "password": text}),
    ):
        browser = CookieClient(server.port)
        await browser.get(path)
        if "\ud800" not in text:
            assert (await browser.post(path, **fields)).status in {200, 303}
