"""`/mi/solicitudes` and what agents file over HTTP: forms, what they answer, and to whom."""

import re
from datetime import UTC, datetime

import pytest

from beneficiate.domain.data_requests.terms import find_due_day
from beneficiate.formatting import bogota_date, format_weekday_date
from beneficiate.models.data_requests import DataRequest
from tests.factories import agent, member, supervisor, support_chat
from tests.handlers.form_fields import read_form
from tests.http_client import CookieClient

TEXT = "Quedó como 2016 y es 2017.\r\nNo lo dejaron pasar."
NEW = "/mi/solicitudes/nueva"


def due_text(kind):
    return format_weekday_date(find_due_day(kind, bogota_date(datetime.now(UTC))))


async def file(browser, what="correct"):
    form = read_form((await browser.get(NEW)).text, "request-form")
    answer = await browser.post(NEW, **{**form, "pide": what, "texto": TEXT})
    return int(re.search(r"/mi/solicitudes/(\d+)\?listo=enviada", answer.headers["Location"])[1])


@pytest.mark.gen_test
async def test_member_files_a_claim_and_reads_its_number_and_its_last_day(server, signed_in):
    browser = await signed_in(member("Ana"))
    assert 'id="requests-none"' in (await browser.get("/mi")).text
    assert 'id="requests-none"' in (await browser.get("/mi/solicitudes")).text
    request_id = await file(browser)
    page = (await browser.get(f"/mi/solicitudes/{request_id}?listo=enviada")).text
    said = page[page.index('id="account-said"') :]
    assert f"-{request_id:04}" in said
    assert due_text("claim") in said
    assert "Quedó como 2016 y es 2017.\nNo lo dejaron pasar." in page
    assert "Leyenda «reclamo en trámite» puesta" in page
    for path in ("/mi", "/mi/solicitudes"):
        assert f'href="/mi/solicitudes/{request_id}"' in (await browser.get(path)).text
    assert "Aquí ya no hay más" in (await browser.get("/mi/solicitudes?antes=1")).text


@pytest.mark.gen_test
async def test_form_says_until_when_and_what_is_wrong_and_keeps_what_was_typed(server, signed_in):
    browser = await signed_in(member())
    page = await browser.get(NEW)
    assert all(due_text(kind) in page.text for kind in ("query", "claim"))
    wrong = await browser.post(NEW, **{**read_form(page.text, "request-form"), "texto": "corto"})
    assert wrong.status == 200
    assert 'id="pide-error"' in wrong.text
    assert 'id="texto-error"' in wrong.text
    assert read_form(wrong.text, "request-form")["texto"] == "corto"
    assert not DataRequest.select().exists()


@pytest.mark.gen_test
async def test_form_that_is_sent_twice_files_once_and_limits_are_said(server, signed_in):
    browser = await signed_in(member())
    form = {**read_form((await browser.get(NEW)).text, "request-form"), "pide": "query", "texto": TEXT}
    answers = [await browser.post(NEW, **form) for _ in range(2)]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert DataRequest.select().count() == 1
    for _ in range(4):
        await file(browser)
    form = {**read_form((await browser.get(NEW)).text, "request-form"), "pide": "query", "texto": TEXT}
    assert 'data-code="rate_limited"' in (await browser.post(NEW, **form)).text


@pytest.mark.gen_test
async def test_what_is_missing_is_sent_and_a_request_is_withdrawn(server, signed_in):
    browser = await signed_in(member())
    request_id = await file(browser)
    path = f"/mi/solicitudes/{request_id}"
    refused = await browser.post(f"{path}/completar", texto=TEXT)
    assert 'data-code="conflict"' in refused.text
    DataRequest.update(state="needs_information").execute()
    page = (await browser.get(path)).text
    assert 'id="complete-form"' in page
    assert 'id="texto-error"' in (await browser.post(f"{path}/completar", texto="no")).text
    done = await browser.post(f"{path}/completar", texto=TEXT)
    assert (done.status, done.headers["Location"]) == (303, f"{path}?listo=completada")
    done = await browser.post(f"{path}/desistir")
    assert done.headers["Location"] == f"{path}?listo=desistida"
    assert "Desistida" in (await browser.get(f"{path}?listo=desistida")).text
    assert DataRequest.get().closed_at is not None


@pytest.mark.gen_test
async def test_requests_of_others_are_not_found_by_anybody(server, signed_in):
    request_id = await file(await signed_in(member("Ana")))
    path = f"/mi/solicitudes/{request_id}"
    for who in (member("Luis"), agent(), supervisor()):
        browser = await signed_in(who)
        assert (await browser.get(path)).status == 404
        for form in ("completar", "desistir"):
            assert (await browser.post(f"{path}/{form}", texto=TEXT)).status == 404
    assert DataRequest.get().state == "received"


@pytest.mark.parametrize("path", ["/mi/solicitudes/0", "/mi/solicitudes/99999999999999999999", "/mi/solicitudes/1"])
@pytest.mark.gen_test
async def test_request_that_does_not_exist(server, signed_in, path):
    assert (await (await signed_in(member())).get(path)).status == 404


@pytest.mark.gen_test
async def test_forms_have_no_page_of_their_own_and_ask_for_a_sign_in(server, signed_in):
    browser = await signed_in(member())
    for form in ("completar", "desistir"):
        assert (await browser.get(f"/mi/solicitudes/1/{form}")).status == 405
    for path in ("/mi/solicitudes", NEW, "/mi/solicitudes/1", "/agente/solicitudes", "/agente/chats/1/solicitud"):
        answer = await CookieClient(server.port).get(path)
        assert answer.headers["Location"].startswith("/login?next=")


@pytest.mark.gen_test
async def test_agent_files_for_a_member_and_sees_only_what_they_filed(server, signed_in):
    ana, yuliana, omar = member("Ana"), agent("Yuliana"), agent("Omar")
    chat = support_chat(ana, omar)
    path = f"/agente/chats/{chat.id}/solicitud"
    browser = await signed_in(yuliana)
    assert f'href="{path}"' in (await browser.get(f"/agente/chats/{chat.id}")).text
    page = await browser.get(path)
    assert ana.user.name in page.text
    form = {**read_form(page.text, "request-form"), "pide": "delete", "texto": TEXT}
    assert 'id="texto-error"' in (await browser.post(path, **{**form, "texto": ""})).text
    done = await browser.post(path, **form)
    row = DataRequest.get()
    assert done.headers["Location"] == f"/agente/solicitudes?nueva={row.id}"
    assert (row.user_id, row.filed_by_id) == (ana.id, yuliana.id)
    shown = (await browser.get(done.headers["Location"])).text
    assert due_text("claim") in shown[shown.index('id="filed-new"') :]
    assert f'data-id="{row.id}"' in shown
    assert "Reclamo en trámite:" in (await browser.get(f"/agente/chats/{chat.id}/ficha")).text
    others = (await (await signed_in(omar)).get(done.headers["Location"])).text
    assert 'id="filed-none"' in others
    assert 'id="filed-new"' not in others
    owner = await signed_in(ana)
    assert (await owner.get(f"/mi/solicitudes/{row.id}")).status == 200
    assert (await owner.get(path)).status == 403
    assert (await owner.post(path, **form)).status == 403
    assert (await browser.get("/agente/chats/999999/solicitud")).status == 404
