"""The agents' page of appointments over HTTP."""

import re

import pytest

from beneficiate.actions.appointment_requests import RequestAppointment, request_appointment
from beneficiate.domain.patient_key import patient_key
from beneficiate.queries import appointment_pages
from beneficiate.queries.consents import CONSENT_TEXT_VERSION
from tests.factories import (
    PASSWORD,
    add_hours_soon,
    agent,
    member,
    member_with_plan,
    professional,
    specialty,
    support_chat,
    township,
)
from tests.http_client import CookieClient

PAGE = "/agente/citas"


async def sign_in(server, who):
    client = CookieClient(server.port)
    await client.sign_in(who, PASSWORD)
    return client


async def create_appointment(server, of):
    command = RequestAppointment(
        user_id=of.id,
        patient_key=patient_key(of.id, None),
        specialty_id=specialty().id,
        township_id=township().id,
        first_time=True,
        notes="Dolor <b>fuerte</b>",
        consent_version=CONSENT_TEXT_VERSION,
    )
    return await server.context.store.run(request_appointment, command, of.actor)


@pytest.mark.gen_test
async def test_list_and_detail_show_an_appointment_escaped(server):
    ana, client = member_with_plan(), await sign_in(server, agent())
    appointment = await create_appointment(server, ana)
    for path in (PAGE, f"{PAGE}/lista", f"{PAGE}/lista?buscar={appointment.ticket_number}&lista=hoy"):
        answer = await client.get(path)
        assert (answer.status, f'data-appointment-id="{appointment.id}"' in answer.text) == (200, True), path
    detail = (await client.get(f"{PAGE}/{appointment.id}")).text
    assert "«Dolor &lt;b&gt;fuerte&lt;/b&gt;»" in detail
    assert 'data-slot-status="CONFIRMED"' in detail


@pytest.mark.gen_test
async def test_long_list_has_pages(server, monkeypatch):
    monkeypatch.setattr(appointment_pages, "APPOINTMENTS_PER_PAGE", 1)
    client = await sign_in(server, agent())
    first, second = [await create_appointment(server, member_with_plan()) for _ in range(2)]
    pages = (("1", first, (0, 1)), ("2", second, (1, 0)), ("", first, (0, 1)), ("x", first, (0, 1)))
    for page, appointment, links in pages:
        text = (await client.get(f"{PAGE}/lista?pagina={page}")).text
        assert re.findall(r'data-appointment-id="(\d+)"', text) == [str(appointment.id)]
        assert (text.count('id="page-before"'), text.count('id="page-after"')) == links
    assert (
        (await client.get(f"{PAGE}?pagina=99999")).status == (await client.get(f"{PAGE}?pagina=9999999")).status == 200
    )


@pytest.mark.gen_test
async def test_free_slots_of_a_day_are_shown(server):
    german, client = add_hours_soon(professional(hours=())), await sign_in(server, agent())
    answer = await client.get(f"{PAGE}/dia?especialidad={specialty().id}&ciudad={township().id}&dia=&cita=0")
    assert answer.status == 200
    assert answer.text.count('data-part="slot"') == 20
    assert f'data-professionals="{german.id}"' in answer.text


@pytest.mark.gen_test
async def test_booking_by_phone_starts_with_the_member_of_a_chat_and_shows_no_document(server):
    yuliana, ana = agent(), member()
    client = await sign_in(server, yuliana)
    assert "data-chat" not in (await client.get(f"{PAGE}/nueva")).text
    chat = support_chat(ana, yuliana)
    answer = await client.get(f"{PAGE}/nueva?para={chat.id}")
    assert f'data-chat="{chat.id}"' in answer.text
    assert ana.user.document_number not in answer.text


@pytest.mark.gen_test
async def test_bad_addresses_are_not_found_and_members_are_refused(server):
    client = await sign_in(server, agent())
    for path in (f"{PAGE}/999999", f"{PAGE}/dia?especialidad=x&ciudad=1", f"{PAGE}/nueva?para=0"):
        assert (await client.get(path)).status == 404, path
    of_member = await sign_in(server, member())
    assert (await of_member.get(PAGE)).status == 403
