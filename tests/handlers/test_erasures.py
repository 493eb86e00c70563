"""The pages of erasures: what is said before, the form, the way back, the certificate, the supervisors' list."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.domain.erasures import new_code
from beneficiate.models.accounts import User
from beneficiate.models.erasures import CANCELLED, ERASED, ERASING, REQUESTED, Erasure
from tests.factories import PASSWORD, agent, member, member_with_plan, supervisor, support_chat
from tests.http_client import CookieClient, call_api

PAGE = "/mi/datos/borrar"


async def ask(browser, **changes):
    return await browser.post(PAGE, **{"present": PASSWORD, "confirmo": "si", **changes})


@pytest.mark.gen_test
async def test_page_says_before_what_goes_what_stays_and_what_ends(server, signed_in):
    ana = member_with_plan("Ana")
    support_chat(ana, agent())
    page = (await (await signed_in(ana)).get(PAGE)).text
    for said in ("Se borra", "1 conversación", "Código de Comercio, art. 60", "10 años", "5 años", "siete días"):
        assert said in page
    for part in ("erase-chat", "erase-plan", "erase-goes", "erase-stays"):
        assert f'id="{part}"' in page


@pytest.mark.gen_test
async def test_it_is_asked_for_with_the_password_and_the_box(server, signed_in):
    ana = member("Ana")
    browser = await signed_in(ana)
    await browser.get(PAGE)
    for changes, wrong in (({"confirmo": ""}, "confirmo-error"), ({"present": "no es esta"}, "erase-password-error")):
        said = await ask(browser, **changes)
        assert (said.status, f'id="{wrong}"' in said.text) == (200, True)
    assert not Erasure.select().exists()
    done = await ask(browser)
    assert (done.status, done.headers["Location"]) == (303, f"{PAGE}?listo=pedido")
    for path in (PAGE, "/mi"):
        page = (await browser.get(path)).text
        assert 'id="erase-keep"' in page
        assert "no se ha borrado nada" in page
    assert 'id="erase-go"' not in (await browser.get(PAGE)).text
    assert (await ask(browser)).status == 303
    assert Erasure.select().count() == 1


@pytest.mark.gen_test
async def test_one_button_keeps_the_account(server, signed_in):
    browser = await signed_in(member("Ana"))
    await browser.get(PAGE)
    await ask(browser)
    kept = await browser.post(f"{PAGE}/cancelar")
    assert (kept.status, kept.headers["Location"]) == (303, f"{PAGE}?listo=conservada")
    page = (await browser.get(f"{PAGE}?listo=conservada")).text
    assert ('id="erase-said"' in page, 'id="erase-go"' in page) == (True, True)
    assert Erasure.get().state == CANCELLED
    assert 'id="erase-keep"' not in (await browser.get("/mi")).text
    assert (await browser.get(f"{PAGE}/cancelar")).status == 405
    await ask(browser)
    Erasure.update(state=ERASING).where(Erasure.state == REQUESTED).execute()
    said = await browser.post(f"{PAGE}/cancelar")
    assert (said.status, "ya empezó" in said.text) == (200, True)


@pytest.mark.gen_test
async def test_who_waits_for_a_payment_reads_so_and_no_day_that_has_passed(server, signed_in):
    browser = await signed_in(member())
    await browser.get(PAGE)
    await ask(browser)
    assert "Su cuenta se borra el" in (await browser.get(PAGE)).text
    Erasure.update(waits_for="review").execute()
    for path in (PAGE, "/mi"):
        page = (await browser.get(path)).text
        assert ("Su cuenta se borra el" in page, "cuando termine lo que falta" in page) == (False, True)
        assert 'id="erase-keep"' in page


@pytest.mark.gen_test
@pytest.mark.parametrize("role", [agent, supervisor])
async def test_staff_read_why_not(server, signed_in, role):
    browser = await signed_in(role())
    page = (await browser.get(PAGE)).text
    assert ('id="erase-staff"' in page, 'id="erase-go"' in page) == (True, False)
    said = await ask(browser)
    assert (said.status, Erasure.select().exists()) == (200, False)


@pytest.mark.gen_test
async def test_wrong_passwords_count_as_at_the_sign_in(server, signed_in):
    browser = await signed_in(member())
    await browser.get(PAGE)
    for _ in range(server.context.settings.sign_in_attempts):
        await ask(browser, present="no es esta")
    said = await ask(browser)
    assert (said.status, 'data-code="rate_limited"' in said.text) == (200, True)


@pytest.mark.gen_test
async def test_nobody_asks_without_a_sign_in_or_from_another_site(server, signed_in):
    assert (await CookieClient(server.port).get(PAGE)).status == 302
    browser = await signed_in(member())
    assert (await browser.post(PAGE, present=PASSWORD, confirmo="si", _xsrf="otra")).status == 403


def done(who, **columns):
    now = datetime.now(UTC)
    row = {
        "state": ERASED,
        "requested_at": now - timedelta(days=7),
        "due_at": now,
        "erased_at": now,
        "counts": '{"chats": 11}',
    }
    return Erasure.create(user=who.id, code=new_code(now), **{**row, **columns})


@pytest.mark.gen_test
async def test_certificate_is_for_whoever_has_its_number(server):
    ana = member("Ana")
    row = done(ana, counts='{"chats": 11, "payments": 2, "consents": 1}')
    browser = CookieClient(server.port)
    page = (await browser.get(f"/constancia/{row.code}")).text
    for said in ("Constancia de eliminación", row.code, "11 conversaciones", "2 pagos", "Hasta el"):
        assert said in page
    assert not [word for word in ("Ana", ana.user.email, ana.user.document_number) if word in page]
    assert (await browser.get(f"/constancia/{row.code.lower()}")).status == 200
    for code in (new_code(row.due_at), "CE-2026-AAAA", "x"):
        assert (await browser.get(f"/constancia/{code}")).status == 404
    Erasure.update(state=ERASING).execute()
    assert (await browser.get(f"/constancia/{row.code}")).status == 404


@pytest.mark.gen_test
async def test_supervisors_see_that_it_happened_and_of_nobody(server, signed_in):
    ana, omar = member("Ana"), member("Omar")
    row = done(ana)
    done(omar, state=REQUESTED, waits_for="payment", erased_at=None)
    page = (await (await signed_in(supervisor())).get("/supervisor/ajustes/borrados")).text
    for said in (row.code, "Borrada", "En espera", "Hay un pago sin terminar", "Cuando termine lo que falta"):
        assert said in page
    assert not [word for word in ("Ana", "Omar", ana.user.email) if word in page]
    for who in (member(), agent()):
        assert (await (await signed_in(who)).get("/supervisor/ajustes/borrados")).status in (403, 404)


@pytest.mark.gen_test
async def test_list_without_one_says_so(server, signed_in):
    browser = await signed_in(supervisor())
    assert 'id="rows-none"' in (await browser.get("/supervisor/ajustes/borrados")).text
    done(member())
    shown = (await browser.get("/supervisor/ajustes/borrados?q=CE-1999%25_")).text
    assert 'id="rows-none"' in shown
    assert 'value="CE-1999%_"' in shown


@pytest.mark.gen_test
async def test_link_is_beside_the_other_rights(server, signed_in):
    ana = member()
    assert 'href="/mi/datos/borrar"' in (await (await signed_in(ana)).get("/mi/datos")).text
    assert User.get_by_id(ana.id).is_active
    assert (await call_api(server.port, "auth/me", ana)).status == 200
