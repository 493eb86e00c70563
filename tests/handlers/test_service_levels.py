"""The supervisors' page of the service levels."""

import pytest

from beneficiate.handlers.service_levels import parse_arrival
from beneficiate.models.chats import Chat
from beneficiate.models.service_levels import ServiceLevel
from tests.actions.queue_steps import create_topic
from tests.factories import agent, member, supervisor, support_chat
from tests.handlers.form_fields import read_form

PAGE = "/supervisor/ajustes/niveles"
TYPED = {"primera": "1", "siguiente": "3", "resolver": "4", "avisar": "60", "meta": "80"}


@pytest.mark.gen_test
async def test_a_supervisor_tries_and_saves_what_is_promised(server, signed_in):
    create_topic("pagos")
    chat = support_chat(member("Gloria"), None)
    browser = await signed_in(supervisor())
    shown = await browser.get(PAGE)
    assert 'id="section-niveles"' in shown.text
    assert 'id="why-none"' in shown.text
    form = {**read_form(shown.text, "level-form"), **TYPED}
    tried = await browser.post(PAGE, **{**form, "hacer": "probar", "llegada": "2026-08-15T16:00"})
    assert 'id="moves-say"' in tried.text
    assert f'href="/agente?chat={chat.id}"' in tried.text
    assert "sábado 15" in tried.text
    assert not ServiceLevel.select().exists()
    done = await browser.post(PAGE, **{**read_form(tried.text, "level-form"), "desde": "abiertos"})
    assert (done.status, done.headers["Location"]) == (303, f"{PAGE}?listo=guardado")
    assert "guardamos los niveles" in (await browser.get(done.headers["Location"])).text
    assert Chat.get_by_id(chat.id).response_due_at is not None
    own = f"{PAGE}/pagos"
    assert 'id="inherits"' in (await browser.get(own)).text
    form = read_form((await browser.get(own)).text, "level-form")
    assert (await browser.post(own, **{**form, "primera": "2"})).headers["Location"] == f"{own}?listo=guardado"
    assert 'id="inherit-try"' in (await browser.get(own)).text
    assert 'id="inherit"' not in (await browser.get(own)).text
    done = await browser.post(f"{own}/heredar", version="1")
    assert done.headers["Location"] == f"{own}?listo=general"
    done = await browser.post(f"{own}/heredar", version="1")
    assert done.headers["Location"] == f"{own}?listo=cambio"
    assert (await browser.get(f"{own}/heredar")).status == 405
    assert (await browser.get(f"{PAGE}/nada")).status == 404


@pytest.mark.gen_test
async def test_effect_of_inheriting_is_shown_before_it_is_saved(server, signed_in):
    browser, own = await signed_in(supervisor()), f"{PAGE}/pagos"
    chat = support_chat(member("Gloria"), None, topic=create_topic("pagos"))
    for address, minutes in ((PAGE, "120"), (own, "5")):
        form = read_form((await browser.get(address)).text, "level-form")
        await browser.post(address, **{**form, **TYPED, "resolver": "", "primera": minutes, "desde": "abiertos"})
    before = Chat.get_by_id(chat.id).response_due_at
    shown = await browser.post(f"{own}/heredar", version="1", hacer="probar")
    assert shown.status == 200
    assert "El único chat abierto con niveles de servicio cambia de plazo: vencería después." in shown.text
    assert f'href="/agente?chat={chat.id}"' in shown.text
    assert (ServiceLevel.select().count(), Chat.get_by_id(chat.id).response_due_at) == (2, before)
    done = await browser.post(f"{own}/heredar", version="1", desde="abiertos")
    assert done.headers["Location"] == f"{own}?listo=general"
    assert Chat.get_by_id(chat.id).response_due_at > before
    assert (await browser.post(f"{PAGE}/nada/heredar", version="1", hacer="probar")).status == 404


@pytest.mark.gen_test
async def test_what_is_wrong_is_said_beside_what_was_typed(server, signed_in):
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(PAGE)).text, "level-form")
    for more in ({}, {"hacer": "probar"}):
        said = await browser.post(PAGE, **{**form, **TYPED, "resolver": "mucho", **more, "llegada": "ayer"})
        assert said.status == 200
        assert 'id="resolver-error"' in said.text
        assert 'value="mucho"' in said.text
        assert 'id="llegada-error"' in said.text
        assert 'id="moves-say"' not in said.text
    assert not ServiceLevel.select().exists()


@pytest.mark.gen_test
async def test_the_second_supervisor_sees_what_changed_and_keeps_what_was_typed(server, signed_in):
    marta, gloria = supervisor("Marta"), supervisor("Gloria")
    first, second = await signed_in(marta), await signed_in(gloria)
    forms = [read_form((await browser.get(PAGE)).text, "level-form") for browser in (first, second)]
    await first.post(PAGE, **{**forms[0], **TYPED})
    clash = await second.post(PAGE, **{**forms[1], **TYPED, "primera": "9"})
    assert 'id="clash"' in clash.text
    assert marta.user.name in clash.text
    chosen = read_form(clash.text, "clash-form")
    assert (chosen["primera"], chosen["version"]) == ("9", "1")
    assert (await second.post(PAGE, **chosen)).status == 303
    assert ServiceLevel.get(ServiceLevel.version == 2).first_response_s == 540


@pytest.mark.gen_test
async def test_only_supervisors_have_the_page(server, signed_in):
    for who in (agent(), member()):
        browser = await signed_in(who)
        assert (await browser.get(PAGE)).status == 403
        assert (await browser.post(PAGE, **TYPED)).status == 403


def test_arrivals_are_times_in_bogota():
    assert parse_arrival("2026-08-15T16:00").isoformat() == "2026-08-15T16:00:00-05:00"
    for text in (
        "",
        "ayer",
        "0001-01-01T00:00",
        "2026-08-15T16:00Z",
        "2026-W50-1",
        "2026-08-15T16:00:59",
        "20260815T1600",
    ):
        assert parse_arrival(text) is None
