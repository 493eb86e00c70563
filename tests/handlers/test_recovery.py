"""A forgotten password: the page says the same to everybody, and a link is used up by its button alone."""

import re
from datetime import UTC, datetime

import pytest
from playhouse.test_utils import count_queries

from beneficiate.domain import passwords
from beneficiate.jobs.emails import send_due_account_emails
from beneficiate.limits import EMAILS_PER_ADDRESS
from beneficiate.models.account_emails import RECOVERY, AccountEmail
from beneficiate.models.accounts import User
from beneficiate.rate_limiters import LINKS_PER_MINUTE
from tests.databases import BACKENDS
from tests.factories import PASSWORD, member
from tests.http_client import CookieClient
from tests.jobs.test_emails import outbox

NEW_PASSWORD = "arepa nube tren domingo"


def link_in(message):
    return re.search(r"/[a-z/]+/[A-Za-z0-9_-]{43}", message.get_body(("plain",)).get_content())[0]


@pytest.mark.gen_test
async def test_person_asks_for_a_link_and_signs_in_with_the_new_password(server, context, tmp_path, capsys):
    ana = member("Ana", email="ana@x.co")
    old, browser = CookieClient(server.port), CookieClient(server.port)
    await old.sign_in(ana, PASSWORD)
    await browser.get("/recuperar")
    asked = await browser.post("/recuperar", email=" ANA@x.co ")
    assert (asked.status, asked.headers["Location"]) == (303, "/recuperar/enviado")
    assert "Revise su correo" in (await browser.get("/recuperar/enviado")).text
    await send_due_account_emails(context)
    message = next(one for one in outbox(tmp_path) if "enlace" in one["Subject"])
    assert message["To"].addresses[0].addr_spec == "ana@x.co"
    link = link_in(message)
    for _ in range(2):
        assert "ana@x.co" in (await browser.get(link)).text
    said = await browser.post(link, password="colombia2026")
    assert (said.status, passwords.EASY in said.text, "colombia2026" in said.text) == (200, True, False)
    capsys.readouterr()
    done = await browser.post(link, password=NEW_PASSWORD)
    assert (done.status, done.headers["Location"]) == (303, "/login?listo=clave")
    assert link.rpartition("/")[2] not in capsys.readouterr().out
    assert 'id="login-done"' in (await browser.get("/login?listo=clave")).text
    assert (await old.get("/mi")).status == 302
    assert (await browser.get(link)).status == 404
    again = await browser.post(link, password=NEW_PASSWORD)
    assert (again.status, "ya es la suya" in again.text, "no cambió" in again.text) == (404, True, False)
    assert (await browser.post("/login", email="ana@x.co", password=PASSWORD)).status == 200
    assert (await browser.post("/login", email="ana@x.co", password=NEW_PASSWORD)).status == 303
    await send_due_account_emails(context)
    assert "Su contraseña cambió" in {one["Subject"] for one in outbox(tmp_path)}


@pytest.mark.gen_test
async def test_answer_is_the_same_without_an_account_and_one_email_goes_out(server, context, tmp_path):
    member("Ana", email="ana@x.co")
    browser = CookieClient(server.port)
    await browser.get("/recuperar")
    answers = [await browser.post("/recuperar", email=email) for email in ("ana@x.co", "nadie@x.co")]
    assert len({(one.status, one.headers["Location"], one.text) for one in answers}) == 1
    await send_due_account_emails(context)
    sent = {one["To"].addresses[0].addr_spec: one["Subject"] for one in outbox(tmp_path)}
    assert sent == {
        "ana@x.co": "Su enlace para una contraseña nueva",
        "nadie@x.co": "No hay una cuenta con este correo",
    }


async def statements_of(request):
    """Return the SQL that a request takes, without its values; without the clock too, which is asked once a second."""
    with count_queries() as counter:
        await request
    found = [record.msg[0] for record in counter.get_queries()]
    return [sql for sql in found if "clock_timestamp" not in sql]


@pytest.mark.gen_test
@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_time_cannot_tell_who_has_an_account_since_none_is_looked_for(server, context):
    """What takes no other statement takes no other time: of the same request the database sees the same."""
    member("Ana", email="ana@x.co")
    browser = CookieClient(server.port)
    await browser.get("/recuperar")
    known, unknown = [await statements_of(browser.post("/recuperar", email=one)) for one in ("ana@x.co", "no@x.co")]
    assert known == unknown
    assert not [sql for sql in known if '"users"' in sql]


@pytest.mark.gen_test
@pytest.mark.parametrize("email", ["", "ana", "ana@", "a" * 300, "ñ@x.co"])
async def test_text_that_is_no_address_is_said_beside_the_field(server, email):
    browser = CookieClient(server.port)
    await browser.get("/recuperar")
    said = await browser.post("/recuperar", email=email)
    assert (said.status, 'id="email-error"' in said.text) == (200, True)
    assert AccountEmail.select().count() == 0


@pytest.mark.gen_test
async def test_who_asks_too_often_is_told_when_to_try_again(server):
    browser = CookieClient(server.port)
    await browser.get("/recuperar")
    for _ in range(EMAILS_PER_ADDRESS):
        assert (await browser.post("/recuperar", email="nadie@x.co")).status == 303
    said = await browser.post("/recuperar", email="nadie@x.co")
    assert (said.status, 'data-code="rate_limited"' in said.text, "nadie@x.co" in said.text) == (200, True, True)
    assert AccountEmail.select().where(AccountEmail.kind == RECOVERY).count() == EMAILS_PER_ADDRESS


@pytest.mark.gen_test
async def test_who_tries_tokens_has_to_wait(server):
    browser = CookieClient(server.port)
    statuses = [(await browser.get(f"/recuperar/{'x' * 43}")).status for _ in range(LINKS_PER_MINUTE + 1)]
    assert (set(statuses[:-1]), statuses[-1]) == ({404}, 429)


@pytest.mark.gen_test
async def test_account_that_was_deactivated_meanwhile_keeps_its_password(server, context, tmp_path):
    ana = member("Ana", email="ana@x.co")
    browser = CookieClient(server.port)
    await browser.get("/recuperar")
    await browser.post("/recuperar", email="ana@x.co")
    await send_due_account_emails(context)
    User.update(is_active=False, last_seen=datetime.now(UTC)).where(User.id == ana.id).execute()
    assert (await browser.post(link_in(outbox(tmp_path)[0]), password=NEW_PASSWORD)).status == 404
    assert User.get_by_id(ana.id).password_hash == ana.user.password_hash
