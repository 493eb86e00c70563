"""`/supervisor/solicitudes` over HTTP: its filters, the forms of a request, what is shown to whom."""

import asyncio
import json

import pytest

from beneficiate.models.audit import AuditEntry
from beneficiate.models.data_requests import DataRequest
from tests.actions.request_steps import ANSWER, TEXT
from tests.factories import agent, member, supervisor
from tests.handlers.form_fields import read_form
from tests.handlers.test_data_requests import file
from tests.http_client import CookieClient

LIST = "/supervisor/solicitudes"
FORMS = ("asignar", "pedir", "completar", "prorrogar", "responder", "datos")


@pytest.mark.gen_test
async def test_list_has_filters_that_are_checked_and_searches_that_are_recorded(server, signed_in):
    await file(await signed_in(member("Ana")))
    browser = await signed_in(supervisor())
    page = await browser.get(LIST)
    assert page.text.count("<tr data-id=") == 1
    assert 'id="rail-requests"' in page.text
    assert 'id="requests-none"' in (await browser.get(f"{LIST}?estado=cerradas")).text
    found = await browser.get(f"{LIST}?persona=ana")
    assert "<tr data-id=" in found.text
    assert [row.what for row in AuditEntry.select().where(AuditEntry.what == "people.search")] == ["people.search"]
    wrong = await browser.get(f"{LIST}?estado=x&persona=a")
    assert wrong.status == 200
    assert 'id="estado-error"' in wrong.text
    assert 'id="persona-error"' in wrong.text
    lost = await browser.get(f"{LIST}?despues=x")
    assert "Esa página no existe" in lost.text


@pytest.mark.gen_test
async def test_request_is_assigned_extended_and_answered(server, signed_in):
    ana, marta = member("Ana"), supervisor("Marta")
    own = await signed_in(ana)
    request_id = await file(own)
    path = f"{LIST}/{request_id}"
    browser = await signed_in(marta)
    form = read_form((await browser.get(path)).text, "assign-form")
    assert form["quien"] == str(marta.id)
    assert (await browser.post(f"{path}/asignar", **form)).headers["Location"] == f"{path}?listo=asignada"
    page = (await browser.get(f"{path}?listo=asignada")).text
    form = read_form(page, "extend-form")
    wrong = (await browser.post(f"{path}/prorrogar", **{**form, "motivo": "", "hasta": "2020-01-01"})).text
    assert 'id="motivo-error"' in wrong
    assert 'id="hasta-error"' in wrong
    done = await browser.post(f"{path}/prorrogar", **{**form, "motivo": TEXT})
    assert done.headers["Location"] == f"{path}?listo=prorrogada"
    assert TEXT in (await own.get(f"/mi/solicitudes/{request_id}")).text
    form = read_form((await browser.get(path)).text, "answer-form")
    assert 'id="decision-error"' in (await browser.post(f"{path}/responder", **{**form, "respuesta": ANSWER})).text
    done = await browser.post(f"{path}/responder", **{**form, "respuesta": ANSWER, "decision": "accepted"})
    assert done.headers["Location"] == f"{path}?listo=respondida"
    assert 'id="answer-form"' not in (await browser.get(path)).text
    assert ANSWER in (await own.get(f"/mi/solicitudes/{request_id}")).text


@pytest.mark.gen_test
async def test_information_is_asked_for_and_written_down(server, signed_in):
    own = await signed_in(member("Ana"))
    request_id = await file(own)
    path = f"{LIST}/{request_id}"
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(path)).text, "ask-form")
    assert 'id="pregunta-error"' in (await browser.post(f"{path}/pedir", **form)).text
    await browser.post(f"{path}/pedir", **{**form, "pregunta": TEXT})
    assert TEXT in (await own.get(f"/mi/solicitudes/{request_id}")).text
    form = read_form((await browser.get(path)).text, "complete-form")
    done = await browser.post(f"{path}/completar", **{**form, "texto": TEXT})
    assert done.headers["Location"] == f"{path}?listo=completada"
    page = (await browser.get(path)).text
    assert "Ya se pidió información una vez" in page
    refused = await browser.post(f"{path}/pedir", **{**form, "version": "3", "pregunta": "Otra cosa más."})
    assert 'data-code="conflict"' in refused.text


@pytest.mark.gen_test
async def test_second_of_two_supervisors_keeps_what_they_wrote(server, signed_in):
    request_id = await file(await signed_in(member("Ana")))
    path = f"{LIST}/{request_id}"
    first, second = [await signed_in(supervisor(name)) for name in ("Marta", "Luz")]
    forms = [read_form((await one.get(path)).text, "answer-form") for one in (first, second)]
    typed = [{**form, "decision": "accepted", "respuesta": f"{ANSWER} {index}"} for index, form in enumerate(forms)]
    answers = await asyncio.gather(
        first.post(f"{path}/responder", **typed[0]), second.post(f"{path}/responder", **typed[1])
    )
    assert sorted(answer.status for answer in answers) == [200, 303]
    (clash,) = [answer.text for answer in answers if answer.status == 200]
    assert 'id="clash"' in clash
    assert f"{ANSWER} 0" in clash
    assert f"{ANSWER} 1" in clash
    assert DataRequest.get().version == 2


@pytest.mark.gen_test
async def test_contact_is_masked_until_it_is_asked_for_which_is_recorded(server, signed_in):
    ana = member("Ana")
    path = f"{LIST}/{await file(await signed_in(ana))}"
    browser = await signed_in(supervisor())
    page = (await browser.get(path)).text
    assert ana.user.email not in page
    assert ana.user.document_number not in page
    shown = (await browser.post(f"{path}/datos")).text
    assert ana.user.email in shown
    assert ana.user.document_number in shown
    (entry,) = AuditEntry.select().where(AuditEntry.what == "people.reveal")
    assert entry.person_id == ana.id
    await server.context.store.run_in_background(lambda uow: None)
    (view,) = AuditEntry.select().where(AuditEntry.what == "people.view")
    assert (view.person_id, json.loads(view.after)["part"]) == (ana.id, "request")
    log = (await browser.get("/supervisor/auditoria")).text
    assert "Una solicitud sobre sus datos" in log
    assert f'href="{path}"' in log


@pytest.mark.gen_test
async def test_only_supervisors_see_and_do_anything(server, signed_in):
    ana = member("Ana")
    own = await signed_in(ana)
    path = f"{LIST}/{await file(own)}"
    for browser in (own, await signed_in(agent())):
        assert (await browser.get(LIST)).status == 403
        assert (await browser.get(path)).status == 403
        for form in FORMS:
            assert (await browser.post(f"{path}/{form}", version="1", respuesta=ANSWER)).status == 403
    assert (await CookieClient(server.port).get(path)).status == 302
    marta = await signed_in(supervisor())
    for form in FORMS:
        assert (await marta.get(f"{path}/{form}")).status == 405
        assert (await marta.post(f"{LIST}/999999/{form}", quien="1", respuesta=ANSWER, texto=TEXT)).status == 404
    assert (await marta.get(f"{LIST}/99999999999999999999")).status == 404
    assert DataRequest.get().version == 1


@pytest.mark.gen_test
async def test_board_leads_to_what_is_late(server, signed_in):
    await file(await signed_in(member("Ana")))
    DataRequest.update(due_on="2026-01-05").execute()
    browser = await signed_in(supervisor())
    assert "Una solicitud de datos está vencida." in (await browser.get("/supervisor")).text
    page = (await browser.get(f"{LIST}?plazo=vencidas")).text
    assert 'id="requests-late"' in page
    assert "clock is-past" in page
